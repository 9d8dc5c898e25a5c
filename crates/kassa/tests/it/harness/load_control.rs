//! Controls a load: limits the calls per second, counts failed calls by kind, and repeats them.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::Method;
use kassa_testkit::in_time;
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use super::Answer;

/// The pause before a call is repeated.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(100);

/// The control of a load that many clients make together.
pub struct LoadControl {
    pace: tokio::sync::Mutex<Interval>,
    kept: Mutex<Kept>,
    answered: watch::Sender<usize>,
    is_over: AtomicBool,
}

struct Kept {
    failures: BTreeMap<String, usize>,
    last_change_at: Instant,
    longest_without_change: Duration,
}

impl LoadControl {
    pub fn new(calls_a_second: u32) -> Self {
        let mut pace = interval(Duration::from_secs(1) / calls_a_second);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let kept = Kept {
            failures: BTreeMap::new(),
            last_change_at: Instant::now(),
            longest_without_change: Duration::ZERO,
        };
        Self {
            pace: pace.into(),
            kept: kept.into(),
            answered: watch::Sender::default(),
            is_over: AtomicBool::new(false),
        }
    }

    /// Waits until the next call may start. Returns `false` after [`LoadControl::end`].
    pub async fn allows_another_call(&self) -> bool {
        self.pace.lock().await.tick().await;
        !self.is_over.load(Ordering::Relaxed)
    }

    /// Returns an answer that a repetition would not change. Counts anything else as a failure, to be repeated.
    pub async fn take(&self, method: &Method, answer: Result<Answer, String>) -> Option<Answer> {
        match answer {
            Ok(answer) if answer.status < 500 => {
                self.note_answer(method, answer.status);
                Some(answer)
            }
            failed => {
                self.note_failure(&failed);
                tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
                None
            }
        }
    }

    fn note_answer(&self, method: &Method, status: u16) {
        if *method != Method::GET && status < 400 {
            let mut kept = self.kept.lock().unwrap();
            kept.longest_without_change = kept.longest_without_change.max(kept.last_change_at.elapsed());
            kept.last_change_at = Instant::now();
        }
        self.answered.send_modify(|answered| *answered += 1);
    }

    /// Counts a failure by its kind: the status, or the reason for a missing answer.
    fn note_failure(&self, failed: &Result<Answer, String>) {
        let kind = match failed {
            Ok(answer) if answer.status == 503 && answer.header("retry-after").parse::<u32>().is_err() => {
                "503 without Retry-After".to_string()
            }
            Ok(answer) => answer.status.to_string(),
            Err(reason) => reason.split(':').next().unwrap().to_string(),
        };
        *self.kept.lock().unwrap().failures.entry(kind).or_default() += 1;
    }

    /// Waits until `more` further calls were answered.
    pub async fn wait_for(&self, more: usize) {
        let mut answered = self.answered.subscribe();
        let wanted = *answered.borrow() + more;
        let all = answered.wait_for(|answered| *answered >= wanted);
        in_time(&format!("{more} further answers"), all).await.unwrap();
    }

    /// Ends the load: a call in progress is not repeated, and no other call starts.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Returns the number of answered calls, and the number of failures by kind.
    pub fn tally(&self) -> (usize, BTreeMap<String, usize>) {
        (*self.answered.borrow(), self.kept.lock().unwrap().failures.clone())
    }

    /// The longest time between two changes that were acknowledged.
    pub fn longest_without_change(&self) -> Duration {
        self.kept.lock().unwrap().longest_without_change
    }
}
