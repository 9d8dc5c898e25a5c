//! The timeline of a page session, from its creation to the last refund, as every reader shows it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{HistoryActor, HistoryAttempt};
use crate::status::SessionStatus;
use crate::time::Instant;

/// The present state of a page session, above its timeline.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TimelineHead {
    /// The id of the merchant.
    pub merchant_id: String,
    /// The id of the payment session that the page session hosts.
    pub payment_session_id: String,
    /// The status.
    pub status: SessionStatus,
    /// When the page session was created.
    pub created_at: Instant,
    /// When its status last changed.
    pub updated_at: Instant,
    /// The expiry of the link.
    pub expires_at: Instant,
    /// Whether the link has expired.
    pub is_expired: bool,
    /// The amount to pay as people read it, such as `€100.00`. Absent if the payment session was deleted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub amount: Option<String>,
    /// The amount to pay, in minor units. Absent if the payment session was deleted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub order_amount: Option<i64>,
    /// The currency of the amount (ISO 4217).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub purchase_currency: Option<String>,
    /// The merchant's first reference.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub merchant_reference1: Option<String>,
    /// The merchant's second reference.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub merchant_reference2: Option<String>,
    /// The order, once there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub order_id: Option<String>,
    /// The short name of the order.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub klarna_reference: Option<String>,
}

/// One entry of the timeline. Entries are in the order of their instants; of entries with the same instant, the cause
/// comes first.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TimelineEntry {
    /// When it happened, or began, by the merchant's clock.
    pub at: Instant,
    /// The kind: `payment_session`, `created`, `request`, `page`, `message`, `authorization`, `operation`, `order`,
    /// `status`, `note`, `fraud_check`, `capture`, `refund`, `order_end`, `customer_token`, `payments_callback` or
    /// `expired`. Further kinds may be added.
    pub kind: String,
    /// The entry in a few words, such as `Consumer entered`.
    pub title: String,
    /// One sentence with the particulars.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// The actor, if it is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<HistoryActor>,
    /// The id of the event, for a status change; of the callback, for a `payments_callback`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub event_id: Option<String>,
    /// The status change.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub change: Option<TimelineChange>,
    /// The callback of the entry, with its attempts.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub callback: Option<TimelineCallback>,
    /// The payment operation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub operation: Option<TimelineOperation>,
    /// The request.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request: Option<TimelineRequest>,
}

/// A status change, with the row of the lifecycle table that allowed it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TimelineChange {
    /// The event: the name of the row.
    pub event: String,
    /// The number of the change within its page session, from 1.
    pub sequence: i64,
    /// The status before it.
    pub from: SessionStatus,
    /// The status after it.
    pub to: SessionStatus,
    /// The row and the cell, in words.
    pub rule: String,
}

/// A callback, with every attempt.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TimelineCallback {
    /// The URL that every attempt calls.
    pub url: String,
    /// The state: `BLOCKED`, `DUE`, `DELIVERED` or `GIVEN_UP`.
    pub state: String,
    /// While it is `DUE`: when the next attempt is due.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due_at: Option<Instant>,
    /// The attempts made, oldest first.
    pub attempts: Vec<HistoryAttempt>,
}

/// A payment operation.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TimelineOperation {
    /// The idempotency key of every attempt.
    pub key: String,
    /// The request: `PLACE_ORDER` or `RELEASE`.
    pub operation: String,
    /// The state: `DUE`, `DONE` or `STUCK`.
    pub state: String,
    /// The number of attempts that have ended.
    pub attempts: i64,
    /// While it is `DUE`: when the next attempt is due.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due_at: Option<Instant>,
    /// The outcome of the latest attempt, in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_outcome: Option<String>,
}

/// A request and its answer. Equal reads are one entry: the instant of the entry is that of the first one.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TimelineRequest {
    /// The method.
    pub method: String,
    /// The pattern of the path, with names in the place of ids and tokens.
    pub route: String,
    /// The HTTP status of the answer.
    pub status: i64,
    /// The duration of the first request, in milliseconds.
    pub duration_ms: i64,
    /// The correlation id of the first answer, which its error body and the log also have.
    pub correlation_id: String,
    /// The number of equal requests.
    pub count: i64,
    /// When the last of the equal requests began.
    pub last_at: Instant,
    /// The error code of a refused request.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_code: Option<String>,
    /// The first message of a refused request, unless it could repeat a value of the request.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_message: Option<String>,
}

/// Turns `ConsumerWentBack` and `GIVEN_UP` into "Consumer went back" and "Given up".
#[must_use]
pub fn in_words(name: &str) -> String {
    let is_shouted = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let mut words = String::with_capacity(name.len() + 4);
    for (place, letter) in name.char_indices() {
        match letter {
            '_' => words.push(' '),
            _ if place == 0 => words.push(letter.to_ascii_uppercase()),
            _ if is_shouted => words.push(letter.to_ascii_lowercase()),
            _ if letter.is_ascii_uppercase() => words.extend([' ', letter.to_ascii_lowercase()]),
            _ => words.push(letter),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_turned_into_words() {
        for (name, words) in [
            ("ConsumerWentBack", "Consumer went back"),
            ("GIVEN_UP", "Given up"),
            ("order_placed", "Order placed"),
            ("RELEASED", "Released"),
            ("", ""),
        ] {
            assert_eq!(in_words(name), words);
        }
    }
}
