//! `GET /lab/v1/sessions/{session_id}/link`: the link to the page of a page session. Other reads do not show it,
//! because everyone who has the link can pay.

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_api::own_session;
use kassa_engine::Links;
use kassa_http::{ApiError, Caller, Json};
use kassa_wire::lab::PageLink;

use crate::Lab;

pub(super) async fn read(
    State(lab): State<Lab>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<PageLink>, ApiError> {
    let session = own_session(&lab.reads, &caller, id).await?;
    let redirect_url = lab.links.page_url(&session.id);
    let link = PageLink {
        session_id: session.id.as_str().to_string(),
        qr_code_url: Links::qr_code_url(&redirect_url),
        redirect_url,
    };
    Ok(Json(StatusCode::OK, link))
}
