//! The URL at which others reach Kassa.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

/// Scheme, host and port, without a slash at the end: `https://pay.example`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub(crate) struct PublicUrl(String);

impl AsRef<str> for PublicUrl {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl FromStr for PublicUrl {
    type Err = &'static str;

    /// Refuses a path, a query, a user, blanks and control characters. URL parsers drop some of these silently, so
    /// links would differ from the setting.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "expected a URL like https://pay.example or http://kassa.test:8080, without a path, a query or \
                     blanks";
        let is_dropped = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '\\';
        if text.contains(is_dropped) {
            return Err(wrong);
        }
        let url = Url::parse(text).map_err(|_| wrong)?;
        let origin = url.origin().ascii_serialization();
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "-._:[]".contains(letter);
        let has_good_host = url.host_str().is_some_and(|host| host.chars().all(is_letter));
        let is_bare = url.as_str() == format!("{origin}/");
        let is_web = matches!(url.scheme(), "http" | "https");
        if is_web && has_good_host && is_bare { Ok(Self(origin)) } else { Err(wrong) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_a_scheme_a_host_and_a_port() {
        let read = |text: &str| text.parse::<PublicUrl>().map(|url| url.0);
        for (text, expected) in [
            ("https://pay.example", "https://pay.example"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("http://host.docker.internal:8080", "http://host.docker.internal:8080"),
            ("HTTPS://Kassa.Test/", "https://kassa.test"),
            ("http://kassa:80", "http://kassa"),
            ("http://my_kassa:8080", "http://my_kassa:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("https://kässa.example", "https://xn--kssa-loa.example"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
        for text in [
            "kassa:8080",
            "kassa",
            "ftp://kassa",
            "http://kassa/shop",
            "http://kassa?",
            "http://kassa/?a",
            "http://kassa#a",
            "http://someone@kassa",
            "https://a:b@pay.example",
            "http://a;b",
            "http://*.kassa",
            "",
            " https://pay.example",
            "https://pay.example ",
            "https://pay .example",
            "https://pay.\texample",
            "https://pay.example\n",
            "https:\\\\pay.example",
            "\"https://pay.example\"",
            "https://pay.example\u{0}",
            "https://pay.example\u{a0}",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }
}
