//! The table of sessions: registration, lookup, and the plan of reads.

use jiff::Timestamp;
use kassa_sql::{Column, Row, Sql, Value as SqlValue, columns, sql, values};
use kassa_wire::id::is_id;
use kassa_wire::snapshot::SessionSnapshot;
use kassa_wire::status::SessionStatus;
use kassa_wire::time::Instant;
use serde_json::Value;

use super::orders;
use super::schedule::{Channel, ScheduleInput};
use super::state::Database;
use super::verdict::Source;
use super::words;
use super::{StateError, Tracker};
use crate::clock::instant;
use crate::merge::LastChange;
use crate::random::below;

/// The registration of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The page session's id.
    pub session_id: String,
    /// The merchant's own reference, such as an order number.
    pub reference: Option<String>,
    /// The session's end, from the answer to its creation.
    pub expires_at: Option<Instant>,
    /// The order that the tracker places when the session is `COMPLETED` with a token: an
    /// [`OrderCreation`](kassa_wire::payments::OrderCreation) in JSON. `None` if the merchant places the order.
    pub order: Option<Value>,
}

impl Registration {
    /// A registration with only a session id.
    #[must_use]
    pub fn of(session_id: &str) -> Self {
        Self { session_id: session_id.to_string(), reference: None, expires_at: None, order: None }
    }
}

impl Tracker {
    /// Registers a session; the answer is durable. Registering it again fills in missing fields, and returns `false`.
    ///
    /// # Errors
    /// If the id has no valid form, or the database cannot be written.
    pub async fn register(&self, registration: Registration) -> Result<bool, StateError> {
        if !is_id(&registration.session_id) {
            let why = format!("{:?} is not a valid session id", registration.session_id);
            return Err(StateError::Invalid(why.into()));
        }
        let now = self.dependencies.clock.schedule_now();
        let quiet = ScheduleInput::fresh(now, registration.expires_at.map(Instant::timestamp));
        let next_read_at = self.next_read_at(&quiet, now);
        let is_new = self
            .state
            .run(move |db| {
                let is_new = insert(db, &registration, now, next_read_at)?;
                if !is_new {
                    fill_in(db, &registration)?;
                }
                if let Some(order) = &registration.order {
                    orders::store_registered(db, &registration.session_id, order, now)?;
                }
                Ok(is_new)
            })
            .await?;
        self.read_planned.notify_one();
        self.order_planned.notify_one();
        Ok(is_new)
    }

    /// When a session is read next, with jitter.
    pub(super) fn next_read_at(&self, quiet: &ScheduleInput, now: Timestamp) -> Timestamp {
        let chance = below(&*self.dependencies.random, 1000);
        super::schedule::next_read_at(&self.options.pace, quiet, now, chance)
    }
}

impl ScheduleInput {
    /// The state of a session without observations.
    pub(super) const fn fresh(now: Timestamp, expires_at: Option<Timestamp>) -> Self {
        Self { since: now, channel: Channel::Reads, failures: 0, expires_at }
    }
}

/// Inserts a session unless it exists.
pub(super) const INSERT_SESSION: Sql = sql!(
    "insert into sessions (session_id, reference, registered_at, expires_at, changed_at, next_read_at)
     {values}$1, $2, $3, $4, $3, $5{end}{many: from given} on conflict (session_id) do nothing"
);

impl Registration {
    /// The values of [`INSERT_SESSION`].
    pub(super) fn into_values(self, now: Timestamp, next_read_at: Timestamp) -> Vec<SqlValue<'static>> {
        vec![
            self.session_id.into(),
            self.reference.into(),
            now.as_millisecond().into(),
            self.expires_at.map(Instant::as_ms).into(),
            next_read_at.as_millisecond().into(),
        ]
    }
}

/// Inserts a session unless it exists; answers whether it was inserted.
pub(super) fn insert(
    db: &mut Database,
    registration: &Registration,
    now: Timestamp,
    next_read_at: Timestamp,
) -> Result<bool, StateError> {
    let values = registration.clone().into_values(now, next_read_at);
    Ok(db.execute(INSERT_SESSION, &values)? == 1)
}

/// Fills in the fields that are missing if a callback came before the registration.
fn fill_in(db: &mut Database, registration: &Registration) -> Result<(), StateError> {
    let sql = "update sessions set reference = coalesce(reference, $1), expires_at = coalesce(expires_at, $2)
               where session_id = $3";
    let expires_at = registration.expires_at.map(Instant::as_ms);
    db.execute(sql, values![&registration.reference, expires_at, &registration.session_id]).map(drop)
}

columns! {
    tracked_session {
        status, updated_at, told_status, told_updated_at, changed_at, expires_at, source, callback_heard, failures,
        is_closed = "case when closed is null then 0 else 1 end",
    }
}

/// The stored state of a session.
pub(super) struct TrackedSession {
    /// The last change that was observed.
    pub(super) latest: Option<LastChange>,
    /// The last change that was reported.
    pub(super) reported: Option<LastChange>,
    pub(super) changed_at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) source: Option<Source>,
    pub(super) callback_received: bool,
    pub(super) failures: u32,
    pub(super) is_closed: bool,
}

const TRACKED_SESSION: Sql = sql!(
    "select {many:place, }{tracked_session} from sessions{many:, given}
     where session_id = $1{many: and session_id = any (array(select p1 from given))}",
    tracked_session
);

impl TrackedSession {
    pub(super) fn find(db: &mut Database, session_id: &str) -> Result<Option<Self>, StateError> {
        db.first(TRACKED_SESSION, values![session_id], Self::of)
    }

    /// Finds the sessions with these ids, in their order.
    pub(super) fn find_each(db: &mut Database, ids: &[&str]) -> Result<Vec<Option<Self>>, StateError> {
        let rows: Vec<_> = ids.iter().map(|id| vec![SqlValue::from(*id)]).collect();
        let found = db.each(TRACKED_SESSION, &rows)?;
        found.into_iter().map(|row| row.map(|mut row| Self::of(&mut row)).transpose()).collect()
    }

    fn of(row: &mut Row) -> Result<Self, StateError> {
        Ok(Self {
            latest: known(row, tracked_session::status, tracked_session::updated_at)?,
            reported: known(row, tracked_session::told_status, tracked_session::told_updated_at)?,
            changed_at: instant(row.get(tracked_session::changed_at)?),
            expires_at: row.get::<Option<i64>>(tracked_session::expires_at)?.map(instant),
            source: words::optional(row, tracked_session::source)?,
            callback_received: row.get(tracked_session::callback_heard)?,
            failures: row.get(tracked_session::failures)?,
            is_closed: row.get(tracked_session::is_closed)?,
        })
    }

    /// The change that a new snapshot is compared with: the last reported one, because unreported changes can still be
    /// sorted. A session has one final status, so a final snapshot is compared with an unreported final change, too.
    pub(super) fn compared_with(&self, snapshot: &SessionSnapshot) -> Option<&LastChange> {
        let ended = self.latest.as_ref().filter(|latest| latest.status.is_final());
        ended.filter(|_| snapshot.status().is_final()).or(self.reported.as_ref())
    }

    /// The input of the schedule. The feed does not contain changes from before the registration, so the schedule
    /// relies on the feed only after the first observation.
    pub(super) fn quiet(&self, feed_is_delivering: bool) -> ScheduleInput {
        let channel = if feed_is_delivering && self.latest.is_some() {
            Channel::Feed
        } else if self.source.is_some() && self.callback_received {
            Channel::Callbacks
        } else {
            Channel::Reads
        };
        ScheduleInput {
            since: self.changed_at,
            channel,
            failures: self.failures,
            expires_at: self.expires_at,
        }
    }
}

/// Reads a status and its time.
fn known(row: &mut Row, status: Column, updated_at: Column) -> Result<Option<LastChange>, StateError> {
    let status: Option<String> = row.get(status)?;
    let updated_at: Option<i64> = row.get(updated_at)?;
    Ok(status.zip(updated_at).map(|(status, at)| LastChange {
        status: SessionStatus::from(status),
        updated_at: Instant::from_ms(at),
    }))
}
