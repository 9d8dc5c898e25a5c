//! The base URL of a payment system's API.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// Scheme, host and port of a payment system's API, without a slash at the end: `https://api.klarna.com`. It is https,
/// except on this machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BaseUrl(String);

/// The text is not the base URL of a payment system. The error does not show the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongBaseUrl {
    /// It is not a scheme, a host and a port.
    #[error("expected a URL like https://api.klarna.com, without a path, a query, a user or blanks")]
    NotAnOrigin,
    /// It is plain http and does not name this machine.
    #[error("expected https: http is allowed only for this machine, such as http://127.0.0.1:8080")]
    PlainHttp,
}

impl BaseUrl {
    /// The URL as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for BaseUrl {
    type Err = WrongBaseUrl;

    /// Letter case, a default port and one slash at the end make no difference. URL parsers drop blanks and control
    /// characters silently, so they are refused before.
    fn from_str(text: &str) -> Result<Self, WrongBaseUrl> {
        let is_dropped = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '\\';
        let url = Url::parse(text).ok().filter(|_| !text.contains(is_dropped));
        let url = url.ok_or(WrongBaseUrl::NotAnOrigin)?;
        let origin = url.origin().ascii_serialization();
        let is_bare = url.as_str() == format!("{origin}/");
        match url.scheme() {
            "https" if is_bare => Ok(Self(origin)),
            "http" if is_bare && is_this_machine(&url) => Ok(Self(origin)),
            "http" if is_bare => Err(WrongBaseUrl::PlainHttp),
            _ => Err(WrongBaseUrl::NotAnOrigin),
        }
    }
}

/// Whether a URL names this machine.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_a_scheme_a_host_and_a_port() {
        for (text, expected) in [
            ("https://api.klarna.com", "https://api.klarna.com"),
            ("HTTPS://API.Klarna.com:443/", "https://api.klarna.com"),
            ("https://api-na.playground.klarna.com:8443", "https://api-na.playground.klarna.com:8443"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("http://localhost", "http://localhost"),
            ("http://[::1]:9", "http://[::1]:9"),
        ] {
            assert_eq!(text.parse::<BaseUrl>().unwrap().as_str(), expected, "{text}");
        }
        for text in [
            "",
            "api.klarna.com",
            "https://api.klarna.com/payments",
            "https://api.klarna.com//",
            "https://api.klarna.com?",
            "https://api.klarna.com/#",
            "https://user@api.klarna.com",
            "https://user:secret@api.klarna.com",
            "ftp://api.klarna.com",
            " https://api.klarna.com",
            "https://api.klarna.com\n",
            "https:\\\\api.klarna.com",
        ] {
            assert_eq!(text.parse::<BaseUrl>(), Err(WrongBaseUrl::NotAnOrigin), "{text:?}");
        }
    }

    #[test]
    fn plain_http_is_only_for_this_machine() {
        for text in ["http://api.klarna.com", "http://10.0.0.1", "http://localhost.example", "http://[::2]"] {
            assert_eq!(text.parse::<BaseUrl>(), Err(WrongBaseUrl::PlainHttp), "{text}");
        }
    }
}
