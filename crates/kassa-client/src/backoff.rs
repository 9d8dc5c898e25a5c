//! Exponential backoff: pauses between attempts double, and up to half of each is random.

/// Pauses that double up to a limit, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    /// The pause after the first attempt.
    pub(crate) first_ms: i64,
    /// The longest pause.
    pub(crate) longest_ms: i64,
}

impl Backoff {
    /// The pause after this number of attempts. `random_ms` returns a number below its argument, so callers that fail
    /// together do not retry together.
    pub(crate) fn pause_ms(&self, attempts: i64, random_ms: impl Fn(i64) -> i64) -> i64 {
        let doubled = self.first_ms << attempts.clamp(1, 20).saturating_sub(1);
        let pause = doubled.min(self.longest_ms);
        pause / 2 + random_ms(pause / 2 + 1)
    }
}
