//! `DELETE /hpp/v1/sessions/{session_id}` (docs/wire.md#disable-a-page-session).

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::lifecycle::Status;
use kassa_wire::error::ErrorCode;

use super::{own_session, session_not_found};
use crate::advance::{Advanced, Occurrence, advance};
use crate::api_error::ApiError;
use crate::app::App;
use crate::authentication::Caller;

pub(super) async fn disable(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let session = own_session(&app, &caller, id).await?;
    match advance(&app, session, Occurrence::MerchantDisabled).await? {
        Advanced::Moved(_) | Advanced::Stayed(_) => Ok(StatusCode::NO_CONTENT),
        // Disabling twice changes nothing, and is in order.
        Advanced::Refused(session) if session.status == Status::Disabled => Ok(StatusCode::NO_CONTENT),
        Advanced::Refused(session) | Advanced::Outdated(session) => {
            let message = format!("The session is {} and cannot be disabled", session.status);
            Err(ApiError::refused(ErrorCode::SessionEnded, message))
        }
        Advanced::Gone => Err(session_not_found()),
    }
}
