//! A sign-in that has begun: the values that only this browser has, until it comes back from the provider.

use kassa_domain::Timestamp;
use kassa_domain::time::MINUTE_MS;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

/// The longest time that a person may take at the provider, in milliseconds.
pub const LONGEST_SIGN_IN_MS: i64 = 10 * MINUTE_MS;

/// A sign-in that has begun. The browser keeps it, encrypted, in a cookie.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSignIn {
    /// The value with which the browser must come back.
    pub(crate) state: String,
    /// The value that the token must contain.
    pub(crate) nonce: String,
    /// The value whose hash the provider knows (PKCE). The code is worth nothing without it.
    pub(crate) verifier: String,
    /// The page to go to after the sign-in.
    pub(crate) to: String,
    /// From this instant on, the sign-in must begin again.
    pub(crate) expires_at_ms: i64,
}

impl PendingSignIn {
    /// The sign-in as text, with its secrets. Encrypt it.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("texts and a number can be written as JSON")
    }

    /// Reads a sign-in.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Whether a browser came back from this sign-in, and in time.
    #[must_use]
    pub fn is_answered_by(&self, state: &str, now: Timestamp) -> bool {
        bool::from(self.state.as_bytes().ct_eq(state.as_bytes())) && now.as_ms() < self.expires_at_ms
    }

    /// The page to go to after the sign-in.
    #[must_use]
    pub fn to(&self) -> &str {
        &self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_answered_by_its_state_and_in_time() {
        let text = |text: &str| text.to_string();
        let pending = PendingSignIn {
            state: text("s"),
            nonce: text("n"),
            verifier: text("v"),
            to: text("/console"),
            expires_at_ms: 1000,
        };
        let read = PendingSignIn::parse(&pending.to_text()).unwrap();
        assert!(read == pending && PendingSignIn::parse("{}").is_none());
        assert!(read.is_answered_by("s", Timestamp::from_ms(999)));
        assert!(!read.is_answered_by("s", Timestamp::from_ms(1000)));
        assert!(!read.is_answered_by("n", Timestamp::from_ms(0)));
        assert!(!read.is_answered_by("", Timestamp::from_ms(0)));
    }
}
