//! The consumer's actions besides paying: Back, and Cancel after its confirmation.

use axum::extract::{Path, Request, State};
use axum::response::Response;
use kassa_domain::Actor;

use super::form::PayForm;
use super::pages::Pages;
use super::pages::opened;
use super::show::see_outcome;
use super::typed::TypedCookie;
use kassa_http::{ApiError, PathParameter};

pub(super) async fn back(
    State(pages): State<Pages>,
    PathParameter(token): PathParameter,
    request: Request,
) -> Result<Response, ApiError> {
    let form = PayForm::left_behind(request, &pages).await;
    let session = opened(&pages, &token).await?;
    // In a box, as in `show::enter`.
    Box::pin(pages.engine.press_back(session, Actor::Consumer)).await?;
    Ok(left(&pages, &token, &form))
}

pub(super) async fn cancel(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let form = PayForm::left_behind(request, &pages).await;
    let session = opened(&pages, &token).await?;
    let (_, offer) = pages.engine.hosted(&session).await?;
    Box::pin(pages.engine.confirm_cancel(session, offer.channel, Actor::Consumer)).await?;
    Ok(left(&pages, &token, &form))
}

/// Shows the outcome. The consumer may come back, so the browser keeps the input of the form.
fn left(pages: &Pages, token: &str, form: &PayForm) -> Response {
    let mut response = see_outcome(token);
    TypedCookie::of(pages, token).keep(&mut response, form);
    response
}
