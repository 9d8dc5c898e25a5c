//! The reasons why a sign-in fails. Their texts are for the log, so they contain no code and no token.

use std::error::Error;

use kassa_engine::OpenIdResult;

/// The reason why a sign-in fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenIdFailure {
    /// The browser's answer belongs to no sign-in of this browser, or came too late.
    #[error("the browser's answer belongs to no sign-in that waits for it")]
    Stale,
    /// The provider refused, with this code of OAuth.
    #[error("the provider refused: {0}")]
    Denied(String),
    /// The provider gave no answer that can be used.
    #[error("no usable answer from the provider, for {purpose}: {reason}")]
    ProviderFailed {
        /// The answer that Kassa asked for.
        purpose: &'static str,
        /// The reason.
        reason: String,
    },
    /// The provider did not accept the code, or the credentials of Kassa. It gave this code of OAuth.
    #[error("the provider refused to exchange the code: {0}")]
    CodeRefused(String),
    /// The token did not pass a check.
    #[error("the token of the provider is not valid: {0}")]
    TokenRefused(String),
    /// The provider gave no name that can be used.
    #[error("the claim {0} has no usable name")]
    NoName(String),
    /// The provider says that the e-mail address is not verified.
    #[error("the e-mail address is not verified")]
    EmailNotVerified,
    /// No group of the person has a role.
    #[error("no value of the claim {claim} has a role")]
    NoRole {
        /// The claim with the groups.
        claim: String,
        /// The provider's own id of the person.
        subject: String,
    },
}

impl OpenIdFailure {
    /// The result that the metrics count.
    #[must_use]
    pub const fn result(&self) -> OpenIdResult {
        match self {
            Self::Stale => OpenIdResult::Stale,
            Self::Denied(_) => OpenIdResult::Denied,
            Self::ProviderFailed { .. } => OpenIdResult::ProviderFailed,
            Self::CodeRefused(_) => OpenIdResult::CodeRefused,
            Self::TokenRefused(_) => OpenIdResult::TokenRefused,
            Self::NoName(_) | Self::EmailNotVerified => OpenIdResult::NoName,
            Self::NoRole { .. } => OpenIdResult::NoRole,
        }
    }

    pub(crate) fn provider(purpose: &'static str, reason: impl Into<String>) -> Self {
        Self::ProviderFailed { purpose, reason: reason.into() }
    }
}

/// The code of an OAuth error, or `unknown_error` for a text that is none. The text comes from outside.
pub(crate) fn error_code(text: &str) -> String {
    let is_code = (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if is_code { text.to_string() } else { "unknown_error".to_string() }
}

/// An error of the library in one line, with its reason. Use it only for errors that contain no secret.
pub(crate) fn in_words(error: &dyn Error) -> String {
    match error.source() {
        Some(reason) => format!("{error}: {reason}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_code_of_oauth_is_repeated() {
        assert_eq!(error_code("access_denied"), "access_denied");
        for other in ["", "Access denied", "a\nb", "<b>", &"a".repeat(65)] {
            assert_eq!(error_code(other), "unknown_error", "{other}");
        }
    }
}
