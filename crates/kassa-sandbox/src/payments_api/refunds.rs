//! `/ordermanagement/v1/orders/{order_id}/refunds`: refund captured money (docs/wire.md#order-management).

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_engine::{Payments, new_uuid};
use kassa_http::{ApiError, Body, Caller, Json};
use kassa_wire::error::ErrorCode;
use kassa_wire::order_management as wire;

use super::idempotency::Idempotency;
use super::orders::{ChangeAnswer, change, own_order, refused};
use super::{order_read, read_order_management};

pub(super) async fn create(
    State(payments): State<Payments>,
    caller: Caller,
    idempotency: Idempotency,
    Path(order_id): Path<String>,
    body: Body,
) -> Result<ChangeAnswer, ApiError> {
    let (_, _) = own_order(&payments, &caller, order_id.clone()).await?;
    let creation: wire::RefundCreation = read_order_management(&body, ErrorCode::UnprocessableEntity)?;
    let refused = refused(ErrorCode::RefundNotAllowed, "Refund not possible");
    let refund_id = new_uuid(payments.random(), caller.now);
    let location = payments.url(&format!("/ordermanagement/v1/orders/{order_id}/refunds/{refund_id}"));
    change(&payments, &caller, &idempotency, order_id, |record| {
        record.refund(refund_id.clone(), creation.clone(), caller.now).map_err(&refused)?;
        Ok(ChangeAnswer::Refunded { refund_id: refund_id.clone(), location: location.clone() })
    })
    .await
}

pub(super) async fn read(
    State(payments): State<Payments>,
    caller: Caller,
    Path((order_id, refund_id)): Path<(String, String)>,
) -> Result<Json<wire::Refund>, ApiError> {
    let (_, record) = own_order(&payments, &caller, order_id.clone()).await?;
    let refund = order_read::refunds(&record).into_iter().find(|refund| refund.refund_id == refund_id);
    let refund = refund.ok_or_else(|| {
        let message = format!("Refund {refund_id} cannot be found for order {order_id}");
        ApiError::refused(ErrorCode::NotFound, message)
    })?;
    Ok(Json(StatusCode::OK, refund))
}
