//! The pace of a worker, which looks for work again and again until it is stopped.

use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, Monotonic};

/// The looks of one worker. The first look is due at once.
///
/// A pause begins when a look begins. So if the clock is set forward during a look, the next look follows at once.
pub(crate) struct Pace<'a> {
    clock: &'a dyn Clock,
    pause_ms: i64,
    next: Monotonic,
}

impl<'a> Pace<'a> {
    /// A look every `pause_ms` milliseconds, or as soon as the one before has ended, if that takes longer.
    pub(crate) fn new(clock: &'a dyn Clock, pause_ms: i64) -> Self {
        Self { clock, pause_ms, next: clock.monotonic_now() }
    }

    /// Waits for the next look. Returns `false` when the worker is to stop. A wait that is dropped changes nothing.
    pub(crate) async fn next_look(&mut self, stop: &CancellationToken) -> bool {
        self.next_look_or(stop, std::future::pending()).await
    }

    /// Waits for the next look as [`Pace::next_look`] does, but no longer than for this news of work.
    pub(crate) async fn next_look_or(
        &mut self,
        stop: &CancellationToken,
        news: impl Future<Output = ()>,
    ) -> bool {
        tokio::select! {
            biased;
            () = stop.cancelled() => return false,
            () = self.clock.sleep_until(self.next) => {}
            () = news => {}
        }
        self.next = self.clock.monotonic_now().plus_ms(self.pause_ms);
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, sleep};

    use super::*;
    use crate::clock::SystemClock;

    const PAUSE_MS: i64 = 1_000;

    /// The milliseconds from `begun` to the next look. Timers are up to two milliseconds late.
    async fn next_look_after(begun: Instant, pace: &mut Pace<'_>) -> u128 {
        assert!(pace.next_look(&CancellationToken::new()).await);
        begun.elapsed().as_millis() / 10 * 10
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_begins_when_the_look_begins() {
        let (begun, mut pace) = (Instant::now(), Pace::new(&SystemClock, PAUSE_MS));
        assert_eq!(next_look_after(begun, &mut pace).await, 0);
        sleep(Duration::from_millis(700)).await;
        assert_eq!(next_look_after(begun, &mut pace).await, 1_000);
        sleep(Duration::from_millis(3_000)).await;
        assert_eq!(
            next_look_after(begun, &mut pace).await,
            4_000,
            "after a look that took longer than a pause"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn news_of_work_ends_a_pause() {
        let (begun, mut pace) = (Instant::now(), Pace::new(&SystemClock, PAUSE_MS));
        next_look_after(begun, &mut pace).await;
        assert!(pace.next_look_or(&CancellationToken::new(), sleep(Duration::from_millis(200))).await);
        assert!(begun.elapsed() < Duration::from_millis(300));
        assert_eq!(next_look_after(begun, &mut pace).await, 1_200);
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_that_is_to_stop_looks_no_more() {
        let stop = CancellationToken::new();
        let mut pace = Pace::new(&SystemClock, PAUSE_MS);
        stop.cancel();
        assert!(!pace.next_look(&stop).await, "although a look is due");
    }
}
