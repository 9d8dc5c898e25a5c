//! The tracker places orders: one for each authorization.
//!
//! The transaction that stores `COMPLETED` also stores the intended order, so a crash cannot separate them. A call that
//! a crash interrupted is repeated when its lease ends. The token is the idempotency key, so the second call returns
//! the order of the first (docs/wire.md#place-an-order). The tracker reports `COMPLETED` together with the order's
//! outcome.
//!
//! The service decides whether a token is too old. The tracker never compares its own clock with the service's: it asks
//! until it gets a final answer, and gives up only if it got none in a token's whole lifetime.

mod state;

use futures_util::future::join_all;
use jiff::Timestamp;
use kassa_sql::{Column, Row, columns, sql, values};
use kassa_wire::snapshot::SessionSnapshot;
use kassa_wire::status::{Completion, SessionState};
use serde_json::Value;

use super::state::Database;
use super::words::{self, OrderWord};
use super::{POLL_MS, RETRY_BACKOFF, StateError, Tracker};
use crate::client::ClientError;
use crate::clock::{instant, ms_between, plus_ms};
use crate::random::below;
use state::is_final;

pub(super) use state::OrderRow;
pub use state::OrderState;

/// The lifetime of an authorization token after its session was completed (docs/wire.md#lifetimes), in milliseconds.
pub(super) const TOKEN_LIFETIME_MS: i64 = 60 * 60_000;

/// The minimum number of attempts in the lifetime of a token. A clock that jumps ahead makes none, so it cannot make the
/// tracker give up.
const ATTEMPTS_OF_A_LIFETIME: i64 = 45;

/// A due time that never comes: the change waits for the outcome of its order.
const NEVER: Timestamp = Timestamp::MAX;

/// The maximum number of orders placed concurrently.
const CONCURRENT_ORDERS: i64 = 8;

/// An order that was claimed for an attempt.
struct Due {
    session_id: String,
    /// The result of the payment, as observed. A callback may leave out what a read shows.
    completion: Completion,
    body: String,
    /// When the tracker learned that the order can be placed.
    intended_at: Timestamp,
    attempts: i64,
}

columns! {
    due { session_id, token, order_id, body, intended_at = "coalesce(intended_at, 0)", attempts }
    known_order { state, order_id, fraud_status, why }
}

impl Tracker {
    pub(super) async fn place_orders_forever(&self) {
        loop {
            if self.or_default(self.place_due().await) > 0 {
                continue;
            }
            let clock = &self.dependencies.clock;
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
        let now = self.dependencies.clock.schedule_now();
        let leased_until = plus_ms(now, self.call_lease_ms);
        let due = self.state.run(move |db| claim(db, now, leased_until)).await?;
        let count = due.len();
        for placed in join_all(due.into_iter().map(|due| self.place(due))).await {
            placed?;
        }
        Ok(count)
    }

    async fn place(&self, due: Due) -> Result<(), StateError> {
        let outcome = match self.attempt(&due).await {
            Ok(outcome) => outcome,
            Err(error) if is_final(&error) => OrderState::Refused { why: error.to_string() },
            Err(error) if self.has_tried_for_a_lifetime(&due) => {
                let why = format!("the service gave no final answer while the token was valid: {error}");
                OrderState::TooLate { why }
            }
            Err(error) => return self.retry_later(due, error.to_string()).await,
        };
        self.store_outcome(due.session_id, outcome).await
    }

    async fn attempt(&self, due: &Due) -> Result<OrderState, ClientError> {
        let completion = match &due.completion {
            Completion::Absent => {
                let session = self.client.read_session(&due.session_id).await?.value;
                session.state.completion().cloned().unwrap_or(Completion::Absent)
            }
            known @ (Completion::Token(_) | Completion::Order { .. }) => known.clone(),
        };
        match completion {
            Completion::Token(token) => {
                let body: Value = serde_json::from_str(&due.body).unwrap_or_default();
                Ok(OrderState::placed(self.client.create_order(&token, &body).await?.value))
            }
            Completion::Order { order_id, .. } => {
                // Without an answer, the change is reported with the order: it must not wait for Order Management.
                let fraud_status = self.client.read_fraud_status(&order_id).await.ok().flatten();
                Ok(OrderState::Placed { order_id, fraud_status })
            }
            Completion::Absent => {
                let why = "the session is COMPLETED with neither an authorization token nor an order";
                Ok(OrderState::NoToken { why: why.to_string() })
            }
        }
    }

    /// Whether the tracker has asked for as long as a token is valid. Both conditions are needed: a clock may jump ahead,
    /// and a process that crashes again and again makes many attempts in a short time.
    fn has_tried_for_a_lifetime(&self, due: &Due) -> bool {
        let asked_ms = ms_between(due.intended_at, self.dependencies.clock.schedule_now());
        asked_ms >= TOKEN_LIFETIME_MS && due.attempts >= ATTEMPTS_OF_A_LIFETIME
    }

    /// Stores an order's outcome, and makes the change that waited for it due.
    async fn store_outcome(&self, session_id: String, outcome: OrderState) -> Result<(), StateError> {
        self.monitor.order_ended(&session_id, &outcome);
        let now = self.dependencies.clock.schedule_now();
        self.state.run(move |db| store_outcome_row(db, &session_id, &outcome, now)).await?;
        self.changed.notify_waiters();
        Ok(())
    }

    async fn retry_later(&self, due: Due, why: String) -> Result<(), StateError> {
        let now = self.dependencies.clock.schedule_now();
        self.monitor.order_failed(&due.session_id, &why, now);
        let pause = RETRY_BACKOFF.pause_ms(due.attempts, |limit| below(&*self.dependencies.random, limit));
        let due_at = plus_ms(now, pause);
        let sql = "update orders set due_at = $1, why = $2 where session_id = $3 and state = $4";
        let (due_at, placing) = (due_at.as_millisecond(), OrderWord::Placing.as_str());
        self.state
            .run(move |db| db.execute(sql, values![due_at, &why, &due.session_id, placing]).map(drop))
            .await
    }
}

/// Stores the order to place for a session. If the session is already completed, the order is due at once.
pub(super) fn store_registered(
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
        Some(snapshot) => plan(db, &snapshot, now),
        None => Ok(()),
    }
}

/// Makes the order of a completed session due, if there is one. The change waits for the outcome. If the service itself
/// placed the order, the outcome is that order.
pub(super) fn plan(db: &mut Database, snapshot: &SessionSnapshot, now: Timestamp) -> Result<(), StateError> {
    let SessionState::Completed(completion) = &snapshot.state else { return Ok(()) };
    // A tracker of the first version refuses an empty token, but cannot read a missing one.
    let token = completion.token().unwrap_or_default();
    let ends_at = plus_ms(snapshot.updated_at.timestamp(), TOKEN_LIFETIME_MS).as_millisecond();
    let now = now.as_millisecond();
    let sql = "update orders set state = $1, token = $2, token_ends_at = $3, due_at = $4, intended_at = $4,
                 order_id = $5
               where session_id = $6 and state = $7";
    let id = &snapshot.session_id;
    let (placing, awaited) = (OrderWord::Placing.as_str(), OrderWord::Awaited.as_str());
    if db.execute(sql, values![placing, token, ends_at, now, completion.order_id(), id, awaited])? == 1 {
        let sql = "update changes set due_at = $1
                   where session_id = $2 and is_final = 1 and acknowledged_at is null and claim = 0 and due_at < $1";
        db.execute(sql, values![NEVER.as_millisecond(), id])?;
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
        let token = row.get::<Option<String>>(due::token)?.filter(|token| !token.is_empty());
        let order_id: Option<String> = row.get(due::order_id)?;
        let order = order_id.map(|order_id| Completion::Order { order_id, klarna_reference: None });
        Ok(Due {
            session_id: row.get(due::session_id)?,
            completion: token.map(Completion::Token).or(order).unwrap_or(Completion::Absent),
            body: row.get(due::body)?,
            intended_at: instant(row.get(due::intended_at)?),
            attempts: row.get(due::attempts)?,
        })
    })
}

fn store_outcome_row(
    db: &mut Database,
    session_id: &str,
    outcome: &OrderState,
    now: Timestamp,
) -> Result<(), StateError> {
    let OrderRow { state, order_id, fraud_status, why } = outcome.row();
    let sql = "update orders set state = $1, order_id = $2, why = $3, due_at = null, fraud_status = $4
               where session_id = $5 and state = $6";
    let placing = OrderWord::Placing.as_str();
    db.execute(sql, values![state.as_str(), order_id, why, fraud_status, session_id, placing])?;
    let sql = "update changes set due_at = $1
               where session_id = $2 and is_final = 1 and acknowledged_at is null and claim = 0 and due_at > $1";
    db.execute(sql, values![now.as_millisecond(), session_id]).map(drop)
}

/// The state of a session's order, if the tracker places one.
pub(super) fn find(db: &mut Database, session_id: &str) -> Result<Option<OrderState>, StateError> {
    let sql = sql!("select {known_order} from orders where session_id = $1", known_order);
    let columns = OrderColumns {
        state: known_order::state,
        order_id: known_order::order_id,
        fraud_status: known_order::fraud_status,
        why: known_order::why,
    };
    Ok(db.first(sql, values![session_id], |row| order_state(row, columns))?.flatten())
}

/// The columns of an order's state in a row.
#[derive(Clone, Copy)]
pub(super) struct OrderColumns {
    pub(super) state: Column,
    pub(super) order_id: Column,
    pub(super) fraud_status: Column,
    pub(super) why: Column,
}

/// Reads the state of an order; `None` if the row has no order.
pub(super) fn order_state(row: &mut Row, columns: OrderColumns) -> Result<Option<OrderState>, StateError> {
    let Some(state) = words::optional(row, columns.state)? else { return Ok(None) };
    let row = OrderRow {
        state,
        order_id: row.get(columns.order_id)?,
        fraud_status: row.get(columns.fraud_status)?,
        why: row.get(columns.why)?,
    };
    OrderState::try_from(row).map(Some)
}
