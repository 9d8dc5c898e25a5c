//! The one place where what was heard becomes a change: by a callback, a read and the feed alike.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use kassa_sql::values;

use super::orders;
use super::schedule::{Channel, Quiet};
use super::sessions::{Registration, Remembered, insert};
use super::state::Database;
use super::verdict::Source;
use super::{StateError, Tracker};
use crate::clock::plus_ms;
use crate::ledger::{Ledger, Recorded};
use crate::news::{Judgement, change_id, judge};
use crate::receiver::Callback;
use crate::snapshot::Snapshot;
use crate::status::Status;

/// Something that was heard of a session.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The session as it was.
    pub snapshot: Snapshot,
    /// The event, where the way it was heard names one.
    pub event_id: Option<String>,
    /// How it was heard.
    pub source: Source,
    /// When.
    pub at: Timestamp,
}

/// What was decided before the transaction, since it takes chance.
pub(super) struct Plan {
    settled_at: Timestamp,
    /// The next read after a change told by a callback, and after one found by a read.
    next_read_at: Timestamp,
}

impl Tracker {
    /// Takes what was heard; the answer is durable. A session that is not registered is from now on.
    pub async fn hear(&self, heard: Heard) -> Result<Recorded, StateError> {
        let plan = self.plan(&heard);
        let recorded = self.state.run(move |db| record(db, &heard, &plan)).await?;
        if recorded == Recorded::New {
            self.ring();
        }
        Ok(recorded)
    }

    /// Wakes whoever waits for changes, and for orders to place.
    pub(super) fn ring(&self) {
        self.changed.notify_waiters();
        self.ordered.notify_one();
    }

    pub(super) fn plan(&self, heard: &Heard) -> Plan {
        let channel = match heard.source {
            _ if self.feed.is_held() => Channel::Feed,
            Source::Callback => Channel::Callbacks,
            Source::Read | Source::Feed => Channel::Reads,
        };
        let quiet = Quiet { since: heard.at, channel, failures: 0, expires_at: heard.snapshot.expires_at };
        Plan {
            settled_at: plus_ms(heard.at, self.options.settle_ms),
            next_read_at: self.next_read_at(&quiet, heard.at),
        }
    }
}

/// A callback is acknowledged once it is durable.
impl Ledger for Tracker {
    fn record(&self, callback: Callback, received_at: Timestamp) -> BoxFuture<'_, Result<Recorded, String>> {
        let Callback { event_id, session } = callback;
        let heard =
            Heard { snapshot: session, event_id: Some(event_id), source: Source::Callback, at: received_at };
        Box::pin(async move { self.hear(heard).await.map_err(|error| error.to_string()) })
    }

    fn note_prompt(&self, session_id: String, received_at: Timestamp) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async move { self.read_soon(session_id, received_at).await.map_err(|e| e.to_string()) })
    }
}

pub(super) fn record(db: &mut Database, heard: &Heard, plan: &Plan) -> Result<Recorded, StateError> {
    let snapshot = &heard.snapshot;
    let expires_at = snapshot.expires_at;
    let registration = Registration { expires_at, ..Registration::of(&snapshot.session_id) };
    insert(db, &registration, heard.at, plan.next_read_at)?;
    if !note_event(db, heard)? {
        return Ok(Recorded::Duplicate);
    }
    let missing =
        || StateError::Fault(format!("{} was inserted and is not there", snapshot.session_id).into());
    let remembered = Remembered::find(db, &snapshot.session_id)?.ok_or_else(missing)?;
    // The beginning is no change: it is remembered, and told to nobody.
    if snapshot.status != Status::Waiting {
        let recorded = keep_change(db, heard, &remembered, plan.settled_at)?;
        if recorded != Recorded::New {
            return Ok(recorded);
        }
    }
    match judge(remembered.latest.as_ref(), snapshot) {
        Judgement::New => remember(db, heard, plan.next_read_at).map(|()| Recorded::New),
        Judgement::Same | Judgement::Older if snapshot.status == Status::Waiting => Ok(Recorded::Duplicate),
        Judgement::Same | Judgement::Older => Ok(Recorded::New),
    }
}

/// Whether the event was not known. What names no event is judged by its change alone.
fn note_event(db: &mut Database, heard: &Heard) -> Result<bool, StateError> {
    let Some(event_id) = &heard.event_id else { return Ok(true) };
    let sql = "insert into events (session_id, event_id) values ($1, $2) on conflict do nothing";
    Ok(db.execute(sql, values![&heard.snapshot.session_id, event_id])? == 1)
}

/// Keeps a change for the stream, unless it is known. One that comes too late to be told in order is kept too, for the
/// record: it shows in the session's verdict.
fn keep_change(
    db: &mut Database,
    heard: &Heard,
    remembered: &Remembered,
    settled_at: Timestamp,
) -> Result<Recorded, StateError> {
    let snapshot = &heard.snapshot;
    let (is_inserted, recorded) = match judge(remembered.before(snapshot), snapshot) {
        Judgement::New => (insert_change(db, heard, settled_at)?, Recorded::New),
        Judgement::Older => (insert_overtaken(db, heard)?, Recorded::Stale),
        Judgement::Same => (false, Recorded::Duplicate),
    };
    if is_inserted {
        return Ok(recorded);
    }
    if heard.source == Source::Callback {
        note_late_callback(db, snapshot)?;
    }
    Ok(Recorded::Duplicate)
}

/// A change that is to be told once it has settled, or once its order was placed.
fn insert_change(db: &mut Database, heard: &Heard, settled_at: Timestamp) -> Result<bool, StateError> {
    let sql = "insert into changes
           (position, change_id, session_id, updated_at, is_final, snapshot, source, heard_at, due_at)
         values ((select coalesce(max(position), 0) + 1 from changes), $1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (change_id) do nothing";
    let is_inserted = insert_row(db, sql, heard, settled_at)?;
    if is_inserted {
        orders::intend(db, &heard.snapshot, heard.at)?;
    }
    Ok(is_inserted)
}

fn insert_overtaken(db: &mut Database, heard: &Heard) -> Result<bool, StateError> {
    let sql = "insert into changes
           (position, change_id, session_id, updated_at, is_final, snapshot, source, heard_at, due_at,
            acknowledged_at, is_overtaken)
         values ((select coalesce(max(position), 0) + 1 from changes), $1, $2, $3, $4, $5, $6, $7, $8, $7, 1)
         on conflict (change_id) do nothing";
    insert_row(db, sql, heard, heard.at)
}

fn insert_row(
    db: &mut Database,
    sql: &'static str,
    heard: &Heard,
    due_at: Timestamp,
) -> Result<bool, StateError> {
    let snapshot = &heard.snapshot;
    let inserted = db.execute(
        sql,
        values![
            &change_id(snapshot),
            &snapshot.session_id,
            snapshot.updated_at.as_millisecond(),
            snapshot.status.is_final(),
            &serde_json::to_string(snapshot)?,
            heard.source.as_str(),
            heard.at.as_millisecond(),
            due_at.as_millisecond()
        ],
    )?;
    Ok(inserted == 1)
}

/// A read was first; the callback came after all.
fn note_late_callback(db: &mut Database, snapshot: &Snapshot) -> Result<(), StateError> {
    let sql =
        "update sessions set callback_heard = 1 where session_id = $1 and status = $2 and updated_at = $3";
    let at = snapshot.updated_at.as_millisecond();
    db.execute(sql, values![&snapshot.session_id, snapshot.status.as_str(), at]).map(drop)
}

/// Makes it the last change that was heard of, and plans the next read by it; an end is read no more.
fn remember(db: &mut Database, heard: &Heard, next_read_at: Timestamp) -> Result<(), StateError> {
    let snapshot = &heard.snapshot;
    let is_final = snapshot.status.is_final();
    let now = heard.at.as_millisecond();
    let sql =
        "update sessions set status = $1, updated_at = $2, changed_at = $3, source = $4, callback_heard = $5,
                 expires_at = coalesce($6, expires_at), failures = 0, last_failure = null,
                 next_read_at = $7, closed = $8, closed_at = $9
               where session_id = $10";
    let changed = db.execute(
        sql,
        values![
            snapshot.status.as_str(),
            snapshot.updated_at.as_millisecond(),
            now,
            heard.source.as_str(),
            heard.source == Source::Callback,
            snapshot.expires_at.map(Timestamp::as_millisecond),
            (!is_final).then(|| next_read_at.as_millisecond()),
            is_final.then_some("final"),
            is_final.then_some(now),
            &snapshot.session_id
        ],
    )?;
    debug_assert_eq!(changed, 1, "the session was inserted above");
    Ok(())
}
