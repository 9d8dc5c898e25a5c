//! Pauses between attempts: they double, and half of each is chance.

/// Pauses that double up to a longest, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    /// The pause after the first attempt.
    pub(crate) first_ms: i64,
    /// The longest pause.
    pub(crate) longest_ms: i64,
}

impl Backoff {
    /// The pause after so many attempts. `random_ms` gives a number below its argument: those who failed together do
    /// not return together.
    pub(crate) fn pause_ms(&self, attempts: i64, random_ms: impl Fn(i64) -> i64) -> i64 {
        let doubled = self.first_ms << attempts.clamp(1, 20).saturating_sub(1);
        let pause = doubled.min(self.longest_ms);
        pause / 2 + random_ms(pause / 2 + 1)
    }
}
