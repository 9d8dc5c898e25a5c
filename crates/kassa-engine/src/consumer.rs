//! The consumer's actions, from the page or from test controls. Each raises one event.

use kassa_domain::Actor;
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::{AcquiringChannel, Authorization, Offer, PaymentSession};

use crate::advance::{Advanced, AuthorizationEvidence, Authorized, Occurrence, advance};
use crate::error::EngineError;
use crate::id_check::requested;
use crate::parts::EngineParts;
use crate::payment_system::{Approval, Decision, Missing};
use crate::remote::{ask_first, release_started};
use crate::suspension::require_takes_payments;

/// The outcome of pressing Pay.
pub enum Paid {
    /// The payment system decided, and the session was advanced.
    Decided(Box<Advanced>),
    /// The consumer has to correct or add these fields first. Nothing changed.
    Incomplete(Vec<Missing>),
}

/// The consumer presses Back. At a remote payment system the consumer may have paid already, so Kassa asks first.
pub(crate) async fn press_back(
    engine: &EngineParts,
    session: PageSession,
    actor: Actor,
) -> Result<Advanced, EngineError> {
    match ask_first(engine, session).await? {
        Ok(paid) => Ok(paid),
        Err(session) => advance(engine, session, Occurrence::ConsumerWentBack, actor).await,
    }
}

/// The event of Cancel. In a web shop it is the same as Back (docs/wire.md#back-and-cancel).
pub(crate) fn cancelling(channel: AcquiringChannel) -> Occurrence {
    match channel {
        AcquiringChannel::Ecommerce => Occurrence::ConsumerWentBack,
        AcquiringChannel::InStore | AcquiringChannel::Telesales => Occurrence::ConsumerCancelled,
    }
}

/// The consumer presses Cancel and confirms it.
pub(crate) async fn confirm_cancel(
    engine: &EngineParts,
    session: PageSession,
    channel: AcquiringChannel,
    actor: Actor,
) -> Result<Advanced, EngineError> {
    match ask_first(engine, session).await? {
        Ok(paid) => Ok(paid),
        Err(session) => {
            let advanced = advance(engine, session, cancelling(channel), actor).await?;
            if let Advanced::Moved(session) = &advanced
                && session.status.is_final()
            {
                release_started(engine, session, "the consumer cancelled the purchase").await?;
            }
            Ok(advanced)
        }
    }
}

/// Advances the session by the payment system's decision. If the merchant was suspended meanwhile, an authorization is
/// refused.
pub(crate) async fn apply_decision(
    engine: &EngineParts,
    session: PageSession,
    payment: &PaymentSession,
    category: &str,
    decision: Decision,
    actor: Actor,
) -> Result<Paid, EngineError> {
    let occurrence = match decision {
        Decision::Incomplete(missing) => return Ok(Paid::Incomplete(missing)),
        Decision::Declined(reason) => Occurrence::PaymentDeclined(reason),
        Decision::Errored(reason) => Occurrence::PaymentErrored(reason),
        Decision::IdCheck(approval) => {
            require_takes_payments_if_open(engine, &session).await?;
            requested(engine, payment, category, approval, engine.clock.now(&session.merchant_id))
        }
        Decision::Authorized(Approval { token, consumer }) => {
            require_takes_payments_if_open(engine, &session).await?;
            let now = engine.clock.now(&session.merchant_id);
            let authorization = Authorization {
                page_session_id: Some(session.id.clone()),
                consumer,
                ..Authorization::of(payment, token, category, now)
            };
            let evidence = AuthorizationEvidence::PaymentSystem;
            let authorized = Authorized { authorization, order: None, counts_until: None, evidence };
            Occurrence::PaymentAuthorized(Box::new(authorized))
        }
    };
    Ok(Paid::Decided(Box::new(advance(engine, session, occurrence, actor).await?)))
}

async fn require_takes_payments_if_open(
    engine: &EngineParts,
    session: &PageSession,
) -> Result<(), EngineError> {
    if session.can_be_paid() {
        require_takes_payments(engine, &session.merchant_id).await?;
    }
    Ok(())
}

/// The payment session that a page session hosts, with its offer.
pub(crate) async fn hosted(
    engine: &EngineParts,
    session: &PageSession,
) -> Result<(PaymentSession, Offer), EngineError> {
    let payment = engine.store.payment_session(&session.payment_session_id).await?;
    let payment = payment.ok_or_else(|| EngineError::NoPaymentSession(session.id.clone()))?;
    let offer = engine.payment_systems.of(&payment)?.offer(&payment)?;
    Ok((payment, offer))
}
