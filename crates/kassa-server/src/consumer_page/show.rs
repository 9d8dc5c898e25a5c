//! What is shown: the page of the stored status, or the way to the merchant.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use kassa_domain::lifecycle::{self, Leaves, Page};
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::PaymentSession;
use kassa_wire::error::ErrorCode;

use super::filled::{Filled, Shown};
use super::form::PayForm;
use super::opened;
use super::policy::written;
use super::view::Outcome;
use crate::advance::Advanced;
use crate::api_error::ApiError;
use crate::app::App;
use crate::consumer;
use crate::lab;

/// The consumer opens the link: an open session is in progress from here on; a final one says how it ended.
pub(super) async fn enter(State(app): State<App>, Path(token): Path<String>) -> Result<Response, ApiError> {
    let session = opened(&app, &token).await?;
    let (payment, _) = consumer::hosted(&app, &session).await?;
    let session = match consumer::enter(&app, session, payment.order.clone()).await? {
        Advanced::Moved(session)
        | Advanced::Stayed(session)
        | Advanced::Refused(session)
        | Advanced::Outdated(session) => session,
        Advanced::Gone => return Err(ApiError::bare(ErrorCode::Gone)),
    };
    page(&app, &session, &payment, &token).await
}

/// Where every act of the consumer leads: to the merchant, where its URL says so, else to the status's page.
pub(super) async fn outcome(State(app): State<App>, Path(token): Path<String>) -> Result<Response, ApiError> {
    let session = opened(&app, &token).await?;
    let rule = lifecycle::rule(session.status);
    if rule.page == Page::Pay {
        return Ok(see_other(&format!("/pay/{token}")));
    }
    match way_to_the_merchant(&app, &session) {
        Some(url) if rule.leaves == Leaves::AtOnce => {
            lab::depart(&app, &session).await?;
            Ok(see_other(&url))
        }
        Some(_) | None => {
            let (payment, _) = consumer::hosted(&app, &session).await?;
            page(&app, &session, &payment, &token).await
        }
    }
}

/// Where the browser goes in the present status. A session that was stored under older rules may name what is no longer
/// allowed: then a page is shown.
pub(super) fn way_to_the_merchant(app: &App, session: &PageSession) -> Option<String> {
    session.browser_goes_to().filter(|url| app.configuration.app_schemes.lead_somewhere(url))
}

/// The page that asks whether the purchase is really to be cancelled.
pub(super) async fn cancel(State(app): State<App>, Path(token): Path<String>) -> Result<Response, ApiError> {
    let session = opened(&app, &token).await?;
    if session.status.is_final() {
        return Ok(see_outcome(&token));
    }
    let (payment, _) = consumer::hosted(&app, &session).await?;
    let nothing_entered = PayForm::default();
    let filled = Filled::of(&app, &session, &payment, &nothing_entered).await?;
    Ok(written(&app, Some(&session), StatusCode::OK, |nonce| filled.cancel_page(nonce, &token)))
}

/// A form's address opened by hand leads to the page.
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

/// The page of the session's stored status.
async fn page(
    app: &App,
    session: &PageSession,
    payment: &PaymentSession,
    token: &str,
) -> Result<Response, ApiError> {
    let nothing_entered = PayForm::default();
    let filled = Filled::of(app, session, payment, &nothing_entered).await?;
    let (status, outcome) = match lifecycle::rule(session.status).page {
        Page::Pay => {
            let write = |nonce: &str| filled.pay_page(nonce, token, Shown::default());
            return Ok(written(app, Some(session), StatusCode::OK, write));
        }
        Page::WentBack => (StatusCode::OK, Outcome::WentBack),
        Page::Declined => (StatusCode::OK, Outcome::Declined),
        Page::Error => (StatusCode::OK, Outcome::Error),
        Page::Completed => (StatusCode::OK, Outcome::Completed),
        Page::Cancelled => (StatusCode::OK, Outcome::Cancelled),
        Page::Disabled => (StatusCode::GONE, Outcome::Disabled),
    };
    Ok(written(app, Some(session), status, |nonce| filled.outcome_page(nonce, token, outcome)))
}
