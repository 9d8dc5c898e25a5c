//! The outcome of an order, and the rule for answers that are final.

use serde::Serialize;

use crate::client::{ClientError, OrderPlaced};
use crate::fraud_status::FraudStatus;

/// The error codes of a 403 about the token itself (docs/wire.md#payments-errors). Any other 403 is about the account,
/// and somebody can correct that while the token is valid.
const FINAL_FORBIDDEN: [&str; 2] = ["INVALID_OPERATION", "REJECTED"];

/// The state of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// The session is not completed yet.
    Awaited,
    /// The tracker is placing the order.
    Intended,
    /// The order was placed, by the tracker or by the service itself. Its fraud status says whether the merchant may
    /// deliver.
    Placed,
    /// The service refused the order; a retry would not help.
    Refused,
    /// The service gave no answer about the order for as long as a token is valid.
    TooLate,
    /// The session is completed with neither a token nor an order, so there is nothing to place.
    NoToken,
}

impl OrderState {
    const WORDS: [(&'static str, Self); 6] = [
        ("awaited", Self::Awaited),
        ("intended", Self::Intended),
        ("placed", Self::Placed),
        ("refused", Self::Refused),
        ("too_late", Self::TooLate),
        ("no_token", Self::NoToken),
    ];

    pub(in crate::tracker) const fn as_str(self) -> &'static str {
        match self {
            Self::Awaited => "awaited",
            Self::Intended => "intended",
            Self::Placed => "placed",
            Self::Refused => "refused",
            Self::TooLate => "too_late",
            Self::NoToken => "no_token",
        }
    }

    pub(super) fn of(word: &str) -> Self {
        let known = Self::WORDS.into_iter().find(|(known, _)| *known == word);
        known.map_or(Self::Intended, |(_, state)| state)
    }
}

/// The outcome of an order so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderOutcome {
    /// The state of the order.
    pub state: OrderState,
    /// The order's id, once it is placed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The service's fraud decision at that time, if its answer had one. The service decides about `PENDING` later, and
    /// then calls the merchant's `notification` URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fraud_status: Option<FraudStatus>,
    /// The reason if it is not placed, or not yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl OrderOutcome {
    pub(super) fn placed(order: OrderPlaced) -> Self {
        let OrderPlaced { order_id, fraud_status, .. } = order;
        Self { state: OrderState::Placed, order_id: Some(order_id), fraud_status, why: None }
    }

    /// The service itself placed the order.
    pub(super) fn placed_by_the_service(order_id: String, fraud_status: Option<FraudStatus>) -> Self {
        Self { state: OrderState::Placed, order_id: Some(order_id), fraud_status, why: None }
    }

    pub(super) fn not_placed(state: OrderState, why: String) -> Self {
        Self { state, order_id: None, fraud_status: None, why: Some(why) }
    }
}

/// Whether a retry cannot help. A wrong credential, a missing permission or a used-up rate limit can be fixed while the
/// token is valid, and a retry is safe.
pub(super) fn is_final(error: &ClientError) -> bool {
    match error {
        ClientError::Refused { status: 403, code, .. } => FINAL_FORBIDDEN.contains(&code.as_str()),
        ClientError::Refused { status, .. } => {
            (400..500).contains(status) && !matches!(status, 401 | 407 | 408 | 425 | 429)
        }
        ClientError::Unsendable(_) => true,
        ClientError::Unanswered(_) | ClientError::Unreadable { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::NoAnswer;

    fn refused(status: u16, code: &str) -> ClientError {
        let code = code.to_string();
        ClientError::Refused { status, code, messages: Vec::new(), correlation_id: None, retry_after: None }
    }

    #[test]
    fn a_state_is_stored_as_it_is_read() {
        for (word, state) in OrderState::WORDS {
            assert_eq!((OrderState::of(word), state.as_str()), (state, word));
        }
    }

    #[test]
    fn a_refusal_of_the_token_is_final_and_one_of_the_account_is_not() {
        for (status, code) in [
            (400, "BAD_VALUE"),
            (403, "INVALID_OPERATION"),
            (403, "REJECTED"),
            (404, "NOT_FOUND"),
            (404, "SESSION_COMPLETED"),
            (404, ""),
            (409, "BAD_VALUE"),
            (410, ""),
        ] {
            assert!(is_final(&refused(status, code)), "{status} {code}");
        }
        for (status, code) in [
            (302, ""),
            (401, "UNAUTHORIZED"),
            (403, ""),
            (403, "MERCHANT_INACTIVE"),
            (403, "NOT_AUTHORIZED"),
            (407, ""),
            (408, ""),
            (425, ""),
            (429, "TOO_MANY_REQUESTS"),
            (500, "INTERNAL_SERVER_ERROR"),
            (503, ""),
        ] {
            assert!(!is_final(&refused(status, code)), "{status} {code}");
        }
        assert!(!is_final(&ClientError::Unanswered(NoAnswer::Unknown(String::new()))));
    }
}
