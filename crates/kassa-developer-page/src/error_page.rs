//! The error page of the demo shop and the lab: one sentence, without script.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderValue, StatusCode};

use super::add_headers;

/// The content of an error page.
#[derive(Template)]
#[template(path = "error_page.html")]
pub struct ErrorPage {
    /// The name of the pages, such as `Lab`.
    pub name: &'static str,
    /// The path of their first page.
    pub home: &'static str,
    /// The heading: the problem in a few words.
    pub title: &'static str,
    /// The reason, and what to do.
    pub reason: String,
    /// The text of the link home.
    pub back: &'static str,
}

/// Renders the page with its status.
#[must_use]
pub fn render_error_page(status: StatusCode, page: &ErrorPage) -> Response {
    let text = page.render().unwrap_or_else(|_| page.reason.clone());
    let mut response = (status, Html(text)).into_response();
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    add_headers(headers);
    response
}
