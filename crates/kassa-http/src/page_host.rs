//! The consumers' pages on an origin of their own. A payment system's script runs on these pages, so nothing else may
//! be on their origin, and they may be on no other.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::{CalledHost, no_such_path};

/// The beginnings of the paths of the pages.
const PAGE_PATHS: [&str; 2] = ["/pay/", "/assets/"];

/// The host of the consumers' pages.
#[derive(Clone, Debug)]
pub struct PageHost(Arc<str>);

impl PageHost {
    /// The host of an origin such as `https://checkout.example`.
    #[must_use]
    pub fn of(origin: Option<&str>) -> Option<Self> {
        let (_, host) = origin?.split_once("://")?;
        Some(Self(host.into()))
    }

    /// Whether a path is served on the host that was called.
    fn serves(&self, path: &str, called: Option<&str>) -> bool {
        let is_of_pages = PAGE_PATHS.iter().any(|beginning| path.starts_with(beginning));
        is_of_pages == called.is_some_and(|called| called.eq_ignore_ascii_case(&self.0))
    }
}

/// Answers 404 to a call for a page on another host, and to any other call on the host of the pages.
pub async fn pages_on_their_host(
    State(pages): State<PageHost>,
    CalledHost(called): CalledHost,
    request: Request,
    next: Next,
) -> Response {
    match pages.serves(request.uri().path(), called.as_deref()) {
        true => next.run(request).await,
        false => no_such_path(request.uri().clone()).await.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_serves_its_own_paths_only() {
        let pages = PageHost::of(Some("https://checkout.example:8443")).unwrap();
        for (path, host, expected) in [
            ("/pay/token", Some("checkout.example:8443"), true),
            ("/pay/token/back", Some("Checkout.Example:8443"), true),
            ("/assets/pay-1.js", Some("checkout.example:8443"), true),
            ("/pay/token", Some("api.example"), false),
            ("/pay/token", Some("checkout.example"), false),
            ("/hpp/v1/sessions", Some("checkout.example:8443"), false),
            ("/hpp/v1/sessions", Some("api.example"), true),
            ("/hpp/v1/sessions", None, true),
            ("/pay/token", None, false),
        ] {
            assert_eq!(pages.serves(path, host), expected, "{host:?} {path}");
        }
        assert!(PageHost::of(None).is_none());
    }
}
