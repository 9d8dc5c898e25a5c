//! What people see: each session with its verdict, and how many stand how.

use jiff::Timestamp;
use rusqlite::{Row, params};
use serde::Serialize;

use super::sessions::instant;
use super::verdict::{Closed, Source, Standing, Verdict};
use super::{StateError, Tracker};
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
    /// How it stands.
    pub verdict: Verdict,
    /// Why.
    pub why: String,
}

const SELECT: &str = "select session_id, reference, status, updated_at, changed_at, source, callback_heard,
    closed, last_failure, next_read_at,
    not exists (select 1 from changes c where c.session_id = sessions.session_id and c.acknowledged_at is null)
  from sessions";

impl Tracker {
    /// The sessions that something was last heard of, newest first.
    pub async fn sessions(&self, limit: u32) -> Result<Vec<SessionView>, StateError> {
        let now = self.surroundings.clock.now();
        self.state
            .run(move |db| {
                let mut statement =
                    db.prepare_cached(&format!("{SELECT} order by changed_at desc limit ?1"))?;
                let rows = statement.query_map([limit], |row| view(row, now))?;
                rows.collect()
            })
            .await
    }

    /// How many sessions stand how.
    pub async fn tally(&self) -> Result<Vec<(Verdict, usize)>, StateError> {
        let now = self.surroundings.clock.now();
        let verdicts: Vec<Verdict> = self
            .state
            .run(move |db| {
                let mut statement = db.prepare_cached(SELECT)?;
                let rows = statement.query_map([], |row| view(row, now).map(|view| view.verdict))?;
                rows.collect()
            })
            .await?;
        let count = |verdict| verdicts.iter().filter(|one| **one == verdict).count();
        Ok(Verdict::ALL.iter().map(|verdict| (*verdict, count(*verdict))).collect())
    }

    /// Changes that wait for their acknowledgement.
    pub async fn unacknowledged(&self) -> Result<i64, StateError> {
        let sql = "select count(*) from changes where acknowledged_at is null";
        self.state.run(|db| db.prepare_cached(sql)?.query_row([], |row| row.get(0))).await
    }

    /// Forgets sessions that were closed long ago and of which everything was acknowledged; says how many.
    pub async fn forget_old(&self) -> Result<usize, StateError> {
        let before = plus_ms(self.surroundings.clock.now(), -self.options.keep_ms).as_millisecond();
        self.state
            .run(move |db| {
                let old = "closed_at < ?1 and not exists (select 1 from changes c
                    where c.session_id = sessions.session_id and c.acknowledged_at is null)";
                for table in ["events", "changes"] {
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

fn view(row: &Row<'_>, now: Timestamp) -> rusqlite::Result<SessionView> {
    let source: Option<String> = row.get(5)?;
    let closed: Option<String> = row.get(7)?;
    let standing = Standing {
        status: row.get::<_, Option<String>>(2)?.map(Status::from),
        updated_at: row.get::<_, Option<i64>>(3)?.map(instant),
        changed_at: instant(row.get(4)?),
        source: source.as_deref().map(Source::of),
        callback_heard: row.get(6)?,
        is_acknowledged: row.get(10)?,
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
        verdict,
        why,
    })
}
