//! The cookies of the console.

use http::HeaderMap;
use http::header::HeaderValue;
use kassa_http::cookie_in;

/// The cookie of a console session. It ends with the browser's session; the server decides about its longest life.
pub(crate) const SESSION: ConsoleCookie = ConsoleCookie { name: "kassa_console", longest_s: None };

/// The cookie of a sign-in that waits for the browser to come back from the OpenID provider.
pub(crate) const PENDING: ConsoleCookie =
    ConsoleCookie { name: "kassa_openid", longest_s: Some(kassa_openid::LONGEST_SIGN_IN_MS / 1000) };

/// A cookie for this host alone, which no script reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConsoleCookie {
    name: &'static str,
    /// The longest life, in seconds. Without it, the cookie ends with the browser's session.
    longest_s: Option<i64>,
}

/// Whether the browser reaches the console over HTTPS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// Over HTTPS.
    Secure,
    /// Over plain HTTP, which is for a developer's own machine.
    Plain,
}

impl Transport {
    /// The transport of a base URL.
    pub(crate) fn of(base_url: &str) -> Self {
        if base_url.starts_with("https:") { Self::Secure } else { Self::Plain }
    }

    /// The beginning of a cookie's name. Browsers accept `__Host-` only with `Secure`, for the whole host and from
    /// nobody else.
    fn prefix(self) -> &'static str {
        match self {
            Self::Secure => "__Host-",
            Self::Plain => "",
        }
    }
}

impl ConsoleCookie {
    /// The value in the cookie of a request.
    pub(crate) fn value_in(self, headers: &HeaderMap, transport: Transport) -> Option<String> {
        cookie_in(headers, &self.full_name(transport)).map(str::to_string)
    }

    /// The value of `Set-Cookie` that gives a browser this value, which is base64url.
    pub(crate) fn set(self, value: &str, transport: Transport) -> HeaderValue {
        self.written(value, transport, self.longest_s)
    }

    /// The value of `Set-Cookie` that removes the cookie.
    pub(crate) fn removed(self, transport: Transport) -> HeaderValue {
        self.written("", transport, Some(0))
    }

    fn full_name(self, transport: Transport) -> String {
        format!("{}{}", transport.prefix(), self.name)
    }

    fn written(self, value: &str, transport: Transport, longest_s: Option<i64>) -> HeaderValue {
        let secure = match transport {
            Transport::Secure => "; Secure",
            Transport::Plain => "",
        };
        let end = longest_s.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
        let name = self.full_name(transport);
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{end}");
        HeaderValue::from_str(&cookie).expect("a value is base64url")
    }
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;

    use super::*;

    #[test]
    fn a_cookie_is_for_this_host_alone_and_no_script_reads_it() {
        let secure = SESSION.set("abc", Transport::Secure);
        assert_eq!(secure, "__Host-kassa_console=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(SESSION.set("abc", Transport::Plain), "kassa_console=abc; Path=/; HttpOnly; SameSite=Lax");
        let removed = SESSION.removed(Transport::Plain);
        assert_eq!(removed, "kassa_console=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
        let pending = PENDING.set("abc", Transport::Secure);
        assert_eq!(pending, "__Host-kassa_openid=abc; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=600");
    }

    #[test]
    fn the_secret_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        assert_eq!(SESSION.value_in(&headers, Transport::Plain), None);
        headers.append(COOKIE, HeaderValue::from_static("a=1; kassa_console=first; b=2"));
        headers.append(COOKIE, HeaderValue::from_static("__Host-kassa_console=second"));
        assert_eq!(SESSION.value_in(&headers, Transport::Plain).as_deref(), Some("first"));
        assert_eq!(SESSION.value_in(&headers, Transport::Secure).as_deref(), Some("second"));
        assert_eq!(PENDING.value_in(&headers, Transport::Plain), None);
        headers.insert(COOKIE, HeaderValue::from_static("kassa_console="));
        assert_eq!(SESSION.value_in(&headers, Transport::Plain), None);
    }
}
