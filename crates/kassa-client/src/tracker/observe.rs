//! The one place that turns an observation into a stored change, for callbacks, reads and the feed alike.
//!
//! One transaction stores the event id, the change, the intended order and the plan for the next read. After a crash,
//! either all of it is stored or nothing, and then the sender repeats the callback.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use kassa_sql::values;
use kassa_wire::callback::StatusUpdate;
use kassa_wire::snapshot::SessionSnapshot;
use kassa_wire::status::SessionStatus;
use kassa_wire::time::Instant;

use super::orders;
use super::schedule::{Channel, ScheduleInput};
use super::sessions::{Registration, TrackedSession, insert};
use super::state::Database;
use super::verdict::{CloseReason, Source, lacks_order};
use super::{StateError, Tracker};
use crate::clock::plus_ms;
use crate::error_source::ErrorSource;
use crate::ledger::{Ledger, LedgerError, RecordOutcome};
use crate::merge::{Comparison, change_id, compare};

/// An observation of a session.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The session at that time.
    pub snapshot: SessionSnapshot,
    /// The event's id, if a callback brought the snapshot.
    pub event_id: Option<String>,
    /// The source of the snapshot.
    pub source: Source,
    /// The time of the observation.
    pub at: Timestamp,
}

/// The times computed before the transaction, because they need randomness.
pub(super) struct Plan {
    settled_at: Timestamp,
    /// When the session is read next if the change is new.
    next_read_at: Timestamp,
}

impl Tracker {
    /// Stores an observation; the answer is durable. It registers a session that is not registered.
    pub async fn observe(&self, observation: Observation) -> Result<RecordOutcome, StateError> {
        let plan = self.plan(&observation);
        let recorded = self.state.run(move |db| observe(db, &observation, &plan)).await?;
        if recorded == RecordOutcome::New {
            self.wake();
        }
        Ok(recorded)
    }

    /// Wakes the tasks that wait for changes and for orders to place.
    pub(super) fn wake(&self) {
        self.changed.notify_waiters();
        self.order_planned.notify_one();
    }

    pub(super) fn plan(&self, observation: &Observation) -> Plan {
        let channel = match observation.source {
            _ if self.feed.is_delivering() => Channel::Feed,
            Source::Callback => Channel::Callbacks,
            Source::Read | Source::Feed => Channel::Reads,
        };
        let quiet = ScheduleInput {
            since: observation.at,
            channel,
            failures: 0,
            expires_at: observation.snapshot.expires_at.map(Instant::timestamp),
        };
        Plan {
            settled_at: plus_ms(observation.at, self.options.settle_ms),
            next_read_at: self.next_read_at(&quiet, observation.at),
        }
    }
}

impl From<StateError> for LedgerError {
    fn from(error: StateError) -> Self {
        Self(ErrorSource::of(error))
    }
}

/// The receiver acknowledges a callback after this ledger has stored it.
impl Ledger for Tracker {
    fn record(
        &self,
        update: StatusUpdate,
        received_at: Timestamp,
    ) -> BoxFuture<'_, Result<RecordOutcome, LedgerError>> {
        let StatusUpdate { event_id, session } = update;
        let observation = Observation {
            snapshot: session,
            event_id: Some(event_id),
            source: Source::Callback,
            at: received_at,
        };
        Box::pin(async move { self.observe(observation).await.map_err(LedgerError::from) })
    }

    fn note_prompt(
        &self,
        session_id: String,
        received_at: Timestamp,
    ) -> BoxFuture<'_, Result<(), LedgerError>> {
        Box::pin(async move { self.read_soon(session_id, received_at).await.map_err(LedgerError::from) })
    }
}

/// Stores an observation, and answers whether it contains a new change.
pub(super) fn observe(
    db: &mut Database,
    observation: &Observation,
    plan: &Plan,
) -> Result<RecordOutcome, StateError> {
    let snapshot = &observation.snapshot;
    let expires_at = snapshot.expires_at;
    let registration = Registration { expires_at, ..Registration::of(&snapshot.session_id) };
    insert(db, &registration, observation.at, plan.next_read_at)?;
    if !store_event(db, observation)? {
        return Ok(RecordOutcome::Duplicate);
    }
    let missing =
        || StateError::Fault(format!("{} was inserted and is not there", snapshot.session_id).into());
    let session = TrackedSession::find(db, &snapshot.session_id)?.ok_or_else(missing)?;
    // WAITING is the first status, not a change. It is stored with the session, and never reported.
    if snapshot.status() != SessionStatus::Waiting {
        let recorded = store_change(db, observation, &session, plan.settled_at)?;
        if recorded != RecordOutcome::New {
            return Ok(recorded);
        }
    }
    match compare(session.latest.as_ref(), snapshot) {
        Comparison::New => update_session(db, observation, plan.next_read_at).map(|()| RecordOutcome::New),
        Comparison::Same | Comparison::Older if snapshot.status() == SessionStatus::Waiting => {
            Ok(RecordOutcome::Duplicate)
        }
        Comparison::Same | Comparison::Older => Ok(RecordOutcome::New),
    }
}

/// Stores the event id; answers `false` if it was known. Without an event id, only the change decides.
fn store_event(db: &mut Database, observation: &Observation) -> Result<bool, StateError> {
    let Some(event_id) = &observation.event_id else { return Ok(true) };
    let sql = "insert into events (session_id, event_id) values ($1, $2) on conflict do nothing";
    Ok(db.execute(sql, values![&observation.snapshot.session_id, event_id])? == 1)
}

/// Stores a change to report, unless it is known. An overtaken change is stored as acknowledged, so that the session's
/// verdict shows it.
fn store_change(
    db: &mut Database,
    observation: &Observation,
    session: &TrackedSession,
    settled_at: Timestamp,
) -> Result<RecordOutcome, StateError> {
    let snapshot = &observation.snapshot;
    let (is_inserted, recorded) = match compare(session.compared_with(snapshot), snapshot) {
        Comparison::New => (insert_change(db, observation, settled_at)?, RecordOutcome::New),
        Comparison::Older => (insert_overtaken(db, observation)?, RecordOutcome::Stale),
        Comparison::Same => (false, RecordOutcome::Duplicate),
    };
    if is_inserted {
        return Ok(recorded);
    }
    if observation.source == Source::Callback {
        note_late_callback(db, snapshot)?;
    }
    Ok(RecordOutcome::Duplicate)
}

/// Stores a change to report after the settling time, or after its order was placed.
fn insert_change(
    db: &mut Database,
    observation: &Observation,
    settled_at: Timestamp,
) -> Result<bool, StateError> {
    let sql = "insert into changes
           (position, change_id, session_id, updated_at, is_final, snapshot, source, heard_at, due_at)
         values ((select coalesce(max(position), 0) + 1 from changes), $1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (change_id) do nothing";
    let is_inserted = insert_row(db, sql, observation, settled_at)?;
    if is_inserted {
        orders::plan(db, &observation.snapshot, observation.at)?;
    }
    Ok(is_inserted)
}

fn insert_overtaken(db: &mut Database, observation: &Observation) -> Result<bool, StateError> {
    let sql = "insert into changes
           (position, change_id, session_id, updated_at, is_final, snapshot, source, heard_at, due_at,
            acknowledged_at, is_overtaken)
         values ((select coalesce(max(position), 0) + 1 from changes), $1, $2, $3, $4, $5, $6, $7, $8, $7, 1)
         on conflict (change_id) do nothing";
    insert_row(db, sql, observation, observation.at)
}

fn insert_row(
    db: &mut Database,
    sql: &'static str,
    observation: &Observation,
    due_at: Timestamp,
) -> Result<bool, StateError> {
    let snapshot = &observation.snapshot;
    let inserted = db.execute(
        sql,
        values![
            &change_id(snapshot),
            &snapshot.session_id,
            snapshot.updated_at.as_ms(),
            snapshot.status().is_final(),
            &serde_json::to_string(snapshot)?,
            observation.source.as_str(),
            observation.at.as_millisecond(),
            due_at.as_millisecond()
        ],
    )?;
    Ok(inserted == 1)
}

/// Notes that the callback came after a read or the feed had brought its change.
fn note_late_callback(db: &mut Database, snapshot: &SessionSnapshot) -> Result<(), StateError> {
    let sql =
        "update sessions set callback_heard = 1 where session_id = $1 and status = $2 and updated_at = $3";
    let at = snapshot.updated_at.as_ms();
    db.execute(sql, values![&snapshot.session_id, snapshot.status().as_str(), at]).map(drop)
}

/// Makes this the session's last known change and plans the next read. A final status ends the reads.
fn update_session(
    db: &mut Database,
    observation: &Observation,
    next_read_at: Timestamp,
) -> Result<(), StateError> {
    let snapshot = &observation.snapshot;
    let is_final = snapshot.status().is_final();
    let now = observation.at.as_millisecond();
    let sql =
        "update sessions set status = $1, updated_at = $2, changed_at = $3, source = $4, callback_heard = $5,
                 expires_at = coalesce($6, expires_at), failures = 0, last_failure = null,
                 next_read_at = $7, closed = $8, closed_at = $9, lacks_order = $10
               where session_id = $11";
    let changed = db.execute(
        sql,
        values![
            snapshot.status().as_str(),
            snapshot.updated_at.as_ms(),
            now,
            observation.source.as_str(),
            observation.source == Source::Callback,
            snapshot.expires_at.map(Instant::as_ms),
            (!is_final).then(|| next_read_at.as_millisecond()),
            is_final.then_some(CloseReason::Final.as_str()),
            is_final.then_some(now),
            lacks_order(snapshot),
            &snapshot.session_id
        ],
    )?;
    debug_assert_eq!(changed, 1, "the session was inserted above");
    Ok(())
}
