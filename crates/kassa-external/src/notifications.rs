//! Notifications of the external payment system. A notification says that a payment changed; Kassa reads the payment,
//! and nothing else follows. So a forged or repeated one does no harm.

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use kassa_domain::PaymentSessionId;
use kassa_domain::time::SECOND_MS;
use kassa_http::{ApiError, Body};
use kassa_wire::error::ErrorCode;
use kassa_wire::signature::{SignedCallback, verify};
use serde::Deserialize;

use crate::merchant_api::ExternalApi;

/// The path of notifications.
pub const NOTIFICATIONS_PATH: &str = "/kassa/v1/payment-notifications";

/// The longest id of a payment session, in bytes.
const LONGEST_ID: usize = 100;

#[derive(Deserialize)]
struct PaymentNotification {
    payment_id: String,
}

/// Accepts a notification: the reads of the payment become due.
pub(crate) async fn accept(
    State(api): State<ExternalApi>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<StatusCode, ApiError> {
    check_signature(&api, &headers, &body)?;
    let unreadable = |why: String| ApiError::refused(ErrorCode::BadRequest, why);
    let PaymentNotification { payment_id } =
        serde_json::from_slice(&body).map_err(|error| unreadable(error.to_string()))?;
    if !(1..=LONGEST_ID).contains(&payment_id.len()) {
        return Err(unreadable("payment_id is the id of a payment session".to_string()));
    }
    api.engine.payment_notified(&PaymentSessionId::new(payment_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn check_signature(api: &ExternalApi, headers: &HeaderMap, body: &[u8]) -> Result<(), ApiError> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let unauthorized = |why: String| ApiError::refused(ErrorCode::Unauthorized, why);
    let missing =
        || unauthorized("webhook-id, webhook-timestamp or webhook-signature is missing".to_string());
    let at_s = text("webhook-timestamp").and_then(|text| text.parse().ok()).ok_or_else(missing)?;
    let call = SignedCallback {
        event_id: text("webhook-id").ok_or_else(missing)?,
        at_s,
        body,
        signatures: text("webhook-signature").ok_or_else(missing)?,
    };
    let now_s = api.external.clock().system_now().as_ms() / SECOND_MS;
    verify(&api.external.rules().notification_secrets, call, now_s)
        .map_err(|error| unauthorized(error.to_string()))
}
