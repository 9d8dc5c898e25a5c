//! `/ordermanagement/v1/orders/{order_id}/captures`: capture money, and record how the goods are shipped
//! (docs/wire.md#order-management).

use axum::extract::Path;
use http::StatusCode;
use kassa_domain::placed_order::OrderPrecondition;
use kassa_engine::new_uuid;
use kassa_http::{ApiError, Body, Json};
use kassa_wire::error::ErrorCode;
use kassa_wire::order_management as wire;

use super::own_order::{ChangeAnswer, Denial, OrderChange, OwnOrder};
use super::{order_read, read_order_management};

pub(super) async fn create(change: OrderChange, body: Body) -> Result<ChangeAnswer, ApiError> {
    let creation: wire::CaptureCreation = read_order_management(&body, ErrorCode::UnprocessableEntity)?;
    let denial = Denial(ErrorCode::CaptureNotAllowed, "Capture not possible.");
    let OwnOrder { payments, caller, .. } = &change.order;
    let capture_id = new_uuid(payments.random(), caller.now);
    let path = format!("/ordermanagement/v1/orders/{}/captures/{capture_id}", change.order.id());
    let location = payments.url(&path);
    change
        .apply(denial, |record, now| {
            record.capture(capture_id.clone(), creation.clone(), now)?;
            Ok(ChangeAnswer::Captured { capture_id: capture_id.clone(), location: location.clone() })
        })
        .await
}

pub(super) async fn list(order: OwnOrder) -> Json<Vec<wire::CaptureRead>> {
    Json(StatusCode::OK, order_read::captures(&order.stored, &order.record))
}

pub(super) async fn read(
    order: OwnOrder,
    Path((_, capture_id)): Path<(String, String)>,
) -> Result<Json<wire::CaptureRead>, ApiError> {
    let captures = order_read::captures(&order.stored, &order.record);
    let capture = captures.into_iter().find(|capture| capture.capture_id == capture_id);
    Ok(Json(StatusCode::OK, capture.ok_or_else(|| no_such_capture(&capture_id))?))
}

pub(super) async fn add_shipping_info(
    change: OrderChange,
    Path((_, capture_id)): Path<(String, String)>,
    body: Body,
) -> Result<ChangeAnswer, ApiError> {
    let denial = Denial(ErrorCode::NotAllowed, "Shipping info cannot be added");
    check_captured(&change.order, &capture_id, denial)?;
    let addition: wire::ShippingInfoAddition = read_order_management(&body, ErrorCode::UnprocessableEntity)?;
    change
        .apply(denial, |record, _| {
            let capture = record.captures.get_mut(&capture_id).ok_or_else(|| no_such_capture(&capture_id))?;
            capture.shipping_info.get_or_insert_default().extend(addition.shipping_info.iter().cloned());
            Ok(ChangeAnswer::NoContent)
        })
        .await
}

/// Accepts the request to send the consumer the capture's message again. The sandbox sends no messages.
pub(super) async fn trigger_send_out(
    order: OwnOrder,
    Path((_, capture_id)): Path<(String, String)>,
) -> Result<ChangeAnswer, ApiError> {
    check_captured(&order, &capture_id, Denial(ErrorCode::NotAllowed, "Send out cannot be triggered"))?;
    Ok(ChangeAnswer::NoContent)
}

/// Checks that the order has this capture. An order without captures refuses the call; an unknown id is a 404.
pub(super) fn check_captured(order: &OwnOrder, capture_id: &str, denial: Denial) -> Result<(), ApiError> {
    let demanded = order.record.money.require(OrderPrecondition::HasCaptures, order.caller.now);
    demanded.map_err(|refusal| denial.refused(refusal))?;
    if order.record.captures.contains_key(capture_id) { Ok(()) } else { Err(no_such_capture(capture_id)) }
}

fn no_such_capture(capture_id: &str) -> ApiError {
    ApiError::refused(ErrorCode::NoSuchCapture, format!("Capture {capture_id} cannot be found"))
}
