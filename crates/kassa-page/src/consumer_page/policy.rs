//! What the browser may do on a page, and what every answer of the page carries.

use std::collections::BTreeSet;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use kassa_domain::merchant_urls::MerchantUrl;
use kassa_domain::page_session::PageSession;
use kassa_engine::{link_source, picture_source};
use kassa_http::{ApiError, Asked, RETRY_AFTER_S, add_headers};
use kassa_wire::error::ErrorCode;

use super::Pages;
use super::assets::{ICON, SCRIPT, STYLESHEET};
use super::view::{Frame, Outcome, OutcomePage};

/// A page, with a policy for its own nonce: our files, the merchant's pictures, and forms that end at us or,
/// after a redirect, at one of the merchant's URLs. Nothing else is loaded, run, or framed.
pub(super) fn written(
    pages: &Pages,
    session: Option<&PageSession>,
    status: StatusCode,
    write: impl FnOnce(&str) -> String,
) -> Response {
    let nonce = pages.calls.new_nonce();
    let mut response = (status, Html(write(&nonce))).into_response();
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self'{}; \
         form-action 'self'{}; base-uri 'none'; frame-ancestors 'none'",
        session.map(pictures).unwrap_or_default(),
        session.map(|session| ways_on(pages, session)).unwrap_or_default(),
    );
    let policy = HeaderValue::from_str(&policy).expect("sources hold letters, digits and a few signs");
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    response
}

/// Runs a call of the page and completes its answer. An error is a page too.
pub(super) async fn complete(State(pages): State<Pages>, request: Request, next: Next) -> Response {
    let correlation_id = pages.calls.new_correlation_id();
    let asked = Asked::by(&pages.calls, &request);
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        asked.log(&pages.calls, &error, &correlation_id);
        response = error_page(&pages, &error);
    }
    add_headers(response.headers_mut(), &correlation_id);
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn error_page(pages: &Pages, error: &ApiError) -> Response {
    let status =
        StatusCode::from_u16(error.code().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let outcome = match (error, error.code()) {
        (_, ErrorCode::Gone) => Outcome::Expired,
        (ApiError::Refused(..) | ApiError::TooMany { .. }, _) => Outcome::NotFound,
        (ApiError::Unavailable(_), _) => Outcome::Unavailable,
        (ApiError::Fault(_), _) => Outcome::Error,
    };
    let mut response = written(pages, None, status, |nonce| {
        OutcomePage {
            frame: frame(nonce, "en"),
            outcome,
            amount: None,
            retry_href: None,
            continue_url: None,
            continue_after_s: None,
        }
        .html()
    });
    if outcome == Outcome::Unavailable {
        response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_S);
    }
    response
}

/// What every page has, without a shop.
pub(super) fn frame<'a>(nonce: &'a str, locale: &'a str) -> Frame<'a> {
    Frame {
        locale,
        nonce,
        stylesheet_href: STYLESHEET.href(),
        script_href: SCRIPT.href(),
        icon_href: ICON.href(),
        shop: None,
    }
}

/// The sources of the merchant's pictures, each with a blank before it.
fn pictures(session: &PageSession) -> String {
    let options = &session.options;
    let backgrounds = options.background_images.iter().map(|image| image.url.as_str());
    listed(options.logo_url.as_deref().into_iter().chain(backgrounds).filter_map(picture_source))
}

/// Where the browser may be sent after a form, each with a blank before it: browsers hold a form's redirects to the
/// policy as well.
fn ways_on(pages: &Pages, session: &PageSession) -> String {
    let urls = MerchantUrl::ALL.into_iter().filter(|which| *which != MerchantUrl::StatusUpdate);
    let given = urls.filter_map(|which| session.merchant_urls.given(which));
    let allowed = given.filter(|url| pages.links.may_redirect_to(url));
    listed(allowed.filter_map(link_source))
}

fn listed(sources: impl Iterator<Item = String>) -> String {
    let sources: BTreeSet<String> = sources.collect();
    sources.into_iter().map(|source| format!(" {source}")).collect()
}
