//! Where received callbacks are written down before they are acknowledged.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::news::{Judgement, Known, judge};
use crate::receiver::Callback;

/// What became of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It told something new, which is now kept.
    New,
    /// Its event, or the change it tells, was known.
    Duplicate,
    /// It tells of a change before one that was told, so it is not told.
    Stale,
}

/// Keeps what callbacks tell. The `Ok` of either call means that it survives a crash: it is the acknowledgement.
pub trait Ledger: Send + Sync {
    /// Takes a callback. An `Err` says in one line why it could not be kept; the sender will repeat it.
    fn record(&self, callback: Callback, received_at: Timestamp) -> BoxFuture<'_, Result<Recorded, String>>;

    /// Notes that a session must be read, since an authentic callback came without a body.
    fn note_prompt(&self, session_id: String, received_at: Timestamp) -> BoxFuture<'_, Result<(), String>>;
}

/// Keeps callbacks in memory: for tests, and for looking on. It survives no restart.
#[derive(Debug, Default)]
pub struct MemoryLedger(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    events: HashSet<String>,
    known: HashMap<String, Known>,
    news: Vec<Callback>,
}

impl MemoryLedger {
    /// What was new, in the order in which it came.
    #[must_use]
    pub fn news(&self) -> Vec<Callback> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).news.clone()
    }

    fn take(&self, callback: Callback) -> Recorded {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !pages.events.insert(callback.event_id.clone()) {
            return Recorded::Duplicate;
        }
        let session = &callback.session;
        match judge(pages.known.get(&session.session_id), session) {
            Judgement::Same => Recorded::Duplicate,
            Judgement::Older => Recorded::Stale,
            Judgement::New => {
                let known = Known { status: session.status.clone(), updated_at: session.updated_at };
                pages.known.insert(session.session_id.clone(), known);
                pages.news.push(callback);
                Recorded::New
            }
        }
    }
}

impl Ledger for MemoryLedger {
    fn record(&self, callback: Callback, _: Timestamp) -> BoxFuture<'_, Result<Recorded, String>> {
        let recorded = self.take(callback);
        Box::pin(async move { Ok(recorded) })
    }

    fn note_prompt(&self, _: String, _: Timestamp) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
}
