//! Shows the page of the stored status, or redirects the browser to the merchant.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use kassa_domain::lifecycle::{self, Leaves, Page};
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::{Offer, PaymentSession};
use kassa_wire::error::ErrorCode;

use super::filled::{PageContext, PageNotes};
use super::form::PayForm;
use super::opened;
use super::policy::written;
use super::view::Outcome;
use crate::advance::Advanced;
use crate::api_error::ApiError;
use crate::app::App;
use crate::consumer;
use crate::lab;

/// The consumer opens the link. An open session becomes IN_PROGRESS; a final one shows its outcome.
pub(super) async fn enter(State(app): State<App>, Path(token): Path<String>) -> Result<Response, ApiError> {
    let session = opened(&app, &token).await?;
    let (payment, offer) = consumer::hosted(&app, &session).await?;
    let session = match consumer::enter(&app, session, payment.order.clone()).await? {
        Advanced::Moved(session)
        | Advanced::Stayed(session)
        | Advanced::Refused(session)
        | Advanced::Outdated(session) => session,
        Advanced::Gone => return Err(ApiError::bare(ErrorCode::Gone)),
    };
    page(&app, &session, &payment, &offer, &token).await
}

/// The target of every action of the consumer. If the status leaves at once and the merchant has a URL for it, the
/// browser is redirected there; otherwise the status's page is shown.
pub(super) async fn outcome(State(app): State<App>, Path(token): Path<String>) -> Result<Response, ApiError> {
    let session = opened(&app, &token).await?;
    let rule = lifecycle::rule(session.status);
    if rule.page == Page::Pay {
        return Ok(see_other(&format!("/pay/{token}")));
    }
    match way_to_the_merchant(&app, &session) {
        Some(url) if rule.leaves == Leaves::AtOnce => {
            lab::wait_for_callback(&app, &session).await?;
            Ok(see_other(&url))
        }
        Some(_) | None => {
            let (payment, offer) = consumer::hosted(&app, &session).await?;
            page(&app, &session, &payment, &offer, &token).await
        }
    }
}

/// Returns the merchant URL to which the browser goes in this status. A session that was stored under older rules may have
/// a URL that is no longer allowed: then the page is shown.
pub(super) fn way_to_the_merchant(app: &App, session: &PageSession) -> Option<String> {
    session.browser_goes_to().filter(|url| app.configuration.app_schemes.lead_somewhere(url))
}

/// Shows the page that asks the consumer to confirm a cancellation.
pub(super) async fn cancel(State(app): State<App>, Path(token): Path<String>) -> Result<Response, ApiError> {
    let session = opened(&app, &token).await?;
    if session.status.is_final() {
        return Ok(see_outcome(&token));
    }
    let (payment, offer) = consumer::hosted(&app, &session).await?;
    let nothing_entered = PayForm::default();
    let context = PageContext::of(&app, &session, &payment, &offer, &nothing_entered).await?;
    Ok(written(&app, Some(&session), StatusCode::OK, |nonce| context.cancel_page(nonce, &token)))
}

/// Redirects to the pay page if somebody opens a form's address by hand.
pub(super) async fn to_the_page(Path(token): Path<String>) -> Response {
    see_other(&format!("/pay/{token}"))
}

pub(super) fn see_outcome(token: &str) -> Response {
    see_other(&format!("/pay/{token}/outcome"))
}

fn see_other(url: &str) -> Response {
    match HeaderValue::from_str(url) {
        Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(),
        Err(_) => ApiError::Fault("a merchant URL cannot stand in a header".to_string()).into_response(),
    }
}

/// Renders the page of the session's stored status.
async fn page(
    app: &App,
    session: &PageSession,
    payment: &PaymentSession,
    offer: &Offer,
    token: &str,
) -> Result<Response, ApiError> {
    let nothing_entered = PayForm::default();
    let context = PageContext::of(app, session, payment, offer, &nothing_entered).await?;
    let (status, outcome) = match lifecycle::rule(session.status).page {
        Page::Pay => {
            let render = |nonce: &str| context.pay_page(nonce, token, PageNotes::default());
            return Ok(written(app, Some(session), StatusCode::OK, render));
        }
        Page::WentBack => (StatusCode::OK, Outcome::WentBack),
        Page::Declined => (StatusCode::OK, Outcome::Declined),
        Page::Error => (StatusCode::OK, Outcome::Error),
        Page::Completed => (StatusCode::OK, Outcome::Completed),
        Page::Cancelled => (StatusCode::OK, Outcome::Cancelled),
        Page::Disabled => (StatusCode::GONE, Outcome::Disabled),
    };
    Ok(written(app, Some(session), status, |nonce| context.outcome_page(nonce, token, outcome)))
}
