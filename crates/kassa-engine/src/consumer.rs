//! The consumer's actions, from the page or from test controls. Each raises one event.

use kassa_domain::Actor;
use kassa_domain::page_session::{OrderReference, PageSession};
use kassa_domain::payment_session::{
    AUTHORIZATION_LIFETIME_MS, AcquiringChannel, Authorization, AuthorizationState, Offer, PaymentSession,
};

use crate::advance::{Advanced, Authorized, Occurrence, advance};
use crate::error::EngineError;
use crate::parts::EngineParts;
use crate::payment_system::{Approval, Decision, Missing};

/// The outcome of pressing Pay.
pub enum Paid {
    /// The payment system decided, and the session was advanced.
    Decided(Box<Advanced>),
    /// The consumer has to correct or add these fields first. Nothing changed.
    Incomplete(Vec<Missing>),
}

/// The consumer opens the page. If an order completed the payment session meanwhile, the node completes the page session.
pub(crate) async fn enter(
    engine: &EngineParts,
    session: PageSession,
    order: Option<OrderReference>,
    actor: Actor,
) -> Result<Advanced, EngineError> {
    match order {
        Some(order) => {
            advance(engine, session, Occurrence::PaymentSessionCompleted(order), Actor::System).await
        }
        None => advance(engine, session, Occurrence::ConsumerEntered, actor).await,
    }
}

/// The consumer presses Back.
pub(crate) async fn press_back(
    engine: &EngineParts,
    session: PageSession,
    actor: Actor,
) -> Result<Advanced, EngineError> {
    advance(engine, session, Occurrence::ConsumerWentBack, actor).await
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
    advance(engine, session, cancelling(channel), actor).await
}

/// Advances the session by the payment system's decision.
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
        Decision::Authorized(Approval { token, consumer }) => {
            let now = engine.clock.now(&session.merchant_id);
            let authorization = Authorization {
                token,
                merchant_id: session.merchant_id.clone(),
                payment_session_id: payment.id.clone(),
                page_session_id: session.id.clone(),
                state: AuthorizationState::Open,
                created_at: now,
                expires_at: now.plus_ms(AUTHORIZATION_LIFETIME_MS),
                category: category.to_string(),
                body: payment.body.clone(),
                order_id: None,
                order_request_hash: None,
                consumer,
                refusal: None,
            };
            Occurrence::PaymentAuthorized(Box::new(Authorized { authorization, order: None }))
        }
    };
    Ok(Paid::Decided(Box::new(advance(engine, session, occurrence, actor).await?)))
}

/// The payment session that a page session hosts, with its offer.
pub(crate) async fn hosted(
    engine: &EngineParts,
    session: &PageSession,
) -> Result<(PaymentSession, Offer), EngineError> {
    let payment = engine.store.payment_session(&session.payment_session_id).await?;
    let payment = payment.ok_or_else(|| EngineError::NoPaymentSession(session.id.clone()))?;
    let offer = engine.payment_system.offer(&payment)?;
    Ok((payment, offer))
}
