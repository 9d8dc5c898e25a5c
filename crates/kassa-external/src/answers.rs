//! The answers of the protocol. Only a well-formed 200 is an answer.

use http::StatusCode;
use kassa_domain::page_session::OrderReference;
use kassa_domain::{OrderId, Timestamp};
use kassa_engine::Outcome;
use kassa_outgoing::CallAnswer;
use kassa_store::SystemOrder;
use kassa_wire::one_line::one_line;
use kassa_wire::time::Instant;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The longest id of the external payment system, in bytes.
const LONGEST_ID: usize = 200;

/// The longest reason that is kept, in characters.
const LONGEST_REASON: usize = 300;

/// The answer to a start.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum StartReply {
    Started { payment_reference: OwnId, redirect_url: String, expires_at: Option<String> },
    Refused { reason: Reason },
}

/// The answer to a read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum ReadReply {
    Open,
    Authorized { authorization: OwnId },
    Completed(OrderNames),
    Declined { reason: Reason },
    Cancelled,
    Gone,
}

/// The answer to the request for an order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum OrderReply {
    Ordered(OrderNames),
    Refused(Refusal),
    Unknown {
        #[serde(default)]
        reason: Reason,
    },
}

/// The answer to a release.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum ReleaseReply {
    Released,
    Refused(Refusal),
    Unknown {
        #[serde(default)]
        reason: Reason,
    },
}

/// A refusal of an order or of a release.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Refusal {
    reason: Reason,
    #[serde(default)]
    pub(crate) authorization_is_void: bool,
}

/// The ids of an order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct OrderNames {
    order_id: OwnId,
    order_reference: Option<OwnId>,
}

/// An id of the external payment system. It can be a segment of a path.
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
    /// The redirect URL cannot be used.
    #[error("redirect_url is not at one of redirect_origins")]
    ForeignRedirect,
    /// The instant cannot be read.
    #[error("expires_at is not an instant, such as 2026-11-29T09:00:00Z")]
    UnreadableInstant,
}

/// Reads an answer. An outcome that belongs to another operation cannot be read.
pub(crate) fn read<T: DeserializeOwned>(answer: &CallAnswer) -> Result<T, NotAnAnswer> {
    if answer.status != StatusCode::OK {
        return Err(NotAnAnswer::Status(answer.status.as_u16()));
    }
    if !answer.is_whole {
        return Err(NotAnAnswer::Cut);
    }
    serde_json::from_slice(&answer.body).map_err(|error| NotAnAnswer::Unreadable(error.to_string()))
}

impl From<OrderReply> for Outcome {
    fn from(reply: OrderReply) -> Self {
        match reply {
            OrderReply::Ordered(order) => Self::Ordered(SystemOrder::Remote(order.into_reference())),
            OrderReply::Refused(refusal) => refusal.into(),
            OrderReply::Unknown { reason } => Self::Unknown(reason.into()),
        }
    }
}

impl From<ReleaseReply> for Outcome {
    fn from(reply: ReleaseReply) -> Self {
        match reply {
            ReleaseReply::Released => Self::Released,
            ReleaseReply::Refused(refusal) => refusal.into(),
            ReleaseReply::Unknown { reason } => Self::Unknown(reason.into()),
        }
    }
}

impl From<Refusal> for Outcome {
    fn from(Refusal { reason, authorization_is_void }: Refusal) -> Self {
        Self::Refused { reason: reason.into(), token_is_dead: authorization_is_void }
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

/// Reads the instant at which the page of a started payment ends.
pub(crate) fn instant(text: Option<String>) -> Result<Option<Timestamp>, NotAnAnswer> {
    let read = text.map(|text| text.parse::<Instant>().map(|instant| Timestamp::from_ms(instant.as_ms())));
    read.transpose().map_err(|_| NotAnAnswer::UnreadableInstant)
}
