//! What the shop knows of its orders, in memory and bounded.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kassa_wire::hpp::{SessionCreated, SessionRead};
use kassa_wire::kassa::History;
use kassa_wire::order_management;
use subtle::ConstantTimeEq;
use tokio::sync::watch;

use super::arrival::Arrivals;
use super::basket::Basket;
use super::bill::Bill;
use super::exchange::{Exchange, WireLog};
use super::trouble::Trouble;
use crate::developer_page::Piece;

/// So many orders are kept; the oldest goes first.
const KEPT: usize = 200;

/// The number of the first order.
const FIRST_NUMBER: u64 = 1001;

/// The orders, oldest first.
#[derive(Default)]
pub(super) struct Orders {
    kept: Mutex<VecDeque<Arc<Order>>>,
}

impl Orders {
    /// Opens an order and drops the oldest beyond the bound.
    pub(super) fn open(&self, opening: Opening) -> Arc<Order> {
        let mut kept = lock(&self.kept);
        let number = kept.back().map_or(FIRST_NUMBER, |last| last.number + 1);
        let order = Arc::new(Order::open(number, opening));
        kept.push_back(order.clone());
        if kept.len() > KEPT {
            kept.pop_front();
        }
        order
    }

    pub(super) fn find(&self, number: u64) -> Option<Arc<Order>> {
        lock(&self.kept).iter().find(|order| order.number == number).cloned()
    }

    /// The latest orders, newest first.
    pub(super) fn latest(&self, count: usize) -> Vec<Arc<Order>> {
        lock(&self.kept).iter().rev().take(count).cloned().collect()
    }
}

/// What an order begins with.
pub(super) struct Opening {
    pub(super) basket: Basket,
    /// When, as the wire writes an instant.
    pub(super) at: String,
    /// Proves that a callback is meant for this order.
    pub(super) secret: String,
    pub(super) capture_key: String,
    pub(super) refund_key: String,
}

/// One order: what was bought, which never changes, and what became of it.
pub(super) struct Order {
    pub(super) number: u64,
    pub(super) basket: Basket,
    pub(super) bill: Bill,
    pub(super) opened_at: String,
    secret: String,
    /// Held by whoever places, captures or refunds, so that callback, browser and clerk take turns.
    pub(super) turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    changes: watch::Sender<()>,
}

/// What became of an order so far.
#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) payment_session_id: Option<String>,
    /// The page session as it was created.
    pub(super) created: Option<SessionCreated>,
    /// The page session as it was last read.
    pub(super) session: Option<SessionRead>,
    /// The same, as it travelled.
    pub(super) session_shown: Vec<Piece>,
    /// Whether the last read answered that the session is no longer there.
    pub(super) is_gone: bool,
    pub(super) history: Option<History>,
    /// The order at the payment system, once it was placed.
    pub(super) order_id: Option<String>,
    /// The same, as it was last read.
    pub(super) placed: Option<order_management::Order>,
    pub(super) arrivals: Arrivals,
    pub(super) wire: WireLog,
    /// What the last act of the shop ran into.
    pub(super) trouble: Option<Trouble>,
    /// Make a repeated press of Capture or Refund count once (spec 6.2).
    pub(super) capture_key: String,
    pub(super) refund_key: String,
}

impl Order {
    fn open(number: u64, opening: Opening) -> Self {
        let Opening { basket, at, secret, capture_key, refund_key } = opening;
        Self {
            number,
            bill: Bill::of(&basket),
            basket,
            opened_at: at,
            secret,
            turn: tokio::sync::Mutex::default(),
            state: Mutex::new(State { capture_key, refund_key, ..State::default() }),
            changes: watch::Sender::new(()),
        }
    }

    /// The shop's own number of the order, which it tells as `merchant_reference1`.
    pub(super) fn reference(&self) -> String {
        format!("DEMO-{}", self.number)
    }

    pub(super) fn href(&self) -> String {
        format!("/demo/orders/{}", self.number)
    }

    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// Compares in a time that does not tell how far they agree.
    pub(super) fn is_secret(&self, given: &str) -> bool {
        self.secret.as_bytes().ct_eq(given.as_bytes()).into()
    }

    /// The state as it is now.
    pub(super) fn state(&self) -> State {
        lock(&self.state).clone()
    }

    /// Changes the state and tells whoever looks on.
    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut lock(&self.state));
        self.changes.send_replace(());
    }

    pub(super) fn log(&self, exchange: Exchange) {
        self.change(|state| state.wire.add(exchange));
    }

    pub(super) fn watch(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening() -> Opening {
        Opening {
            basket: Basket::default(),
            at: String::new(),
            secret: "s3cret".to_string(),
            capture_key: String::new(),
            refund_key: String::new(),
        }
    }

    #[test]
    fn the_oldest_order_goes_when_the_shop_is_full() {
        let orders = Orders::default();
        for _ in 0..=KEPT {
            orders.open(opening());
        }
        assert!(orders.find(FIRST_NUMBER).is_none());
        assert!(orders.find(FIRST_NUMBER + 1).is_some());
        let latest: Vec<u64> = orders.latest(2).iter().map(|order| order.number).collect();
        assert_eq!(latest, [FIRST_NUMBER + 200, FIRST_NUMBER + 199]);
    }

    #[test]
    fn only_its_own_secret_opens_an_order_to_callbacks() {
        let order = Orders::default().open(opening());
        assert!(order.is_secret("s3cret"));
        for wrong in ["", "s3cre", "s3crets", "S3cret"] {
            assert!(!order.is_secret(wrong), "{wrong}");
        }
    }
}
