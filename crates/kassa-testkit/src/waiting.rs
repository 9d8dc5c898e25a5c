//! Waiting for a condition. No test needs another way to wait, and no test depends on the speed of the machine.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

/// The longest time that a test waits for anything. It only ends a test that would wait for ever.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The pauses between two looks grow from the first to the last, so that a waiting test frees the processor for the
/// process that it waits for.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LAST_PAUSE: Duration = Duration::from_millis(50);

/// The result of one look at a condition.
pub trait Look {
    /// The value when the condition is true.
    type Found;

    /// The value, or a description of what was seen instead.
    ///
    /// # Errors
    /// If the condition is not true yet.
    fn found(self) -> Result<Self::Found, String>;
}

impl Look for bool {
    type Found = ();

    fn found(self) -> Result<(), String> {
        self.then_some(()).found()
    }
}

impl<T> Look for Option<T> {
    type Found = T;

    fn found(self) -> Result<T, String> {
        self.ok_or_else(|| "nothing".to_string())
    }
}

impl<T, S: Display> Look for Result<T, S> {
    type Found = T;

    fn found(self) -> Result<T, String> {
        self.map_err(|seen| seen.to_string())
    }
}

/// Looks again and again until the condition is true. This is for conditions that offer nothing to wait for, such as
/// those of another process. `what` completes "there was never ...".
///
/// # Panics
/// If the condition is not true within [`PATIENCE`]. The message has what was seen last.
pub async fn eventually<L: Look>(what: &str, mut look: impl AsyncFnMut() -> L) -> L::Found {
    let (began, mut pause) = (Instant::now(), FIRST_PAUSE);
    loop {
        let seen = match timeout(PATIENCE, look()).await.map(Look::found) {
            Ok(Ok(found)) => return found,
            Ok(Err(seen)) => seen,
            Err(_) => "no end of the look".to_string(),
        };
        assert!(began.elapsed() < PATIENCE, "there was never {what} within {PATIENCE:?}; seen last: {seen}");
        sleep(pause).await;
        pause = LAST_PAUSE.min(2 * pause);
    }
}

/// The same for tests without a runtime. Each look should be slow by itself, such as a call of another program.
///
/// # Panics
/// If the condition is not true within [`PATIENCE`].
pub fn eventually_blocking<L: Look>(what: &str, mut look: impl FnMut() -> L) -> L::Found {
    let began = Instant::now();
    loop {
        match look().found() {
            Ok(found) => return found,
            Err(seen) => {
                let is_early = began.elapsed() < PATIENCE;
                assert!(is_early, "there was never {what} within {PATIENCE:?}; seen last: {seen}");
            }
        }
        std::thread::yield_now();
    }
}

/// Waits until the work ends. `what` completes "there was never ...".
///
/// # Panics
/// If it does not end within [`PATIENCE`].
pub async fn in_time<T>(what: &str, work: impl Future<Output = T>) -> T {
    let Ok(done) = timeout(PATIENCE, work).await else {
        panic!("there was never {what} within {PATIENCE:?}")
    };
    done
}

/// Lets real time pass: a kill or a cut then hits a process at some moment of its work, a pause exceeds every timeout,
/// or a receiver is slow. No expectation may depend on what happens meanwhile.
pub async fn let_time_pass(length: Duration) {
    sleep(length).await;
}

/// Lets the other tasks of a runtime with one thread run until they wait for something. For tests in simulated time,
/// which expect that nothing happens before the clock moves.
pub async fn let_others_run() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_condition_is_looked_at_until_it_is_true() {
        let mut looks = 0;
        let found = eventually("a third look", async || {
            looks += 1;
            (looks == 3).then_some(looks)
        });
        assert_eq!(found.await, 3);
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "there was never a sign within 120s; seen last: a shadow")]
    async fn a_condition_that_never_is_true_fails_with_what_was_seen() {
        eventually("a sign", async || Err::<(), _>("a shadow")).await;
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "no end of the look")]
    async fn a_look_without_end_fails() {
        eventually("a sign", async || std::future::pending::<bool>().await).await;
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "there was never an end within 120s")]
    async fn work_without_end_fails() {
        in_time("an end", std::future::pending::<()>()).await;
    }
}
