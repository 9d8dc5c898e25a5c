//! The payment session of a call with a client token.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use kassa_domain::payment_session::PaymentSession;
use kassa_domain::{PaymentSessionId, Timestamp};
use kassa_engine::Payments;
use kassa_http::ApiError;
use kassa_wire::error::ErrorCode;

use crate::payments_api::client_token;
use crate::payments_api::sessions::session_completed;

/// A payment session that can be authorized.
pub(super) struct OpenSession {
    pub(super) payment: PaymentSession,
    /// The name of the merchant.
    pub(super) merchant_name: String,
    /// The present instant by the merchant's clock.
    pub(super) now: Timestamp,
}

/// Returns the payment session with this id, if the call has its client token.
pub(super) async fn open_session(
    payments: &Payments,
    headers: &HeaderMap,
    id: &str,
) -> Result<OpenSession, ApiError> {
    let token = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let payload = token.and_then(|token| client_token::read(payments, token));
    let payload = payload.filter(|payload| payload.session_id == id);
    let payload = payload.ok_or_else(|| ApiError::without_message(ErrorCode::Unauthorized))?;
    let payment = read_open(payments, &PaymentSessionId::new(id)).await?;
    let now = payments.now(&payment.merchant_id);
    Ok(OpenSession { payment, merchant_name: payload.merchant_name, now })
}

/// Returns a payment session that has not expired, and that no order has completed.
pub(super) async fn read_open(
    payments: &Payments,
    id: &PaymentSessionId,
) -> Result<PaymentSession, ApiError> {
    let found = payments.payment_session(id).await?;
    let found = found.filter(|payment| !payment.is_expired(payments.now(&payment.merchant_id)));
    let payment = found.ok_or_else(|| ApiError::refused(ErrorCode::NotFound, "Invalid session id"))?;
    if payment.is_complete() { Err(session_completed()) } else { Ok(payment) }
}
