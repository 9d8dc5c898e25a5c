//! `DELETE /hpp/v1/sessions/{session_id}` (docs/wire.md#disable-a-page-session).

use axum::extract::State;
use http::StatusCode;
use kassa_domain::lifecycle::Status;
use kassa_engine::{Advanced, Engine, Reads};
use kassa_http::{ApiError, Caller, PathParameter};
use kassa_wire::error::ErrorCode;

use super::{own_session, session_not_found};

pub(super) async fn disable(
    State(engine): State<Engine>,
    State(reads): State<Reads>,
    caller: Caller,
    PathParameter(id): PathParameter,
) -> Result<StatusCode, ApiError> {
    let session = own_session(&reads, &caller, id).await?;
    match engine.disable(session, caller.actor).await? {
        Advanced::Moved(_) | Advanced::Stayed(_) => Ok(StatusCode::NO_CONTENT),
        // A repeated call changes nothing and succeeds.
        Advanced::Refused(session) if session.status == Status::Disabled => Ok(StatusCode::NO_CONTENT),
        Advanced::Refused(session) | Advanced::Outdated(session) => {
            let message = format!("The session is {} and cannot be disabled", session.status);
            Err(ApiError::refused(ErrorCode::SessionEnded, message))
        }
        Advanced::Confirming(_) => {
            let message =
                "An order of the session is being placed, and its outcome is not known yet; try again";
            Err(ApiError::refused(ErrorCode::TemporarilyUnavailable, message))
        }
        Advanced::Gone => Err(session_not_found()),
    }
}
