//! `/ordermanagement/v1/orders/{order_id}/captures`: capture money, and record how the goods are shipped
//! (docs/wire.md#order-management).

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::placed_order::OrderPrecondition;
use kassa_engine::{Payments, new_uuid};
use kassa_http::{ApiError, Body, Caller, Json};
use kassa_wire::error::ErrorCode;
use kassa_wire::order_management as wire;

use super::idempotency::Idempotency;
use super::orders::{ChangeAnswer, change, own_order, refused};
use super::{order_read, read_order_management};
use crate::sandbox::order::OrderRecord;

pub(super) async fn create(
    State(payments): State<Payments>,
    caller: Caller,
    idempotency: Idempotency,
    Path(order_id): Path<String>,
    body: Body,
) -> Result<ChangeAnswer, ApiError> {
    let (_, _) = own_order(&payments, &caller, order_id.clone()).await?;
    let creation: wire::CaptureCreation = read_order_management(&body, ErrorCode::UnprocessableEntity)?;
    let refused = refused(ErrorCode::CaptureNotAllowed, "Capture not possible.");
    let capture_id = new_uuid(payments.random(), caller.now);
    let location = payments.url(&format!("/ordermanagement/v1/orders/{order_id}/captures/{capture_id}"));
    change(&payments, &caller, &idempotency, order_id, |record| {
        record.capture(capture_id.clone(), creation.clone(), caller.now).map_err(&refused)?;
        Ok(ChangeAnswer::Captured { capture_id: capture_id.clone(), location: location.clone() })
    })
    .await
}

pub(super) async fn list(
    State(payments): State<Payments>,
    caller: Caller,
    Path(order_id): Path<String>,
) -> Result<Json<Vec<wire::Capture>>, ApiError> {
    let (stored, record) = own_order(&payments, &caller, order_id).await?;
    Ok(Json(StatusCode::OK, order_read::captures(&stored, &record)))
}

pub(super) async fn read(
    State(payments): State<Payments>,
    caller: Caller,
    Path((order_id, capture_id)): Path<(String, String)>,
) -> Result<Json<wire::Capture>, ApiError> {
    let (stored, record) = own_order(&payments, &caller, order_id).await?;
    let capture =
        order_read::captures(&stored, &record).into_iter().find(|capture| capture.capture_id == capture_id);
    let capture = capture.ok_or_else(|| no_such_capture(&capture_id))?;
    Ok(Json(StatusCode::OK, capture))
}

pub(super) async fn add_shipping_info(
    State(payments): State<Payments>,
    caller: Caller,
    idempotency: Idempotency,
    Path((order_id, capture_id)): Path<(String, String)>,
    body: Body,
) -> Result<ChangeAnswer, ApiError> {
    let (_, record) = own_order(&payments, &caller, order_id.clone()).await?;
    check_captured(&record, &caller, &capture_id, "Shipping info cannot be added")?;
    let addition: wire::ShippingInfoAddition = read_order_management(&body, ErrorCode::UnprocessableEntity)?;
    change(&payments, &caller, &idempotency, order_id, |record| {
        let capture = record.captures.get_mut(&capture_id).ok_or_else(|| no_such_capture(&capture_id))?;
        capture.shipping_info.get_or_insert_default().extend(addition.shipping_info.iter().cloned());
        Ok(ChangeAnswer::Silently)
    })
    .await
}

/// Accepts the request to send the consumer the capture's message again. The sandbox sends no messages.
pub(super) async fn trigger_send_out(
    State(payments): State<Payments>,
    caller: Caller,
    Path((order_id, capture_id)): Path<(String, String)>,
) -> Result<ChangeAnswer, ApiError> {
    let (_, record) = own_order(&payments, &caller, order_id).await?;
    check_captured(&record, &caller, &capture_id, "Send out cannot be triggered")?;
    Ok(ChangeAnswer::Silently)
}

/// Checks that the order has this capture. An order without captures refuses the call; an unknown id is a 404.
pub(super) fn check_captured(
    record: &OrderRecord,
    caller: &Caller,
    capture_id: &str,
    consequence: &str,
) -> Result<(), ApiError> {
    let demanded = record.money.require(OrderPrecondition::HasCaptures, caller.now);
    demanded.map_err(refused(ErrorCode::NotAllowed, consequence))?;
    if record.captures.contains_key(capture_id) { Ok(()) } else { Err(no_such_capture(capture_id)) }
}

fn no_such_capture(capture_id: &str) -> ApiError {
    ApiError::refused(ErrorCode::NoSuchCapture, format!("Capture {capture_id} cannot be found"))
}
