//! A payment system that is far away: it continues when the system under test stops, answers late or never, and keeps
//! its own books.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use kassa_domain::operation::OperationKind;
use kassa_domain::page_session::OrderReference;
use kassa_domain::payment_session::{Authorization, Offer, PaymentSession};
use kassa_domain::placed_order::{PlacedOrder, Verdict};
use kassa_domain::{OrderId, Timestamp};
use kassa_engine::{
    Captures, Consumer, Decision, EndedFraudCheck, LocalPayments, Monotonic, NoAnswer, Operation, Outcome,
    PaymentCall, PaymentRead, PaymentSystem, Placement, Presentation, ReadCause, Standing, UnreadableContent,
};
use kassa_sandbox::Sandbox;
use kassa_store::{StoredOrder, SystemOrder};
use tokio::time::sleep;

use super::dice::Dice;

/// The books of the payment system.
#[derive(Default)]
pub(super) struct Books {
    /// The request of each key that arrived.
    requests: BTreeMap<String, String>,
    /// The orders, by authorization token, each with the page session and the payment session.
    pub(super) orders: BTreeMap<String, PlacedThere>,
    /// The tokens that were released.
    pub(super) released: BTreeSet<String>,
    /// The tokens whose order was refused, and that could still be used.
    pub(super) refused: BTreeMap<String, bool>,
    /// Whether it answers every request at once.
    pub(super) is_healthy: bool,
    /// The broken promises.
    pub(super) faults: Vec<String>,
}

/// An order at the payment system.
#[derive(Clone)]
pub(super) struct PlacedThere {
    pub(super) reference: OrderReference,
    pub(super) page_session: String,
    payment_session: String,
}

/// The payment system as one process sees it.
#[derive(Clone)]
pub(super) struct Remote {
    /// Decides and reads carts as the sandbox does.
    sandbox: Arc<Sandbox>,
    books: Arc<Mutex<Books>>,
    dice: Arc<Dice>,
}

impl Remote {
    pub(super) fn new(sandbox: Sandbox, books: Arc<Mutex<Books>>, dice: Arc<Dice>) -> Self {
        Self { sandbox: Arc::new(sandbox), books, dice }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Receives a request, and answers as the same request always is answered.
    fn receive(
        &self,
        key: &str,
        kind: OperationKind,
        authorization: &Authorization,
        request: &str,
    ) -> Outcome {
        let mut books = self.books();
        let first = books.requests.entry(key.to_string()).or_insert_with(|| request.to_string()).clone();
        if first != request {
            books.faults.push(format!("other bytes under the key {key}"));
        }
        match kind {
            OperationKind::PlaceOrder => self.order(&mut books, authorization),
            OperationKind::Release => release(&mut books, authorization),
        }
    }

    fn order(&self, books: &mut Books, authorization: &Authorization) -> Outcome {
        let token = authorization.token.as_str().to_string();
        if let Some(order) = books.orders.get(&token) {
            return Outcome::Ordered(SystemOrder::Remote(order.reference.clone()));
        }
        let payment_session = authorization.payment_session_id.as_str().to_string();
        let is_complete = books.orders.values().any(|order| order.payment_session == payment_session);
        if books.released.contains(&token) || is_complete {
            books.refused.insert(token, true);
        } else if !books.refused.contains_key(&token) && self.dice.one_in(10) {
            books.refused.insert(token, self.dice.one_in(2));
        } else if !books.refused.contains_key(&token) {
            let number = books.orders.len();
            let order_id = OrderId::new(format!("remote-{number}"));
            let reference = OrderReference { order_id, klarna_reference: format!("REMOTE{number:02}") };
            let page_session = authorization.callback_owner().as_str().to_string();
            let order = PlacedThere { reference: reference.clone(), page_session, payment_session };
            books.orders.insert(token, order);
            return Outcome::Ordered(SystemOrder::Remote(reference));
        }
        let token_is_dead = books.refused[authorization.token.as_str()];
        Outcome::Refused { reason: "the remote payment system refuses".to_string(), token_is_dead }
    }

    async fn answer(
        &self,
        key: &str,
        kind: OperationKind,
        authorization: &Authorization,
        request: &str,
    ) -> Outcome {
        if self.books().is_healthy {
            return self.receive(key, kind, authorization, request);
        }
        sleep(Duration::from_millis(self.dice.below(60))).await;
        match self.dice.below(10) {
            0 => return Outcome::NotSent("no connection".to_string()),
            1 => return Outcome::Unknown("the request was lost".to_string()),
            _ => {}
        }
        let outcome = self.receive(key, kind, authorization, request);
        match self.dice.below(10) {
            0 => return Outcome::Unknown("the answer was cut".to_string()),
            1 => sleep(Duration::from_secs(40)).await,
            _ => {}
        }
        outcome
    }
}

fn release(books: &mut Books, authorization: &Authorization) -> Outcome {
    let token = authorization.token.as_str();
    if books.orders.contains_key(token) {
        books.faults.push(format!(
            "an authorization with an order was to be released: {:?}",
            authorization.page_session_id
        ));
        return Outcome::Refused { reason: "consumed".to_string(), token_is_dead: false };
    }
    books.released.insert(token.to_string());
    Outcome::Released
}

impl PaymentSystem for Remote {
    fn offer(&self, payment: &PaymentSession) -> Result<Offer, UnreadableContent> {
        self.sandbox.offer(payment)
    }

    fn presentation(&self, payment: &PaymentSession) -> Result<Presentation, UnreadableContent> {
        self.sandbox.presentation(payment)
    }

    fn admits_read(&self, _payment: &PaymentSession, _cause: ReadCause) -> bool {
        true
    }

    fn read<'a>(
        &'a self,
        payment: &'a PaymentSession,
        _deadline: Monotonic,
    ) -> BoxFuture<'a, Result<PaymentRead, NoAnswer>> {
        Box::pin(async move {
            sleep(Duration::from_millis(self.dice.below(30))).await;
            if !self.books().is_healthy && self.dice.one_in(8) {
                return Err(NoAnswer::Silent("no connection".to_string()));
            }
            let books = self.books();
            let order = books.orders.values().find(|order| order.payment_session == payment.id.as_str());
            let completed = order.map(|order| Standing::Completed { order: Some(order.reference.clone()) });
            Ok(PaymentRead { standing: completed.unwrap_or(Standing::Open), content: None })
        })
    }

    fn placement(
        &self,
        authorization: &Authorization,
        captures: Captures,
        _at: Timestamp,
    ) -> Result<Placement, UnreadableContent> {
        let (token, body) = (authorization.token.as_str(), &authorization.body);
        Ok(Placement::ByOperation(format!("order {captures:?} {token} {body}")))
    }

    fn release(&self, authorization: &Authorization) -> Option<String> {
        Some(format!("release {}", authorization.token.as_str()))
    }

    fn carry_out<'a>(
        &'a self,
        _payment: &'a PaymentSession,
        operation: Operation<'a>,
        _deadline: Monotonic,
    ) -> BoxFuture<'a, Outcome> {
        let Operation { key, kind, authorization, request, .. } = operation;
        Box::pin(self.answer(key.as_str(), kind, authorization, request))
    }

    fn read_reference<'a>(
        &'a self,
        _payment: &'a PaymentSession,
        _order: &'a OrderId,
        _deadline: Monotonic,
    ) -> BoxFuture<'a, Result<Option<String>, NoAnswer>> {
        Box::pin(async { Ok(None) })
    }
}

impl LocalPayments for Remote {
    fn submit<'a>(
        &'a self,
        payment: &'a PaymentSession,
        consumer: &'a Consumer,
        at: Timestamp,
    ) -> BoxFuture<'a, Decision> {
        self.sandbox.submit(payment, consumer, at)
    }

    fn placed_order(&self, order: &StoredOrder) -> Result<PlacedOrder, UnreadableContent> {
        self.sandbox.placed_order(order)
    }

    fn call_about_authorization(
        &self,
        authorization: &Authorization,
    ) -> Result<Option<PaymentCall>, UnreadableContent> {
        self.sandbox.call_about_authorization(authorization)
    }

    fn calls_about_order(&self, order: &StoredOrder) -> Result<Vec<PaymentCall>, UnreadableContent> {
        self.sandbox.calls_about_order(order)
    }

    fn end_fraud_check(
        &self,
        order: &StoredOrder,
        verdict: Verdict,
        now: Timestamp,
    ) -> Result<Option<EndedFraudCheck>, UnreadableContent> {
        self.sandbox.end_fraud_check(order, verdict, now)
    }
}
