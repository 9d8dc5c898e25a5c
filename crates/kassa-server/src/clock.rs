//! Time, asked for with the merchant in hand: the lab moves each sandbox merchant's time on its own.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::BoxFuture;
use kassa_domain::{MerchantId, Timestamp};

/// Where the system's time comes from.
pub trait Clock: Send + Sync {
    /// The time, as it is for this merchant.
    fn now(&self, merchant: &MerchantId) -> Timestamp;

    /// The time by which callbacks of all merchants are scheduled.
    fn scheduling_now(&self) -> Timestamp;

    /// Ends when the scheduling time has come.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()>;
}

/// The machine's clock, the same for every merchant.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self, _merchant: &MerchantId) -> Timestamp {
        self.scheduling_now()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's time is read")]
    fn scheduling_now(&self) -> Timestamp {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_ms(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let wait_ms = at.ms_since(self.scheduling_now()).max(0);
        Box::pin(tokio::time::sleep(Duration::from_millis(wait_ms.unsigned_abs())))
    }
}
