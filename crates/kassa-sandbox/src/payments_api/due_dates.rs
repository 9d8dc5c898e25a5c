//! `.../captures/{capture_id}/extend-due-date`: let the consumer pay an invoice later (docs/wire.md#order-management).

use axum::extract::Path;
use http::StatusCode;
use kassa_http::{ApiError, Body, Json};
use kassa_wire::error::ErrorCode;
use kassa_wire::order_management as wire;

use super::captures::check_captured;
use super::own_order::{ChangeAnswer, Denial, OrderChange, OwnOrder};
use super::read_order_management;
use crate::sandbox::payment_method;

const CANNOT_BE_EXTENDED: &str = "Due date cannot be extended";
const DENIAL: Denial = Denial(ErrorCode::NotAllowed, CANNOT_BE_EXTENDED);

pub(super) async fn options(
    order: OwnOrder,
    Path((_, capture_id)): Path<(String, String)>,
) -> Result<Json<wire::DueDateOptions>, ApiError> {
    check_captured(&order, &capture_id, DENIAL)?;
    let currency = order.record.content.purchase_currency.to_ascii_uppercase();
    let options = payment_method::due_date_options(&order.record.category);
    Ok(Json(StatusCode::OK, wire::DueDateOptions { currency, options }))
}

/// Extends the due date by one of the offered numbers of days. No API answer shows a due date, so none is stored.
pub(super) async fn extend(
    change: OrderChange,
    Path((_, capture_id)): Path<(String, String)>,
    body: Body,
) -> Result<ChangeAnswer, ApiError> {
    check_captured(&change.order, &capture_id, DENIAL)?;
    let extension: wire::DueDateExtension = read_order_management(&body, ErrorCode::UnprocessableEntity)?;
    change
        .apply(DENIAL, |record, _| {
            let options = payment_method::due_date_options(&record.category);
            if options.iter().any(|option| option.number_of_days == extension.number_of_days) {
                return Ok(ChangeAnswer::NoContent);
            }
            let message = format!("{CANNOT_BE_EXTENDED} by {} days", extension.number_of_days);
            Err(ApiError::refused(ErrorCode::NotAllowed, message).into())
        })
        .await
}
