//! The cookies of a page. They belong to the path of its link, and scripts cannot read them.

use axum::response::Response;
use http::HeaderValue;
use http::header::SET_COOKIE;

use super::pages::{Pages, is_token};

/// Writes the cookies of one page.
pub(super) struct PageCookies<'a> {
    token: &'a str,
    is_secure: bool,
}

impl<'a> PageCookies<'a> {
    pub(super) fn of(pages: &'a Pages, token: &'a str) -> Self {
        Self { token, is_secure: pages.links.pages_are_secure() }
    }

    /// Has the browser keep a value for some seconds, or delete it after 0 seconds.
    pub(super) fn set(&self, response: &mut Response, (name, value): (&str, &str), lifetime_s: u32) {
        if !is_token(self.token) {
            return;
        }
        let secure = if self.is_secure { "; Secure" } else { "" };
        let cookie = format!(
            "{name}={value}; Path=/pay/{}; Max-Age={lifetime_s}; HttpOnly; SameSite=Lax{secure}",
            self.token
        );
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
}
