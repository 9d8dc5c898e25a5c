//! `POST /kassa/v1/sessions/{session_id}/settle`: an operator settles a stuck payment operation.

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::page_session::OrderReference;
use kassa_domain::{OrderId, PageSessionId};
use kassa_engine::{Engine, SettleOutcome, StuckVerdict, session_snapshot};
use kassa_http::{ApiError, Body, CallOrigin, Json, Operator, note_page_session};
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::StuckOperation;
use kassa_wire::snapshot::SessionSnapshot;

/// Settles the stuck operation of a page session. Answers with the page session.
pub(super) async fn settle(
    State(engine): State<Engine>,
    operator: Operator,
    origin: CallOrigin,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<SessionSnapshot>, ApiError> {
    let verdict = verdict(body.read()?)?;
    match engine.settle_stuck(&PageSessionId::new(id), verdict, &origin.of(&operator.actor)).await? {
        SettleOutcome::Settled(session) => {
            note_page_session(&session);
            Ok(Json(StatusCode::OK, session_snapshot(&session.snapshot())))
        }
        SettleOutcome::Contradiction(session) => {
            note_page_session(&session);
            let message = format!("The session is {}, which contradicts this outcome", session.status);
            Err(ApiError::refused(ErrorCode::Conflict, message))
        }
        SettleOutcome::NothingStuck => {
            Err(ApiError::refused(ErrorCode::NotFound, "The session has no stuck payment operation"))
        }
    }
}

/// Reads the verdict: the two names of an order, or `not_ordered`.
fn verdict(found: StuckOperation) -> Result<StuckVerdict, ApiError> {
    let StuckOperation { order_id, klarna_reference, not_ordered } = found;
    match (order_id, klarna_reference, not_ordered.unwrap_or_default()) {
        (Some(order_id), Some(klarna_reference), false) if !order_id.is_empty() => {
            let order_id = OrderId::new(order_id);
            Ok(StuckVerdict::Ordered(OrderReference { order_id, klarna_reference }))
        }
        (None, None, true) => Ok(StuckVerdict::NotOrdered),
        (_, _, _) => {
            let rule = "Send order_id and klarna_reference if the order exists, or not_ordered: true if not";
            Err(ApiError::bad_values_by_rule(vec!["order_id".to_string()], rule))
        }
    }
}
