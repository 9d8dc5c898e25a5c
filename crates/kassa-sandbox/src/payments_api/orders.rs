//! `/ordermanagement/v1/orders/{order_id}`: read, change and cancel an order (docs/wire.md#order-management).

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderName, StatusCode};
use kassa_domain::OrderId;
use kassa_domain::placed_order::{OrderPrecondition, Refusal};
use kassa_engine::Payments;
use kassa_http::{ApiError, Body, Caller, Json};
use kassa_store::{IdempotentOutcome, StoredOrder};
use kassa_wire::error::ErrorCode;
use kassa_wire::headers::{CAPTURE_ID, REFUND_ID};
use kassa_wire::order_management as wire;
use kassa_wire::people::Address;
use serde::{Deserialize, Serialize};

use super::idempotency::Idempotency;
use super::{order_read, read_order_management};
use crate::sandbox::order::OrderRecord;

pub(super) async fn read(
    State(payments): State<Payments>,
    caller: Caller,
    Path(order_id): Path<String>,
) -> Result<Json<wire::Order>, ApiError> {
    let (stored, record) = own_order(&payments, &caller, order_id).await?;
    Ok(Json(StatusCode::OK, order_read::order(&stored, &record, caller.now)))
}

pub(super) async fn cancel(
    State(payments): State<Payments>,
    caller: Caller,
    idempotency: Idempotency,
    Path(order_id): Path<String>,
) -> Result<ChangeAnswer, ApiError> {
    let refused = refused(ErrorCode::CancelNotAllowed, "Cancel not possible");
    change(&payments, &caller, &idempotency, order_id, |record| {
        record.money.cancel(caller.now).map_err(&refused)?;
        Ok(ChangeAnswer::Silently)
    })
    .await
}

pub(super) async fn release_remaining(
    State(payments): State<Payments>,
    caller: Caller,
    idempotency: Idempotency,
    Path(order_id): Path<String>,
) -> Result<ChangeAnswer, ApiError> {
    let refused = refused(ErrorCode::NotAllowed, "Remaining authorization cannot be released");
    change(&payments, &caller, &idempotency, order_id, |record| {
        record.money.release_remaining(caller.now).map_err(&refused)?;
        Ok(ChangeAnswer::Silently)
    })
    .await
}

pub(super) async fn extend_authorization_time(
    State(payments): State<Payments>,
    caller: Caller,
    idempotency: Idempotency,
    Path(order_id): Path<String>,
) -> Result<ChangeAnswer, ApiError> {
    let refused = refused(ErrorCode::NotAllowed, "Authorization time cannot be extended");
    change(&payments, &caller, &idempotency, order_id, |record| {
        record.money.extend(caller.now).map_err(&refused)?;
        Ok(ChangeAnswer::Silently)
    })
    .await
}

/// Sets a new amount, and a new cart if the call has one.
pub(super) async fn update_authorization(
    State(payments): State<Payments>,
    caller: Caller,
    idempotency: Idempotency,
    Path(order_id): Path<String>,
    body: Body,
) -> Result<ChangeAnswer, ApiError> {
    let (_, _) = own_order(&payments, &caller, order_id.clone()).await?;
    let update: wire::AuthorizationUpdate = read_order_management(&body, ErrorCode::UnprocessableEntity)?;
    let refused = refused(ErrorCode::NotAllowed, "Order authorization cannot be updated");
    change(&payments, &caller, &idempotency, order_id, |record| {
        record.money.update_authorization(update.order_amount, caller.now).map_err(&refused)?;
        if let Some(lines) = &update.order_lines {
            record.content.order_lines.clone_from(lines);
        }
        Ok(ChangeAnswer::Silently)
    })
    .await
}

pub(super) async fn update_merchant_references(
    State(payments): State<Payments>,
    caller: Caller,
    idempotency: Idempotency,
    Path(order_id): Path<String>,
    body: Body,
) -> Result<ChangeAnswer, ApiError> {
    let (_, _) = own_order(&payments, &caller, order_id.clone()).await?;
    let update: wire::MerchantReferencesUpdate =
        read_order_management(&body, ErrorCode::UnprocessableEntity)?;
    let refused = refused(ErrorCode::NotAllowed, "Merchant references cannot be updated");
    change(&payments, &caller, &idempotency, order_id, |record| {
        record.money.require(OrderPrecondition::NotCancelled, caller.now).map_err(&refused)?;
        let content = &mut record.content;
        overwrite(&mut content.merchant_reference1, update.merchant_reference1.as_ref());
        overwrite(&mut content.merchant_reference2, update.merchant_reference2.as_ref());
        Ok(ChangeAnswer::Silently)
    })
    .await
}

pub(super) async fn update_customer_details(
    State(payments): State<Payments>,
    caller: Caller,
    idempotency: Idempotency,
    Path(order_id): Path<String>,
    body: Body,
) -> Result<ChangeAnswer, ApiError> {
    let (_, _) = own_order(&payments, &caller, order_id.clone()).await?;
    let update: wire::CustomerDetailsUpdate = read_order_management(&body, ErrorCode::InvalidAddress)?;
    let refused = refused(ErrorCode::NotAllowed, "Customer details cannot be updated");
    change(&payments, &caller, &idempotency, order_id, |record| {
        record.money.require(OrderPrecondition::CanBeCaptured, caller.now).map_err(&refused)?;
        update_address(&mut record.content.billing_address, update.billing_address.as_ref());
        update_address(&mut record.content.shipping_address, update.shipping_address.as_ref());
        Ok(ChangeAnswer::Silently)
    })
    .await
}

pub(super) async fn add_shipping_info(
    State(payments): State<Payments>,
    caller: Caller,
    idempotency: Idempotency,
    Path(order_id): Path<String>,
    body: Body,
) -> Result<ChangeAnswer, ApiError> {
    let (_, _) = own_order(&payments, &caller, order_id.clone()).await?;
    let addition: wire::ShippingInfoAddition = read_order_management(&body, ErrorCode::UnprocessableEntity)?;
    let refused = refused(ErrorCode::NotAllowed, "Shipping info cannot be added");
    change(&payments, &caller, &idempotency, order_id, |record| {
        record.money.require(OrderPrecondition::NotCancelled, caller.now).map_err(&refused)?;
        record.shipping_info.extend(addition.shipping_info.iter().cloned());
        Ok(ChangeAnswer::Silently)
    })
    .await
}

/// Acknowledges an order. Only Klarna Checkout (KCO) uses this; Kassa accepts it and changes nothing.
pub(super) async fn acknowledge(
    State(payments): State<Payments>,
    caller: Caller,
    Path(order_id): Path<String>,
) -> Result<ChangeAnswer, ApiError> {
    own_order(&payments, &caller, order_id).await?;
    Ok(ChangeAnswer::Silently)
}

fn overwrite<T: Clone>(field: &mut Option<T>, given: Option<&T>) {
    if let Some(value) = given {
        *field = Some(value.clone());
    }
}

/// Changes the fields of an address that a call gives. An empty text clears a field
/// (docs/wire.md#changing-an-order).
fn update_address(address: &mut Option<Address>, given: Option<&Address>) {
    if let Some(update) = given {
        *address = Some(address.take().unwrap_or_default().updated_with(update));
    }
}

/// The answer to a change. It is stored with the idempotency key, so the variants' names are a storage format.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum ChangeAnswer {
    /// 204, without a body.
    Silently,
    /// 201, with the capture's id and its URL.
    Captured { capture_id: String, location: String },
    /// 201, with the refund's id and its URL.
    Refunded { refund_id: String, location: String },
}

impl IntoResponse for ChangeAnswer {
    fn into_response(self) -> Response {
        let (name, id, location) = match self {
            Self::Silently => return StatusCode::NO_CONTENT.into_response(),
            Self::Captured { capture_id, location } => (CAPTURE_ID, capture_id, location),
            Self::Refunded { refund_id, location } => (REFUND_ID, refund_id, location),
        };
        let headers = [(HeaderName::from_static(name), id), (LOCATION, location)];
        (StatusCode::CREATED, headers).into_response()
    }
}

/// Changes an order once per idempotency key: reads it, asks the rules, and commits guarded by the row's version.
/// If another call committed first, it starts again.
pub(super) async fn change(
    payments: &Payments,
    caller: &Caller,
    idempotency: &Idempotency,
    order_id: String,
    operation: impl Fn(&mut OrderRecord) -> Result<ChangeAnswer, ApiError>,
) -> Result<ChangeAnswer, ApiError> {
    loop {
        if let Some(changed) = idempotency.earlier_answer(payments, caller).await? {
            return Ok(changed);
        }
        let (stored, mut record) = own_order(payments, caller, order_id.clone()).await?;
        let changed = operation(&mut record)?;
        let body = serde_json::to_string(&record)?;
        let kept = idempotency.keep(&changed, caller.now)?;
        match payments.update_order(&stored, &body, kept.as_ref(), &caller.actor).await? {
            IdempotentOutcome::Done => return Ok(changed),
            IdempotentOutcome::Stale | IdempotentOutcome::KeyUsed => {}
        }
    }
}

/// Returns the caller's order with this id. Another merchant's order is answered like an unknown one.
pub(super) async fn own_order(
    payments: &Payments,
    caller: &Caller,
    order_id: String,
) -> Result<(StoredOrder, OrderRecord), ApiError> {
    let order_id = OrderId::new(order_id);
    let stored = payments.order(&order_id).await?;
    let stored = stored.filter(|order| caller.owns(&order.merchant_id)).ok_or_else(|| {
        ApiError::refused(ErrorCode::NoSuchOrder, format!("Order {order_id} cannot be found"))
    })?;
    let record = OrderRecord::of(&stored)?;
    Ok((stored, record))
}

/// Turns a refusal of the rules into an error that names the reason and `consequence`.
pub(super) fn refused(code: ErrorCode, consequence: &str) -> impl Fn(Refusal) -> ApiError {
    move |refusal| ApiError::refused(code, format!("{refusal}. {consequence}"))
}
