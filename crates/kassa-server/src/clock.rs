//! Time: the system's, which runs, and each merchant's, which the lab may stop and move.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::BoxFuture;
use kassa_domain::{MerchantId, Timestamp};

/// Where the system's time comes from. Unless it says otherwise, it is every merchant's.
pub trait Clock: Send + Sync {
    /// The time, as it is for this merchant: what its sessions, callbacks and answers are dated and due by.
    fn now(&self, _merchant: &MerchantId) -> Timestamp {
        self.system_now()
    }

    /// Whether this merchant's time is its own, and not the system's.
    fn is_own(&self, _merchant: &MerchantId) -> bool {
        false
    }

    /// The system's time when this merchant's time will be `at`; `None` while its clock stands before that.
    fn when(&self, _merchant: &MerchantId, at: Timestamp) -> Option<Timestamp> {
        Some(at)
    }

    /// The system's time: what leases, long polls and whatever else concerns no merchant's data go by.
    fn system_now(&self) -> Timestamp;

    /// Ends when the system's time has come.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()>;
}

/// The machine's clock, which is every merchant's.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's time is read")]
    fn system_now(&self) -> Timestamp {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_ms(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let wait_ms = at.ms_since(self.system_now()).max(0);
        Box::pin(tokio::time::sleep(Duration::from_millis(wait_ms.unsigned_abs())))
    }
}
