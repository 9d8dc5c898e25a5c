//! Redelivery: the callback of one event, or those that were given up, made due again with the same bytes.

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::Timestamp;
use kassa_store::Redelivered;
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::{EventDetail, RedeliverSince, Redelivery};
use kassa_wire::time::parse_ms;

use super::any_own_session;
use super::event::{event_detail, own_event};
use crate::api_error::ApiError;
use crate::app::App;
use crate::authentication::Caller;
use crate::body::{Body, Json};
use crate::callbacks::tell_due;

/// `POST /kassa/v1/events/{event_id}/redeliver`: also where it was delivered. One whose first attempt is
/// still to come, or that is under way, stays as it is.
pub(crate) async fn redeliver_event(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<EventDetail>, ApiError> {
    let event = own_event(&app, &caller, id.clone()).await?;
    if event.callback_state.is_none() {
        return Err(ApiError::refused(ErrorCode::Conflict, "The event calls nobody back"));
    }
    admit(&app, &caller, event.event_id.as_str())?;
    let now = app.time.due_now_of(&caller.merchant.id);
    let redelivered = app.store.redeliver_event(&event, now, app.time.lease_now()).await?;
    start(&app, redelivered, now);
    let event = own_event(&app, &caller, id).await?;
    Ok(Json(StatusCode::ACCEPTED, event_detail(&app, event).await?))
}

/// `POST /kassa/v1/sessions/{session_id}/redeliver`: what was given up of a session.
pub(super) async fn redeliver_session(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Redelivery>, ApiError> {
    let session = any_own_session(&app, &caller, id).await?;
    admit(&app, &caller, session.id.as_str())?;
    let now = app.time.due_now_of(&caller.merchant.id);
    let redelivered = app.store.redeliver_session(&session.id, now).await?;
    Ok(Json(StatusCode::ACCEPTED, start(&app, redelivered, now)))
}

/// `POST /kassa/v1/events/redeliver`: what was given up of the merchant's events since an instant.
pub(super) async fn redeliver_since(
    State(app): State<App>,
    caller: Caller,
    body: Body,
) -> Result<Json<Redelivery>, ApiError> {
    let asked: RedeliverSince = body.json()?;
    let since = parse_ms(&asked.since).ok_or_else(|| ApiError::bad_values(["since"]))?;
    let since = Timestamp::from_ms(since);
    admit(&app, &caller, "since")?;
    let now = app.time.due_now_of(&caller.merchant.id);
    let redelivered = app.store.redeliver_since(&caller.merchant.id, since, now).await?;
    Ok(Json(StatusCode::ACCEPTED, start(&app, redelivered, now)))
}

/// Holds a merchant to its limit: whatever it redelivers is a call to somebody's server.
fn admit(app: &App, caller: &Caller, what: &str) -> Result<(), ApiError> {
    let answer = app.limits.redeliver(&caller.merchant.id, what, app.clock.monotonic_now());
    answer.map_err(|paused| {
        app.metrics.node.limited("redelivery");
        ApiError::too_many("Too many redeliveries: try again later", paused)
    })
}

/// Tells the delivery what is due now.
fn start(app: &App, redelivered: Redelivered, now: Timestamp) -> Redelivery {
    for endpoint in redelivered.endpoints {
        tell_due(app, endpoint, now);
    }
    Redelivery { redelivered: redelivered.count }
}
