//! What a client does whose call fails: it counts the failure, and calls again.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::Method;
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use super::Answer;

/// The pause before a call is repeated.
const BREATH: Duration = Duration::from_millis(100);

/// Patience that many clients share: together they begin so many calls a second at most.
pub struct Patience {
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

impl Patience {
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

    /// Waits for the turn of the next call; `false` where there is to be none.
    pub async fn allows_another_call(&self) -> bool {
        self.pace.lock().await.tick().await;
        !self.is_over.load(Ordering::Relaxed)
    }

    /// Takes an answer that no repetition would mend. Anything else is counted, and to be called for again.
    pub async fn take(&self, method: &Method, answer: Result<Answer, String>) -> Option<Answer> {
        match answer {
            Ok(answer) if answer.status < 500 => {
                self.note_answer(method, answer.status);
                Some(answer)
            }
            failed => {
                self.note_failure(&failed);
                tokio::time::sleep(BREATH).await;
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

    /// Counts a failure by its kind: the status, or the word for why no answer came.
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

    /// Waits until so many more calls were answered.
    pub async fn wait_for(&self, more: usize) {
        let mut answered = self.answered.subscribe();
        let wanted = *answered.borrow() + more;
        let all = answered.wait_for(|answered| *answered >= wanted);
        tokio::time::timeout(Duration::from_secs(120), all).await.expect("the load goes on").unwrap();
    }

    /// From now on a call is made once at most, and the next one not at all.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// How many calls were answered, and how often one failed, by kind.
    pub fn tally(&self) -> (usize, BTreeMap<String, usize>) {
        (*self.answered.borrow(), self.kept.lock().unwrap().failures.clone())
    }

    /// The longest time between two changes that were acknowledged.
    pub fn longest_without_change(&self) -> Duration {
        self.kept.lock().unwrap().longest_without_change
    }
}
