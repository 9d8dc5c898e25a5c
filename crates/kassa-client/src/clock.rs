//! The clock, as a dependency: the machine's, or a test's.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::time::Instant;

/// A source of time.
pub trait TimeSource: Send + Sync {
    /// The current date, which signatures carry and are checked against.
    fn now(&self) -> Timestamp;

    /// The time by which pauses, reads, leases and deliveries are scheduled. It follows the date forward but never goes
    /// back, so that a clock that is set back delays nothing. By default it is the date.
    fn schedule_now(&self) -> Timestamp {
        self.now()
    }

    /// Waits until [`TimeSource::schedule_now`] reaches the given time.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemTimeSource;

impl TimeSource for SystemTimeSource {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's time is read")]
    fn now(&self) -> Timestamp {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        instant(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
    }

    fn schedule_now(&self) -> Timestamp {
        static SCHEDULE: Schedule = Schedule::new();
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        let elapsed_ms = i64::try_from(START.elapsed().as_millis()).unwrap_or(i64::MAX);
        instant(SCHEDULE.now_ms(self.now().as_millisecond(), elapsed_ms))
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let wait_ms = ms_between(self.schedule_now(), at).max(0);
        Box::pin(tokio::time::sleep(Duration::from_millis(wait_ms.unsigned_abs())))
    }
}

/// A time that follows the date forward and never goes back.
struct Schedule {
    /// The latest known difference between the date and the elapsed time, in milliseconds.
    start_ms: AtomicI64,
}

impl Schedule {
    const fn new() -> Self {
        Self { start_ms: AtomicI64::new(i64::MIN) }
    }

    /// The time, from the date and a monotonic reading, all in milliseconds.
    fn now_ms(&self, date_ms: i64, elapsed_ms: i64) -> i64 {
        let start_ms = date_ms - elapsed_ms;
        self.start_ms.fetch_max(start_ms, Ordering::Relaxed).max(start_ms) + elapsed_ms
    }
}

/// Milliseconds from the first instant to the second; negative if the second is earlier.
pub(crate) fn ms_between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_millisecond().saturating_sub(from.as_millisecond())
}

/// The instant `ms` milliseconds later; `Timestamp::MAX` if that is out of range.
pub(crate) fn plus_ms(at: Timestamp, ms: i64) -> Timestamp {
    instant(at.as_millisecond().saturating_add(ms))
}

/// Milliseconds since 1970 as an instant; a number out of range becomes `Timestamp::MAX`.
pub(crate) fn instant(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedule_follows_the_date_forward_and_never_back() {
        let schedule = Schedule::new();
        assert_eq!(schedule.now_ms(1_000, 0), 1_000);
        assert_eq!(schedule.now_ms(1_500, 500), 1_500);
        assert_eq!(schedule.now_ms(9_000, 600), 9_000, "the date was set forward");
        assert_eq!(schedule.now_ms(2_000, 700), 9_100, "the date was set back");
        assert_eq!(schedule.now_ms(2_100, 800), 9_200);
    }
}
