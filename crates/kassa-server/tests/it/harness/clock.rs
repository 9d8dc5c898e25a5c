//! A frozen clock that the test moves. Its date can be set forward and back, and it can be broken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use kassa_domain::{MerchantId, Timestamp};
use kassa_engine::{Clock, Monotonic};
use tokio::sync::watch;

/// 2026-01-01T00:00:00Z.
const START_MS: i64 = 1_767_225_600_000;

#[derive(Clone)]
pub struct TestClock {
    moment_ms: Arc<watch::Sender<i64>>,
    /// The date at moment zero.
    start_ms: Arc<AtomicI64>,
    is_broken: Arc<AtomicBool>,
}

impl Default for TestClock {
    fn default() -> Self {
        let (moment_ms, start_ms) = (watch::Sender::new(0), AtomicI64::new(START_MS));
        Self { moment_ms: Arc::new(moment_ms), start_ms: Arc::new(start_ms), is_broken: Arc::default() }
    }
}

impl TestClock {
    /// A clock that shows this instant, in milliseconds since 1970.
    pub fn starting_at(ms: i64) -> Self {
        Self { start_ms: Arc::new(AtomicI64::new(ms)), ..Self::default() }
    }

    pub fn advance(&self, duration: Duration) {
        let ms = i64::try_from(duration.as_millis()).unwrap();
        self.moment_ms.send_modify(|now| *now += ms);
    }

    /// Sets the date forward, or back if `ms` is negative. No time passes.
    pub fn step_ms(&self, ms: i64) {
        self.start_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// Has the next question for a merchant's date panic.
    pub fn break_once(&self) {
        self.is_broken.store(true, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self, merchant: &MerchantId) -> Timestamp {
        assert!(!self.is_broken.swap(false, Ordering::Relaxed), "no date for {merchant}");
        self.system_now()
    }

    fn system_now(&self) -> Timestamp {
        Timestamp::from_ms(self.start_ms.load(Ordering::Relaxed) + self.monotonic_now().as_ms())
    }

    fn monotonic_now(&self) -> Monotonic {
        Monotonic::from_ms(*self.moment_ms.borrow())
    }

    fn sleep_until(&self, at: Monotonic) -> BoxFuture<'static, ()> {
        let mut time = self.moment_ms.subscribe();
        Box::pin(async move {
            // If the clock was dropped, there is no sleeper left to wake.
            let _ = time.wait_for(|now| *now >= at.as_ms()).await;
        })
    }
}
