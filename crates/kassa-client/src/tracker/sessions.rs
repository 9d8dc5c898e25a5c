//! The rows of sessions: registered, looked up, planned.

use jiff::Timestamp;
use kassa_sql::{Column, Row, columns, sql, values};
use serde_json::Value;

use super::orders;
use super::schedule::{Channel, Quiet};
use super::state::Database;
use super::verdict::Source;
use super::{StateError, Tracker};
use crate::clock::instant;
use crate::news::Known;
use crate::random::below;
use crate::snapshot::{Snapshot, is_id};
use crate::status::Status;

/// A session to be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The page session's id.
    pub session_id: String,
    /// The merchant's own name for it.
    pub reference: Option<String>,
    /// When it ends, as its creation answered.
    pub expires_at: Option<Timestamp>,
    /// The order to be placed once the session is `COMPLETED` with a token: an
    /// [`OrderCreation`](kassa_wire::payments::OrderCreation) in JSON. None where the merchant places it.
    pub order: Option<Value>,
}

impl Registration {
    /// A session of which nothing but its id is known.
    #[must_use]
    pub fn of(session_id: &str) -> Self {
        Self { session_id: session_id.to_string(), reference: None, expires_at: None, order: None }
    }
}

impl Tracker {
    /// Follows a session from now on; the answer is durable. Registering it again adds what was not said before, and
    /// says `false`.
    ///
    /// # Errors
    /// Where the id can be no id, or the state cannot be written.
    pub async fn register(&self, registration: Registration) -> Result<bool, StateError> {
        if !is_id(&registration.session_id) {
            let why = format!("{:?} is no id of a session", registration.session_id);
            return Err(StateError::Invalid(why.into()));
        }
        let now = self.surroundings.clock.now();
        let quiet = Quiet::fresh(now, registration.expires_at);
        let next_read_at = self.next_read_at(&quiet, now);
        let is_new = self
            .state
            .run(move |db| {
                let is_new = insert(db, &registration, now, next_read_at)?;
                if !is_new {
                    complete(db, &registration)?;
                }
                if let Some(order) = &registration.order {
                    orders::expect(db, &registration.session_id, order, now)?;
                }
                Ok(is_new)
            })
            .await?;
        self.hurried.notify_one();
        self.ordered.notify_one();
        Ok(is_new)
    }

    /// When a session is to be read next.
    pub(super) fn next_read_at(&self, quiet: &Quiet, now: Timestamp) -> Timestamp {
        let chance = below(&*self.surroundings.random, 1000);
        super::schedule::next_read_at(&self.options.pace, quiet, now, chance)
    }
}

impl Quiet {
    /// A session of which nothing was heard yet.
    pub(super) const fn fresh(now: Timestamp, expires_at: Option<Timestamp>) -> Self {
        Self { since: now, channel: Channel::Reads, failures: 0, expires_at }
    }
}

/// Adds a session, unless it is there.
pub(super) fn insert(
    db: &mut Database,
    registration: &Registration,
    now: Timestamp,
    next_read_at: Timestamp,
) -> Result<bool, StateError> {
    let sql =
        "insert into sessions (session_id, reference, registered_at, expires_at, changed_at, next_read_at)
               values ($1, $2, $3, $4, $3, $5) on conflict (session_id) do nothing";
    let inserted = db.execute(
        sql,
        values![
            &registration.session_id,
            &registration.reference,
            now.as_millisecond(),
            registration.expires_at.map(Timestamp::as_millisecond),
            next_read_at.as_millisecond()
        ],
    )?;
    Ok(inserted == 1)
}

/// Adds what a callback that was first could not know.
fn complete(db: &mut Database, registration: &Registration) -> Result<(), StateError> {
    let sql = "update sessions set reference = coalesce(reference, $1), expires_at = coalesce(expires_at, $2)
               where session_id = $3";
    let expires_at = registration.expires_at.map(Timestamp::as_millisecond);
    db.execute(sql, values![&registration.reference, expires_at, &registration.session_id]).map(drop)
}

columns! {
    remembered {
        status, updated_at, told_status, told_updated_at, changed_at, expires_at, source, callback_heard, failures,
        is_closed = "case when closed is null then 0 else 1 end",
    }
}

/// What the tracker knows of a session when it hears something.
pub(super) struct Remembered {
    /// The last change that was heard of.
    pub(super) latest: Option<Known>,
    /// The last change that was handed to the stream.
    pub(super) told: Option<Known>,
    pub(super) changed_at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) source: Option<Source>,
    pub(super) callback_heard: bool,
    pub(super) failures: u32,
    pub(super) is_closed: bool,
}

impl Remembered {
    pub(super) fn find(db: &mut Database, session_id: &str) -> Result<Option<Self>, StateError> {
        let sql = sql!("select {remembered} from sessions where session_id = $1", remembered);
        db.first(sql, values![session_id], Self::of)
    }

    fn of(row: &mut Row) -> Result<Self, StateError> {
        let source: Option<String> = row.get(remembered::source)?;
        Ok(Self {
            latest: known(row, remembered::status, remembered::updated_at)?,
            told: known(row, remembered::told_status, remembered::told_updated_at)?,
            changed_at: instant(row.get(remembered::changed_at)?),
            expires_at: row.get::<Option<i64>>(remembered::expires_at)?.map(instant),
            source: source.as_deref().map(Source::of),
            callback_heard: row.get(remembered::callback_heard)?,
            failures: row.get(remembered::failures)?,
            is_closed: row.get(remembered::is_closed)?,
        })
    }

    /// What a snapshot is judged against: the last change that was told, since what comes before the next may be
    /// sorted in. A session ends once, though, so an end is judged against an end that waits to be told, too.
    pub(super) fn before(&self, snapshot: &Snapshot) -> Option<&Known> {
        let ended = self.latest.as_ref().filter(|latest| latest.status.is_final());
        ended.filter(|_| snapshot.status.is_final()).or(self.told.as_ref())
    }

    /// How quiet it is, by what the schedule goes. What happened before a session was registered is in no part of
    /// the feed that is still to come, so the feed tells only of those that were read once.
    pub(super) fn quiet(&self, is_fed: bool) -> Quiet {
        let channel = if is_fed && self.latest.is_some() {
            Channel::Feed
        } else if self.source.is_some() && self.callback_heard {
            Channel::Callbacks
        } else {
            Channel::Reads
        };
        Quiet { since: self.changed_at, channel, failures: self.failures, expires_at: self.expires_at }
    }
}

/// A status and its time.
fn known(row: &mut Row, status: Column, updated_at: Column) -> Result<Option<Known>, StateError> {
    let status: Option<String> = row.get(status)?;
    let updated_at: Option<i64> = row.get(updated_at)?;
    Ok(status
        .zip(updated_at)
        .map(|(status, at)| Known { status: Status::from(status), updated_at: instant(at) }))
}
