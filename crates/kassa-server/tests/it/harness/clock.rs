//! A clock that stands still until the test moves it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use kassa_domain::Timestamp;
use kassa_server::clock::Clock;
use tokio::sync::watch;

/// 2026-01-01T00:00:00Z.
const START_MS: i64 = 1_767_225_600_000;

#[derive(Clone)]
pub struct TestClock(Arc<watch::Sender<i64>>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(START_MS)))
    }
}

impl TestClock {
    pub fn advance(&self, duration: Duration) {
        let ms = i64::try_from(duration.as_millis()).unwrap();
        self.0.send_modify(|now| *now += ms);
    }
}

impl Clock for TestClock {
    fn system_now(&self) -> Timestamp {
        Timestamp::from_ms(*self.0.borrow())
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let mut time = self.0.subscribe();
        Box::pin(async move {
            // The clock outlives every sleeper; should it not, nobody is left to wake.
            let _ = time.wait_for(|now| *now >= at.as_ms()).await;
        })
    }
}
