//! The ledger: it stores each received callback before the receiver acknowledges it.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use kassa_wire::callback::StatusUpdate;

use crate::error_source::ErrorSource;
use crate::merge::{Comparison, LastChange, compare};

/// The result of recording a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordOutcome {
    /// It carried a new change, which is now stored.
    New,
    /// Its event or its change was already known.
    Duplicate,
    /// Its change is older than one that was already reported, so it is not reported.
    Stale,
}

/// A callback could not be stored. The sender will repeat it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LedgerError(#[source] pub ErrorSource);

/// Stores received callbacks. `Ok` means that the entry survives a crash, so the receiver may acknowledge the callback.
pub trait Ledger: Send + Sync {
    /// Stores a callback. After an error the sender repeats the callback.
    fn record(
        &self,
        update: StatusUpdate,
        received_at: Timestamp,
    ) -> BoxFuture<'_, Result<RecordOutcome, LedgerError>>;

    /// Stores that a session must be read, because an authentic callback came without a body.
    fn note_prompt(
        &self,
        session_id: String,
        received_at: Timestamp,
    ) -> BoxFuture<'_, Result<(), LedgerError>>;
}

/// Stores callbacks in memory, for tests and for `kassa listen`. A restart loses them.
#[derive(Debug, Default)]
pub struct MemoryLedger(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    events: HashSet<String>,
    known: HashMap<String, LastChange>,
    changes: Vec<StatusUpdate>,
}

impl MemoryLedger {
    /// The callbacks with new changes, in the order of their arrival.
    #[must_use]
    pub fn changes(&self) -> Vec<StatusUpdate> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).changes.clone()
    }

    fn insert(&self, update: StatusUpdate) -> RecordOutcome {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !entries.events.insert(update.event_id.clone()) {
            return RecordOutcome::Duplicate;
        }
        let session = &update.session;
        match compare(entries.known.get(&session.session_id), session) {
            Comparison::Same => RecordOutcome::Duplicate,
            Comparison::Older => RecordOutcome::Stale,
            Comparison::New => {
                let known = LastChange { status: session.status(), updated_at: session.updated_at };
                entries.known.insert(session.session_id.clone(), known);
                entries.changes.push(update);
                RecordOutcome::New
            }
        }
    }
}

impl Ledger for MemoryLedger {
    fn record(
        &self,
        update: StatusUpdate,
        _: Timestamp,
    ) -> BoxFuture<'_, Result<RecordOutcome, LedgerError>> {
        let recorded = self.insert(update);
        Box::pin(async move { Ok(recorded) })
    }

    fn note_prompt(&self, _: String, _: Timestamp) -> BoxFuture<'_, Result<(), LedgerError>> {
        Box::pin(async { Ok(()) })
    }
}
