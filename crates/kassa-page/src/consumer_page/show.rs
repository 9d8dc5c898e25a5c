//! Shows the page of the stored status, or redirects the browser to the merchant.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use kassa_domain::lifecycle::{self, Leaves, Page};
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::{Offer, PaymentSession};
use kassa_engine::Advanced;
use kassa_http::ApiError;
use kassa_wire::error::ErrorCode;

use super::Pages;
use super::filled::{PageContext, PageNotes};
use super::form::PayForm;
use super::opened;
use super::policy::written;
use super::view::Outcome;

/// The consumer opens the link. An open session becomes IN_PROGRESS; a final one shows its outcome.
pub(super) async fn enter(
    State(pages): State<Pages>,
    Path(token): Path<String>,
) -> Result<Response, ApiError> {
    let session = opened(&pages, &token).await?;
    let (payment, offer) = pages.engine.hosted(&session).await?;
    let session = match pages.engine.enter(session, payment.order.clone()).await? {
        Advanced::Moved(session)
        | Advanced::Stayed(session)
        | Advanced::Refused(session)
        | Advanced::Outdated(session) => session,
        Advanced::Gone => return Err(ApiError::bare(ErrorCode::Gone)),
    };
    page(&pages, &session, &payment, &offer, &token).await
}

/// The target of every action of the consumer. If the status leaves at once and the merchant has a URL for it, the
/// browser is redirected there; otherwise the status's page is shown.
pub(super) async fn outcome(
    State(pages): State<Pages>,
    Path(token): Path<String>,
) -> Result<Response, ApiError> {
    let session = opened(&pages, &token).await?;
    let rule = lifecycle::rule(session.status);
    if rule.page == Page::Pay {
        return Ok(see_other(&format!("/pay/{token}")));
    }
    match way_to_the_merchant(&pages, &session) {
        Some(url) if rule.leaves == Leaves::AtOnce => {
            pages.engine.before_redirect(&session).await?;
            Ok(see_other(&url))
        }
        Some(_) | None => {
            let (payment, offer) = pages.engine.hosted(&session).await?;
            page(&pages, &session, &payment, &offer, &token).await
        }
    }
}

/// Returns the merchant URL to which the browser goes in this status. A session that was stored under older rules may have
/// a URL that is no longer allowed: then the page is shown.
pub(super) fn way_to_the_merchant(pages: &Pages, session: &PageSession) -> Option<String> {
    session.browser_goes_to().filter(|url| pages.links.may_redirect_to(url))
}

/// Shows the page that asks the consumer to confirm a cancellation.
pub(super) async fn cancel(
    State(pages): State<Pages>,
    Path(token): Path<String>,
) -> Result<Response, ApiError> {
    let session = opened(&pages, &token).await?;
    if session.status.is_final() {
        return Ok(see_outcome(&token));
    }
    let (payment, offer) = pages.engine.hosted(&session).await?;
    let nothing_entered = PayForm::default();
    let context = PageContext::of(&pages, &session, &payment, &offer, &nothing_entered).await?;
    Ok(written(&pages, Some(&session), StatusCode::OK, |nonce| context.cancel_page(nonce, &token)))
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
    pages: &Pages,
    session: &PageSession,
    payment: &PaymentSession,
    offer: &Offer,
    token: &str,
) -> Result<Response, ApiError> {
    let nothing_entered = PayForm::default();
    let context = PageContext::of(pages, session, payment, offer, &nothing_entered).await?;
    let (status, outcome) = match lifecycle::rule(session.status).page {
        Page::Pay => {
            let render = |nonce: &str| context.pay_page(nonce, token, PageNotes::default());
            return Ok(written(pages, Some(session), StatusCode::OK, render));
        }
        Page::WentBack => (StatusCode::OK, Outcome::WentBack),
        Page::Declined => (StatusCode::OK, Outcome::Declined),
        Page::Error => (StatusCode::OK, Outcome::Error),
        Page::Completed => (StatusCode::OK, Outcome::Completed),
        Page::Cancelled => (StatusCode::OK, Outcome::Cancelled),
        Page::Disabled => (StatusCode::GONE, Outcome::Disabled),
    };
    Ok(written(pages, Some(session), status, |nonce| context.outcome_page(nonce, token, outcome)))
}
