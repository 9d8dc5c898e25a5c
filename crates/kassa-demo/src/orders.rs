//! The shop's orders, in memory and bounded in number.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kassa_wire::hpp::SessionCreated;
use kassa_wire::kassa::History;
use kassa_wire::order_management;
use kassa_wire::snapshot::SessionSnapshot;
use subtle::ConstantTimeEq;
use tokio::sync::watch;

use super::arrival::Arrivals;
use super::basket::Basket;
use super::call_failure::CallFailure;
use super::cart_totals::CartTotals;
use super::exchange::{Exchange, WireLog};
use kassa_developer_page::Piece;

/// Maximum number of orders. The oldest is dropped first.
const MAX_ORDERS: usize = 200;

/// The number of the first order.
const FIRST_NUMBER: u64 = 1001;

/// The orders, oldest first.
#[derive(Default)]
pub(super) struct Orders {
    kept: Mutex<VecDeque<Arc<Order>>>,
}

impl Orders {
    /// Opens an order, and drops the oldest one if there are too many.
    pub(super) fn open(&self, terms: OrderTerms) -> Arc<Order> {
        let mut kept = lock(&self.kept);
        let number = kept.back().map_or(FIRST_NUMBER, |last| last.number + 1);
        let order = Arc::new(Order::open(number, terms));
        kept.push_back(order.clone());
        if kept.len() > MAX_ORDERS {
            kept.pop_front();
        }
        order
    }

    pub(super) fn find(&self, number: u64) -> Option<Arc<Order>> {
        lock(&self.kept).iter().find(|order| order.number == number).cloned()
    }

    /// Returns the latest orders, newest first.
    pub(super) fn latest(&self, count: usize) -> Vec<Arc<Order>> {
        lock(&self.kept).iter().rev().take(count).cloned().collect()
    }
}

/// The values with which an order is opened.
pub(super) struct OrderTerms {
    pub(super) basket: Basket,
    /// The time, in the wire's format.
    pub(super) at: String,
    /// The secret in the callback's URL, which authenticates callbacks for this order.
    pub(super) secret: String,
    pub(super) capture_key: String,
    pub(super) refund_key: String,
}

/// One order: the basket, which never changes, and the state, which does.
pub(super) struct Order {
    pub(super) number: u64,
    pub(super) basket: Basket,
    pub(super) bill: CartTotals,
    pub(super) opened_at: String,
    secret: String,
    /// A lock for placing, capturing and refunding, so that callback, browser and clerk do this one at a time.
    pub(super) turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    changes: watch::Sender<()>,
}

/// The state of an order.
#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) payment_session_id: Option<String>,
    /// The answer to the creation of the page session.
    pub(super) created: Option<SessionCreated>,
    /// The page session as last read.
    pub(super) session: Option<SessionSnapshot>,
    /// The body of that read, for display.
    pub(super) session_shown: Vec<Piece>,
    /// Whether the last read got 404: the session has expired.
    pub(super) is_gone: bool,
    pub(super) history: Option<History>,
    /// The order's id at the payment system, once it is placed.
    pub(super) order_id: Option<String>,
    /// The placed order, as the shop read it last.
    pub(super) placed: Option<order_management::Order>,
    pub(super) arrivals: Arrivals,
    pub(super) wire: WireLog,
    /// The failure of the shop's last action, if it failed.
    pub(super) trouble: Option<CallFailure>,
    /// The idempotency keys of the next capture and the next refund, so that a repeated press counts once
    /// (docs/wire.md#idempotency-keys).
    pub(super) capture_key: String,
    pub(super) refund_key: String,
}

impl Order {
    fn open(number: u64, terms: OrderTerms) -> Self {
        let OrderTerms { basket, at, secret, capture_key, refund_key } = terms;
        Self {
            number,
            bill: CartTotals::of(&basket),
            basket,
            opened_at: at,
            secret,
            turn: tokio::sync::Mutex::default(),
            state: Mutex::new(State { capture_key, refund_key, ..State::default() }),
            changes: watch::Sender::new(()),
        }
    }

    /// The shop's order number, which it sends as `merchant_reference1`.
    pub(super) fn reference(&self) -> String {
        format!("DEMO-{}", self.number)
    }

    pub(super) fn href(&self) -> String {
        format!("/demo/orders/{}", self.number)
    }

    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// Compares in constant time, so that the duration does not reveal how many characters match.
    pub(super) fn is_secret(&self, given: &str) -> bool {
        self.secret.as_bytes().ct_eq(given.as_bytes()).into()
    }

    /// Returns a copy of the current state.
    pub(super) fn state(&self) -> State {
        lock(&self.state).clone()
    }

    /// Changes the state and notifies the live views.
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

    fn terms() -> OrderTerms {
        OrderTerms {
            basket: Basket::default(),
            at: String::new(),
            secret: "s3cret".to_string(),
            capture_key: String::new(),
            refund_key: String::new(),
        }
    }

    #[test]
    fn the_oldest_order_is_dropped_when_there_are_too_many() {
        let orders = Orders::default();
        for _ in 0..=MAX_ORDERS {
            orders.open(terms());
        }
        assert!(orders.find(FIRST_NUMBER).is_none());
        assert!(orders.find(FIRST_NUMBER + 1).is_some());
        let latest: Vec<u64> = orders.latest(2).iter().map(|order| order.number).collect();
        assert_eq!(latest, [FIRST_NUMBER + 200, FIRST_NUMBER + 199]);
    }

    #[test]
    fn an_order_accepts_only_its_own_secret() {
        let order = Orders::default().open(terms());
        assert!(order.is_secret("s3cret"));
        for wrong in ["", "s3cre", "s3crets", "S3cret"] {
            assert!(!order.is_secret(wrong), "{wrong}");
        }
    }
}
