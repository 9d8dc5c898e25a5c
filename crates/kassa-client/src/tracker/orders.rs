//! The step that places orders: once for each authorization, before its token ends, through any crash.
//!
//! The intention is written in the transaction that keeps `COMPLETED`, so there is no moment at which the one is known
//! and the other is not. A call that was under way at a crash is made again when its lease ends: the token is its
//! idempotency key, so a second call answers with the order of the first (spec 6.1). `COMPLETED` is told once the
//! order is settled, together with what became of it.

use futures_util::future::join_all;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::state::{Database, Row, values};
use super::{BETWEEN_ATTEMPTS, LOOK_AGAIN_MS, StateError, Tracker};
use crate::client::ClientError;
use crate::clock::{instant, plus_ms};
use crate::random::below;
use crate::snapshot::Snapshot;

/// An authorization token is valid for so long after its session was completed (spec 0.3), in milliseconds.
pub(super) const TOKEN_LIFE_MS: i64 = 60 * 60_000;

/// Orders placed at once.
const SIDE_BY_SIDE: i64 = 8;

/// What became of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// The session is not completed.
    Awaited,
    /// It is to be placed now.
    Intended,
    /// It was placed.
    Placed,
    /// The service refused it, and will again.
    Refused,
    /// The token ended before the service could be reached.
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

/// An order as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderOutcome {
    /// What became of it.
    pub state: OrderState,
    /// The order, once it was placed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// Why it was not placed, or not yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// An order whose turn it is.
struct Due {
    session_id: String,
    token: String,
    body: String,
    token_ends_at: Timestamp,
    attempts: i64,
    why: Option<String>,
}

impl Tracker {
    pub(super) async fn order_forever(&self) {
        loop {
            if self.or_nothing(self.place_due().await) > 0 {
                continue;
            }
            let clock = &self.surroundings.clock;
            tokio::select! {
                () = clock.sleep_until(plus_ms(clock.now(), LOOK_AGAIN_MS)) => {}
                () = self.ordered.notified() => {}
            }
        }
    }

    /// Places the orders that are due, and answers with how many it tried. For those who drive the tracker themselves.
    pub async fn place_due(&self) -> Result<usize, StateError> {
        if self.client.paused_until().is_some() {
            return Ok(0);
        }
        let now = self.surroundings.clock.now();
        let leased_until = plus_ms(now, self.call_lease_ms);
        let due = self.state.run(move |db| claim(db, now, leased_until)).await?;
        let count = due.len();
        for placed in join_all(due.into_iter().map(|due| self.place(due))).await {
            placed?;
        }
        Ok(count)
    }

    async fn place(&self, due: Due) -> Result<(), StateError> {
        let now = self.surroundings.clock.now();
        if now >= due.token_ends_at {
            let reason = due.why.unwrap_or_else(|| "nothing was running".to_string());
            let why = Some(format!("the token ended before the order was placed: {reason}"));
            let late = OrderOutcome { state: OrderState::TooLate, order_id: None, why };
            return self.settle_order(due.session_id, late).await;
        }
        let body: Value = serde_json::from_str(&due.body).unwrap_or_default();
        match self.client.create_order(&due.token, &body).await {
            Ok(order) => {
                let order_id = Some(order.value.order_id);
                let placed = OrderOutcome { state: OrderState::Placed, order_id, why: None };
                self.settle_order(due.session_id, placed).await
            }
            Err(error) if is_for_good(&error) => {
                let why = Some(error.to_string());
                let refused = OrderOutcome { state: OrderState::Refused, order_id: None, why };
                self.settle_order(due.session_id, refused).await
            }
            Err(error) => self.put_off(due, error.to_string()).await,
        }
    }

    /// Writes down what became of an order, and lets the change be told that waited for it.
    async fn settle_order(&self, session_id: String, outcome: OrderOutcome) -> Result<(), StateError> {
        self.monitor.order_settled(&session_id, &outcome);
        let now = self.surroundings.clock.now();
        self.state.run(move |db| settle(db, &session_id, &outcome, now)).await?;
        self.changed.notify_waiters();
        Ok(())
    }

    async fn put_off(&self, due: Due, why: String) -> Result<(), StateError> {
        let now = self.surroundings.clock.now();
        self.monitor.order_put_off(&due.session_id, &why, now);
        let pause = BETWEEN_ATTEMPTS.pause_ms(due.attempts, |limit| below(&*self.surroundings.random, limit));
        let due_at = plus_ms(now, pause).min(due.token_ends_at);
        let sql = "update orders set due_at = $1, why = $2 where session_id = $3 and state = 'intended'";
        let due_at = due_at.as_millisecond();
        self.state.run(move |db| db.execute(sql, values![due_at, &why, &due.session_id]).map(drop)).await
    }
}

/// Whether repeating can change nothing. A wrong credential, a missing permission and a full allowance are mended in
/// time, and a repeat is safe.
fn is_for_good(error: &ClientError) -> bool {
    match error {
        ClientError::Refused { status, .. } => {
            (400..500).contains(status) && !matches!(status, 401 | 403 | 408 | 429)
        }
        ClientError::Unsendable(_) => true,
        ClientError::Unanswered(_) | ClientError::Unreadable { .. } => false,
    }
}

/// Remembers the order of a session. Where the session was completed before it was registered, the order is to be
/// placed at once.
pub(super) fn expect(
    db: &mut Database,
    session_id: &str,
    order: &Value,
    now: Timestamp,
) -> Result<(), StateError> {
    let sql = "insert into orders (session_id, body) values ($1, $2) on conflict do nothing";
    db.execute(sql, values![session_id, &order.to_string()])?;
    let sql = "select snapshot from changes where session_id = $1 and is_final = 1 and is_overtaken = 0";
    let ended: Option<String> = db.first(sql, values![session_id], |row| row.get(0))?;
    match ended.and_then(|json| serde_json::from_str(&json).ok()) {
        Some(snapshot) => intend(db, &snapshot, now),
        None => Ok(()),
    }
}

/// Writes the intention to place a completed session's order, where there is one. Its change waits for the order, but
/// no longer than the token lives.
pub(super) fn intend(db: &mut Database, snapshot: &Snapshot, now: Timestamp) -> Result<(), StateError> {
    let Some(token) = &snapshot.authorization_token else { return Ok(()) };
    let ends_at = plus_ms(snapshot.updated_at, TOKEN_LIFE_MS).as_millisecond();
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
    let sql = "update orders set due_at = $1, attempts = attempts + 1
               where session_id in (select session_id from orders where due_at <= $2 order by due_at limit $3)
               returning session_id, token, body, token_ends_at, attempts, why";
    let (now, leased_until) = (now.as_millisecond(), leased_until.as_millisecond());
    db.rows(sql, values![leased_until, now, SIDE_BY_SIDE], |row| {
        Ok(Due {
            session_id: row.get(0)?,
            token: row.get(1)?,
            body: row.get(2)?,
            token_ends_at: instant(row.get(3)?),
            attempts: row.get(4)?,
            why: row.get(5)?,
        })
    })
}

fn settle(
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

/// What is known of a session's order, where there is one.
pub(super) fn find(db: &mut Database, session_id: &str) -> Result<Option<OrderOutcome>, StateError> {
    let sql = "select state, order_id, why from orders where session_id = $1";
    Ok(db.first(sql, values![session_id], |row| outcome(row, 0))?.flatten())
}

/// What is known of an order, from three neighbouring columns; none where they are of no order.
pub(super) fn outcome(row: &Row, column: usize) -> Result<Option<OrderOutcome>, StateError> {
    let Some(state) = row.get::<Option<String>>(column)? else { return Ok(None) };
    let (order_id, why) = (row.get(column + 1)?, row.get(column + 2)?);
    Ok(Some(OrderOutcome { state: OrderState::of(&state), order_id, why }))
}
