//! The consumers' pages on an origin of their own. A payment system's script runs on these pages, so nothing else may
//! be on their origin, and they may be on no other.

use std::sync::Arc;

use axum::extract::Request;

use crate::CalledHost;

/// The beginnings of the paths of the pages.
const PAGE_PATHS: [&str; 4] = ["/pay/", "/distributions/", "/assets/", "/images/"];

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

    /// Whether the path of a request is served on the host that it calls. The pages are on their host only, and nothing
    /// else is.
    #[must_use]
    pub fn serves(&self, request: &Request) -> bool {
        let called = CalledHost::of(request.uri(), request.headers());
        self.serves_path(request.uri().path(), called)
    }

    fn serves_path(&self, path: &str, called: Option<&str>) -> bool {
        let is_of_pages = PAGE_PATHS.iter().any(|beginning| path.starts_with(beginning));
        is_of_pages == called.is_some_and(|called| called.eq_ignore_ascii_case(&self.0))
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
            ("/distributions/token", Some("checkout.example:8443"), true),
            ("/images/signature", Some("checkout.example:8443"), true),
            ("/assets/pay-1.js", Some("checkout.example:8443"), true),
            ("/pay/token", Some("api.example"), false),
            ("/pay/token", Some("checkout.example"), false),
            ("/hpp/v1/sessions", Some("checkout.example:8443"), false),
            ("/hpp/v1/sessions", Some("api.example"), true),
            ("/hpp/v1/sessions", None, true),
            ("/pay/token", None, false),
        ] {
            assert_eq!(pages.serves_path(path, host), expected, "{host:?} {path}");
        }
        assert!(PageHost::of(None).is_none());
    }
}
