//! Refuses requests that a browser sends for web pages of other sites: one check of the browser's headers before every
//! route.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use http::HeaderValue;
use kassa_wire::cross_site::{CrossSiteRefusal, SiteAddresses, Surface};
use kassa_wire::error::ErrorCode;

use crate::answer::refuse;
use crate::api_error::ApiError;
use crate::calls::Calls;

/// Checks requests before they reach a route.
#[derive(Clone)]
pub struct CrossSiteCheck(Arc<Parts>);

struct Parts {
    calls: Calls,
    site: SiteAddresses,
}

impl CrossSiteCheck {
    /// A check for a system with these host names.
    #[must_use]
    pub fn new(calls: Calls, site: SiteAddresses) -> Self {
        Self(Arc::new(Parts { calls, site }))
    }

    /// The answer to a request that is refused. The path must be as the router sees it.
    #[must_use]
    pub fn refusal(&self, request: &Request) -> Option<Response> {
        let Parts { calls, site } = &*self.0;
        check(site, request).err().map(|refusal| refuse(calls, request, &as_error(&refusal)))
    }
}

fn check(site: &SiteAddresses, request: &Request) -> Result<(), CrossSiteRefusal> {
    let uri = request.uri();
    let authority = uri.authority().map(http::uri::Authority::as_str);
    let values = |name| request.headers().get_all(name).iter().map(HeaderValue::as_bytes);
    site.check(surface_of(uri.path()), request.method().as_str(), authority, values)
}

/// The kind of a path. Every other path belongs to an API.
#[must_use]
pub fn surface_of(path: &str) -> Surface {
    let mut segments = path.split('/').skip(1);
    match (segments.next(), segments.next(), segments.next()) {
        (Some("payments"), Some("assets"), _)
        | (Some("pay"), Some(_), Some("qr"))
        | (Some("distributions"), Some(_), Some("display"))
        | (Some("kp"), Some("lib"), _)
        | (Some("kp"), Some(_), Some("main.html" | "fullscreen.html")) => Surface::Open,
        (Some("pay" | "distributions" | "kp"), ..) => Surface::ConsumerPage,
        (Some(""), None, _)
        | (Some("assets" | "images" | "demo" | "console" | "docs"), ..)
        | (Some("lab"), None | Some("of" | "assets"), _) => Surface::Page,
        _ => Surface::Api,
    }
}

fn as_error(refusal: &CrossSiteRefusal) -> ApiError {
    let (code, advice) = match refusal {
        CrossSiteRefusal::UnknownHost(host) => (
            ErrorCode::UnknownHost,
            format!("To reach it under this name, start Kassa with --public-url http://{host}"),
        ),
        CrossSiteRefusal::ForeignPage => (
            ErrorCode::CrossSiteRequest,
            "Call it from a program. Pages of other sites may link and redirect to pages, and to nothing else"
                .to_string(),
        ),
        CrossSiteRefusal::FormContent => {
            (ErrorCode::CrossSiteRequest, "Send it with the content type application/json".to_string())
        }
    };
    ApiError::Refused(code, vec![refusal.to_string(), advice])
}
