//! The tracker places orders: one for each authorization.
//!
//! The transaction that stores `COMPLETED` also stores the intended order, so a crash cannot separate them. A call that
//! a crash interrupted is repeated when its lease ends. The token is the idempotency key, so the second call returns
//! the order of the first (docs/wire.md#place-an-order). The tracker reports `COMPLETED` together with the order's
//! outcome.
//!
//! The service decides whether a token is too old. The tracker never compares its own clock with the service's: it asks
//! until it gets a final answer, and gives up only if it got none in a token's whole lifetime.

mod outcome;

use futures_util::future::join_all;
use jiff::Timestamp;
use kassa_sql::{Column, Row, columns, sql, values};
use serde_json::Value;

use super::state::Database;
use super::{POLL_MS, RETRY_BACKOFF, StateError, Tracker};
use crate::client::ClientError;
use crate::clock::{instant, ms_between, plus_ms};
use crate::fraud_status::FraudStatus;
use crate::random::below;
use crate::snapshot::Snapshot;
use crate::status::Status;
use outcome::is_final;

pub use outcome::{OrderOutcome, OrderState};

/// The lifetime of an authorization token after its session was completed (docs/wire.md#lifetimes), in milliseconds.
pub(super) const TOKEN_LIFETIME_MS: i64 = 60 * 60_000;

/// The minimum number of attempts in the lifetime of a token. A clock that jumps ahead makes none, so it cannot make
/// the tracker give up.
const ATTEMPTS_OF_A_LIFETIME: i64 = 45;

/// A due time that never comes: the change waits for the outcome of its order.
const NEVER: Timestamp = Timestamp::MAX;

/// The maximum number of orders placed concurrently.
const CONCURRENT_ORDERS: i64 = 8;

/// An order that was claimed for an attempt.
struct Due {
    session_id: String,
    /// `None` if the observed session had none.
    token: Option<String>,
    /// The order that the service itself placed.
    order_id: Option<String>,
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
        let outcome = match self.attempt(&due).await {
            Ok(outcome) => outcome,
            Err(error) if is_final(&error) => {
                OrderOutcome::not_placed(OrderState::Refused, error.to_string())
            }
            Err(error) if self.has_tried_for_a_lifetime(&due) => {
                let why = format!("the service gave no final answer while the token was valid: {error}");
                OrderOutcome::not_placed(OrderState::TooLate, why)
            }
            Err(error) => return self.retry_later(due, error.to_string()).await,
        };
        self.store_outcome(due.session_id, outcome).await
    }

    async fn attempt(&self, due: &Due) -> Result<OrderOutcome, ClientError> {
        let (mut token, mut order_id) = (due.token.clone(), due.order_id.clone());
        if token.is_none() && order_id.is_none() {
            // A callback may leave out what a read shows.
            let session = self.client.read_session(&due.session_id).await?.value;
            (token, order_id) = (session.authorization_token, session.order_id);
        }
        match (token, order_id) {
            (Some(token), _) => {
                let body: Value = serde_json::from_str(&due.body).unwrap_or_default();
                Ok(OrderOutcome::placed(self.client.create_order(&token, &body).await?.value))
            }
            (None, Some(order_id)) => {
                // Without an answer, the change is reported with the order: it must not wait for Order Management.
                let fraud_status = self.client.read_fraud_status(&order_id).await.ok().flatten();
                Ok(OrderOutcome::placed_by_the_service(order_id, fraud_status))
            }
            (None, None) => {
                let why = "the session is COMPLETED with neither an authorization token nor an order";
                Ok(OrderOutcome::not_placed(OrderState::NoToken, why.to_string()))
            }
        }
    }

    /// Whether the tracker has asked for as long as a token is valid. Both conditions are needed: a clock may jump
    /// ahead, and a process that crashes again and again makes many attempts in a short time.
    fn has_tried_for_a_lifetime(&self, due: &Due) -> bool {
        let asked_ms = ms_between(due.intended_at, self.surroundings.clock.schedule_now());
        asked_ms >= TOKEN_LIFETIME_MS && due.attempts >= ATTEMPTS_OF_A_LIFETIME
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
        let due_at = plus_ms(now, pause);
        let sql = "update orders set due_at = $1, why = $2 where session_id = $3 and state = 'intended'";
        let due_at = due_at.as_millisecond();
        self.state.run(move |db| db.execute(sql, values![due_at, &why, &due.session_id]).map(drop)).await
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

/// Makes the order of a completed session due, if there is one. The change waits for the outcome. If the service itself
/// placed the order, the outcome is that order.
pub(super) fn intend(db: &mut Database, snapshot: &Snapshot, now: Timestamp) -> Result<(), StateError> {
    if snapshot.status != Status::Completed {
        return Ok(());
    }
    // A tracker of the first version refuses an empty token, but cannot read a missing one.
    let token = snapshot.authorization_token.as_deref().unwrap_or_default();
    let ends_at = plus_ms(snapshot.updated_at, TOKEN_LIFETIME_MS).as_millisecond();
    let now = now.as_millisecond();
    let sql =
        "update orders set state = 'intended', token = $1, token_ends_at = $2, due_at = $3, intended_at = $3,
                 order_id = $4
               where session_id = $5 and state = 'awaited'";
    let id = &snapshot.session_id;
    if db.execute(sql, values![token, ends_at, now, &snapshot.order_id, id])? == 1 {
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
        Ok(Due {
            session_id: row.get(due::session_id)?,
            token: row.get::<Option<String>>(due::token)?.filter(|token| !token.is_empty()),
            order_id: row.get(due::order_id)?,
            body: row.get(due::body)?,
            intended_at: instant(row.get(due::intended_at)?),
            attempts: row.get(due::attempts)?,
        })
    })
}

fn store_outcome_row(
    db: &mut Database,
    session_id: &str,
    outcome: &OrderOutcome,
    now: Timestamp,
) -> Result<(), StateError> {
    let OrderOutcome { state, order_id, fraud_status, why } = outcome;
    let fraud_status = fraud_status.as_ref().map(FraudStatus::as_str);
    let sql = "update orders set state = $1, order_id = $2, why = $3, due_at = null, fraud_status = $4
               where session_id = $5 and state = 'intended'";
    db.execute(sql, values![state.as_str(), order_id, why, fraud_status, session_id])?;
    let sql = "update changes set due_at = $1
               where session_id = $2 and is_final = 1 and acknowledged_at is null and claim = 0 and due_at > $1";
    db.execute(sql, values![now.as_millisecond(), session_id]).map(drop)
}

/// The outcome of a session's order, if the tracker places one.
pub(super) fn find(db: &mut Database, session_id: &str) -> Result<Option<OrderOutcome>, StateError> {
    let sql = sql!("select {known_order} from orders where session_id = $1", known_order);
    let columns = OrderColumns {
        state: known_order::state,
        order_id: known_order::order_id,
        fraud_status: known_order::fraud_status,
        why: known_order::why,
    };
    Ok(db.first(sql, values![session_id], |row| outcome(row, columns))?.flatten())
}

/// The columns of an order's outcome in a row.
#[derive(Clone, Copy)]
pub(super) struct OrderColumns {
    pub(super) state: Column,
    pub(super) order_id: Column,
    pub(super) fraud_status: Column,
    pub(super) why: Column,
}

/// Reads the outcome of an order; `None` if the row has no order.
pub(super) fn outcome(row: &mut Row, columns: OrderColumns) -> Result<Option<OrderOutcome>, StateError> {
    let Some(state) = row.get::<Option<String>>(columns.state)? else { return Ok(None) };
    Ok(Some(OrderOutcome {
        state: OrderState::of(&state),
        order_id: row.get(columns.order_id)?,
        fraud_status: row.get::<Option<String>>(columns.fraud_status)?.map(FraudStatus::from),
        why: row.get(columns.why)?,
    }))
}
