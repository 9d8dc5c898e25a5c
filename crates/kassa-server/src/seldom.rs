//! What is said seldom, however often it happens: an outage must not fill the disk with lines that say the same.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use kassa_domain::time::SECOND_MS;

use crate::clock::Monotonic;

/// Lets one thing a second be said.
pub(crate) struct Seldom {
    said_at_ms: AtomicI64,
    left_out: AtomicU64,
}

impl Default for Seldom {
    fn default() -> Self {
        Self { said_at_ms: AtomicI64::new(i64::MIN), left_out: AtomicU64::new(0) }
    }
}

impl Seldom {
    /// Whether it may be said now; then with how often it was left out since it was last said.
    pub(crate) fn may_say(&self, now: Monotonic) -> Option<u64> {
        let said_at_ms = self.said_at_ms.load(Ordering::Relaxed);
        let is_time = now.as_ms() >= said_at_ms.saturating_add(SECOND_MS);
        let is_first = is_time
            && self
                .said_at_ms
                .compare_exchange(said_at_ms, now.as_ms(), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if is_first {
            return Some(self.left_out.swap(0, Ordering::Relaxed));
        }
        self.left_out.fetch_add(1, Ordering::Relaxed);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_a_second_it_is_said_and_what_was_left_out_is_counted() {
        let seldom = Seldom::default();
        let at = |ms| seldom.may_say(Monotonic::from_ms(ms));
        assert_eq!(at(5), Some(0));
        assert_eq!((at(5), at(1_004)), (None, None));
        assert_eq!(at(1_005), Some(2));
        assert_eq!(at(9_000), Some(0));
    }
}
