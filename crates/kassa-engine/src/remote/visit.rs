//! The consumer opens the page.

use kassa_domain::Actor;
use kassa_domain::confirmation::FIRST_READ_AFTER_ENTRY_MS;
use kassa_domain::lifecycle::Status;
use kassa_domain::merchant::MerchantState;
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::{Offer, PaymentSession};
use kassa_domain::time::SECOND_MS;
use kassa_store::PayButton;

use super::claim::present;
use super::evidence::{Applied, apply};
use super::{read_payment, schedule, stored_payment};
use crate::advance::{Advanced, Occurrence, advance};
use crate::error::EngineError;
use crate::parts::EngineParts;
use crate::suspension::merchant_state;

/// The time for the read when the consumer opens the page.
const READ_MS: i64 = 3 * SECOND_MS;

/// A page session that the consumer opened, with the payment session that it hosts.
pub struct Visit {
    /// The outcome for the page session.
    pub advanced: Advanced,
    /// The payment session.
    pub payment: PaymentSession,
    /// Its amount, and the ways to pay.
    pub offer: Offer,
    /// Whether the payment system answers, so that the consumer can pay now.
    pub reachability: Reachability,
    /// Whether the merchant takes new payments.
    pub merchant_state: MerchantState,
}

/// Whether the payment system answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachability {
    /// It answered, or it is this system.
    Reached,
    /// It did not answer.
    NotReached,
    /// It did not answer, and the consumer has pressed Pay before: the payment may be authorized.
    NotReachedAfterPay,
}

/// The consumer opens the page. A payment that was authorized or completed meanwhile changes the page session first. If
/// the merchant is suspended, the visit changes nothing else.
pub(crate) async fn visit(
    engine: &EngineParts,
    session: PageSession,
    actor: Actor,
) -> Result<Visit, EngineError> {
    let merchant_state = merchant_state(engine, &session.merchant_id).await?;
    let visitor = Visiting { engine, merchant_state, actor };
    let payment = stored_payment(engine, &session).await?;
    if payment.system.is_remote() && !session.status.is_final() {
        // In a box, because the future is large, and visits of a local payment system would contain it, too.
        return Box::pin(visitor.visit_remote(session, payment)).await;
    }
    let advanced = visitor.enter(session, &payment).await?;
    visitor.visited(advanced, payment, Reachability::Reached)
}

/// One visit of a page.
struct Visiting<'a> {
    engine: &'a EngineParts,
    merchant_state: MerchantState,
    actor: Actor,
}

impl Visiting<'_> {
    async fn visit_remote(
        &self,
        session: PageSession,
        payment: PaymentSession,
    ) -> Result<Visit, EngineError> {
        let engine = self.engine;
        let deadline = engine.clock.monotonic_now().plus_ms(READ_MS);
        let stored = payment.clone();
        let (session, payment, reachability) = match read_payment(engine, payment, deadline).await? {
            Err(_) => {
                let reachability = match engine.store.pay_button(&session.id).await? {
                    PayButton::Pressed => Reachability::NotReachedAfterPay,
                    PayButton::NotPressed => Reachability::NotReached,
                };
                (session, stored, reachability)
            }
            Ok(fresh) => match apply(engine, session, present(&fresh)).await? {
                Applied::Advanced(advanced) => {
                    return self.visited(*advanced, fresh.payment, Reachability::Reached);
                }
                Applied::Gone(_) => {
                    return self.visited(Advanced::Gone, fresh.payment, Reachability::Reached);
                }
                Applied::Nothing(session) => (session, fresh.payment, Reachability::Reached),
            },
        };
        let was = session.status;
        let advanced = self.enter(session, &payment).await?;
        if let Advanced::Moved(session) = &advanced
            && was == Status::Waiting
        {
            let schedule = schedule(engine, &payment, FIRST_READ_AFTER_ENTRY_MS, PayButton::NotPressed);
            engine.store.start_confirmation(session, schedule).await?;
        }
        self.visited(advanced, payment, reachability)
    }

    /// If an order completed the payment session meanwhile, the node completes the page session. Consumers do not enter
    /// the page of a suspended merchant.
    async fn enter(&self, session: PageSession, payment: &PaymentSession) -> Result<Advanced, EngineError> {
        match (payment.completion.clone(), self.merchant_state) {
            (Some(completion), MerchantState::Active | MerchantState::Suspended) => {
                let occurrence = Occurrence::PaymentSessionCompleted(completion);
                advance(self.engine, session, occurrence, Actor::System).await
            }
            (None, MerchantState::Active) => {
                advance(self.engine, session, Occurrence::ConsumerEntered, self.actor.clone()).await
            }
            (None, MerchantState::Suspended) => Ok(Advanced::Stayed(session)),
        }
    }

    fn visited(
        &self,
        advanced: Advanced,
        payment: PaymentSession,
        reachability: Reachability,
    ) -> Result<Visit, EngineError> {
        let offer = self.engine.payment_systems.of(&payment)?.offer(&payment)?;
        Ok(Visit { advanced, payment, offer, reachability, merchant_state: self.merchant_state })
    }
}
