//! The status of a page session, alone or with the data of its completion (docs/wire.md#statuses).

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};

use crate::time::Instant;

/// The statuses that this version knows, each with its word on the wire.
macro_rules! statuses {
    ($($(#[$meaning:meta])* $name:ident = $word:literal)*) => {
        /// The status of a page session.
        ///
        /// A newer service may send a status that this version does not know. It is kept as [`SessionStatus::Other`],
        /// so that a read and a callback stay readable (docs/decisions/0054-an-unknown-status-is-readable.md).
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
        #[serde(from = "String")]
        pub enum SessionStatus {
            $($(#[$meaning])* $name,)*
            /// A status that this version does not know. It counts as not final.
            Other(String),
        }

        impl SessionStatus {
            /// Every known status.
            pub const KNOWN: &'static [Self] = &[$(Self::$name),*];

            /// Returns the word of the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $word,)*
                    Self::Other(word) => word,
                }
            }
        }

        impl From<&str> for SessionStatus {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$name,)*
                    _ => Self::Other(word.to_string()),
                }
            }
        }
    };
}

statuses! {
    /// The consumer has not opened the page.
    Waiting = "WAITING"
    /// The consumer is on the page.
    InProgress = "IN_PROGRESS"
    /// The consumer pressed Back. The same link opens the page again.
    Back = "BACK"
    /// The payment was declined. The consumer may try again.
    Failed = "FAILED"
    /// A technical error happened. The consumer may try again.
    Error = "ERROR"
    /// The shop's staff has to check the consumer's identity document.
    ManualIdCheck = "MANUAL_ID_CHECK"
    /// The time limit for the consumer passed. The same link opens the page again.
    Timeout = "TIMEOUT"
    /// The payment is authorized. Final.
    Completed = "COMPLETED"
    /// The consumer confirmed the cancellation. Final.
    Cancelled = "CANCELLED"
    /// The merchant disabled the session. Final.
    Disabled = "DISABLED"
}

impl SessionStatus {
    /// Whether this status never changes again.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Completed | Self::Cancelled | Self::Disabled => true,
            Self::Waiting
            | Self::InProgress
            | Self::Failed
            | Self::Back
            | Self::Error
            | Self::ManualIdCheck
            | Self::Timeout
            | Self::Other(_) => false,
        }
    }
}

impl From<String> for SessionStatus {
    fn from(word: String) -> Self {
        let known = Self::KNOWN.iter().find(|known| known.as_str() == word);
        known.cloned().unwrap_or(Self::Other(word))
    }
}

/// The words that Kassa sends.
impl JsonSchema for SessionStatus {
    fn schema_name() -> Cow<'static, str> {
        "SessionStatus".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<&str> = Self::KNOWN.iter().map(Self::as_str).collect();
        json_schema!({"description": "The status of a page session.", "type": "string", "enum": words})
    }
}

impl Serialize for SessionStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for SessionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The state of a page session: its status, together with the data that the status brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// The consumer has not opened the page.
    Waiting,
    /// The consumer is on the page.
    InProgress,
    /// The consumer pressed Back. The same link opens the page again.
    Back,
    /// The payment was declined. The consumer may try again.
    Failed,
    /// A technical error happened. The consumer may try again.
    Error,
    /// The shop's staff has to check the consumer's identity document. Callbacks of some services have no challenge.
    ManualIdCheck(Option<ManualIdentification>),
    /// The time limit for the consumer passed. The same link opens the page again.
    Timeout,
    /// The payment is authorized. Final.
    Completed(Completion),
    /// The consumer confirmed the cancellation. Final.
    Cancelled,
    /// The merchant disabled the session. Final.
    Disabled,
    /// A status that this version does not know. It counts as not final.
    Other(String),
}

/// `MerchantManualIdentificationV1`: the check of an identity document that the shop's staff makes
/// (docs/wire.md#identity-check).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManualIdentification {
    /// The code that the consumer's phone shows, such as `A78`.
    pub challenge: String,
    /// From this instant on, no answer counts.
    pub expires_at: Instant,
}

/// The result of a completed page session: what the merchant does next.
#[derive(Clone, PartialEq, Eq)]
pub enum Completion {
    /// The merchant places the order with this authorization token, which is valid for 60 minutes
    /// (docs/wire.md#lifetimes).
    Token(String),
    /// The order exists.
    Order {
        /// The order's id.
        order_id: String,
        /// The order's short name. The wire sends it together with the id.
        klarna_reference: Option<String>,
    },
    /// The body has neither. Callbacks of some services leave out what a read shows.
    Absent,
}

impl SessionState {
    /// Returns the status without its data.
    #[must_use]
    pub fn status(&self) -> SessionStatus {
        match self {
            Self::Waiting => SessionStatus::Waiting,
            Self::InProgress => SessionStatus::InProgress,
            Self::Back => SessionStatus::Back,
            Self::Failed => SessionStatus::Failed,
            Self::Error => SessionStatus::Error,
            Self::ManualIdCheck(_) => SessionStatus::ManualIdCheck,
            Self::Timeout => SessionStatus::Timeout,
            Self::Completed(_) => SessionStatus::Completed,
            Self::Cancelled => SessionStatus::Cancelled,
            Self::Disabled => SessionStatus::Disabled,
            Self::Other(word) => SessionStatus::Other(word.clone()),
        }
    }

    /// Returns the result of the payment if the session is completed.
    #[must_use]
    pub const fn completion(&self) -> Option<&Completion> {
        match self {
            Self::Completed(completion) => Some(completion),
            Self::Waiting
            | Self::InProgress
            | Self::Back
            | Self::Failed
            | Self::Error
            | Self::ManualIdCheck(_)
            | Self::Timeout
            | Self::Cancelled
            | Self::Disabled
            | Self::Other(_) => None,
        }
    }

    /// Returns the check of an identity document, if one is waiting for its answer.
    #[must_use]
    pub const fn manual_identification(&self) -> Option<&ManualIdentification> {
        match self {
            Self::ManualIdCheck(check) => check.as_ref(),
            Self::Waiting
            | Self::InProgress
            | Self::Back
            | Self::Failed
            | Self::Error
            | Self::Timeout
            | Self::Completed(_)
            | Self::Cancelled
            | Self::Disabled
            | Self::Other(_) => None,
        }
    }

    /// Joins a status with its data: the result of the payment, which only `COMPLETED` has, and the check of an
    /// identity document, which only `MANUAL_ID_CHECK` has.
    pub(crate) fn of(
        status: SessionStatus,
        completion: impl FnOnce() -> Completion,
        check: impl FnOnce() -> Option<ManualIdentification>,
    ) -> Self {
        match status {
            SessionStatus::Waiting => Self::Waiting,
            SessionStatus::InProgress => Self::InProgress,
            SessionStatus::Back => Self::Back,
            SessionStatus::Failed => Self::Failed,
            SessionStatus::Error => Self::Error,
            SessionStatus::ManualIdCheck => Self::ManualIdCheck(check()),
            SessionStatus::Timeout => Self::Timeout,
            SessionStatus::Completed => Self::Completed(completion()),
            SessionStatus::Cancelled => Self::Cancelled,
            SessionStatus::Disabled => Self::Disabled,
            SessionStatus::Other(word) => Self::Other(word),
        }
    }
}

impl Completion {
    /// Returns the token with which the merchant places the order.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        match self {
            Self::Token(token) => Some(token),
            Self::Order { .. } | Self::Absent => None,
        }
    }

    /// Returns the id of the order, if it exists.
    #[must_use]
    pub fn order_id(&self) -> Option<&str> {
        match self {
            Self::Order { order_id, .. } => Some(order_id),
            Self::Token(_) | Self::Absent => None,
        }
    }
}

/// Keeps the token out of logs.
impl fmt::Debug for Completion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(_) => f.write_str("Token([hidden])"),
            Self::Order { order_id, .. } => f.debug_tuple("Order").field(order_id).finish(),
            Self::Absent => f.write_str("Absent"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_is_written_as_it_was_read() {
        for status in SessionStatus::KNOWN {
            assert_eq!(SessionStatus::from(status.as_str()), *status);
            assert_eq!(SessionState::of(status.clone(), || Completion::Absent, || None).status(), *status);
        }
    }

    #[test]
    fn an_unknown_status_survives_and_is_not_final() {
        let status = SessionStatus::from("LEGACY");
        assert_eq!(status, SessionStatus::Other("LEGACY".to_string()));
        assert_eq!(status.to_string(), "LEGACY");
        assert!(!status.is_final());
        assert_eq!(SessionState::of(status.clone(), || Completion::Absent, || None).status(), status);
    }
}
