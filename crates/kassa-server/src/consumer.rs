//! What a consumer can do, whether on the page or by the lab's hand: each act raises one event.

use kassa_domain::page_session::{OrderReference, PageSession};
use kassa_domain::payment_session::{
    AUTHORIZATION_LIFETIME_MS, AcquiringChannel, Authorization, AuthorizationState, Offer, PaymentSession,
};

use crate::advance::{Advanced, Occurrence, advance};
use crate::api_error::ApiError;
use crate::app::App;
use crate::payment_system::{Approval, Decision, Missing};

/// What came of pressing Pay.
pub(crate) enum Paid {
    /// The payment system decided, and the session was advanced.
    Decided(Box<Advanced>),
    /// The consumer has to mend or add something first; nothing changed.
    Incomplete(Vec<Missing>),
}

/// The consumer opens the page. A payment session that was completed meanwhile, by this order, shows here.
pub(crate) async fn enter(
    app: &App,
    session: PageSession,
    order: Option<OrderReference>,
) -> Result<Advanced, ApiError> {
    let occurrence = match order {
        Some(order) => Occurrence::PaymentSessionCompleted(order),
        None => Occurrence::ConsumerEntered,
    };
    advance(app, session, occurrence).await
}

/// The consumer presses Back.
pub(crate) async fn press_back(app: &App, session: PageSession) -> Result<Advanced, ApiError> {
    advance(app, session, Occurrence::ConsumerWentBack).await
}

/// What Cancel raises. In a web shop that is Back (docs/wire.md#back-and-cancel).
pub(crate) fn cancelling(channel: AcquiringChannel) -> Occurrence {
    match channel {
        AcquiringChannel::Ecommerce => Occurrence::ConsumerWentBack,
        AcquiringChannel::InStore | AcquiringChannel::Telesales => Occurrence::ConsumerCancelled,
    }
}

/// The consumer presses Cancel and confirms it.
pub(crate) async fn confirm_cancel(
    app: &App,
    session: PageSession,
    channel: AcquiringChannel,
) -> Result<Advanced, ApiError> {
    advance(app, session, cancelling(channel)).await
}

/// Advances the session by what the payment system decided.
pub(crate) async fn settle(
    app: &App,
    session: PageSession,
    payment: &PaymentSession,
    category: &str,
    decision: Decision,
) -> Result<Paid, ApiError> {
    let occurrence = match decision {
        Decision::Incomplete(missing) => return Ok(Paid::Incomplete(missing)),
        Decision::Declined(reason) => Occurrence::PaymentDeclined(reason),
        Decision::Errored(reason) => Occurrence::PaymentErrored(reason),
        Decision::Authorized(Approval { token, consumer }) => {
            let now = app.clock.now(&session.merchant_id);
            Occurrence::PaymentAuthorized(Box::new(Authorization {
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
            }))
        }
    };
    Ok(Paid::Decided(Box::new(advance(app, session, occurrence).await?)))
}

/// The payment session that a page session hosts, and what it offers.
pub(crate) async fn hosted(app: &App, session: &PageSession) -> Result<(PaymentSession, Offer), ApiError> {
    let payment = app.store.payment_session(&session.payment_session_id).await?;
    let payment =
        payment.ok_or_else(|| ApiError::Fault(format!("page session {} hosts nothing", session.id)))?;
    let offer = app.payment_system.offer(&payment)?;
    Ok((payment, offer))
}
