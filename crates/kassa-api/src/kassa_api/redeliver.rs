//! Redelivery: makes the callback of one event, or the given-up callbacks of many, due again with the same bytes.

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::Timestamp;
use kassa_engine::{Engine, Reads};
use kassa_http::{ApiError, Body, CallOrigin, Caller, Json};
use kassa_store::RedeliveredCallbacks;
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::{EventDetail, RedeliverSince, Redelivery};
use kassa_wire::time::parse_ms;

use super::any_own_session;
use super::event::{event_detail, own_event};

/// `POST /kassa/v1/events/{event_id}/redeliver`. A delivered callback is sent again, too. A callback that waits for its
/// first attempt, or is under way, stays as it is.
pub async fn redeliver_event(
    State(engine): State<Engine>,
    State(reads): State<Reads>,
    caller: Caller,
    origin: CallOrigin,
    Path(id): Path<String>,
) -> Result<Json<EventDetail>, ApiError> {
    let event = own_event(&reads, &caller, id.clone()).await?;
    if event.callback_state.is_none() {
        return Err(ApiError::refused(ErrorCode::Conflict, "The event calls nobody back"));
    }
    engine.redeliver_event(&caller.merchant.id, &event, &origin.of(&caller.actor)).await?;
    let event = own_event(&reads, &caller, id).await?;
    Ok(Json(StatusCode::ACCEPTED, event_detail(&reads, event).await?))
}

/// `POST /kassa/v1/sessions/{session_id}/redeliver`: the given-up callbacks of a session.
pub(super) async fn redeliver_session(
    State(engine): State<Engine>,
    State(reads): State<Reads>,
    caller: Caller,
    origin: CallOrigin,
    Path(id): Path<String>,
) -> Result<Json<Redelivery>, ApiError> {
    let session = any_own_session(&reads, &caller, id).await?;
    let redelivered =
        engine.redeliver_session(&caller.merchant.id, &session.id, &origin.of(&caller.actor)).await?;
    Ok(Json(StatusCode::ACCEPTED, redelivery(&redelivered)))
}

/// `POST /kassa/v1/events/redeliver`: the merchant's given-up callbacks since an instant.
pub(super) async fn redeliver_since(
    State(engine): State<Engine>,
    caller: Caller,
    origin: CallOrigin,
    body: Body,
) -> Result<Json<Redelivery>, ApiError> {
    let asked: RedeliverSince = body.read()?;
    let since = parse_ms(&asked.since).ok_or_else(|| ApiError::bad_values(["since"]))?;
    let since = Timestamp::from_ms(since);
    let redelivered = engine.redeliver_since(&caller.merchant.id, since, &origin.of(&caller.actor)).await?;
    Ok(Json(StatusCode::ACCEPTED, redelivery(&redelivered)))
}

fn redelivery(redelivered: &RedeliveredCallbacks) -> Redelivery {
    Redelivery { redelivered: redelivered.count }
}
