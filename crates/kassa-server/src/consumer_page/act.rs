//! The consumer's actions besides paying: Back, and Cancel after its confirmation.

use axum::extract::{Path, State};
use axum::response::Response;

use super::opened;
use super::show::see_outcome;
use crate::api_error::ApiError;
use crate::app::App;
use crate::consumer;

pub(super) async fn back(State(app): State<App>, Path(token): Path<String>) -> Result<Response, ApiError> {
    let session = opened(&app, &token).await?;
    consumer::press_back(&app, session).await?;
    Ok(see_outcome(&token))
}

pub(super) async fn cancel(State(app): State<App>, Path(token): Path<String>) -> Result<Response, ApiError> {
    let session = opened(&app, &token).await?;
    let (_, offer) = consumer::hosted(&app, &session).await?;
    consumer::confirm_cancel(&app, session, offer.channel).await?;
    Ok(see_outcome(&token))
}
