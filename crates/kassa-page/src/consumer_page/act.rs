//! The consumer's actions besides paying: Back, and Cancel after its confirmation.

use axum::extract::{Path, State};
use axum::response::Response;

use super::Pages;
use super::opened;
use super::show::see_outcome;
use kassa_http::ApiError;

pub(super) async fn back(
    State(pages): State<Pages>,
    Path(token): Path<String>,
) -> Result<Response, ApiError> {
    let session = opened(&pages, &token).await?;
    pages.engine.press_back(session).await?;
    Ok(see_outcome(&token))
}

pub(super) async fn cancel(
    State(pages): State<Pages>,
    Path(token): Path<String>,
) -> Result<Response, ApiError> {
    let session = opened(&pages, &token).await?;
    let (_, offer) = pages.engine.hosted(&session).await?;
    pages.engine.confirm_cancel(session, offer.channel).await?;
    Ok(see_outcome(&token))
}
