//! The lab's courier: applies fault rules to callbacks, and keeps every request in the journal.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::{BoxFuture, join_all};
use kassa_domain::callback::PaymentCallback;
use kassa_domain::lifecycle::Status;
use kassa_domain::page_session::PageSession;
use kassa_domain::{MerchantId, PageSessionId};
use kassa_engine::{AttemptOutcome, Clock, Courier, Delivery, Reads};
use kassa_outgoing::{Call, CallAnswer, CallError, CallErrorKind, Outgoing};
use kassa_store::{Attempt, ClaimedCallback, StoreError};
use kassa_wire::callback::StatusUpdate;
use kassa_wire::headers::WEBHOOK_SIGNATURE;
use kassa_wire::stored::Stored;

use super::faults::{Attempted, CallbackFault, CallbackSubject};
use super::journal::{Entry, Message, Subject};
use super::merchant_lab::{MerchantLab, MerchantLabs};
use super::redirect_sync::wait_for_callback;

/// Carries callbacks as the merchant's faults require, and keeps every request in the journal.
pub struct LabCourier {
    merchant_labs: Arc<MerchantLabs>,
    clock: Arc<dyn Clock>,
    outgoing: Arc<dyn Outgoing>,
}

impl LabCourier {
    /// Creates the courier. It shares the lab's memory.
    #[must_use]
    pub fn new(merchant_labs: Arc<MerchantLabs>, clock: Arc<dyn Clock>, outgoing: Arc<dyn Outgoing>) -> Self {
        Self { merchant_labs, clock, outgoing }
    }

    async fn send_with_faults(&self, delivery: &Delivery, call: Call) -> AttemptOutcome {
        let merchant_lab = self.merchant_labs.of(&delivery.callback.merchant_id);
        let faults = faults(&merchant_lab, delivery);
        if faults.contains(&CallbackFault::Together) {
            merchant_lab.redirect_sync.wait_for_redirect(&delivery.callback.page_session_id).await;
        }
        let attempt = FaultyAttempt { courier: self, delivery, merchant_lab, faults };
        match attempt.withheld() {
            Some(again_after_ms) => {
                let answer = attempt.keep(&attempt.changed(call), async { Err(withheld()) }).await;
                AttemptOutcome { answer, again_after_ms, reached_network: false }
            }
            None => {
                let answer = attempt.send(attempt.changed(call)).await;
                AttemptOutcome { answer, again_after_ms: None, reached_network: true }
            }
        }
    }
}

impl Courier for LabCourier {
    fn delay_ms(&self, session: &PageSession) -> i64 {
        let Some(rules) = self.merchant_labs.of(&session.merchant_id).faults() else { return 0 };
        let faults = rules.of_attempt(Attempted::first(session));
        delay_ms(&faults)
    }

    fn payment_delay_ms(&self, merchant: &MerchantId, of: &PageSessionId, kind: PaymentCallback) -> i64 {
        let Some(rules) = self.merchant_labs.of(merchant).faults() else { return 0 };
        delay_ms(&rules.of_attempt(Attempted::first_of_payment(of, kind)))
    }

    fn send<'a>(&'a self, delivery: &'a Delivery, call: Call) -> BoxFuture<'a, AttemptOutcome> {
        Box::pin(self.send_with_faults(delivery, call))
    }

    fn attempted(&self, callback: &ClaimedCallback, attempt: &Attempt) {
        self.merchant_labs.of(&callback.merchant_id).fired.note(callback, attempt);
    }

    fn recorded(&self, callback: &ClaimedCallback) {
        self.merchant_labs.of(&callback.merchant_id).redirect_sync.notify();
    }

    fn before_redirect<'a>(
        &'a self,
        session: &'a PageSession,
        reads: &'a Reads,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            wait_for_callback(&self.merchant_labs.of(&session.merchant_id), session, reads).await
        })
    }
}

fn delay_ms(faults: &[CallbackFault]) -> i64 {
    faults.iter().map(|fault| if let CallbackFault::Delay { by_ms } = fault { *by_ms } else { 0 }).sum()
}

/// The subject of a callback; `None` if its body is no status update.
fn subject_of(delivery: &Delivery) -> Option<CallbackSubject> {
    if let Some(kind) = delivery.callback.kind {
        return Some(CallbackSubject::Payment(kind));
    }
    let update = StatusUpdate::from_stored(&delivery.body).ok()?;
    Status::parse(update.session.status().as_str()).map(CallbackSubject::Status)
}

fn faults(merchant_lab: &MerchantLab, delivery: &Delivery) -> Vec<CallbackFault> {
    let Some(rules) = merchant_lab.faults() else { return Vec::new() };
    let Some(what) = subject_of(delivery) else { return Vec::new() };
    rules.of_attempt(Attempted {
        page_session_id: &delivery.callback.page_session_id,
        sequence: delivery.callback.sequence,
        what,
        attempt: delivery.callback.attempts + 1,
    })
}

fn withheld() -> CallError {
    CallError::new(CallErrorKind::Fault, "a fault of the lab kept it back")
}

/// One attempt with its faults.
struct FaultyAttempt<'a> {
    courier: &'a LabCourier,
    delivery: &'a Delivery,
    merchant_lab: Arc<MerchantLab>,
    faults: Vec<CallbackFault>,
}

impl FaultyAttempt<'_> {
    /// `Some` if a fault withholds the request; with the delay of the next attempt, if the fault sets one.
    fn withheld(&self) -> Option<Option<i64>> {
        let reordered = self.faults.iter().find_map(|fault| {
            if let CallbackFault::Reorder { by_ms } = fault { Some(Some(*by_ms)) } else { None }
        });
        reordered.or_else(|| self.faults.contains(&CallbackFault::Drop).then_some(None))
    }

    /// The call with the changes that the faults make.
    fn changed(&self, mut call: Call) -> Call {
        if self.faults.contains(&CallbackFault::Truncate) {
            call.body.truncate(call.body.len() / 2);
        }
        if self.faults.contains(&CallbackFault::CorruptSignature) {
            let of_nothing = format!("v1,{}", STANDARD.encode([0; 32]));
            for (_, value) in call.headers.iter_mut().filter(|(name, _)| *name == WEBHOOK_SIGNATURE) {
                value.clone_from(&of_nothing);
            }
        }
        call
    }

    /// Sends the call as often as the faults require, concurrently. The answer to the first one counts.
    async fn send(&self, call: Call) -> Result<CallAnswer, CallError> {
        let times = self.faults.iter().find_map(|fault| {
            if let CallbackFault::Duplicate { times } = fault { Some(*times) } else { None }
        });
        let sends =
            (0..times.unwrap_or(1)).map(|_| self.keep(&call, self.courier.outgoing.call(call.clone())));
        let mut answers = join_all(sends).await;
        answers.swap_remove(0)
    }

    /// Keeps a call and its answer in the journal.
    async fn keep(
        &self,
        call: &Call,
        answer: impl Future<Output = Result<CallAnswer, CallError>>,
    ) -> Result<CallAnswer, CallError> {
        let Delivery { callback, event_id, .. } = self.delivery;
        let at = self.courier.clock.now(&callback.merchant_id);
        let began_at = self.courier.clock.monotonic_now();
        let answer = answer.await;
        self.merchant_lab.journal.keep(Entry {
            number: 0,
            subject: Subject::Callback { event_id: event_id.clone(), attempt: callback.attempts + 1 },
            at,
            duration_ms: self.courier.clock.monotonic_now().ms_since(began_at),
            method: call.method.clone(),
            path: call.url.clone(),
            page_session_id: Some(callback.page_session_id.clone()),
            request: Message::of_call(call),
            answer: answer.as_ref().ok().map(read),
            failure: answer.as_ref().err().map(ToString::to_string),
            faults: self.faults.iter().map(|fault| fault.as_str().to_string()).collect(),
        });
        answer
    }
}

fn read(answer: &CallAnswer) -> (u16, Message) {
    (answer.status.as_u16(), Message::of(&answer.headers, answer.body.clone()))
}
