//! The answers of the protocol. Only a well-formed 200 is an answer.

use std::fmt;

use http::StatusCode;
use kassa_domain::page_session::OrderReference;
use kassa_domain::{OrderId, Timestamp};
use kassa_outgoing::CallAnswer;
use kassa_wire::one_line::one_line;
use kassa_wire::time::Instant;
use serde::Deserialize;

/// The longest id of the external payment system, in bytes.
const LONGEST_ID: usize = 200;

/// The longest reason that is kept, in characters.
const LONGEST_REASON: usize = 300;

/// An answer, by its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum Answer {
    Started {
        payment_reference: OwnId,
        redirect_url: String,
        expires_at: Option<String>,
    },
    Open,
    Authorized {
        authorization: OwnId,
    },
    Completed(OrderNames),
    Declined {
        reason: Reason,
    },
    Cancelled,
    Gone,
    Ordered(OrderNames),
    Released,
    Refused {
        reason: Reason,
        #[serde(default)]
        authorization_is_void: bool,
    },
    Unknown {
        #[serde(default)]
        reason: Reason,
    },
}

/// The ids of an order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct OrderNames {
    order_id: OwnId,
    order_reference: Option<OwnId>,
}

/// An id of the external payment system. It can stand in a path.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct OwnId(String);

/// A reason, for people: one line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(crate) struct Reason(String);

/// The reason why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotAnAnswer {
    /// The status is not 200.
    #[error("the status is {0}, and only a 200 is an answer")]
    Status(u16),
    /// The body did not come to its end.
    #[error("the answer was cut, or it is too large")]
    Cut,
    /// The body cannot be read.
    #[error("the answer cannot be read: {0}")]
    Unreadable(String),
    /// The outcome belongs to another operation.
    #[error("the outcome {outcome} is not one of {operation}")]
    Misplaced { operation: &'static str, outcome: &'static str },
    /// The redirect URL cannot be used.
    #[error("redirect_url is not at one of redirect_origins")]
    ForeignRedirect,
    /// The instant cannot be read.
    #[error("expires_at is not an instant, such as 2026-11-29T09:00:00Z")]
    UnreadableInstant,
}

impl Answer {
    pub(crate) fn of(answer: &CallAnswer) -> Result<Self, NotAnAnswer> {
        if answer.status != StatusCode::OK {
            return Err(NotAnAnswer::Status(answer.status.as_u16()));
        }
        if !answer.is_whole {
            return Err(NotAnAnswer::Cut);
        }
        serde_json::from_slice(&answer.body).map_err(|error| NotAnAnswer::Unreadable(error.to_string()))
    }

    /// The error for an outcome that belongs to another operation.
    pub(crate) fn misplaced(&self, operation: &'static str) -> NotAnAnswer {
        NotAnAnswer::Misplaced { operation, outcome: self.outcome() }
    }

    /// The outcome, with the reason if there is one.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Declined { reason } | Self::Refused { reason, .. } | Self::Unknown { reason } => {
                format!("{} ({reason})", self.outcome())
            }
            Self::Started { .. }
            | Self::Open
            | Self::Authorized { .. }
            | Self::Completed(_)
            | Self::Cancelled
            | Self::Gone
            | Self::Ordered(_)
            | Self::Released => self.outcome().to_string(),
        }
    }

    /// The outcome in one word.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Started { .. } => "started",
            Self::Open => "open",
            Self::Authorized { .. } => "authorized",
            Self::Completed(_) => "completed",
            Self::Declined { .. } => "declined",
            Self::Cancelled => "cancelled",
            Self::Gone => "gone",
            Self::Ordered(_) => "ordered",
            Self::Released => "released",
            Self::Refused { .. } => "refused",
            Self::Unknown { .. } => "unknown",
        }
    }
}

impl OrderNames {
    /// The order as Kassa shows it. Without a short reference it is shown by its id.
    pub(crate) fn into_reference(self) -> OrderReference {
        let Self { order_id, order_reference } = self;
        let klarna_reference = order_reference.unwrap_or_else(|| order_id.clone()).0;
        OrderReference { order_id: OrderId::new(order_id.0), klarna_reference }
    }
}

impl OwnId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for OwnId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "-_.~".contains(letter);
        let is_id = (1..=LONGEST_ID).contains(&text.len()) && text.chars().all(is_letter);
        // `.` and `..` are no segments of a path.
        match is_id && !text.starts_with('.') {
            true => Ok(Self(text)),
            false => Err("an id has 1 to 200 letters, digits, -, _, . and ~, and does not begin with a dot"),
        }
    }
}

impl From<String> for Reason {
    fn from(text: String) -> Self {
        Self(one_line(&text).trim().chars().take(LONGEST_REASON).collect())
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        match reason.0.is_empty() {
            true => "the payment system gave no reason".to_string(),
            false => reason.0,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads the instant at which the page of a started payment ends.
pub(crate) fn instant(text: Option<String>) -> Result<Option<Timestamp>, NotAnAnswer> {
    let read = text.map(|text| text.parse::<Instant>().map(|instant| Timestamp::from_ms(instant.as_ms())));
    read.transpose().map_err(|_| NotAnAnswer::UnreadableInstant)
}
