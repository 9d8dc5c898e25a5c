//! Shows the page of the stored status, or sends the browser to the merchant.

use super::pages::Pages;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{LOCATION, VARY};
use http::{HeaderValue, StatusCode};
use kassa_domain::Actor;
use kassa_domain::lifecycle::{self, Page, RedirectTiming};
use kassa_domain::merchant::MerchantState;
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::{Offer, PaymentSession};
use kassa_engine::{Advanced, Reachability, Visit};
use kassa_http::{ApiError, PathParameter};
use kassa_wire::error::ErrorCode;

use super::filled::{PageContext, PageNotes};
use super::form::PayForm;
use super::language::{LanguagePreference, PagePath};
use super::leave::{Follows, MovesOn, way_to_the_merchant};
use super::pages::opened;
use super::policy::written;
use super::typed::{Typed, TypedCookie};
use super::view::Outcome;
use super::visit::Visitor;

/// Answers a request for the link. If a person opens it, an open session becomes IN_PROGRESS, and a final one shows its
/// outcome.
pub(super) async fn enter(
    State(pages): State<Pages>,
    PathParameter(token): PathParameter,
    visitor: Visitor,
    preference: LanguagePreference,
    Typed(form): Typed,
) -> Result<Response, ApiError> {
    // In boxes, because the futures are large, and the router copies this one several times.
    match visitor {
        Visitor::Person => Box::pin(open_page(&pages, &token, (&form, &preference))).await,
        Visitor::Check | Visitor::Preview => Box::pin(look(&pages, &token, visitor, &preference)).await,
    }
}

/// Opens the page for a person who was mistaken for a program, and pressed the button of the preview.
pub(super) async fn open(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    preference: LanguagePreference,
    Typed(form): Typed,
) -> Result<Response, ApiError> {
    open_page(&pages, &token, (&form, &preference)).await
}

/// Shows the page to a person. The payment is read first, because the consumer may have paid already. Only then a
/// suspended merchant matters.
pub(super) async fn open_page(
    pages: &Pages,
    token: &str,
    browser: (&PayForm, &LanguagePreference),
) -> Result<Response, ApiError> {
    let session = opened(pages, token).await?;
    let Visit { advanced, payment, offer, reachability, merchant_state } =
        pages.engine.visit(session, Actor::Consumer).await?;
    let session = session_after(advanced)?;
    if !session.can_be_paid() {
        return page(pages, &session, (&payment, &offer), browser, token).await;
    }
    match (reachability, merchant_state) {
        (Reachability::NotReachedAfterPay, _) => Ok(see_other(&format!("/pay/{token}/confirming"))),
        (Reachability::Reached | Reachability::NotReached, MerchantState::Suspended) => {
            Err(ApiError::merchant_suspended())
        }
        (Reachability::NotReached, MerchantState::Active) => {
            Err(ApiError::without_message(ErrorCode::TemporarilyUnavailable))
        }
        (Reachability::Reached, MerchantState::Active) => {
            page(pages, &session, (&payment, &offer), browser, token).await
        }
    }
}

/// Returns the session after an event. An expired session has a page of its own.
pub(super) fn session_after(advanced: Advanced) -> Result<PageSession, ApiError> {
    match advanced {
        Advanced::Moved(session)
        | Advanced::Stayed(session)
        | Advanced::Refused(session)
        | Advanced::Outdated(session)
        | Advanced::Confirming(session) => Ok(session),
        Advanced::Gone => Err(ApiError::without_message(ErrorCode::Gone)),
    }
}

/// Shows a program the page, and changes nothing. A preview does not contain the order, because chats keep previews and
/// show them to others.
async fn look(
    pages: &Pages,
    token: &str,
    visitor: Visitor,
    preference: &LanguagePreference,
) -> Result<Response, ApiError> {
    let session = opened(pages, token).await?;
    let (payment, offer) = pages.engine.hosted(&session).await?;
    let nothing_entered = PayForm::default();
    let context =
        PageContext::of(pages, &session, (&payment, &offer), (&nothing_entered, preference)).await?;
    if visitor == Visitor::Check || session.status.is_final() {
        return Ok(shown(&context.without_order(), token, PagePath::Entrance, MovesOn::ByLink));
    }
    Ok(written(pages, StatusCode::OK, |nonce| context.preview_page(nonce, token)))
}

/// The target of every action of the consumer. If the status leads to a merchant's URL at once and the merchant gave
/// one, a browser gets a page that leads there, and a program a redirect; otherwise the status's page is shown.
pub(super) async fn outcome(
    State(pages): State<Pages>,
    PathParameter(token): PathParameter,
    visitor: Visitor,
    follows: Follows,
    preference: LanguagePreference,
) -> Result<Response, ApiError> {
    let session = opened(&pages, &token).await?;
    let rule = lifecycle::rule(session.status);
    if rule.page == Page::Pay && session.open_operation.is_none() {
        return Ok(see_other(&format!("/pay/{token}")));
    }
    let url =
        way_to_the_merchant(&pages, &session).filter(|_| rule.redirect_timing == RedirectTiming::AtOnce);
    if url.is_some() && visitor == Visitor::Person {
        pages.engine.before_redirect(&session).await?;
    }
    let mut response = match (&url, follows) {
        (Some(url), Follows::ARedirect) => see_other(url),
        (Some(_), Follows::APage) => {
            outcome_page(&pages, &session, (&token, MovesOn::ByItself), &preference).await?
        }
        (None, Follows::APage | Follows::ARedirect) => {
            outcome_page(&pages, &session, (&token, MovesOn::ByLink), &preference).await?
        }
    };
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept, sec-fetch-mode"));
    Ok(response)
}

async fn outcome_page(
    pages: &Pages,
    session: &PageSession,
    (token, moves_on): (&str, MovesOn),
    preference: &LanguagePreference,
) -> Result<Response, ApiError> {
    let (payment, offer) = pages.engine.hosted(session).await?;
    let nothing_entered = PayForm::default();
    let context = PageContext::of(pages, session, (&payment, &offer), (&nothing_entered, preference)).await?;
    Ok(shown(&context, token, PagePath::Outcome, moves_on))
}

/// Shows the page that asks the consumer to confirm a cancellation.
pub(super) async fn cancel(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    preference: LanguagePreference,
) -> Result<Response, ApiError> {
    let session = opened(&pages, &token).await?;
    if !session.can_be_paid() {
        return Ok(see_outcome(&token));
    }
    let (payment, offer) = pages.engine.hosted(&session).await?;
    let nothing_entered = PayForm::default();
    let context =
        PageContext::of(&pages, &session, (&payment, &offer), (&nothing_entered, &preference)).await?;
    Ok(written(&pages, StatusCode::OK, |nonce| context.cancel_page(nonce, &token)))
}

/// Redirects to the pay page if somebody opens a form's address by hand.
pub(super) async fn to_the_page(
    State(pages): State<Pages>,
    Path(token): Path<String>,
) -> Result<Response, ApiError> {
    opened(&pages, &token).await?;
    Ok(see_other(&format!("/pay/{token}")))
}

/// Asks a consumer who pressed Cancel for a confirmation, and keeps the input of the form for the way back.
pub(super) async fn ask_to_cancel(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let form = PayForm::left_behind(request, &pages).await;
    opened(&pages, &token).await?;
    let mut response = see_other(&format!("/pay/{token}/cancel"));
    TypedCookie::of(&pages, &token).keep(&mut response, &form);
    Ok(response)
}

pub(super) fn see_outcome(token: &str) -> Response {
    see_other(&format!("/pay/{token}/outcome"))
}

/// Redirects a form, or a program, to an address that is a URI.
pub(super) fn see_other(url: &str) -> Response {
    match HeaderValue::from_str(url) {
        Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(),
        Err(_) => ApiError::Fault("a redirect's address cannot be in a header".to_string()).into_response(),
    }
}

/// Renders the page of the session's stored status.
async fn page(
    pages: &Pages,
    session: &PageSession,
    hosted: (&PaymentSession, &Offer),
    browser: (&PayForm, &LanguagePreference),
    token: &str,
) -> Result<Response, ApiError> {
    let context = PageContext::of(pages, session, hosted, browser).await?;
    Ok(shown(&context, token, PagePath::Entrance, MovesOn::ByLink))
}

fn shown(context: &PageContext<'_>, token: &str, path: PagePath, moves_on: MovesOn) -> Response {
    let (pages, session) = (context.pages, context.session);
    if session.open_operation.is_some() {
        let again = format!("/pay/{token}/outcome");
        let render = |nonce: &str| context.confirming_page(nonce, (token, path), &again);
        return written(pages, StatusCode::OK, render);
    }
    let (status, outcome) = match lifecycle::rule(session.status).page {
        Page::Pay => return context.pay_page_response(token, PageNotes::default(), StatusCode::OK),
        Page::WentBack => (StatusCode::OK, Outcome::WentBack),
        Page::Declined => (StatusCode::OK, Outcome::Declined),
        Page::Error => (StatusCode::OK, Outcome::Error),
        Page::IdCheck => {
            let render = |nonce: &str| context.id_check_page(nonce, (token, path));
            return written(pages, StatusCode::OK, render);
        }
        Page::Completed => (StatusCode::OK, Outcome::Completed),
        Page::Cancelled => (StatusCode::OK, Outcome::Cancelled),
        Page::Disabled => (StatusCode::GONE, Outcome::Disabled),
    };
    let render = |nonce: &str| context.outcome_page(nonce, (token, Some(path)), outcome, moves_on);
    written(pages, status, render)
}
