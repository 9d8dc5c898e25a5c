//! The consumer's actions besides paying: Back, and Cancel after its confirmation.

use axum::extract::{Path, Request, State};
use axum::response::Response;

use super::form::PayForm;
use super::opened;
use super::show::see_outcome;
use super::typed::TypedCookie;
use crate::api_error::ApiError;
use crate::app::App;
use crate::consumer;

pub(super) async fn back(
    State(app): State<App>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let form = PayForm::left_behind(request, &app).await;
    let session = opened(&app, &token).await?;
    consumer::press_back(&app, session).await?;
    Ok(left(&app, &token, &form))
}

pub(super) async fn cancel(
    State(app): State<App>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let form = PayForm::left_behind(request, &app).await;
    let session = opened(&app, &token).await?;
    let (_, offer) = consumer::hosted(&app, &session).await?;
    consumer::confirm_cancel(&app, session, offer.channel).await?;
    Ok(left(&app, &token, &form))
}

/// Shows the outcome. The consumer may come back, so the browser keeps the input of the form.
fn left(app: &App, token: &str, form: &PayForm) -> Response {
    let mut response = see_outcome(token);
    TypedCookie::of(app, token).keep(&mut response, form);
    response
}
