//! The one place that turns an observation into a stored change, for callbacks, reads and the feed alike.
//!
//! One transaction stores the event id, the change, the intended order and the plan for the next read. After a crash,
//! either all of it is stored or nothing, and then the sender repeats the callback.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use kassa_sql::{Sql, sql, values};
use kassa_wire::callback::StatusUpdate;
use kassa_wire::snapshot::SessionSnapshot;
use kassa_wire::status::SessionStatus;
use kassa_wire::time::Instant;

use super::orders;
use super::schedule::{Channel, ScheduleInput};
use super::sessions::{INSERT_SESSION, Registration, TrackedSession};
use super::state::{Database, Joint};
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

/// An observation, and the times that are computed before the transaction, because they need randomness.
pub(super) struct PlannedObservation {
    observation: Observation,
    settled_at: Timestamp,
    /// When the session is read next if the change is new.
    next_read_at: Timestamp,
}

impl Joint for PlannedObservation {
    type Outcome = RecordOutcome;

    fn key(&self) -> &str {
        self.session_id()
    }

    fn run_all(database: &mut Database, all: &[&Self]) -> Result<Vec<RecordOutcome>, StateError> {
        observe_all(database, all)
    }
}

impl PlannedObservation {
    /// The session that was observed.
    pub(super) fn session_id(&self) -> &str {
        &self.observation.snapshot.session_id
    }
}

impl Tracker {
    /// Stores an observation; the answer is durable. It registers a session that is not registered.
    pub async fn observe(&self, observation: Observation) -> Result<RecordOutcome, StateError> {
        let recorded = self.state.join(self.plan(observation)).await?;
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

    pub(super) fn plan(&self, observation: Observation) -> PlannedObservation {
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
        PlannedObservation {
            settled_at: plus_ms(observation.at, self.options.settle_ms),
            next_read_at: self.next_read_at(&quiet, observation.at),
            observation,
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
pub(super) fn observe(db: &mut Database, planned: &PlannedObservation) -> Result<RecordOutcome, StateError> {
    let none = || StateError::Fault("an observation has no outcome".into());
    observe_all(db, &[planned])?.pop().ok_or_else(none)
}

/// Stores observations of different sessions, with a few statements for all of them.
fn observe_all(db: &mut Database, all: &[&PlannedObservation]) -> Result<Vec<RecordOutcome>, StateError> {
    insert_sessions(db, all)?;
    let observed = with_new_events(db, all)?;
    let observed = find_sessions(db, observed)?;
    let mut outcomes = vec![RecordOutcome::Duplicate; all.len()];
    let mut updates = Vec::new();
    for (observed, recorded) in observed.iter().zip(store_changes(db, &observed)?) {
        let snapshot = &observed.planned.observation.snapshot;
        outcomes[observed.place] = match (recorded, compare(observed.session.latest.as_ref(), snapshot)) {
            (RecordOutcome::New, Comparison::New) => {
                updates.push(observed.planned);
                RecordOutcome::New
            }
            (RecordOutcome::New, Comparison::Same | Comparison::Older) if is_first_status(snapshot) => {
                RecordOutcome::Duplicate
            }
            (recorded, Comparison::New | Comparison::Same | Comparison::Older) => recorded,
        };
    }
    update_sessions(db, &updates)?;
    Ok(outcomes)
}

/// An observation whose event is new, by its place among the observations.
struct NewEvent<'a> {
    place: usize,
    planned: &'a PlannedObservation,
}

/// An observation whose event is new, with the session as it was before.
struct Observed<'a> {
    place: usize,
    planned: &'a PlannedObservation,
    session: TrackedSession,
}

/// `WAITING` is the first status, not a change. It is stored with the session, and never reported.
fn is_first_status(snapshot: &SessionSnapshot) -> bool {
    snapshot.status() == SessionStatus::Waiting
}

fn insert_sessions(db: &mut Database, all: &[&PlannedObservation]) -> Result<(), StateError> {
    let row = |planned: &&'_ PlannedObservation| {
        let snapshot = &planned.observation.snapshot;
        let registration =
            Registration { expires_at: snapshot.expires_at, ..Registration::of(&snapshot.session_id) };
        registration.into_values(planned.observation.at, planned.next_read_at)
    };
    db.each(INSERT_SESSION, &all.iter().map(row).collect::<Vec<_>>()).map(drop)
}

/// Stores the ids of events, and returns the observations whose event is new. Without an event id, only the change
/// decides.
fn with_new_events<'a>(
    db: &mut Database,
    all: &[&'a PlannedObservation],
) -> Result<Vec<NewEvent<'a>>, StateError> {
    let sql = sql!(
        "insert into events (session_id, event_id) {values}$1, $2{end}{many: from given} on conflict do nothing{many:
         returning (select place from given where p1 = session_id)}"
    );
    let of = |planned: &&'a PlannedObservation| {
        let event_id = planned.observation.event_id.as_deref()?;
        Some(vec![planned.session_id().into(), event_id.into()])
    };
    let rows: Vec<_> = all.iter().filter_map(of).collect();
    let mut are_new = db.each(sql, &rows)?.into_iter().map(|inserted| inserted.is_some());
    let mut new = Vec::new();
    for (place, planned) in all.iter().enumerate() {
        if planned.observation.event_id.is_none() || are_new.next() == Some(true) {
            new.push(NewEvent { place, planned });
        }
    }
    Ok(new)
}

fn find_sessions<'a>(db: &mut Database, events: Vec<NewEvent<'a>>) -> Result<Vec<Observed<'a>>, StateError> {
    let ids: Vec<&str> = events.iter().map(|event| event.planned.session_id()).collect();
    let sessions = TrackedSession::find_each(db, &ids)?;
    let observed = |(event, session): (NewEvent<'a>, Option<TrackedSession>)| {
        let NewEvent { place, planned } = event;
        let missing =
            || StateError::Fault(format!("{} was inserted and is not there", planned.session_id()).into());
        Ok(Observed { place, planned, session: session.ok_or_else(missing)? })
    };
    events.into_iter().zip(sessions).map(observed).collect()
}

/// Stores changes to report, unless they are known. An overtaken change is stored as acknowledged, so that the
/// session's verdict shows it.
fn store_changes(db: &mut Database, all: &[Observed<'_>]) -> Result<Vec<RecordOutcome>, StateError> {
    let comparison = |observed: &Observed<'_>| {
        let snapshot = &observed.planned.observation.snapshot;
        compare(observed.session.compared_with(snapshot), snapshot)
    };
    let changes: Vec<&Observed<'_>> =
        all.iter().filter(|observed| !is_first_status(&observed.planned.observation.snapshot)).collect();
    let of = |wanted: Comparison| {
        changes.iter().filter(move |observed| comparison(observed) == wanted).map(|observed| observed.planned)
    };
    let new: Vec<_> = of(Comparison::New).collect();
    let mut new_inserted = insert_changes(db, &new)?.into_iter();
    let older: Vec<_> = of(Comparison::Older).collect();
    let mut older_inserted = insert_overtaken(db, &older)?.into_iter();
    let mut outcomes = Vec::with_capacity(all.len());
    for observed in all {
        let observation = &observed.planned.observation;
        if is_first_status(&observation.snapshot) {
            outcomes.push(RecordOutcome::New);
            continue;
        }
        let (is_inserted, recorded) = match comparison(observed) {
            Comparison::New => (new_inserted.next(), RecordOutcome::New),
            Comparison::Older => (older_inserted.next(), RecordOutcome::Stale),
            Comparison::Same => (None, RecordOutcome::Duplicate),
        };
        if is_inserted == Some(true) {
            outcomes.push(recorded);
            continue;
        }
        if observation.source == Source::Callback {
            note_late_callback(db, &observation.snapshot)?;
        }
        outcomes.push(RecordOutcome::Duplicate);
    }
    Ok(outcomes)
}

/// Stores changes to report after the settling time, or after their orders were placed. Answers which were inserted.
fn insert_changes(db: &mut Database, all: &[&PlannedObservation]) -> Result<Vec<bool>, StateError> {
    let sql = sql!(
        "insert into changes
           (position, change_id, session_id, updated_at, is_final, snapshot, source, heard_at, due_at)
         {values}(select coalesce(max(position), 0) + 1 from changes){many: + given.place - 1},
           $1, $2, $3, $4, $5, $6, $7, $8{end}{many: from given}
         on conflict (change_id) do nothing{many: returning (select place from given where p1 = change_id)}"
    );
    let are_inserted = insert_rows(db, sql, all, |planned| planned.settled_at)?;
    let inserted = all.iter().zip(&are_inserted).filter(|(_, is_inserted)| **is_inserted);
    for (planned, _) in inserted {
        orders::plan(db, &planned.observation.snapshot, planned.observation.at)?;
    }
    Ok(are_inserted)
}

fn insert_overtaken(db: &mut Database, all: &[&PlannedObservation]) -> Result<Vec<bool>, StateError> {
    let sql = sql!(
        "insert into changes
           (position, change_id, session_id, updated_at, is_final, snapshot, source, heard_at, due_at,
            acknowledged_at, is_overtaken)
         {values}(select coalesce(max(position), 0) + 1 from changes){many: + given.place - 1},
           $1, $2, $3, $4, $5, $6, $7, $8, $7, 1{end}{many: from given}
         on conflict (change_id) do nothing{many: returning (select place from given where p1 = change_id)}"
    );
    insert_rows(db, sql, all, |planned| planned.observation.at)
}

fn insert_rows(
    db: &mut Database,
    sql: Sql,
    all: &[&PlannedObservation],
    due_at: impl Fn(&PlannedObservation) -> Timestamp,
) -> Result<Vec<bool>, StateError> {
    let row = |planned: &&PlannedObservation| {
        let Observation { snapshot, source, at, .. } = &planned.observation;
        Ok(vec![
            change_id(snapshot).into(),
            snapshot.session_id.clone().into(),
            snapshot.updated_at.as_ms().into(),
            snapshot.status().is_final().into(),
            serde_json::to_string(snapshot)?.into(),
            source.as_str().into(),
            at.as_millisecond().into(),
            due_at(planned).as_millisecond().into(),
        ])
    };
    let rows = all.iter().map(row).collect::<Result<Vec<_>, StateError>>()?;
    Ok(db.each(sql, &rows)?.into_iter().map(|inserted| inserted.is_some()).collect())
}

/// Notes that the callback came after a read or the feed had brought its change.
fn note_late_callback(db: &mut Database, snapshot: &SessionSnapshot) -> Result<(), StateError> {
    let sql =
        "update sessions set callback_heard = 1 where session_id = $1 and status = $2 and updated_at = $3";
    let at = snapshot.updated_at.as_ms();
    db.execute(sql, values![&snapshot.session_id, snapshot.status().as_str(), at]).map(drop)
}

/// Makes these the last known changes of their sessions, and plans the next reads. A final status ends the reads.
fn update_sessions(db: &mut Database, all: &[&PlannedObservation]) -> Result<(), StateError> {
    let sql = sql!(
        "update sessions set status = $1, updated_at = $2, changed_at = $3, source = $4, callback_heard = $5,
                 expires_at = coalesce($6, expires_at), failures = 0, last_failure = null,
                 next_read_at = $7, closed = $8, closed_at = $9, lacks_order = $10{many: from given}
               where session_id = $11{many: and session_id = any (array(select p11 from given))}"
    );
    let row = |planned: &&PlannedObservation| {
        let Observation { snapshot, source, at, .. } = &planned.observation;
        let is_final = snapshot.status().is_final();
        let now = at.as_millisecond();
        vec![
            snapshot.status().as_str().to_string().into(),
            snapshot.updated_at.as_ms().into(),
            now.into(),
            source.as_str().into(),
            (*source == Source::Callback).into(),
            snapshot.expires_at.map(Instant::as_ms).into(),
            (!is_final).then(|| planned.next_read_at.as_millisecond()).into(),
            is_final.then_some(CloseReason::Final.as_str()).into(),
            is_final.then_some(now).into(),
            lacks_order(snapshot).into(),
            snapshot.session_id.clone().into(),
        ]
    };
    db.each(sql, &all.iter().map(row).collect::<Vec<_>>()).map(drop)
}
