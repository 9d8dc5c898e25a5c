//! How the shop answers a browser: pages under a strict policy, redirects, and why a page is not shown.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::shop::Shop;

/// Why a page is not shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotShown {
    /// The order was never opened, or the shop has forgotten it.
    #[error("The shop does not know this order. It remembers the latest 200, until it is restarted.")]
    NoSuchOrder,
    /// No page has this address.
    #[error("The shop has no such page.")]
    NoSuchPage,
    /// A page could not be written.
    #[error("The page could not be written.")]
    Unwritable(#[from] askama::Error),
    /// A redirect leads to an address that no header can carry.
    #[error("The address to go to cannot be sent.")]
    Unsendable,
}

/// What every page needs for its head.
pub(super) struct Frame {
    /// Admits this page's own style and script, and no others.
    pub(super) nonce: String,
    /// Where Kassa is, which may differ from how the browser reached the shop.
    base_url: String,
}

impl Frame {
    pub(super) fn of(shop: &Shop) -> Self {
        Self { nonce: shop.nonce(), base_url: shop.base_url.clone() }
    }

    /// Only what the shop serves itself is loaded, and pictures of Kassa's; forms end at the shop or at Kassa's page.
    fn policy(&self) -> String {
        let Self { nonce, base_url } = self;
        format!(
            "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; \
             img-src 'self' {base_url}; form-action 'self' {base_url}; base-uri 'none'; frame-ancestors 'none'"
        )
    }
}

/// A page of the shop.
pub(super) fn page(status: StatusCode, frame: &Frame, page: &impl Template) -> Result<Response, NotShown> {
    let mut response = (status, Html(page.render()?)).into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&frame.policy()) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    add_headers(headers);
    Ok(response)
}

/// Sends the browser on, by a GET.
pub(super) fn see_other(url: &str) -> Result<Response, NotShown> {
    let location = HeaderValue::from_str(url).map_err(|_| NotShown::Unsendable)?;
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response();
    add_headers(response.headers_mut());
    Ok(response)
}

pub(super) fn add_headers(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// One sentence in the look of the shop, without script.
#[derive(Template)]
#[template(path = "demo/not_shown.html")]
struct NotShownPage {
    reason: String,
}

impl IntoResponse for NotShown {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NoSuchOrder | Self::NoSuchPage => StatusCode::NOT_FOUND,
            Self::Unwritable(_) | Self::Unsendable => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let reason = self.to_string();
        let text = NotShownPage { reason: reason.clone() }.render().unwrap_or(reason);
        let mut response = (status, Html(text)).into_response();
        let headers = response.headers_mut();
        let policy = HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        );
        headers.insert(CONTENT_SECURITY_POLICY, policy);
        add_headers(headers);
        response
    }
}
