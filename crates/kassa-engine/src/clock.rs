//! Time, in two readings. The date says when something happened or is due; it may be set forward or back at any moment.
//! The moment measures durations; it runs steadily, and only differences between two moments mean anything.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::BoxFuture;
use kassa_domain::{MerchantId, Timestamp};
use tokio::time::Instant;

/// A reading of a steady clock, in milliseconds since an arbitrary start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Monotonic(i64);

impl Monotonic {
    /// A moment that never comes.
    pub const NEVER: Self = Self(i64::MAX);

    /// The moment this many milliseconds after the clock's start.
    #[must_use]
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the clock's start.
    #[must_use]
    pub const fn as_ms(self) -> i64 {
        self.0
    }

    /// The moment `ms` milliseconds later, or earlier if `ms` is negative.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this moment.
    #[must_use]
    pub const fn ms_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A source of time. By default, every merchant's date is the system's.
pub trait Clock: Send + Sync {
    /// The merchant's date, by which its sessions, callbacks and answers are dated and due.
    fn now(&self, _merchant: &MerchantId) -> Timestamp {
        self.system_now()
    }

    /// Whether this merchant's time is its own, and not the system's.
    fn is_own(&self, _merchant: &MerchantId) -> bool {
        false
    }

    /// The system's date when this merchant's date will be `at`; `None` while the merchant's clock is frozen before
    /// that.
    fn when(&self, _merchant: &MerchantId, at: Timestamp) -> Option<Timestamp> {
        Some(at)
    }

    /// The system's date.
    fn system_now(&self) -> Timestamp;

    /// The present moment, by which waiting times, pauses, leases and caches are measured.
    fn monotonic_now(&self) -> Monotonic;

    /// Ends when this moment has come. To wait for a date, wait for a second at most and read the date again.
    fn sleep_until(&self, at: Monotonic) -> BoxFuture<'static, ()>;

    /// Whether this is the machine's clock, so that the database's clock can be compared with it.
    fn is_machine(&self) -> bool {
        false
    }
}

/// The machine's clock, for every merchant.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// The start from which moments are counted.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's date is read")]
    fn system_now(&self) -> Timestamp {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_ms(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic_now(&self) -> Monotonic {
        Monotonic(i64::try_from(START.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    fn sleep_until(&self, at: Monotonic) -> BoxFuture<'static, ()> {
        let wait_ms = at.ms_since(self.monotonic_now()).max(0);
        Box::pin(tokio::time::sleep(Duration::from_millis(wait_ms.unsigned_abs())))
    }

    fn is_machine(&self) -> bool {
        true
    }
}
