//! `.../captures/{capture_id}/extend-due-date`: let the consumer pay an invoice later (docs/wire.md#order-management).

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_engine::Payments;
use kassa_http::{ApiError, Body, Caller, Json};
use kassa_wire::error::ErrorCode;
use kassa_wire::order_management as wire;

use super::captures::check_captured;
use super::idempotency::Idempotency;
use super::orders::{ChangeAnswer, change, own_order};
use super::read_order_management;
use crate::sandbox::payment_method;

const CANNOT_BE_EXTENDED: &str = "Due date cannot be extended";

pub(super) async fn options(
    State(payments): State<Payments>,
    caller: Caller,
    Path((order_id, capture_id)): Path<(String, String)>,
) -> Result<Json<wire::DueDateOptions>, ApiError> {
    let (_, record) = own_order(&payments, &caller, order_id).await?;
    check_captured(&record, &caller, &capture_id, CANNOT_BE_EXTENDED)?;
    let currency = record.content.purchase_currency.to_ascii_uppercase();
    let options = payment_method::due_date_options(&record.category);
    Ok(Json(StatusCode::OK, wire::DueDateOptions { currency, options }))
}

/// Extends the due date by one of the offered numbers of days. No API answer shows a due date, so none is stored.
pub(super) async fn extend(
    State(payments): State<Payments>,
    caller: Caller,
    idempotency: Idempotency,
    Path((order_id, capture_id)): Path<(String, String)>,
    body: Body,
) -> Result<ChangeAnswer, ApiError> {
    let (_, record) = own_order(&payments, &caller, order_id.clone()).await?;
    check_captured(&record, &caller, &capture_id, CANNOT_BE_EXTENDED)?;
    let extension: wire::DueDateExtension = read_order_management(&body, ErrorCode::UnprocessableEntity)?;
    change(&payments, &caller, &idempotency, order_id, |record| {
        let options = payment_method::due_date_options(&record.category);
        if options.iter().any(|option| option.number_of_days == extension.number_of_days) {
            return Ok(ChangeAnswer::NoContent);
        }
        let message = format!("{CANNOT_BE_EXTENDED} by {} days", extension.number_of_days);
        Err(ApiError::refused(ErrorCode::NotAllowed, message))
    })
    .await
}
