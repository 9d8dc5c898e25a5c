//! The cookie of a console session.

use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};

/// The name over HTTPS. Browsers accept it only with `Secure`, for the whole host and from nobody else.
const SECURE_NAME: &str = "__Host-kassa_console";

/// The name over plain HTTP, which is for a developer's own machine.
const PLAIN_NAME: &str = "kassa_console";

/// Whether the browser reaches the console over HTTPS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// Over HTTPS.
    Secure,
    /// Over plain HTTP.
    Plain,
}

impl Transport {
    /// The transport of a base URL.
    pub(crate) fn of(base_url: &str) -> Self {
        if base_url.starts_with("https:") { Self::Secure } else { Self::Plain }
    }

    fn cookie_name(self) -> &'static str {
        match self {
            Self::Secure => SECURE_NAME,
            Self::Plain => PLAIN_NAME,
        }
    }
}

/// The secret in the cookie of a request.
pub(crate) fn secret_of(headers: &HeaderMap, transport: Transport) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut secrets = pairs.filter(|(name, _)| *name == transport.cookie_name()).map(|(_, secret)| secret);
    secrets.next().filter(|secret| !secret.is_empty()).map(str::to_string)
}

/// The value of `Set-Cookie` that gives a browser this secret. The cookie ends with the browser's session; the server
/// decides about its longest life.
pub(crate) fn set(secret: &str, transport: Transport) -> HeaderValue {
    written(secret, transport, "")
}

/// The value of `Set-Cookie` that removes the cookie.
pub(crate) fn removed(transport: Transport) -> HeaderValue {
    written("", transport, "; Max-Age=0")
}

fn written(secret: &str, transport: Transport, end: &str) -> HeaderValue {
    let secure = match transport {
        Transport::Secure => "; Secure",
        Transport::Plain => "",
    };
    let name = transport.cookie_name();
    let cookie = format!("{name}={secret}; Path=/; HttpOnly; SameSite=Lax{secure}{end}");
    HeaderValue::from_str(&cookie).expect("a secret is base64url")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_for_this_host_alone_and_no_script_reads_it() {
        let secure = set("abc", Transport::Secure);
        assert_eq!(secure, "__Host-kassa_console=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(set("abc", Transport::Plain), "kassa_console=abc; Path=/; HttpOnly; SameSite=Lax");
        assert_eq!(removed(Transport::Plain), "kassa_console=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    }

    #[test]
    fn the_secret_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        assert_eq!(secret_of(&headers, Transport::Plain), None);
        headers.append(COOKIE, HeaderValue::from_static("a=1; kassa_console=first; b=2"));
        headers.append(COOKIE, HeaderValue::from_static("__Host-kassa_console=second"));
        assert_eq!(secret_of(&headers, Transport::Plain).as_deref(), Some("first"));
        assert_eq!(secret_of(&headers, Transport::Secure).as_deref(), Some("second"));
        headers.insert(COOKIE, HeaderValue::from_static("kassa_console="));
        assert_eq!(secret_of(&headers, Transport::Plain), None);
    }
}
