//! The HPP API for merchants (docs/wire.md#page-sessions): create, read, disable, distribute.

mod conditions;
mod contact;
mod create;
mod creation_rules;
mod disable;
mod distribute;
mod hosted_payment;
mod id_check;
mod operations;
mod read;

pub use distribute::distribute;

use axum::extract::FromRef;
use kassa_domain::PageSessionId;
use kassa_domain::page_session::PageSession;
use kassa_engine::{Accounts, Engine, Links, News, Reads};
use kassa_http::{ApiError, Caller, Calls, note_page_session};
use kassa_i18n::Languages;
use kassa_openapi::{ApiRoutes, get, post};
use kassa_wire::error::ErrorCode;

use operations::PAGE_SESSIONS;

pub(crate) fn routes<S>() -> ApiRoutes<S>
where
    S: Clone + Send + Sync + 'static,
    Engine: FromRef<S>,
    Reads: FromRef<S>,
    Accounts: FromRef<S>,
    Links: FromRef<S>,
    Languages: FromRef<S>,
    News: FromRef<S>,
    Calls: FromRef<S>,
{
    ApiRoutes::new()
        .frequent(&PAGE_SESSIONS, "/hpp/v1/sessions", post(create::create, &operations::CREATE))
        .frequent(
            &PAGE_SESSIONS,
            "/hpp/v1/sessions/{session_id}",
            get(read::read, &operations::READ).delete(disable::disable, &operations::DISABLE),
        )
        .route(
            &PAGE_SESSIONS,
            "/hpp/v1/sessions/{session_id}/distribution",
            post(distribute::distribute, &operations::DISTRIBUTE),
        )
        .route(
            &PAGE_SESSIONS,
            "/hpp/v1/sessions/{session_id}/manual-id-check",
            post(id_check::answer, &operations::ANSWER_ID_CHECK),
        )
        .route(
            &PAGE_SESSIONS,
            "/hpp/v1/sessions/{session_id}/distribution-module/token",
            get(distribute::module_token, &operations::READ_TOKEN)
                .post(distribute::module_token, &operations::NEW_TOKEN),
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
