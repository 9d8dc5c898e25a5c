//! The sender of a request for a page: a person, or a program that only looks. Looking changes nothing
//! (docs/decisions/0044-looking-is-not-acting.md).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::header::USER_AGENT;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// Headers with which browsers mark a request that they make in advance.
const PURPOSES: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// The words of these headers.
const IN_ADVANCE: [&str; 4] = ["prefetch", "prerender", "preview", "preload"];

/// Words in the `User-Agent` of programs that read a link to show a preview of it, or to index it. Each word is
/// specific, because the browsers that apps contain name the app too: `LinkedInApp`, `Slack_SSB`.
const PREVIEWS: [&str; 31] = [
    "slackbot",
    "slack-imgproxy",
    "facebookexternalhit",
    "facebookcatalog",
    "facebot",
    "meta-externalagent",
    "twitterbot",
    "telegrambot",
    "discordbot",
    "linkedinbot",
    "skypeuripreview",
    "microsoftpreview",
    "redditbot",
    "pinterestbot",
    "vkshare",
    "viberbot",
    "kakaotalk-scrap",
    "line-poker",
    "snap url preview",
    "mattermost-bot",
    "zulipurlpreview",
    "embedly",
    "iframely",
    "bitlybot",
    "googlebot",
    "google-pagerenderer",
    "bingbot",
    "applebot",
    "yandexbot",
    "duckduckbot",
    "(bot; +",
];

/// Beginnings of the `User-Agent` of further preview programs.
const PREVIEW_BEGINNINGS: [&str; 3] = ["whatsapp/", "http.rb/", "signal-"];

/// The sender of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Visitor {
    /// A person, as far as the request shows.
    Person,
    /// A program that asks with `HEAD` whether the page is there.
    Check,
    /// A program that shows a preview of the link.
    Preview,
}

impl Visitor {
    fn of(method: &Method, headers: &HeaderMap) -> Self {
        if method == Method::HEAD {
            Self::Check
        } else if is_preview_agent(headers) {
            Self::Preview
        } else {
            Self::Person
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.method, &parts.headers))
    }
}

/// Whether a browser makes this request before a person asks for the page, or instead.
pub(super) fn is_in_advance(headers: &HeaderMap) -> bool {
    let mut purposes = PURPOSES.iter().map(|name| HeaderName::from_static(name));
    purposes.any(|name| IN_ADVANCE.iter().any(|word| contains(headers, &name, word)))
}

fn is_preview_agent(headers: &HeaderMap) -> bool {
    let agent = headers.get(USER_AGENT).map(lower_case).unwrap_or_default();
    PREVIEWS.iter().any(|word| agent.contains(word))
        || PREVIEW_BEGINNINGS.iter().any(|beginning| agent.starts_with(beginning))
}

/// Whether a header contains a word, which is in lower case.
pub(super) fn contains(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    headers.get_all(name).iter().any(|value| lower_case(value).contains(word))
}

fn lower_case(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase()
}
