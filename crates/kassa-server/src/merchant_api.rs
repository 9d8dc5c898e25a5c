//! The HPP API for merchants (docs/wire.md#page-sessions): create, read, disable, distribute.

mod conditions;
mod create;
mod creation_key;
mod creation_rules;
mod disable;
mod distribute;
mod read;

use axum::Router;
use axum::routing::{get, post};
use kassa_domain::PageSessionId;
use kassa_domain::page_session::PageSession;
use kassa_wire::error::ErrorCode;

use crate::api_error::ApiError;
use crate::app::App;
use crate::authentication::Caller;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/hpp/v1/sessions", post(create::create))
        .route("/hpp/v1/sessions/{session_id}", get(read::read).delete(disable::disable))
        .route("/hpp/v1/sessions/{session_id}/distribution", post(distribute::distribute))
        .route(
            "/hpp/v1/sessions/{session_id}/distribution-module/token",
            get(distribute::module_token).post(distribute::module_token),
        )
}

/// The caller's session of this id. Unknown, expired and another merchant's are all absent.
pub(crate) async fn own_session(app: &App, caller: &Caller, id: String) -> Result<PageSession, ApiError> {
    let found = app.store.page_session(&PageSessionId::new(id)).await?;
    found
        .filter(|session| caller.owns(&session.merchant_id) && !session.is_expired(caller.now))
        .ok_or_else(session_not_found)
}

pub(crate) fn session_not_found() -> ApiError {
    ApiError::refused(ErrorCode::NotFound, "The session has expired or does not exist")
}
