//! The overview for people: each session with its verdict, the counts per verdict, and the deletion of old sessions.

use jiff::Timestamp;
use kassa_sql::{Row, Sql, Value, columns, sql, values};
use kassa_wire::status::SessionStatus;
use serde::Serialize;

use super::orders::{self, OrderColumns, OrderState};
use super::state::Database;
use super::verdict::{Verdict, VerdictInput};
use super::words;
use super::{CallbackReceiver, StateError, Tracker};
use crate::clock::{instant, plus_ms};

/// A session, as the status page and the JSON answers show it.
#[derive(Clone, Debug, Serialize)]
pub struct SessionView {
    /// The page session's id.
    pub session_id: String,
    /// The merchant's own reference.
    pub reference: Option<String>,
    /// The last observed status.
    pub status: Option<SessionStatus>,
    /// The time of the change to it.
    pub updated_at: Option<Timestamp>,
    /// The time of the next read.
    pub next_read_at: Option<Timestamp>,
    /// The state of the order, if the tracker places the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderState>,
    /// The verdict.
    pub verdict: Verdict,
    /// The reason for the verdict.
    pub why: String,
}

columns! {
    session_view {
        session_id = "s.session_id",
        reference = "s.reference",
        status = "s.status",
        updated_at = "s.updated_at",
        changed_at = "s.changed_at",
        source = "s.source",
        callback_heard = "s.callback_heard",
        closed = "s.closed",
        last_failure = "s.last_failure",
        next_read_at = "s.next_read_at",
        unacknowledged_since = "(select min(c.heard_at) from changes c
                 where c.session_id = s.session_id and c.acknowledged_at is null)",
        overtaken = "(select count(*) from changes c where c.session_id = s.session_id and c.is_overtaken = 1)",
        order_state = "o.state",
        lacks_order = "s.lacks_order",
        order_id = "o.order_id",
        fraud_status = "o.fraud_status",
        why = "o.why",
    }
}

/// The select statement for sessions, with the given condition or order.
macro_rules! select {
    ($which:literal) => {
        sql!(
            concat!(
                "select {session_view} from sessions s left join orders o on o.session_id = s.session_id ",
                $which
            ),
            session_view
        )
    };
}

/// Deletes rows of sessions that were closed before `$1` and have no unacknowledged change.
macro_rules! delete_closed {
    ($table:literal) => {
        concat!(
            "delete from ",
            $table,
            " where session_id in (select s.session_id from sessions s where s.closed_at < $1
                and not exists (select 1 from changes c
                                where c.session_id = s.session_id and c.acknowledged_at is null))"
        )
    };
}

/// A summary of all sessions.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The number of sessions per verdict.
    pub tally: Vec<(Verdict, usize)>,
    /// First the sessions that need a person, then the others; in both, the last observed change comes first.
    pub sessions: Vec<SessionView>,
    /// Changes that wait for their acknowledgement.
    pub unacknowledged: i64,
    /// When the oldest of them was observed.
    pub unacknowledged_since: Option<Timestamp>,
    /// Overtaken changes of the stored sessions.
    pub overtaken: i64,
}

impl Tracker {
    /// A summary of all sessions, with the views of `limit` of them at most.
    pub async fn overview(&self, limit: usize) -> Result<Overview, StateError> {
        let (now, callbacks) = (self.dependencies.clock.schedule_now(), self.options.callbacks);
        self.state
            .read(move |db| {
                let mut sessions = views(db, select!("order by s.changed_at desc"), &[], callbacks, now)?;
                let count = |verdict| sessions.iter().filter(|view| view.verdict == verdict).count();
                let tally = Verdict::ALL.iter().map(|verdict| (*verdict, count(*verdict))).collect();
                sessions.sort_by_key(|view| !view.verdict.needs_a_person());
                sessions.truncate(limit);
                let mut count = |sql: &'static str| db.one(sql, &[], |row| Ok(row.only()?));
                let unacknowledged = count("select count(*) from changes where acknowledged_at is null")?;
                let overtaken = count("select count(*) from changes where is_overtaken = 1")?;
                let since = "select min(heard_at) from changes where acknowledged_at is null";
                let since: Option<i64> = db.one(since, &[], |row| Ok(row.only()?))?;
                let unacknowledged_since = since.map(instant);
                Ok(Overview { tally, sessions, unacknowledged, unacknowledged_since, overtaken })
            })
            .await
    }

    /// The view of one session.
    pub async fn session(&self, session_id: &str) -> Result<Option<SessionView>, StateError> {
        let (now, callbacks) = (self.dependencies.clock.schedule_now(), self.options.callbacks);
        let id = session_id.to_string();
        let reading = move |db: &mut Database| {
            views(db, select!("where s.session_id = $1"), values![&id], callbacks, now)
        };
        Ok(self.state.read(reading).await?.into_iter().next())
    }

    /// Deletes old closed sessions whose changes are all acknowledged; returns their number.
    pub async fn delete_old(&self) -> Result<u64, StateError> {
        let before = plus_ms(self.dependencies.clock.schedule_now(), -self.options.keep_ms).as_millisecond();
        self.state
            .run(move |db| {
                for sql in [delete_closed!("events"), delete_closed!("orders"), delete_closed!("changes")] {
                    db.execute(sql, values![before])?;
                }
                // Last, because the condition needs the changes of the sessions: those deleted have none left.
                db.execute(delete_closed!("sessions"), values![before])
            })
            .await
    }
}

fn views(
    db: &mut Database,
    sql: Sql,
    values: &[Value<'_>],
    callbacks: CallbackReceiver,
    now: Timestamp,
) -> Result<Vec<SessionView>, StateError> {
    db.rows(sql, values, |row| view(row, callbacks, now))
}

fn view(row: &mut Row, callbacks: CallbackReceiver, now: Timestamp) -> Result<SessionView, StateError> {
    use session_view as of;
    let order = OrderColumns {
        state: of::order_state,
        order_id: of::order_id,
        fraud_status: of::fraud_status,
        why: of::why,
    };
    let input = VerdictInput {
        status: row.get::<Option<String>>(of::status)?.map(SessionStatus::from),
        updated_at: row.get::<Option<i64>>(of::updated_at)?.map(instant),
        changed_at: instant(row.get(of::changed_at)?),
        source: words::optional(row, of::source)?,
        callback_received: row.get(of::callback_heard)?,
        callbacks,
        overtaken: row.get(of::overtaken)?,
        unacknowledged_since: row.get::<Option<i64>>(of::unacknowledged_since)?.map(instant),
        order: orders::order_state(row, order)?,
        lacks_order: row.get(of::lacks_order)?,
        closed: words::optional(row, of::closed)?,
        last_failure: row.get(of::last_failure)?,
    };
    let (verdict, why) = input.verdict(now);
    Ok(SessionView {
        session_id: row.get(of::session_id)?,
        reference: row.get(of::reference)?,
        status: input.status,
        updated_at: input.updated_at,
        next_read_at: row.get::<Option<i64>>(of::next_read_at)?.map(instant),
        order: input.order,
        verdict,
        why,
    })
}
