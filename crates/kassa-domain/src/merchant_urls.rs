//! The merchant's URLs, and the placeholders in them (docs/wire.md#merchant-urls, docs/wire.md#placeholders).

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::{AuthorizationToken, OrderId, PageSessionId};

/// The kinds of a merchant's URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MerchantUrl {
    /// The browser goes here after a successful authorization.
    Success,
    /// The browser goes here after a confirmed cancellation.
    Cancel,
    /// The browser goes here after the consumer pressed Back.
    Back,
    /// The browser goes here after the payment was declined.
    Failure,
    /// The browser goes here after a technical error.
    Error,
    /// Callbacks go here.
    StatusUpdate,
}

impl MerchantUrl {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Success, Self::Cancel, Self::Back, Self::Failure, Self::Error, Self::StatusUpdate];

    /// Returns the field's name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Cancel => "cancel",
            Self::Back => "back",
            Self::Failure => "failure",
            Self::Error => "error",
            Self::StatusUpdate => "status_update",
        }
    }
}

impl fmt::Display for MerchantUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The merchant's URLs as given at creation, with their placeholders. An empty text counts as absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MerchantUrls {
    /// See [`MerchantUrl::Success`].
    pub success: Option<String>,
    /// See [`MerchantUrl::Cancel`].
    pub cancel: Option<String>,
    /// See [`MerchantUrl::Back`].
    pub back: Option<String>,
    /// See [`MerchantUrl::Failure`].
    pub failure: Option<String>,
    /// See [`MerchantUrl::Error`].
    pub error: Option<String>,
    /// See [`MerchantUrl::StatusUpdate`].
    pub status_update: Option<String>,
}

impl MerchantUrls {
    /// Returns the URL as the merchant gave it, with its placeholders.
    #[must_use]
    pub fn given(&self, which: MerchantUrl) -> Option<&str> {
        let url = match which {
            MerchantUrl::Success => &self.success,
            MerchantUrl::Cancel => &self.cancel,
            MerchantUrl::Back => &self.back,
            MerchantUrl::Failure => &self.failure,
            MerchantUrl::Error => &self.error,
            MerchantUrl::StatusUpdate => &self.status_update,
        };
        url.as_deref().filter(|url| !url.is_empty())
    }

    /// Returns the first URL of `chain` that the merchant gave, with its placeholders replaced.
    #[must_use]
    pub fn first_of(&self, chain: &[MerchantUrl], values: &PlaceholderValues<'_>) -> Option<String> {
        let mut given = chain.iter().filter_map(|which| Some((*which, self.given(*which)?)));
        given.next().map(|(which, url)| fill(url, which, values))
    }
}

/// The values that replace the placeholders.
#[derive(Clone, Copy, Debug)]
pub struct PlaceholderValues<'a> {
    /// `{{session_id}}`: valid in every URL.
    pub session_id: &'a PageSessionId,
    /// `{{authorization_token}}`: valid only in `success`.
    pub authorization_token: Option<&'a AuthorizationToken>,
    /// `{{order_id}}`: valid only in `success`.
    pub order_id: Option<&'a OrderId>,
}

impl PlaceholderValues<'_> {
    /// Returns the value of a placeholder in this URL: empty if it is not valid there, `None` if the name is unknown.
    fn value(&self, name: &str, which: MerchantUrl) -> Option<&str> {
        let is_success = which == MerchantUrl::Success;
        match name {
            "session_id" => Some(self.session_id.as_str()),
            "authorization_token" if is_success => {
                Some(self.authorization_token.map_or("", AuthorizationToken::as_str))
            }
            "order_id" if is_success => Some(self.order_id.map_or("", OrderId::as_str)),
            "authorization_token" | "order_id" => Some(""),
            _ => None,
        }
    }
}

/// The spellings of the double braces: literal, or percent-encoded as URL builders write them.
const BRACES: [(&str, &str); 2] = [("{{", "}}"), ("%7B%7B", "%7D%7D")];

/// Replaces the placeholders of one URL. A placeholder that is not valid in this URL becomes empty; an unknown name
/// stays.
///
/// The values have the form of UUIDs, so they need no escaping (docs/wire.md#placeholders).
#[must_use]
pub fn fill(url: &str, which: MerchantUrl, values: &PlaceholderValues<'_>) -> String {
    let mut out = String::with_capacity(url.len() + 36);
    let mut rest = url;
    while let Some(brace) = rest.find(['{', '%']) {
        let (before, from_brace) = rest.split_at(brace);
        out.push_str(before);
        if let Some((name, after)) = placeholder_at(from_brace)
            && let Some(value) = values.value(name, which)
        {
            out.push_str(value);
            rest = after;
        } else {
            let (first, after) = from_brace.split_at(1);
            out.push_str(first);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// Reads the placeholder at the start of `text`. Returns its name and the rest of the text.
fn placeholder_at(text: &str) -> Option<(&str, &str)> {
    BRACES.iter().find_map(|(open, close)| {
        let inside = strip_prefix_any_case(text, open)?;
        let end = inside.find(|c: char| !c.is_ascii_lowercase() && c != '_')?;
        let after = strip_prefix_any_case(&inside[end..], close)?;
        Some((&inside[..end], after))
    })
}

fn strip_prefix_any_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, which: MerchantUrl, expected: &str) {
        let (session, token, order) =
            (PageSessionId::new("S"), AuthorizationToken::new("T"), OrderId::new("O"));
        let values = PlaceholderValues {
            session_id: &session,
            authorization_token: Some(&token),
            order_id: Some(&order),
        };
        assert_eq!(fill(url, which, &values), expected);
    }

    #[test]
    fn valid_placeholders_are_replaced() {
        check(
            "https://m/ok?sid={{session_id}}&t={{authorization_token}}",
            MerchantUrl::Success,
            "https://m/ok?sid=S&t=T",
        );
        check("https://m/ok?o={{order_id}}{{order_id}}", MerchantUrl::Success, "https://m/ok?o=OO");
        check("https://m/{{session_id}}", MerchantUrl::StatusUpdate, "https://m/S");
    }

    #[test]
    fn placeholders_in_percent_encoded_braces_are_replaced() {
        check("https://m/?s=%7B%7Bsession_id%7D%7D", MerchantUrl::Back, "https://m/?s=S");
        check("https://m/?s=%7b%7bsession_id%7d%7d", MerchantUrl::Back, "https://m/?s=S");
    }

    #[test]
    fn a_placeholder_of_the_success_url_is_empty_in_other_urls() {
        check(
            "https://m/?t={{authorization_token}}&o={{order_id}}.",
            MerchantUrl::Cancel,
            "https://m/?t=&o=.",
        );
    }

    #[test]
    fn unknown_and_broken_placeholders_stay_as_they_are() {
        for url in [
            "https://m/{session.id}",
            "https://m/{{nothing}}",
            "https://m/{{session_id",
            "https://m/{{",
            "é%7B",
        ] {
            check(url, MerchantUrl::Success, url);
        }
        check("{{{session_id}}}", MerchantUrl::Success, "{S}");
    }

    #[test]
    fn an_empty_url_falls_back_to_the_next_of_the_chain() {
        let urls = MerchantUrls {
            error: Some(String::new()),
            failure: Some("https://m/f".into()),
            ..MerchantUrls::default()
        };
        let id = PageSessionId::new("S");
        let values = PlaceholderValues { session_id: &id, authorization_token: None, order_id: None };
        let chain = [MerchantUrl::Error, MerchantUrl::Failure];
        assert_eq!(urls.first_of(&chain, &values).as_deref(), Some("https://m/f"));
        assert_eq!(urls.first_of(&chain[..1], &values), None);
    }
}
