//! What people see: each session with its verdict, and how many stand how.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Row, params};
use serde::Serialize;

use super::orders::{self, OrderOutcome};
use super::sessions::instant;
use super::verdict::{Closed, Source, Standing, Verdict};
use super::{Callbacks, StateError, Tracker};
use crate::clock::plus_ms;
use crate::status::Status;

/// A session, as the status page and a report show it.
#[derive(Clone, Debug, Serialize)]
pub struct SessionView {
    /// The page session's id.
    pub session_id: String,
    /// The merchant's own name for it.
    pub reference: Option<String>,
    /// The last status that was heard of.
    pub status: Option<Status>,
    /// When the session changed to it.
    pub updated_at: Option<Timestamp>,
    /// When it is read next.
    pub next_read_at: Option<Timestamp>,
    /// What became of its order, where the tracker is to place it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderOutcome>,
    /// How it stands.
    pub verdict: Verdict,
    /// Why.
    pub why: String,
}

const SELECT: &str = "select session_id, reference, status, updated_at, changed_at, source, callback_heard,
    closed, last_failure, next_read_at,
    not exists (select 1 from changes c where c.session_id = sessions.session_id and c.acknowledged_at is null),
    (select count(*) from changes c where c.session_id = sessions.session_id and c.is_overtaken = 1)
  from sessions";

impl Tracker {
    /// The sessions that something was last heard of, newest first.
    pub async fn sessions(&self, limit: u32) -> Result<Vec<SessionView>, StateError> {
        self.views("order by changed_at desc limit ?1", limit.into()).await
    }

    /// One session.
    pub async fn session(&self, session_id: &str) -> Result<Option<SessionView>, StateError> {
        let views = self.views("where session_id = ?1", session_id.to_string().into()).await?;
        Ok(views.into_iter().next())
    }

    /// How many sessions stand how.
    pub async fn tally(&self) -> Result<Vec<(Verdict, usize)>, StateError> {
        let views = self.views("limit ?1", (-1).into()).await?;
        let count = |verdict| views.iter().filter(|view| view.verdict == verdict).count();
        Ok(Verdict::ALL.iter().map(|verdict| (*verdict, count(*verdict))).collect())
    }

    async fn views(&self, which: &'static str, argument: Value) -> Result<Vec<SessionView>, StateError> {
        let (now, callbacks) = (self.surroundings.clock.now(), self.options.callbacks);
        self.state
            .run(move |db| {
                let mut statement = db.prepare_cached(&format!("{SELECT} {which}"))?;
                let rows = statement.query_map([argument], |row| {
                    let order = orders::find(db, &row.get::<_, String>(0)?)?;
                    view(row, order, callbacks, now)
                })?;
                rows.collect()
            })
            .await
    }

    /// Changes that wait for their acknowledgement.
    pub async fn unacknowledged(&self) -> Result<i64, StateError> {
        let sql = "select count(*) from changes where acknowledged_at is null";
        self.state.run(|db| db.prepare_cached(sql)?.query_row([], |row| row.get(0))).await
    }

    /// Changes that came too late to be told in order, of the sessions that are remembered.
    pub async fn overtaken(&self) -> Result<i64, StateError> {
        let sql = "select count(*) from changes where is_overtaken = 1";
        self.state.run(|db| db.prepare_cached(sql)?.query_row([], |row| row.get(0))).await
    }

    /// Forgets sessions that were closed long ago and of which everything was acknowledged; says how many.
    pub async fn forget_old(&self) -> Result<usize, StateError> {
        let before = plus_ms(self.surroundings.clock.now(), -self.options.keep_ms).as_millisecond();
        self.state
            .run(move |db| {
                let old = "closed_at < ?1 and not exists (select 1 from changes c
                    where c.session_id = sessions.session_id and c.acknowledged_at is null)";
                for table in ["events", "orders", "changes"] {
                    db.execute(
                        &format!(
                            "delete from {table} where session_id in (select session_id from sessions where {old})"
                        ),
                        params![before],
                    )?;
                }
                // Its changes are gone by now, so none of them is unacknowledged.
                db.execute(&format!("delete from sessions where {old}"), params![before])
            })
            .await
    }
}

fn view(
    row: &Row<'_>,
    order: Option<OrderOutcome>,
    callbacks: Callbacks,
    now: Timestamp,
) -> rusqlite::Result<SessionView> {
    let source: Option<String> = row.get(5)?;
    let closed: Option<String> = row.get(7)?;
    let standing = Standing {
        status: row.get::<_, Option<String>>(2)?.map(Status::from),
        updated_at: row.get::<_, Option<i64>>(3)?.map(instant),
        changed_at: instant(row.get(4)?),
        source: source.as_deref().map(Source::of),
        callback_heard: row.get(6)?,
        callbacks,
        overtaken: row.get(11)?,
        is_acknowledged: row.get(10)?,
        order,
        closed: closed.map(|word| if word == "final" { Closed::Final } else { Closed::Expired }),
        last_failure: row.get(8)?,
    };
    let (verdict, why) = standing.verdict(now);
    Ok(SessionView {
        session_id: row.get(0)?,
        reference: row.get(1)?,
        status: standing.status,
        updated_at: standing.updated_at,
        next_read_at: row.get::<_, Option<i64>>(9)?.map(instant),
        order: standing.order,
        verdict,
        why,
    })
}
