//! `/payments/v1/authorizations/{token}`: place the order, or cancel the authorization (docs/wire.md#place-an-order).

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::payment_session::{Authorization, AuthorizationState};
use kassa_domain::{AuthorizationToken, OrderId};
use kassa_engine::{Captures, Payments};
use kassa_http::{ApiError, Body, Caller, Json, fingerprint, note_authorization};
use kassa_store::{AuthorizationOrder, CommitOutcome, PlaceOrderOutcome};
use kassa_wire::error::ErrorCode;
use kassa_wire::payments::{OrderCreated, OrderCreation, PaymentSession};
use kassa_wire::stored::Stored;

use super::own_order::OwnOrder;
use super::sessions::session_completed;
use super::{check_amounts, check_can_be_captured, check_customer, read_payments, redirect};
use crate::sandbox::matching::mismatches;
use crate::sandbox::order::NewOrder;
use crate::sandbox::payment_method;

/// Places the order. The token makes the call idempotent: repeating it with the same body gets the same answer.
pub(super) async fn create_order(
    State(payments): State<Payments>,
    caller: Caller,
    Path(token): Path<String>,
    body: Body,
) -> Result<Json<OrderCreated>, ApiError> {
    let token = AuthorizationToken::new(token);
    let mut authorization = own_authorization(&payments, &caller, &token).await?;
    let creation: OrderCreation = read_payments(&body)?;
    check_amounts(creation.order_amount, creation.order_tax_amount, &creation.order_lines)?;
    check_customer(creation.customer.as_ref(), caller.now)?;
    check_can_be_captured(creation.order_amount)?;
    // Of the parsed request: white space, field order and unknown fields do not change it.
    let request_hash = fingerprint(&serde_json::to_vec(&creation)?);
    loop {
        if let Some(refusal) = &authorization.refusal {
            return Err(ApiError::refused(ErrorCode::Mismatch, refusal));
        }
        let order_id = match authorization_use(&authorization, &caller, &request_hash)? {
            AuthorizationUse::Placed(order_id) => Some(order_id),
            AuthorizationUse::Open => {
                place(&payments, &caller, &authorization, &creation, &request_hash).await?
            }
        };
        if let Some(order_id) = order_id {
            payments.complete_page_sessions(&authorization.payment_session_id).await;
            return order_answer(&payments, &caller, &authorization, &creation, order_id).await;
        }
        authorization = own_authorization(&payments, &caller, &token).await?;
    }
}

/// The answer to the question whether this call may place an order with an authorization.
enum AuthorizationUse {
    /// The authorization can become an order.
    Open,
    /// The same call placed this order before.
    Placed(OrderId),
}

fn authorization_use(
    authorization: &Authorization,
    caller: &Caller,
    request_hash: &str,
) -> Result<AuthorizationUse, ApiError> {
    match authorization.state {
        AuthorizationState::Open if authorization.is_usable(caller.now) => Ok(AuthorizationUse::Open),
        AuthorizationState::Open | AuthorizationState::Released => Err(invalid_token()),
        AuthorizationState::Ordered => {
            let hash = authorization.order_request_hash.as_deref();
            match authorization.order_id.as_ref().zip(hash) {
                Some((order_id, hash)) if hash == request_hash => {
                    Ok(AuthorizationUse::Placed(order_id.clone()))
                }
                Some(_) => Err(ApiError::refused(
                    ErrorCode::Mismatch,
                    "The order has been already completed with different request body",
                )),
                None => Err(already_consumed()),
            }
        }
    }
}

/// Places the order. `None` means that the authorization changed: read it again. It was refused for good, or another
/// call was faster.
async fn place(
    payments: &Payments,
    caller: &Caller,
    authorization: &Authorization,
    creation: &OrderCreation,
    request_hash: &str,
) -> Result<Option<OrderId>, ApiError> {
    let authorized = PaymentSession::from_stored(&authorization.body)?;
    if !authorized.allows_order() {
        let message = format!("Not allowed to create order for intent {}", authorized.intent());
        return Err(ApiError::refused(ErrorCode::InvalidOperation, message));
    }
    let payment = payments.payment_session(&authorization.payment_session_id).await?;
    let payment = payment.ok_or_else(invalid_token)?;
    if payment.is_complete() {
        // A concurrent call may have completed it with the same token.
        let reread = own_authorization(payments, caller, &authorization.token).await?;
        let is_ours = reread.state == AuthorizationState::Ordered;
        return if is_ours { Ok(None) } else { Err(session_completed()) };
    }
    if payment.authorization_token.as_ref() != Some(&authorization.token) {
        // A later authorization or another cart made this token invalid.
        return Err(invalid_token());
    }
    if let Some(refusal) = not_matching(&mismatches(&authorized, creation)) {
        payments.refuse_authorization(authorization, &refusal, &caller.actor).await?;
        return Ok(None);
    }
    let captures = if creation.auto_capture == Some(true) { Captures::AtOnce } else { Captures::Later };
    let content = order_content(authorized, creation);
    let order = NewOrder::of(authorization, content, captures)?.place(payments.random(), caller.now)?;
    let order_id = order.reference.order_id.clone();
    let placing = AuthorizationOrder {
        order,
        request_hash: request_hash.to_string(),
        payment_version: payment.version,
        callback_owner: authorization.callback_owner(),
    };
    match payments.place_order(&placing, &caller.actor).await? {
        PlaceOrderOutcome::Placed => Ok(Some(order_id)),
        PlaceOrderOutcome::AuthorizationSpent | PlaceOrderOutcome::PaymentSessionChanged => Ok(None),
    }
}

/// Returns the message that names every field that differs from what was authorized
/// (docs/wire.md#matching-an-order).
pub(super) fn not_matching<T: AsRef<str>>(fields: &[T]) -> Option<String> {
    let fields: Vec<&str> = fields.iter().map(AsRef::as_ref).collect();
    (!fields.is_empty()).then(|| format!("Not matching fields: [{}]", fields.join(", ")))
}

/// Returns the order's content: the authorized content, with the fields that the merchant sent replaced.
fn order_content(authorized: PaymentSession, creation: &OrderCreation) -> PaymentSession {
    let creation = creation.clone();
    PaymentSession {
        order_lines: creation.order_lines,
        order_tax_amount: creation.order_tax_amount.or(authorized.order_tax_amount),
        billing_address: creation.billing_address.or(authorized.billing_address),
        shipping_address: creation.shipping_address.or(authorized.shipping_address),
        customer: creation.customer.or(authorized.customer),
        locale: creation.locale.or(authorized.locale),
        merchant_data: creation.merchant_data.or(authorized.merchant_data),
        merchant_reference1: creation.merchant_reference1.or(authorized.merchant_reference1),
        merchant_reference2: creation.merchant_reference2.or(authorized.merchant_reference2),
        merchant_urls: creation.merchant_urls.or(authorized.merchant_urls),
        ..authorized
    }
}

async fn order_answer(
    payments: &Payments,
    caller: &Caller,
    authorization: &Authorization,
    creation: &OrderCreation,
    order_id: OrderId,
) -> Result<Json<OrderCreated>, ApiError> {
    let OwnOrder { record, .. } = OwnOrder::read(payments.clone(), caller.clone(), &order_id).await?;
    let authorized = PaymentSession::from_stored(&authorization.body)?;
    let urls = creation.merchant_urls.clone().or(authorized.merchant_urls);
    let redirect_url = redirect::url(payments, &authorization.payment_session_id, urls.as_ref());
    let created = OrderCreated {
        order_id: order_id.as_str().to_string(),
        redirect_url,
        fraud_status: record.money.fraud_status(caller.now).as_str().to_string(),
        authorized_payment_method: payment_method::authorized(&authorization.category),
    };
    Ok(Json(StatusCode::OK, created))
}

/// Cancels an authorization that will not become an order.
pub(super) async fn cancel(
    State(payments): State<Payments>,
    caller: Caller,
    Path(token): Path<String>,
) -> Result<StatusCode, ApiError> {
    let token = AuthorizationToken::new(token);
    let authorization = own_authorization(&payments, &caller, &token).await?;
    if !authorization.is_usable(caller.now) {
        return Err(cannot_be_deleted());
    }
    match payments.release_authorization(&authorization, &caller.actor).await? {
        CommitOutcome::Done => Ok(StatusCode::NO_CONTENT),
        CommitOutcome::Stale => Err(cannot_be_deleted()),
    }
}

/// Returns the caller's authorization with this token, in any state.
pub(super) async fn own_authorization(
    payments: &Payments,
    caller: &Caller,
    token: &AuthorizationToken,
) -> Result<Authorization, ApiError> {
    let found = payments.authorization(token).await?;
    let own =
        found.filter(|authorization| caller.owns(&authorization.merchant_id)).ok_or_else(invalid_token)?;
    note_authorization(&own);
    Ok(own)
}

pub(super) fn invalid_token() -> ApiError {
    ApiError::refused(ErrorCode::NotFound, "Invalid authorization token")
}

pub(super) fn already_consumed() -> ApiError {
    ApiError::refused(ErrorCode::InvalidOperation, "Authorization token already consumed")
}

fn cannot_be_deleted() -> ApiError {
    ApiError::refused(ErrorCode::NotFound, "Authorization cannot be deleted")
}
