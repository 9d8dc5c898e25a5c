//! `GET /kp/v1/sessions/{session_id}/redirect`: leads the consumer's browser to the merchant's confirmation URL, after
//! the merchant placed the order (docs/wire.md#place-an-order). It needs no credentials.

use axum::extract::{Path, State};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use kassa_domain::PaymentSessionId;
use kassa_domain::payment_session::{PaymentCompletion, PaymentSession};
use kassa_engine::{Payments, as_uri};
use kassa_http::ApiError;
use kassa_wire::error::ErrorCode;
use kassa_wire::payments::{self as wire, PaymentUrls};

use crate::sandbox::order::OrderRecord;
use crate::sandbox::payment_callbacks::with_placeholders_filled;

/// Returns the URL that this module answers, if the merchant gave a confirmation URL.
pub(super) fn url(payments: &Payments, of: &PaymentSessionId, urls: Option<&PaymentUrls>) -> Option<String> {
    confirmation(urls).map(|_| payments.url(&format!("/kp/v1/sessions/{of}/redirect")))
}

pub(super) async fn redirect_to_confirmation(
    State(payments): State<Payments>,
    Path(id): Path<String>,
) -> Result<(StatusCode, [(http::HeaderName, HeaderValue); 1]), ApiError> {
    let not_found = || ApiError::without_message(ErrorCode::NotFound);
    let payment = payments.payment_session(&PaymentSessionId::new(id)).await?.ok_or_else(not_found)?;
    let address = address(&payments, &payment).await?.ok_or_else(not_found)?;
    if !payments.may_redirect_to(&address) {
        return Err(not_found());
    }
    let address = as_uri(&address).and_then(|uri| HeaderValue::from_str(&uri).ok());
    Ok((StatusCode::FOUND, [(LOCATION, address.ok_or_else(not_found)?)]))
}

/// Returns the merchant's confirmation URL with its placeholders replaced. The call that placed the order may have
/// replaced the URL of the payment session.
async fn address(payments: &Payments, payment: &PaymentSession) -> Result<Option<String>, ApiError> {
    let order = payment.completion.clone().and_then(PaymentCompletion::order);
    let Some(reference) = order else { return Ok(None) };
    let Some(stored) = payments.order(&reference.order_id).await? else { return Ok(None) };
    let record = OrderRecord::of(&stored)?;
    let confirmation = confirmation(record.content.merchant_urls.as_ref());
    Ok(confirmation.map(|url| with_placeholders_filled(url, &payment.id, Some(&reference.order_id))))
}

fn confirmation(urls: Option<&wire::PaymentUrls>) -> Option<&str> {
    urls.and_then(|urls| urls.confirmation.as_deref()).filter(|url| !url.is_empty())
}
