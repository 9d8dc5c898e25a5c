//! Links by which a caller can come back: they begin with the address at which the caller reached Kassa.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::HOST;

use crate::app::App;

/// The address at which links begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkBase {
    /// The base URL.
    Fixed,
    /// The host of the request. Use it only if [`Configuration::site`](crate::Configuration::site) refuses hosts that other
    /// sites can claim.
    Caller,
    /// The one of these URLs whose host the request has, and else the base URL.
    OneOf(Vec<String>),
}

impl LinkBase {
    /// The address for a request with this host, if it is not the base URL.
    fn of(&self, scheme: &str, host: &str) -> Option<String> {
        match self {
            Self::Fixed => None,
            Self::Caller => Some(format!("{scheme}://{host}")),
            Self::OneOf(urls) => {
                let is_of = |url: &&String| {
                    url.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
                };
                urls.iter().find(is_of).cloned()
            }
        }
    }
}

/// Handles a request. The check of [`crate::cross_site`] has accepted its host.
pub(crate) async fn lead_back(State(app): State<App>, request: Request, next: Next) -> Response {
    let configuration = app.configuration();
    let scheme = configuration.local_url.split("://").next().unwrap_or_default();
    let authority = request.uri().authority().map(http::uri::Authority::as_str);
    let host = || request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let address = authority.or_else(host).and_then(|host| configuration.link_base.of(scheme, host));
    match address {
        Some(address) => kassa_engine::reached_at(address, next.run(request)).await,
        None => next.run(request).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_begins_with_an_address_that_the_caller_used() {
        assert_eq!(LinkBase::Fixed.of("http", "10.0.0.7:8080"), None);
        let of_caller = LinkBase::Caller.of("https", "10.0.0.7:8080");
        assert_eq!(of_caller.as_deref(), Some("https://10.0.0.7:8080"));
        let urls = LinkBase::OneOf(vec!["http://kassa:8080".to_string(), "https://kassa.test".to_string()]);
        assert_eq!(urls.of("http", "Kassa.Test").as_deref(), Some("https://kassa.test"));
        assert_eq!(urls.of("http", "kassa:8080").as_deref(), Some("http://kassa:8080"));
        assert_eq!(urls.of("http", "127.0.0.1:8080"), None);
    }
}
