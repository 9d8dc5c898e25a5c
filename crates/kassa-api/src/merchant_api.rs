//! The HPP API for merchants (docs/wire.md#page-sessions): create, read, disable, distribute.

mod conditions;
mod create;
mod creation_rules;
mod disable;
mod distribute;
mod hosted_payment;
mod read;

pub use distribute::distribute;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::{get, post};
use kassa_domain::PageSessionId;
use kassa_domain::page_session::PageSession;
use kassa_engine::{Accounts, Engine, Links, News, Reads};
use kassa_http::{ApiError, Caller, Calls, note_page_session};
use kassa_wire::error::ErrorCode;

pub(crate) fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Engine: FromRef<S>,
    Reads: FromRef<S>,
    Accounts: FromRef<S>,
    Links: FromRef<S>,
    News: FromRef<S>,
    Calls: FromRef<S>,
{
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
pub async fn own_session(reads: &Reads, caller: &Caller, id: String) -> Result<PageSession, ApiError> {
    let found = reads.page_session(&PageSessionId::new(id)).await?;
    let own = found.filter(|session| caller.owns(&session.merchant_id)).ok_or_else(session_not_found)?;
    note_page_session(&own);
    if own.is_expired(caller.now) { Err(session_not_found()) } else { Ok(own) }
}

/// The error for a session that is unknown, expired, or another merchant's.
#[must_use]
pub fn session_not_found() -> ApiError {
    ApiError::refused(ErrorCode::NotFound, "The session has expired or does not exist")
}
