//! The consumer presses Pay, and pays on a page of the payment system.
//!
//! The node records the request with its key before it sends it, in the row of the payment session. So a second press
//! of Pay, also after a crash or on another node, sends the same bytes, and leads to the same page of the payment
//! system. A start moves no money: nobody can pay before the answer has named that page. So only the consumer repeats
//! it.

use kassa_domain::confirmation::FIRST_READ_AFTER_MS;
use kassa_domain::lifecycle::Status;
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::{PaymentSession, StartAnswer, StartedPayment};
use kassa_domain::time::SECOND_MS;
use kassa_domain::{Actor, OperationId};
use kassa_store::{CommitOutcome, Note, PayButton};

use super::claim::present;
use super::evidence::{Applied, apply};
use super::started::begin_noted_release;
use super::{read_payment, schedule, stored_payment};
use crate::advance::{Advanced, Occurrence, advance};
use crate::error::EngineError;
use crate::ids::new_uuid;
use crate::operations::recording::release_of_started;
use crate::parts::EngineParts;
use crate::payment_system::{RedirectPayments, Standing, StartAddresses, StartChoice, StartOutcome};
use crate::suspension::require_takes_payments;

/// The time for the read of a payment that was started before.
const READ_MS: i64 = 3 * SECOND_MS;

/// The time for the start.
const START_MS: i64 = 5 * SECOND_MS;

/// The outcome of pressing Pay.
#[derive(Clone, Debug)]
pub enum PaymentStart {
    /// The browser goes to this page of the payment system.
    Redirect(String),
    /// No payment was started: it was decided meanwhile, or the payment system refused it.
    Advanced(Box<Advanced>),
    /// The payment system does not answer. The consumer can press Pay again.
    NoAnswer,
}

/// The payment that was started before.
enum Earlier {
    /// There is none, or it is over.
    None,
    /// The consumer goes on with it.
    Continues(StartedPayment),
    /// Another one takes its place, so it is released.
    Superseded(StartedPayment),
    /// Pay has another consequence.
    Instead(PaymentStart),
}

/// One press of Pay.
struct Press<'a> {
    engine: &'a EngineParts,
    system: &'a dyn RedirectPayments,
    choice: StartChoice<'a>,
    addresses: &'a StartAddresses,
}

/// Starts the payment, or goes on with the one that was started. Refused for a suspended merchant.
pub(crate) async fn start_payment(
    engine: &EngineParts,
    session: PageSession,
    choice: StartChoice<'_>,
    addresses: &StartAddresses,
) -> Result<PaymentStart, EngineError> {
    require_takes_payments(engine, &session.merchant_id).await?;
    let mut session = session;
    loop {
        if session.status != Status::InProgress {
            session = match advance(engine, session, Occurrence::ConsumerEntered, Actor::Consumer).await? {
                Advanced::Moved(session) | Advanced::Stayed(session) => session,
                instead @ (Advanced::Refused(_)
                | Advanced::Outdated(_)
                | Advanced::Confirming(_)
                | Advanced::Gone) => return Ok(PaymentStart::Advanced(Box::new(instead))),
            };
        }
        let payment = stored_payment(engine, &session).await?;
        let Some(system) = engine.payment_systems.redirecting_of(&payment) else {
            return Ok(PaymentStart::Advanced(Box::new(Advanced::Stayed(session))));
        };
        let press = Press { engine, system, choice, addresses };
        match press.start(&session, payment).await? {
            Some(outcome) => return Ok(outcome),
            // The payment session changed meanwhile.
            None => session = engine.store.page_session(&session.id).await?.unwrap_or(session),
        }
    }
}

impl Press<'_> {
    /// `None` if the payment session changed meanwhile.
    async fn start(
        &self,
        session: &PageSession,
        payment: PaymentSession,
    ) -> Result<Option<PaymentStart>, EngineError> {
        match self.earlier(session, &payment).await? {
            Earlier::Instead(outcome) => Ok(Some(outcome)),
            Earlier::Continues(started) => self.send(session, started).await,
            Earlier::None => {
                let newest = stored_payment(self.engine, session).await?;
                if key_of_started(&newest) != key_of_started(&payment) {
                    return Ok(None);
                }
                self.record(session, newest, None).await
            }
            Earlier::Superseded(started) => self.record(session, payment, Some(started)).await,
        }
    }

    async fn earlier(&self, session: &PageSession, payment: &PaymentSession) -> Result<Earlier, EngineError> {
        if let Some(completion) = payment.completion.clone() {
            let occurrence = Occurrence::PaymentSessionCompleted(completion);
            let advanced = advance(self.engine, session.clone(), occurrence, Actor::System).await?;
            return Ok(Earlier::Instead(PaymentStart::Advanced(Box::new(advanced))));
        }
        let Some(started) = payment.started.clone() else { return Ok(Earlier::None) };
        let deadline = self.engine.clock.monotonic_now().plus_ms(READ_MS);
        let Ok(fresh) = read_payment(self.engine, payment.clone(), deadline).await? else {
            return Ok(Earlier::Instead(PaymentStart::NoAnswer));
        };
        match apply(self.engine, session.clone(), present(&fresh)).await? {
            Applied::Advanced(advanced) => Ok(Earlier::Instead(PaymentStart::Advanced(advanced))),
            Applied::Gone(_) => Ok(Earlier::Instead(PaymentStart::Advanced(Box::new(Advanced::Gone)))),
            Applied::Nothing(_) => Ok(self.after_read(session, payment, started, &fresh.read.standing)),
        }
    }

    /// Decides about a payment whose read changed nothing.
    fn after_read(
        &self,
        session: &PageSession,
        payment: &PaymentSession,
        started: StartedPayment,
        standing: &Standing,
    ) -> Earlier {
        let now = self.engine.clock.now(&session.merchant_id);
        match standing {
            Standing::Open if started.continues(payment, &session.id, self.choice.category, now) => {
                Earlier::Continues(started)
            }
            Standing::Open => Earlier::Superseded(started),
            // An authorization that changed nothing is released already, or spent.
            Standing::Authorized { .. }
            | Standing::Completed { .. }
            | Standing::Declined(_)
            | Standing::Abandoned
            | Standing::Gone => Earlier::None,
        }
    }

    /// Records the request, and the operation that releases the payment that it replaces.
    async fn record(
        &self,
        session: &PageSession,
        payment: PaymentSession,
        superseded: Option<StartedPayment>,
    ) -> Result<Option<PaymentStart>, EngineError> {
        let engine = self.engine;
        let key = OperationId::new(new_uuid(&*engine.random, engine.clock.system_now()));
        let started = StartedPayment {
            request: self.system.start_request(&payment, &key, self.choice)?,
            key,
            page_session_id: session.id.clone(),
            category: self.choice.category.to_string(),
            body: payment.body.clone(),
            answer: None,
        };
        let release = superseded.map(|earlier| release_of_started(engine, self.system, &payment, &earlier));
        match engine.store.record_started_payment(&payment, Some(&started), release.as_ref()).await? {
            CommitOutcome::Stale => return Ok(None),
            CommitOutcome::Done => {}
        }
        if let Some(release) = release {
            begin_noted_release(engine, release, "the consumer started another one").await?;
        }
        self.send(session, started).await
    }

    /// Sends the recorded request, unless its answer is known.
    async fn send(
        &self,
        session: &PageSession,
        started: StartedPayment,
    ) -> Result<Option<PaymentStart>, EngineError> {
        let engine = self.engine;
        let payment = stored_payment(engine, session).await?;
        let reads = schedule(engine, &payment, FIRST_READ_AFTER_MS, PayButton::Pressed);
        engine.store.start_confirmation(session, reads).await?;
        if let Some(answer) = started.answer {
            return Ok(Some(PaymentStart::Redirect(answer.redirect_url)));
        }
        let deadline = engine.clock.monotonic_now().plus_ms(START_MS);
        let outcome = tokio::select! {
            outcome = self.system.start(&started, self.addresses, deadline) => outcome,
            () = engine.clock.sleep_until(deadline) => StartOutcome::Unknown("no answer within 5 seconds".to_string()),
        };
        let page_session_id = &session.id;
        match outcome {
            StartOutcome::Started(answer) => self.remember(session, started, answer).await,
            StartOutcome::Refused(reason) => {
                tracing::info!(
                    %page_session_id, key = %started.key, reason, "the payment system refused to start a payment"
                );
                self.refused(session, &started, reason).await.map(Some)
            }
            StartOutcome::Unknown(reason) => {
                tracing::warn!(
                    %page_session_id, key = %started.key, reason,
                    "a payment could not be started; the consumer can press Pay again, which repeats the request"
                );
                Ok(Some(PaymentStart::NoAnswer))
            }
        }
    }

    /// Stores the answer before the consumer can pay, because later requests need the payment's reference. `None` if
    /// another payment was started meanwhile.
    async fn remember(
        &self,
        session: &PageSession,
        started: StartedPayment,
        answer: StartAnswer,
    ) -> Result<Option<PaymentStart>, EngineError> {
        let engine = self.engine;
        let redirect_url = answer.redirect_url.clone();
        let detail =
            format!("The consumer was sent to the payment system to pay ({}).", answer.payment_reference);
        let answered = StartedPayment { answer: Some(answer), ..started };
        loop {
            let payment = stored_payment(engine, session).await?;
            match &payment.started {
                Some(current) if current.key == answered.key && current.answer.is_some() => break,
                Some(current) if current.key == answered.key => {}
                Some(_) | None => return Ok(None),
            }
            match engine.store.record_started_payment(&payment, Some(&answered), None).await? {
                CommitOutcome::Done => break,
                CommitOutcome::Stale if payment.is_complete() => return Ok(None),
                CommitOutcome::Stale => {}
            }
        }
        let at = engine.clock.now(&session.merchant_id);
        let note = Note { at, kind: "PaymentStarted", detail, actor: Actor::Consumer };
        engine.store.add_note(&session.id, &note).await?;
        Ok(Some(PaymentStart::Redirect(redirect_url)))
    }

    /// The payment system refused for good, so the next press of Pay starts another payment.
    async fn refused(
        &self,
        session: &PageSession,
        started: &StartedPayment,
        reason: String,
    ) -> Result<PaymentStart, EngineError> {
        let occurrence = Occurrence::PaymentDeclined(reason);
        let advanced = advance(self.engine, session.clone(), occurrence, Actor::System).await?;
        let payment = stored_payment(self.engine, session).await?;
        if payment.started.as_ref().is_some_and(|current| current.key == started.key) {
            match self.engine.store.record_started_payment(&payment, None, None).await? {
                // If the payment session changed, the next press of Pay gets the same refusal.
                CommitOutcome::Done | CommitOutcome::Stale => {}
            }
        }
        Ok(PaymentStart::Advanced(Box::new(advanced)))
    }
}

/// Differs when another press of Pay started a payment meanwhile.
fn key_of_started(payment: &PaymentSession) -> Option<&OperationId> {
    payment.started.as_ref().map(|started| &started.key)
}
