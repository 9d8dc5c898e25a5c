//! `POST /hpp/v1/sessions/{session_id}/manual-id-check` (docs/wire.md#identity-check).

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::id_check::IdVerdict;
use kassa_engine::{Advanced, Engine, Reads, session_snapshot};
use kassa_http::{ApiError, Body, Caller, Json};
use kassa_wire::error::ErrorCode;
use kassa_wire::hpp::IdCheckAnswer;
use kassa_wire::snapshot::SessionSnapshot;

use super::{own_session, session_not_found};

/// Answers the check of the consumer's identity document, and returns the session as a read shows it.
pub(super) async fn answer(
    State(engine): State<Engine>,
    State(reads): State<Reads>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<SessionSnapshot>, ApiError> {
    let session = own_session(&reads, &caller, id).await?;
    let IdCheckAnswer { result, challenge } = body.read()?;
    let is_this_check = session.id_check.as_ref().is_some_and(|check| check.challenge.code == challenge);
    if !is_this_check {
        return Err(no_check());
    }
    let verdict = match result.eq_ignore_ascii_case("PASSED") {
        true => IdVerdict::Passed,
        false => IdVerdict::Failed,
    };
    match engine.answer_id_check(session, verdict, caller.actor).await? {
        Advanced::Moved(session) | Advanced::Confirming(session) => {
            Ok(Json(StatusCode::OK, session_snapshot(&session.snapshot())))
        }
        Advanced::Stayed(_) | Advanced::Refused(_) => Err(no_check()),
        Advanced::Outdated(_) => {
            let message = "The order changed since the consumer confirmed it; nothing was paid";
            Err(ApiError::refused(ErrorCode::Conflict, message))
        }
        Advanced::Gone => Err(session_not_found()),
    }
}

fn no_check() -> ApiError {
    let message = "No check with this challenge waits for an answer. Read the session for its status";
    ApiError::refused(ErrorCode::Conflict, message)
}
