//! `/ordermanagement/v1/orders/{order_id}`: read, change and cancel an order (docs/wire.md#order-management).

use http::StatusCode;
use kassa_domain::placed_order::OrderPrecondition;
use kassa_http::{ApiError, Body, Json};
use kassa_wire::error::ErrorCode;
use kassa_wire::order_management as wire;
use kassa_wire::people::Address;

use super::own_order::{ChangeAnswer, Denial, OrderChange, OwnOrder};
use super::{order_read, read_order_management};

pub(super) async fn read(order: OwnOrder) -> Json<wire::Order> {
    Json(StatusCode::OK, order_read::order(&order.stored, &order.record, order.caller.now))
}

pub(super) async fn cancel(change: OrderChange) -> Result<ChangeAnswer, ApiError> {
    let denial = Denial(ErrorCode::CancelNotAllowed, "Cancel not possible");
    change
        .apply(denial, |record, now| {
            record.money.cancel(now)?;
            Ok(ChangeAnswer::NoContent)
        })
        .await
}

pub(super) async fn release_remaining(change: OrderChange) -> Result<ChangeAnswer, ApiError> {
    let denial = Denial(ErrorCode::NotAllowed, "Remaining authorization cannot be released");
    change
        .apply(denial, |record, now| {
            record.money.release_remaining(now)?;
            Ok(ChangeAnswer::NoContent)
        })
        .await
}

pub(super) async fn extend_authorization_time(change: OrderChange) -> Result<ChangeAnswer, ApiError> {
    let denial = Denial(ErrorCode::NotAllowed, "Authorization time cannot be extended");
    change
        .apply(denial, |record, now| {
            record.money.extend(now)?;
            Ok(ChangeAnswer::NoContent)
        })
        .await
}

/// Sets a new amount, and a new cart if the call has one.
pub(super) async fn update_authorization(change: OrderChange, body: Body) -> Result<ChangeAnswer, ApiError> {
    let update: wire::AuthorizationUpdate = read_order_management(&body, ErrorCode::UnprocessableEntity)?;
    let denial = Denial(ErrorCode::NotAllowed, "Order authorization cannot be updated");
    change
        .apply(denial, |record, now| {
            record.money.update_authorization(update.order_amount, now)?;
            if let Some(lines) = &update.order_lines {
                record.content.order_lines.clone_from(lines);
            }
            Ok(ChangeAnswer::NoContent)
        })
        .await
}

pub(super) async fn update_merchant_references(
    change: OrderChange,
    body: Body,
) -> Result<ChangeAnswer, ApiError> {
    let update: wire::MerchantReferencesUpdate =
        read_order_management(&body, ErrorCode::UnprocessableEntity)?;
    let denial = Denial(ErrorCode::NotAllowed, "Merchant references cannot be updated");
    change
        .apply(denial, |record, now| {
            record.money.require(OrderPrecondition::NotCancelled, now)?;
            let content = &mut record.content;
            overwrite(&mut content.merchant_reference1, update.merchant_reference1.as_ref());
            overwrite(&mut content.merchant_reference2, update.merchant_reference2.as_ref());
            Ok(ChangeAnswer::NoContent)
        })
        .await
}

pub(super) async fn update_customer_details(
    change: OrderChange,
    body: Body,
) -> Result<ChangeAnswer, ApiError> {
    let update: wire::CustomerDetailsUpdate = read_order_management(&body, ErrorCode::InvalidAddress)?;
    let denial = Denial(ErrorCode::NotAllowed, "Customer details cannot be updated");
    change
        .apply(denial, |record, now| {
            record.money.require(OrderPrecondition::CanBeCaptured, now)?;
            update_address(&mut record.content.billing_address, update.billing_address.as_ref());
            update_address(&mut record.content.shipping_address, update.shipping_address.as_ref());
            Ok(ChangeAnswer::NoContent)
        })
        .await
}

pub(super) async fn add_shipping_info(change: OrderChange, body: Body) -> Result<ChangeAnswer, ApiError> {
    let addition: wire::ShippingInfoAddition = read_order_management(&body, ErrorCode::UnprocessableEntity)?;
    let denial = Denial(ErrorCode::NotAllowed, "Shipping info cannot be added");
    change
        .apply(denial, |record, now| {
            record.money.require(OrderPrecondition::NotCancelled, now)?;
            record.shipping_info.extend(addition.shipping_info.iter().cloned());
            Ok(ChangeAnswer::NoContent)
        })
        .await
}

/// Acknowledges an order. Only Klarna Checkout (KCO) uses this; Kassa accepts it and changes nothing.
pub(super) async fn acknowledge(_order: OwnOrder) -> ChangeAnswer {
    ChangeAnswer::NoContent
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
