//! Sends a page with a strict content security policy, and forbids caching.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, StatusCode};
use kassa_engine::{Random, link_source, new_nonce};

/// The values that every page needs in its head.
pub struct Frame {
    /// The policy's nonce: the browser loads only styles and scripts that carry it.
    pub nonce: String,
    /// Kassa's base URL, which may differ from the address in the browser.
    base_url: String,
    /// Whether the page shows other pages of its own origin in frames.
    has_frames: bool,
}

impl Frame {
    /// Creates the frame, with a new nonce.
    #[must_use]
    pub fn new(random: &dyn Random, base_url: &str) -> Self {
        Self { nonce: new_nonce(random), base_url: base_url.to_string(), has_frames: false }
    }

    /// Lets the page show other pages of its own origin in frames.
    #[must_use]
    pub fn framing_own_pages(self) -> Self {
        Self { has_frames: true, ..self }
    }

    /// Builds the policy: the page loads files from its own origin and pictures from Kassa's. Forms may be sent to
    /// these two origins only.
    fn policy(&self) -> String {
        let nonce = &self.nonce;
        let base_url = link_source(&self.base_url).unwrap_or_default();
        let frames = if self.has_frames { "frame-src 'self'; " } else { "" };
        format!(
            "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; \
             {frames}img-src 'self' {base_url}; form-action 'self' {base_url}; base-uri 'none'; frame-ancestors 'none'"
        )
    }
}

/// Renders a page and adds its headers.
pub fn page(status: StatusCode, frame: &Frame, page: &impl Template) -> Result<Response, askama::Error> {
    let mut response = (status, Html(page.render()?)).into_response();
    let headers = response.headers_mut();
    let policy =
        HeaderValue::from_str(&frame.policy()).expect("sources have letters, digits and a few signs");
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    add_headers(headers);
    Ok(response)
}

/// Forbids caching, and hides the page's address from other sites.
pub fn add_headers(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base_url: &str, source: &str) {
        let frame = Frame { nonce: "N".to_string(), base_url: base_url.to_string(), has_frames: false };
        let expected = format!(
            "default-src 'none'; script-src 'nonce-N'; style-src 'nonce-N'; connect-src 'self'; img-src 'self' \
             {source}; \
             form-action 'self' {source}; base-uri 'none'; frame-ancestors 'none'"
        );
        assert_eq!(frame.policy(), expected, "{base_url}");
    }

    #[test]
    fn only_a_page_with_frames_may_show_other_pages() {
        let frame = Frame { nonce: "N".to_string(), base_url: String::new(), has_frames: false };
        assert!(!frame.policy().contains("frame-src"));
        assert!(frame.framing_own_pages().policy().contains("frame-src 'self';"));
    }

    #[test]
    fn the_base_url_stands_in_the_policy_as_a_source_and_as_nothing_else() {
        check("http://127.0.0.1:8080", "http://127.0.0.1:8080");
        check("https://kassa.example", "https://kassa.example");
        check("http://[::1]:8080", "http:");
        check("https://a;script-src", "https:");
        check("no url; script-src *", "");
    }
}
