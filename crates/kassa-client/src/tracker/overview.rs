//! What people see: each session with its verdict, and how many stand how.

use jiff::Timestamp;
use kassa_sql::{Row, Sql, Value, columns, sql, values};
use serde::Serialize;

use super::orders::{self, OrderColumns, OrderOutcome};
use super::state::Database;
use super::verdict::{Closed, Source, Standing, Verdict};
use super::{Callbacks, StateError, Tracker};
use crate::clock::{instant, plus_ms};
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
        order_id = "o.order_id",
        why = "o.why",
    }
}

/// Reads sessions; which of them is said behind it.
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

/// Takes rows of sessions away that were closed before `$1` and of which everything was acknowledged.
macro_rules! forget {
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

/// All sessions at a glance.
#[derive(Clone, Debug)]
pub struct Overview {
    /// How many stand how.
    pub tally: Vec<(Verdict, usize)>,
    /// Those that need a person, then the others; of each, what was heard of last comes first.
    pub sessions: Vec<SessionView>,
    /// Changes that wait for their acknowledgement.
    pub unacknowledged: i64,
    /// When the oldest of them was heard of.
    pub unacknowledged_since: Option<Timestamp>,
    /// Changes that came too late to be told in order, of the sessions that are remembered.
    pub overtaken: i64,
}

impl Tracker {
    /// All sessions at a glance, and so many of them.
    pub async fn overview(&self, limit: usize) -> Result<Overview, StateError> {
        let (now, callbacks) = (self.surroundings.clock.now(), self.options.callbacks);
        self.state
            .look(move |db| {
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

    /// One session.
    pub async fn session(&self, session_id: &str) -> Result<Option<SessionView>, StateError> {
        let (now, callbacks) = (self.surroundings.clock.now(), self.options.callbacks);
        let id = session_id.to_string();
        let look = move |db: &mut Database| {
            views(db, select!("where s.session_id = $1"), values![&id], callbacks, now)
        };
        Ok(self.state.look(look).await?.into_iter().next())
    }

    /// Forgets sessions that were closed long ago and of which everything was acknowledged; says how many.
    pub async fn forget_old(&self) -> Result<u64, StateError> {
        let before = plus_ms(self.surroundings.clock.now(), -self.options.keep_ms).as_millisecond();
        self.state
            .run(move |db| {
                for sql in [forget!("events"), forget!("orders"), forget!("changes")] {
                    db.execute(sql, values![before])?;
                }
                // Its changes are gone by now, so none of them is unacknowledged.
                db.execute(forget!("sessions"), values![before])
            })
            .await
    }
}

fn views(
    db: &mut Database,
    sql: Sql,
    values: &[Value<'_>],
    callbacks: Callbacks,
    now: Timestamp,
) -> Result<Vec<SessionView>, StateError> {
    db.rows(sql, values, |row| view(row, callbacks, now))
}

fn view(row: &mut Row, callbacks: Callbacks, now: Timestamp) -> Result<SessionView, StateError> {
    use session_view as of;
    let source: Option<String> = row.get(of::source)?;
    let closed: Option<String> = row.get(of::closed)?;
    let order = OrderColumns { state: of::order_state, order_id: of::order_id, why: of::why };
    let standing = Standing {
        status: row.get::<Option<String>>(of::status)?.map(Status::from),
        updated_at: row.get::<Option<i64>>(of::updated_at)?.map(instant),
        changed_at: instant(row.get(of::changed_at)?),
        source: source.as_deref().map(Source::of),
        callback_heard: row.get(of::callback_heard)?,
        callbacks,
        overtaken: row.get(of::overtaken)?,
        unacknowledged_since: row.get::<Option<i64>>(of::unacknowledged_since)?.map(instant),
        order: orders::outcome(row, order)?,
        closed: closed.map(|word| if word == "final" { Closed::Final } else { Closed::Expired }),
        last_failure: row.get(of::last_failure)?,
    };
    let (verdict, why) = standing.verdict(now);
    Ok(SessionView {
        session_id: row.get(of::session_id)?,
        reference: row.get(of::reference)?,
        status: standing.status,
        updated_at: standing.updated_at,
        next_read_at: row.get::<Option<i64>>(of::next_read_at)?.map(instant),
        order: standing.order,
        verdict,
        why,
    })
}
