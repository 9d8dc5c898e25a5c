//! `/ordermanagement/v1/orders/{order_id}/refunds`: refund captured money (docs/wire.md#order-management).

use axum::extract::Path;
use http::StatusCode;
use kassa_engine::new_uuid;
use kassa_http::{ApiError, Body, Json};
use kassa_wire::error::ErrorCode;
use kassa_wire::order_management as wire;

use super::own_order::{ChangeAnswer, Denial, OrderChange, OwnOrder};
use super::{order_read, read_order_management};

pub(super) async fn create(change: OrderChange, body: Body) -> Result<ChangeAnswer, ApiError> {
    let creation: wire::RefundCreation = read_order_management(&body, ErrorCode::UnprocessableEntity)?;
    let denial = Denial(ErrorCode::RefundNotAllowed, "Refund not possible");
    let OwnOrder { payments, caller, .. } = &change.order;
    let refund_id = new_uuid(payments.random(), caller.now);
    let path = format!("/ordermanagement/v1/orders/{}/refunds/{refund_id}", change.order.id());
    let location = payments.url(&path);
    change
        .apply(denial, |record, now| {
            record.refund(refund_id.clone(), creation.clone(), now)?;
            Ok(ChangeAnswer::Refunded { refund_id: refund_id.clone(), location: location.clone() })
        })
        .await
}

pub(super) async fn read(
    order: OwnOrder,
    Path((_, refund_id)): Path<(String, String)>,
) -> Result<Json<wire::RefundRead>, ApiError> {
    let refunds = order_read::refunds(&order.record);
    let refund = refunds.into_iter().find(|refund| refund.refund_id == refund_id).ok_or_else(|| {
        let message = format!("Refund {refund_id} cannot be found for order {}", order.id());
        ApiError::refused(ErrorCode::NotFound, message)
    })?;
    Ok(Json(StatusCode::OK, refund))
}
