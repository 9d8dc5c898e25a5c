//! The tracker places orders: one for each authorization, before its token ends.
//!
//! The transaction that stores `COMPLETED` also stores the intended order, so a crash cannot separate them. A call that
//! a crash interrupted is repeated when its lease ends. The token is the idempotency key, so the second call returns
//! the order of the first (docs/wire.md#place-an-order). The tracker reports `COMPLETED` together with the order's
//! outcome.

use futures_util::future::join_all;
use jiff::Timestamp;
use kassa_sql::{Column, Row, columns, sql, values};
use serde::Serialize;
use serde_json::Value;

use super::state::Database;
use super::{POLL_MS, RETRY_BACKOFF, StateError, Tracker};
use crate::client::ClientError;
use crate::clock::{instant, plus_ms};
use crate::random::below;
use crate::snapshot::Snapshot;

/// The lifetime of an authorization token after its session was completed (docs/wire.md#lifetimes), in milliseconds.
pub(super) const TOKEN_LIFETIME_MS: i64 = 60 * 60_000;

/// The maximum number of orders placed concurrently.
const CONCURRENT_ORDERS: i64 = 8;

/// The state of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// The session is not completed yet.
    Awaited,
    /// The tracker is placing the order.
    Intended,
    /// The order was placed.
    Placed,
    /// The service refused the order; a retry would not help.
    Refused,
    /// The token ended before the order was placed.
    TooLate,
}

impl OrderState {
    const WORDS: [(&'static str, Self); 5] = [
        ("awaited", Self::Awaited),
        ("intended", Self::Intended),
        ("placed", Self::Placed),
        ("refused", Self::Refused),
        ("too_late", Self::TooLate),
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Awaited => "awaited",
            Self::Intended => "intended",
            Self::Placed => "placed",
            Self::Refused => "refused",
            Self::TooLate => "too_late",
        }
    }

    fn of(word: &str) -> Self {
        let known = Self::WORDS.into_iter().find(|(known, _)| *known == word);
        known.map_or(Self::Intended, |(_, state)| state)
    }
}

/// The outcome of an order so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderOutcome {
    /// The state of the order.
    pub state: OrderState,
    /// The order's id, once it is placed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The reason if it is not placed, or not yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// An order that was claimed for an attempt.
struct Due {
    session_id: String,
    token: String,
    body: String,
    token_ends_at: Timestamp,
    attempts: i64,
    why: Option<String>,
}

columns! {
    due { session_id, token, body, token_ends_at, attempts, why }
    known_order { state, order_id, why }
}

impl Tracker {
    pub(super) async fn place_orders_forever(&self) {
        loop {
            if self.or_default(self.place_due().await) > 0 {
                continue;
            }
            let clock = &self.surroundings.clock;
            tokio::select! {
                () = clock.sleep_until(plus_ms(clock.schedule_now(), POLL_MS)) => {}
                () = self.order_planned.notified() => {}
            }
        }
    }

    /// Places the due orders; returns the number of attempts. For programs that do not use [`Tracker::work_forever`].
    pub async fn place_due(&self) -> Result<usize, StateError> {
        if self.client.paused_until().is_some() {
            return Ok(0);
        }
        let now = self.surroundings.clock.schedule_now();
        let leased_until = plus_ms(now, self.call_lease_ms);
        let due = self.state.run(move |db| claim(db, now, leased_until)).await?;
        let count = due.len();
        for placed in join_all(due.into_iter().map(|due| self.place(due))).await {
            placed?;
        }
        Ok(count)
    }

    async fn place(&self, due: Due) -> Result<(), StateError> {
        let now = self.surroundings.clock.schedule_now();
        if now >= due.token_ends_at {
            let reason = due.why.unwrap_or_else(|| "no tracker was running".to_string());
            let why = Some(format!("the token ended before the order was placed: {reason}"));
            let late = OrderOutcome { state: OrderState::TooLate, order_id: None, why };
            return self.store_outcome(due.session_id, late).await;
        }
        let body: Value = serde_json::from_str(&due.body).unwrap_or_default();
        match self.client.create_order(&due.token, &body).await {
            Ok(order) => {
                let order_id = Some(order.value.order_id);
                let placed = OrderOutcome { state: OrderState::Placed, order_id, why: None };
                self.store_outcome(due.session_id, placed).await
            }
            Err(error) if is_permanent(&error) => {
                let why = Some(error.to_string());
                let refused = OrderOutcome { state: OrderState::Refused, order_id: None, why };
                self.store_outcome(due.session_id, refused).await
            }
            Err(error) => self.retry_later(due, error.to_string()).await,
        }
    }

    /// Stores an order's outcome, and makes the change that waited for it due.
    async fn store_outcome(&self, session_id: String, outcome: OrderOutcome) -> Result<(), StateError> {
        self.monitor.order_ended(&session_id, &outcome);
        let now = self.surroundings.clock.schedule_now();
        self.state.run(move |db| store_outcome_row(db, &session_id, &outcome, now)).await?;
        self.changed.notify_waiters();
        Ok(())
    }

    async fn retry_later(&self, due: Due, why: String) -> Result<(), StateError> {
        let now = self.surroundings.clock.schedule_now();
        self.monitor.order_failed(&due.session_id, &why, now);
        let pause = RETRY_BACKOFF.pause_ms(due.attempts, |limit| below(&*self.surroundings.random, limit));
        let due_at = plus_ms(now, pause).min(due.token_ends_at);
        let sql = "update orders set due_at = $1, why = $2 where session_id = $3 and state = 'intended'";
        let due_at = due_at.as_millisecond();
        self.state.run(move |db| db.execute(sql, values![due_at, &why, &due.session_id]).map(drop)).await
    }
}

/// Whether a retry cannot help. A wrong credential, a missing permission or a used-up rate limit can be fixed in time,
/// and a retry is safe.
fn is_permanent(error: &ClientError) -> bool {
    match error {
        ClientError::Refused { status, .. } => {
            (400..500).contains(status) && !matches!(status, 401 | 403 | 408 | 429)
        }
        ClientError::Unsendable(_) => true,
        ClientError::Unanswered(_) | ClientError::Unreadable { .. } => false,
    }
}

/// Stores the order to place for a session. If the session is already completed, the order is due at once.
pub(super) fn expect(
    db: &mut Database,
    session_id: &str,
    order: &Value,
    now: Timestamp,
) -> Result<(), StateError> {
    let sql = "insert into orders (session_id, body) values ($1, $2) on conflict do nothing";
    db.execute(sql, values![session_id, &order.to_string()])?;
    let sql = "select snapshot from changes where session_id = $1 and is_final = 1 and is_overtaken = 0";
    let final_change: Option<String> = db.first(sql, values![session_id], |row| Ok(row.only()?))?;
    match final_change.and_then(|json| serde_json::from_str(&json).ok()) {
        Some(snapshot) => intend(db, &snapshot, now),
        None => Ok(()),
    }
}

/// Makes the order of a completed session due, if there is one. The change waits for the order, but no longer than the
/// token is valid.
pub(super) fn intend(db: &mut Database, snapshot: &Snapshot, now: Timestamp) -> Result<(), StateError> {
    let Some(token) = &snapshot.authorization_token else { return Ok(()) };
    let ends_at = plus_ms(snapshot.updated_at, TOKEN_LIFETIME_MS).as_millisecond();
    let sql = "update orders set state = 'intended', token = $1, token_ends_at = $2, due_at = $3
               where session_id = $4 and state = 'awaited'";
    let id = &snapshot.session_id;
    if db.execute(sql, values![token, ends_at, now.as_millisecond(), id])? == 1 {
        let sql = "update changes set due_at = $1
                   where session_id = $2 and is_final = 1 and acknowledged_at is null and claim = 0 and due_at < $1";
        db.execute(sql, values![ends_at, id])?;
    }
    Ok(())
}

fn claim(db: &mut Database, now: Timestamp, leased_until: Timestamp) -> Result<Vec<Due>, StateError> {
    let sql = sql!(
        "update orders set due_at = $1, attempts = attempts + 1
               where session_id in (select session_id from orders where due_at <= $2 order by due_at limit $3)
               returning {due}",
        due
    );
    let (now, leased_until) = (now.as_millisecond(), leased_until.as_millisecond());
    db.rows(sql, values![leased_until, now, CONCURRENT_ORDERS], |row| {
        Ok(Due {
            session_id: row.get(due::session_id)?,
            token: row.get(due::token)?,
            body: row.get(due::body)?,
            token_ends_at: instant(row.get(due::token_ends_at)?),
            attempts: row.get(due::attempts)?,
            why: row.get(due::why)?,
        })
    })
}

fn store_outcome_row(
    db: &mut Database,
    session_id: &str,
    outcome: &OrderOutcome,
    now: Timestamp,
) -> Result<(), StateError> {
    let OrderOutcome { state, order_id, why } = outcome;
    let sql = "update orders set state = $1, order_id = $2, why = $3, due_at = null
               where session_id = $4 and state = 'intended'";
    db.execute(sql, values![state.as_str(), order_id, why, session_id])?;
    let sql = "update changes set due_at = $1
               where session_id = $2 and is_final = 1 and acknowledged_at is null and claim = 0 and due_at > $1";
    db.execute(sql, values![now.as_millisecond(), session_id]).map(drop)
}

/// The outcome of a session's order, if the tracker places one.
pub(super) fn find(db: &mut Database, session_id: &str) -> Result<Option<OrderOutcome>, StateError> {
    let sql = sql!("select {known_order} from orders where session_id = $1", known_order);
    let columns =
        OrderColumns { state: known_order::state, order_id: known_order::order_id, why: known_order::why };
    Ok(db.first(sql, values![session_id], |row| outcome(row, columns))?.flatten())
}

/// The columns of an order's outcome in a row.
#[derive(Clone, Copy)]
pub(super) struct OrderColumns {
    pub(super) state: Column,
    pub(super) order_id: Column,
    pub(super) why: Column,
}

/// Reads the outcome of an order; `None` if the row has no order.
pub(super) fn outcome(row: &mut Row, columns: OrderColumns) -> Result<Option<OrderOutcome>, StateError> {
    let Some(state) = row.get::<Option<String>>(columns.state)? else { return Ok(None) };
    let (order_id, why) = (row.get(columns.order_id)?, row.get(columns.why)?);
    Ok(Some(OrderOutcome { state: OrderState::of(&state), order_id, why }))
}
