//! The status of a page session, alone or with the data of its completion (docs/wire.md#statuses).

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};

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
            Self::Waiting | Self::InProgress | Self::Failed | Self::Back | Self::Error | Self::Other(_) => {
                false
            }
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
    /// The payment is authorized. Final.
    Completed(Completion),
    /// The consumer confirmed the cancellation. Final.
    Cancelled,
    /// The merchant disabled the session. Final.
    Disabled,
    /// A status that this version does not know. It counts as not final.
    Other(String),
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
            | Self::Cancelled
            | Self::Disabled
            | Self::Other(_) => None,
        }
    }

    /// Joins a status with the result of the payment, which only `COMPLETED` has.
    pub(crate) fn of(status: SessionStatus, completion: impl FnOnce() -> Completion) -> Self {
        match status {
            SessionStatus::Waiting => Self::Waiting,
            SessionStatus::InProgress => Self::InProgress,
            SessionStatus::Back => Self::Back,
            SessionStatus::Failed => Self::Failed,
            SessionStatus::Error => Self::Error,
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
            assert_eq!(SessionState::of(status.clone(), || Completion::Absent).status(), *status);
        }
    }

    #[test]
    fn an_unknown_status_survives_and_is_not_final() {
        let status = SessionStatus::from("MANUAL_ID_CHECK");
        assert_eq!(status, SessionStatus::Other("MANUAL_ID_CHECK".to_string()));
        assert_eq!(status.to_string(), "MANUAL_ID_CHECK");
        assert!(!status.is_final());
        assert_eq!(SessionState::of(status.clone(), || Completion::Absent).status(), status);
    }
}
