//! Texts of the timeline with their secrets hidden: recipients of messages, URLs, and the answers of receivers. The
//! timeline never shows an address of a consumer, and no authorization token.

use kassa_domain::AuthorizationToken;
use kassa_wire::kassa::HistoryAttempt;

/// Replaces the hidden letters.
const HIDDEN: &str = "***";

/// The recipient of a message: of an e-mail address the first letter and the domain, of a number the last two digits.
pub(super) fn masked(recipient: &str) -> String {
    match recipient.rsplit_once('@') {
        Some((name, domain)) => {
            let first: String = name.chars().take(1).collect();
            format!("{first}{HIDDEN}@{domain}")
        }
        None => {
            let count = recipient.chars().count();
            let shown = if count > 4 { 2 } else { 0 };
            let last: String = recipient.chars().skip(count - shown).collect();
            format!("{HIDDEN}{last}")
        }
    }
}

/// Replaces a token or a password.
const TOKEN: &str = "[hidden]";

/// The secrets of a page session that other texts can repeat.
pub(super) struct Secrets(Vec<AuthorizationToken>);

impl Secrets {
    pub(super) fn new(tokens: impl IntoIterator<Item = AuthorizationToken>) -> Self {
        Self(tokens.into_iter().collect())
    }

    /// A text without the tokens.
    pub(super) fn hidden_in(&self, text: &str) -> String {
        self.0.iter().fold(text.to_string(), |text, token| text.replace(token.as_str(), TOKEN))
    }

    /// A URL of the merchant without its user, its query and its fragment, in which merchants put secrets.
    pub(super) fn hidden_in_url(&self, url: &str) -> String {
        let (address, has_query) = match url.split_once(['?', '#']) {
            Some((address, _)) => (address, true),
            None => (url, false),
        };
        let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
        let (authority, path) = rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let scheme = if scheme.is_empty() { String::new() } else { format!("{scheme}://") };
        let path = path.map(|path| format!("/{path}")).unwrap_or_default();
        let query = if has_query { "?..." } else { "" };
        self.hidden_in(&format!("{scheme}{host}{path}{query}"))
    }

    /// An attempt whose answer has no tokens. A receiver can repeat the callback.
    pub(super) fn hidden_in_attempt(&self, attempt: HistoryAttempt) -> HistoryAttempt {
        let answer_body = attempt.answer_body.as_deref().map(|body| self.hidden_in(body));
        HistoryAttempt { answer_body, ..attempt }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_user_query_and_token() {
        let secrets = Secrets::new([AuthorizationToken::new("t0k3n")]);
        for (url, shown) in [
            ("https://shop.example/callbacks", "https://shop.example/callbacks"),
            ("https://user:pass@shop.example:444/a?secret=s3cret#x", "https://shop.example:444/a?..."),
            ("https://shop.example", "https://shop.example"),
            ("https://shop.example/t0k3n/push", "https://shop.example/[hidden]/push"),
            ("https://shop.example#s", "https://shop.example?..."),
        ] {
            assert_eq!(secrets.hidden_in_url(url), shown);
        }
    }

    #[test]
    fn most_of_a_recipient_is_hidden() {
        for (recipient, shown) in [
            ("customer+denied@email.se", "c***@email.se"),
            ("\"a@b\"@email.se", "\"***@email.se"),
            ("@email.se", "***@email.se"),
            ("+46701234567", "***67"),
            ("1234", "***"),
            ("", "***"),
        ] {
            assert_eq!(masked(recipient), shown);
        }
    }
}
