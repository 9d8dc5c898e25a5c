//! Logs a repeated condition at most once a second, so that an outage does not fill the disk with the same line.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use kassa_domain::time::SECOND_MS;

use crate::clock::Monotonic;

/// Allows one log line a second.
pub struct LogThrottle {
    logged_at_ms: AtomicI64,
    left_out: AtomicU64,
}

impl Default for LogThrottle {
    fn default() -> Self {
        Self { logged_at_ms: AtomicI64::new(i64::MIN), left_out: AtomicU64::new(0) }
    }
}

impl LogThrottle {
    /// Whether a line may be logged now. `Some` has the number of lines that were omitted since the last one.
    pub fn may_log(&self, now: Monotonic) -> Option<u64> {
        let logged_at_ms = self.logged_at_ms.load(Ordering::Relaxed);
        let is_time = now.as_ms() >= logged_at_ms.saturating_add(SECOND_MS);
        let is_first = is_time
            && self
                .logged_at_ms
                .compare_exchange(logged_at_ms, now.as_ms(), Ordering::Relaxed, Ordering::Relaxed)
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
    fn one_line_a_second_is_logged_and_the_others_are_counted() {
        let throttle = LogThrottle::default();
        let at = |ms| throttle.may_log(Monotonic::from_ms(ms));
        assert_eq!(at(5), Some(0));
        assert_eq!((at(5), at(1_004)), (None, None));
        assert_eq!(at(1_005), Some(2));
        assert_eq!(at(9_000), Some(0));
    }
}
