//! The address at which the links of an answer begin: the one at which the caller reached Kassa.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request};
use http::header::HOST;
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, Uri};

/// The address at which links begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkBase {
    /// The base URL.
    Fixed,
    /// The host of the request, behind this scheme. Use it only if requests for hosts that other sites can claim are
    /// refused.
    Caller(&'static str),
    /// The one of these URLs whose host the request has, and else the base URL.
    OneOf(Arc<[String]>),
}

impl LinkBase {
    /// The address for a request, if it is not the base URL. An earlier rule has checked the host.
    #[must_use]
    pub fn address_for(&self, request: &Request) -> Option<String> {
        CalledHost::of(request.uri(), request.headers()).and_then(|host| self.of(host))
    }

    /// The address for a request with this host, if it is not the base URL.
    fn of(&self, host: &str) -> Option<String> {
        match self {
            Self::Fixed => None,
            Self::Caller(scheme) => Some(format!("{scheme}://{host}")),
            Self::OneOf(urls) => {
                let is_of = |url: &&String| {
                    url.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
                };
                urls.iter().find(is_of).cloned()
            }
        }
    }
}

/// The host of a request, as its caller wrote it: a name or an address, and the port unless it is the usual one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalledHost(pub Option<String>);

impl CalledHost {
    pub(crate) fn of<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
        let authority = uri.authority().map(Authority::as_str);
        authority.or_else(|| headers.get(HOST).and_then(|host| host.to_str().ok()))
    }
}

impl<S: Sync> FromRequestParts<S> for CalledHost {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(Self::of(&parts.uri, &parts.headers).map(str::to_string)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_begins_with_an_address_that_the_caller_used() {
        assert_eq!(LinkBase::Fixed.of("10.0.0.7:8080"), None);
        let of_caller = LinkBase::Caller("https").of("10.0.0.7:8080");
        assert_eq!(of_caller.as_deref(), Some("https://10.0.0.7:8080"));
        let urls = LinkBase::OneOf(["http://kassa:8080", "https://kassa.test"].map(str::to_string).into());
        assert_eq!(urls.of("Kassa.Test").as_deref(), Some("https://kassa.test"));
        assert_eq!(urls.of("kassa:8080").as_deref(), Some("http://kassa:8080"));
        assert_eq!(urls.of("127.0.0.1:8080"), None);
    }
}
