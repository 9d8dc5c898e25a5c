//! The ledger: it stores each received callback before the receiver acknowledges it.

use std::collections::{HashMap, HashSet};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use parking_lot::Mutex;

use crate::news::{Judgement, Known, judge};
use crate::receiver::Callback;

/// The result of recording a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It carried a new change, which is now stored.
    New,
    /// Its event or its change was already known.
    Duplicate,
    /// Its change is older than one that was already reported, so it is not reported.
    Stale,
}

/// Stores received callbacks. `Ok` means that the entry survives a crash, so the receiver may acknowledge the callback.
pub trait Ledger: Send + Sync {
    /// Stores a callback. `Err` gives the reason in one line; the sender will repeat the callback.
    fn record(&self, callback: Callback, received_at: Timestamp) -> BoxFuture<'_, Result<Recorded, String>>;

    /// Stores that a session must be read, because an authentic callback came without a body.
    fn note_prompt(&self, session_id: String, received_at: Timestamp) -> BoxFuture<'_, Result<(), String>>;
}

/// Stores callbacks in memory, for tests and for `kassa listen`. A restart loses them.
#[derive(Debug, Default)]
pub struct MemoryLedger(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    events: HashSet<String>,
    known: HashMap<String, Known>,
    news: Vec<Callback>,
}

impl MemoryLedger {
    /// The callbacks with new changes, in the order of their arrival.
    #[must_use]
    pub fn news(&self) -> Vec<Callback> {
        self.0.lock().news.clone()
    }

    fn insert(&self, callback: Callback) -> Recorded {
        let mut entries = self.0.lock();
        if !entries.events.insert(callback.event_id.clone()) {
            return Recorded::Duplicate;
        }
        let session = &callback.session;
        match judge(entries.known.get(&session.session_id), session) {
            Judgement::Same => Recorded::Duplicate,
            Judgement::Older => Recorded::Stale,
            Judgement::New => {
                let known = Known { status: session.status.clone(), updated_at: session.updated_at };
                entries.known.insert(session.session_id.clone(), known);
                entries.news.push(callback);
                Recorded::New
            }
        }
    }
}

impl Ledger for MemoryLedger {
    fn record(&self, callback: Callback, _: Timestamp) -> BoxFuture<'_, Result<Recorded, String>> {
        let recorded = self.insert(callback);
        Box::pin(async move { Ok(recorded) })
    }

    fn note_prompt(&self, _: String, _: Timestamp) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
}
