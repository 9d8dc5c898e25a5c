//! An operation that a payment system carries out, and its outcome.

use kassa_domain::operation::OperationKind;
use kassa_domain::payment_session::Authorization;
use kassa_domain::{AuthorizationToken, OperationId};
use kassa_store::{ClaimedOperation, SystemOrder};

/// A recorded operation that is carried out.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// The idempotency key. It is the same in every attempt.
    pub key: &'a OperationId,
    /// The request to the payment system.
    pub kind: OperationKind,
    /// The authorization that it spends or releases.
    pub authorization: &'a Authorization,
    /// The bytes to send. They are the same in every attempt.
    pub request: &'a str,
    /// The number of earlier attempts.
    pub attempts: i64,
}

impl<'a> Operation<'a> {
    pub(crate) fn of(claimed: &'a ClaimedOperation) -> Self {
        let ClaimedOperation { id, kind, authorization, request, attempts, .. } = claimed;
        Self { key: id, kind: *kind, authorization, request, attempts: *attempts }
    }
}

/// The outcome of an attempt to carry out an operation.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The order is placed.
    Ordered(SystemOrder),
    /// The authorization is released.
    Released,
    /// The payment system refused the operation for good. Nothing happened.
    Refused {
        /// Why, in words.
        reason: String,
        /// Whether the authorization can no longer be used. If it can, Kassa releases it.
        token_is_dead: bool,
    },
    /// No byte left this machine, for this reason. Kassa tries again.
    NotSent(String),
    /// The operation may have had an effect, or none: no answer arrived, or it cannot be understood. Kassa repeats the
    /// same bytes.
    Unknown(String),
}

impl Outcome {
    /// Returns the reason why the operation had no effect, or why its effect is unknown.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Ordered(_) | Self::Released => None,
            Self::Refused { reason, .. } | Self::NotSent(reason) | Self::Unknown(reason) => Some(reason),
        }
    }

    /// Replaces the token in the reason, which goes to the log and to the history. A payment system may repeat the path
    /// of the call in its error, and the token is a part of the path.
    pub(crate) fn without_token(mut self, token: &AuthorizationToken) -> Self {
        let text = token.as_str();
        match &mut self {
            Self::Ordered(_) | Self::Released => {}
            Self::Refused { reason, .. } | Self::NotSent(reason) | Self::Unknown(reason) => {
                if !text.is_empty() {
                    *reason = reason.replace(text, "[token]");
                }
            }
        }
        self
    }

    /// Returns the outcome in one word, for logs and metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ordered(_) => "ordered",
            Self::Released => "released",
            Self::Refused { .. } => "refused",
            Self::NotSent(_) => "not_sent",
            Self::Unknown(_) => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_an_outcome_has_no_token() {
        let token = AuthorizationToken::new("secret-token");
        let reason = || "404 no order at /payments/v1/authorizations/secret-token/order".to_string();
        for outcome in [
            Outcome::Unknown(reason()),
            Outcome::NotSent(reason()),
            Outcome::Refused { reason: reason(), token_is_dead: true },
        ] {
            let outcome = outcome.without_token(&token);
            assert_eq!(outcome.reason(), Some("404 no order at /payments/v1/authorizations/[token]/order"));
        }
    }
}
