//! The courier: carries one attempt of a callback to the merchant. Test controls replace it to inject faults.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use kassa_domain::callback::PaymentCallback;
use kassa_domain::page_session::PageSession;
use kassa_domain::{MerchantId, PageSessionId};
use kassa_outgoing::{Call, CallAnswer, CallError, Outgoing};
use kassa_store::{Attempt, ClaimedCallback, StoreError};

use crate::callbacks::delivery::Delivery;
use crate::reads::Reads;

/// Carries callbacks.
pub trait Courier: Send + Sync {
    /// The delay of this session's callback in its present status, from the event to the due date, in milliseconds.
    fn delay_ms(&self, session: &PageSession) -> i64;

    /// How much later this callback to a payment session's own URL falls due, in milliseconds.
    fn payment_delay_ms(&self, merchant: &MerchantId, of: &PageSessionId, kind: PaymentCallback) -> i64;

    /// Makes one attempt.
    fn send<'a>(&'a self, delivery: &'a Delivery, call: Call) -> BoxFuture<'a, AttemptOutcome>;

    /// An attempt has ended and is about to be recorded.
    fn attempted(&self, callback: &ClaimedCallback, attempt: &Attempt);

    /// An attempt was recorded durably.
    fn recorded(&self, callback: &ClaimedCallback);

    /// The consumer's browser is about to be redirected to the merchant: waits as long as the redirect has to be
    /// delayed.
    fn before_redirect<'a>(
        &'a self,
        session: &'a PageSession,
        reads: &'a Reads,
    ) -> BoxFuture<'a, Result<(), StoreError>>;
}

/// The outcome of one attempt.
#[derive(Debug)]
pub struct AttemptOutcome {
    /// The receiver's answer.
    pub answer: Result<CallAnswer, CallError>,
    /// The time to the next attempt in milliseconds, if the courier decides it and not the retry schedule.
    pub again_after_ms: Option<i64>,
    /// Whether the outcome says something about the receiver. A request that a test intercepted says nothing.
    pub reached_network: bool,
}

/// Sends each callback over the network, at once.
pub struct NetworkCourier(pub Arc<dyn Outgoing>);

impl Courier for NetworkCourier {
    fn delay_ms(&self, _session: &PageSession) -> i64 {
        0
    }

    fn payment_delay_ms(&self, _merchant: &MerchantId, _of: &PageSessionId, _kind: PaymentCallback) -> i64 {
        0
    }

    fn send<'a>(&'a self, _delivery: &'a Delivery, call: Call) -> BoxFuture<'a, AttemptOutcome> {
        Box::pin(async move {
            AttemptOutcome { answer: self.0.call(call).await, again_after_ms: None, reached_network: true }
        })
    }

    fn attempted(&self, _callback: &ClaimedCallback, _attempt: &Attempt) {}

    fn recorded(&self, _callback: &ClaimedCallback) {}

    fn before_redirect<'a>(
        &'a self,
        _session: &'a PageSession,
        _reads: &'a Reads,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
}
