//! The state of an order, and the rule for answers that are final.

use serde::{Serialize, Serializer};

use crate::client::{ClientError, CreatedOrder};
use crate::fraud_status::FraudStatus;
use crate::tracker::StateError;
use crate::tracker::words::OrderWord;

/// The error codes of a 403 about the token itself (docs/wire.md#payments-errors). Any other 403 is about the account, and
/// somebody can mend that while the token is valid.
const FINAL_FORBIDDEN: [&str; 2] = ["INVALID_OPERATION", "REJECTED"];

/// The state of an order that the tracker places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// The session is not completed yet.
    Awaited,
    /// The tracker is placing the order.
    Placing {
        /// The order's id, if the service itself placed it and the tracker asks for its fraud status.
        order_id: Option<String>,
        /// The reason for the failure of the last attempt.
        last_failure: Option<String>,
    },
    /// The order was placed, by the tracker or by the service itself.
    Placed {
        /// The order's id.
        order_id: String,
        /// The service's fraud decision at that time, if its answer had one. It says whether the merchant may deliver. The
        /// service decides about `PENDING` later, and then calls the merchant's `notification` URL.
        fraud_status: Option<FraudStatus>,
    },
    /// The service refused the order; a retry would not help.
    Refused {
        /// The reason.
        why: String,
    },
    /// The service gave no answer about the order for as long as a token is valid.
    TooLate {
        /// The reason.
        why: String,
    },
    /// The session is completed with neither a token nor an order, so there is nothing to place.
    NoToken {
        /// The reason.
        why: String,
    },
}

/// The state of an order in a row, and in JSON.
#[derive(Serialize)]
pub(in crate::tracker) struct OrderRow<Text> {
    pub(in crate::tracker) state: OrderWord,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::tracker) order_id: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::tracker) fraud_status: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::tracker) why: Option<Text>,
}

impl OrderState {
    pub(super) fn placed(order: CreatedOrder) -> Self {
        let CreatedOrder { order_id, fraud_status, .. } = order;
        Self::Placed { order_id, fraud_status }
    }

    /// The order's id, if there is an order.
    #[must_use]
    pub fn order_id(&self) -> Option<&str> {
        self.row().order_id
    }

    /// The service's fraud decision, if the order is placed and the service made one.
    #[must_use]
    pub fn fraud_status(&self) -> Option<&FraudStatus> {
        match self {
            Self::Placed { fraud_status, .. } => fraud_status.as_ref(),
            Self::Awaited
            | Self::Placing { .. }
            | Self::Refused { .. }
            | Self::TooLate { .. }
            | Self::NoToken { .. } => None,
        }
    }

    /// The reason if the order is not placed, or not yet.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        self.row().why
    }

    pub(in crate::tracker) fn row(&self) -> OrderRow<&str> {
        let row = |state| OrderRow { state, order_id: None, fraud_status: None, why: None };
        match self {
            Self::Awaited => row(OrderWord::Awaited),
            Self::Placing { order_id, last_failure } => OrderRow {
                order_id: order_id.as_deref(),
                why: last_failure.as_deref(),
                ..row(OrderWord::Placing)
            },
            Self::Placed { order_id, fraud_status } => OrderRow {
                order_id: Some(order_id),
                fraud_status: fraud_status.as_ref().map(FraudStatus::as_str),
                ..row(OrderWord::Placed)
            },
            Self::Refused { why } => OrderRow { why: Some(why), ..row(OrderWord::Refused) },
            Self::TooLate { why } => OrderRow { why: Some(why), ..row(OrderWord::TooLate) },
            Self::NoToken { why } => OrderRow { why: Some(why), ..row(OrderWord::NoToken) },
        }
    }
}

impl TryFrom<OrderRow<String>> for OrderState {
    type Error = StateError;

    fn try_from(row: OrderRow<String>) -> Result<Self, StateError> {
        let OrderRow { state, order_id, fraud_status, why } = row;
        let reason = || why.clone().unwrap_or_default();
        Ok(match state {
            OrderWord::Awaited => Self::Awaited,
            OrderWord::Placing => Self::Placing { order_id, last_failure: why },
            OrderWord::Placed => Self::Placed {
                order_id: order_id
                    .ok_or_else(|| StateError::Fault("a placed order has no order_id".into()))?,
                fraud_status: fraud_status.map(FraudStatus::from),
            },
            OrderWord::Refused => Self::Refused { why: reason() },
            OrderWord::TooLate => Self::TooLate { why: reason() },
            OrderWord::NoToken => Self::NoToken { why: reason() },
        })
    }
}

impl Serialize for OrderState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.row().serialize(serializer)
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
    use crate::error_source::ErrorSource;
    use crate::http::TransportError;

    fn refused(status: u16, code: &str) -> ClientError {
        let code = code.to_string();
        ClientError::Refused { status, code, messages: Vec::new(), correlation_id: None, retry_after: None }
    }

    #[test]
    fn a_state_is_stored_as_it_is_read() {
        let why = || "503".to_string();
        for state in [
            OrderState::Awaited,
            OrderState::Placing { order_id: None, last_failure: Some(why()) },
            OrderState::Placed { order_id: "o-1".to_string(), fraud_status: Some(FraudStatus::Pending) },
            OrderState::Refused { why: why() },
            OrderState::TooLate { why: why() },
            OrderState::NoToken { why: why() },
        ] {
            let OrderRow { state: word, order_id, fraud_status, why } = state.row();
            let [order_id, fraud_status, why] =
                [order_id, fraud_status, why].map(|text| text.map(str::to_string));
            assert_eq!(
                OrderState::try_from(OrderRow { state: word, order_id, fraud_status, why }),
                Ok(state)
            );
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
        assert!(!is_final(&ClientError::Unanswered(TransportError::MayHaveArrived(ErrorSource::new("")))));
    }
}
