//! `POST /lab/v1/orders/{order_id}/accept|reject`: ends the fraud check of a pending order now.

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::OrderId;
use kassa_domain::placed_order::Verdict;
use kassa_engine::FraudCheckEnd;
use kassa_http::{ApiError, Caller, Json};
use kassa_wire::error::ErrorCode;
use kassa_wire::lab::FraudCheckEnded;

use crate::Lab;

/// Ends the fraud check, as its due time would have. The notification is due at once.
pub(super) async fn decide(
    State(lab): State<Lab>,
    caller: Caller,
    Path((order_id, verdict)): Path<(String, String)>,
) -> Result<Json<FraudCheckEnded>, ApiError> {
    let verdict = match verdict.as_str() {
        "accept" => Verdict::Accept,
        "reject" => Verdict::Reject,
        _ => return Err(ApiError::without_message(ErrorCode::NotFound)),
    };
    let id = OrderId::new(&order_id);
    match lab.controls.end_fraud_check(&caller.merchant.id, &id, verdict, &caller.actor).await? {
        FraudCheckEnd::Ended => {
            let fraud_status = verdict.status().as_str().to_string();
            Ok(Json(StatusCode::OK, FraudCheckEnded { order_id, fraud_status }))
        }
        FraudCheckEnd::NotPending => {
            Err(ApiError::refused(ErrorCode::Conflict, format!("Order {order_id} is not pending")))
        }
        FraudCheckEnd::NoOrder => {
            Err(ApiError::refused(ErrorCode::NoSuchOrder, format!("Order {order_id} cannot be found")))
        }
    }
}
