//! The proxy of outgoing calls, named by the environment or by a setting.
//!
//! The proxy resolves names and makes connections, so the policy's address checks do not apply to calls through it.
//! Calls to URLs that strangers choose must therefore go out directly.

use std::fmt;
use std::sync::Arc;

use http::header::PROXY_AUTHORIZATION;
use http::uri::Scheme;
use http::{HeaderValue, Request, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use url::Host;

/// The rules for the proxy of each call.
#[derive(Clone)]
pub struct ProxyRules {
    matcher: Arc<Matcher>,
    /// Whether plain http to this machine goes out directly.
    spares_loopback: bool,
}

/// A setting that names no usable proxy. The text may contain a password, so it is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the URL of an HTTP or SOCKS proxy, such as http://proxy.internal:3128")]
pub struct UnusableProxy;

/// The protocol that a proxy speaks. In each of them, the proxy resolves the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProxyKind {
    Http,
    Socks4,
    Socks5,
}

impl ProxyRules {
    /// No proxy.
    #[must_use]
    pub fn direct() -> Self {
        Self { matcher: Arc::new(Matcher::builder().build()), spares_loopback: true }
    }

    /// The variables `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, also in lower case, as curl reads them. A
    /// plain `http` URL of this machine goes out directly, because no proxy can reach it.
    #[must_use]
    pub fn of_environment() -> Self {
        Self { matcher: Arc::new(Matcher::from_env()), spares_loopback: true }
    }

    /// One proxy for every call, apart from the hosts that `NO_PROXY` names.
    ///
    /// # Errors
    /// If the text is not the URL of a proxy.
    pub fn through(proxy: &str) -> Result<Self, UnusableProxy> {
        let not_through = ["NO_PROXY", "no_proxy"].iter().find_map(|name| std::env::var(name).ok());
        let proxy = proxy.trim();
        let every = Matcher::builder().all(proxy).build();
        let found = every.intercept(&Uri::from_static("https://service.example")).ok_or(UnusableProxy)?;
        ProxyKind::of(&found).ok_or(UnusableProxy)?;
        let matcher = Matcher::builder().all(proxy).no(not_through.unwrap_or_default()).build();
        Ok(Self { matcher: Arc::new(matcher), spares_loopback: false })
    }

    /// The proxy for a URL, if its calls go through one.
    pub(super) fn proxy_for(&self, uri: &Uri) -> Option<Intercept> {
        let is_spared = || self.spares_loopback && is_plain(uri) && is_loopback(uri);
        self.matcher.intercept(uri).filter(|_| !is_spared())
    }

    /// Adds the proxy's credential to a call that the proxy reads. A call over TLS goes through a tunnel, and the
    /// credential with the request for the tunnel.
    pub(super) fn authorize<B>(&self, request: &mut Request<B>) {
        let proxy = self.proxy_for(request.uri()).filter(|_| is_plain(request.uri()));
        if let Some(credential) = proxy.as_ref().and_then(Intercept::basic_auth) {
            let mut credential: HeaderValue = credential.clone();
            credential.set_sensitive(true);
            request.headers_mut().insert(PROXY_AUTHORIZATION, credential);
        }
    }
}

/// Does not print the proxy, because its URL may contain a password.
impl fmt::Debug for ProxyRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyRules").field("spares_loopback", &self.spares_loopback).finish_non_exhaustive()
    }
}

impl ProxyKind {
    /// `None` for a protocol that is not supported, such as TLS to the proxy itself.
    pub(super) fn of(proxy: &Intercept) -> Option<Self> {
        match proxy.uri().scheme_str() {
            Some("http") => Some(Self::Http),
            Some("socks4" | "socks4a") => Some(Self::Socks4),
            Some("socks5" | "socks5h") => Some(Self::Socks5),
            Some(_) | None => None,
        }
    }
}

/// Whether a proxy reads the call, and does not only pass its bytes on.
pub(super) fn is_plain(uri: &Uri) -> bool {
    uri.scheme() == Some(&Scheme::HTTP)
}

fn is_loopback(uri: &Uri) -> bool {
    match Host::parse(uri.host().unwrap_or_default()) {
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Ok(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(proxy: &str, not_through: &str, spares_loopback: bool) -> ProxyRules {
        let matcher = Matcher::builder().all(proxy).no(not_through).build();
        ProxyRules { matcher: Arc::new(matcher), spares_loopback }
    }

    #[track_caller]
    fn check(rules: &ProxyRules, url: &str, expected: Option<&str>) {
        let proxy = rules.proxy_for(&url.parse().unwrap()).map(|proxy| proxy.uri().to_string());
        assert_eq!(proxy.as_deref(), expected, "{url}");
    }

    #[test]
    fn every_call_goes_through_the_proxy_except_to_the_listed_hosts_and_to_this_machine() {
        let proxy = Some("http://proxy.internal:3128/");
        let environment = rules("proxy.internal:3128", "shop.example,10.0.0.0/8", true);
        for (url, expected) in [
            ("https://api.example/x", proxy),
            ("http://api.example/x", proxy),
            ("https://shop.example/", None),
            ("https://eu.shop.example/", None),
            ("http://10.1.2.3:8080/", None),
            ("http://127.0.0.1:3000/", None),
            ("http://[::1]:3000/", None),
            ("http://localhost:3000/", None),
            ("http://shop.localhost/", None),
            ("https://localhost:3000/", proxy),
        ] {
            check(&environment, url, expected);
        }
        check(&rules("proxy.internal:3128", "", false), "http://127.0.0.1:3000/", proxy);
        check(&ProxyRules::direct(), "https://api.example/", None);
    }

    #[test]
    fn a_setting_that_names_no_usable_proxy_is_refused() {
        for proxy in ["http://p:3128", " p:3128\n", "http://user:pass@p", "socks5h://p:1080", "socks4://p"] {
            assert!(ProxyRules::through(proxy).is_ok(), "{proxy}");
        }
        for proxy in ["", "https://p:3128", "ftp://p", "http://", "a b", "/run/proxy.sock"] {
            assert_eq!(ProxyRules::through(proxy).unwrap_err(), UnusableProxy, "{proxy}");
        }
    }

    #[test]
    fn the_proxys_credential_goes_only_with_calls_that_the_proxy_reads() {
        let rules = rules("http://user:pass@proxy.internal", "", true);
        for (url, expected) in [("http://api.example/", true), ("https://api.example/", false)] {
            let mut request = Request::get(url).body(()).unwrap();
            rules.authorize(&mut request);
            assert_eq!(request.headers().contains_key(PROXY_AUTHORIZATION), expected, "{url}");
        }
        assert!(!format!("{rules:?}").contains("pass@"));
    }
}
