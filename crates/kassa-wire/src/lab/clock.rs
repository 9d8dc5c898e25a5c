//! The bodies of a merchant's clock.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shape::{Rule, TEXT, body};

/// `GET /lab/v1/clock`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClockRead {
    /// The merchant's current time.
    pub now: String,
    /// Whether the clock is frozen.
    pub frozen: bool,
}

body! {
    /// `PUT /lab/v1/clock`. Absent fields stay as they are.
    ClockSetting unknown Refused {
        required {}
        optional {
            /// The new time: an instant (RFC 3339).
            now: String = TEXT,
            /// Whether to freeze the clock.
            frozen: bool = Rule::Flag,
        }
    }
}

body! {
    /// `POST /lab/v1/clock/advance`: either a duration or an instant.
    ClockAdvance unknown Refused {
        required {}
        optional {
            /// The duration to advance by (ISO 8601).
            by: String = TEXT,
            /// The instant to advance to (RFC 3339).
            to: String = TEXT,
        }
    }
}

/// The answer to the advance of a clock.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ClockAdvanced {
    /// The merchant's current time.
    pub now: String,
    /// Whether the clock is frozen.
    pub frozen: bool,
    /// Whether every callback that became due was answered or has failed.
    pub settled: bool,
    /// The effects of the advance, oldest first.
    pub fired: Vec<Fired>,
}

/// One effect of the advance of a clock.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Fired {
    /// When it happened, by the merchant's clock.
    pub at: String,
    /// The effect.
    #[serde(flatten)]
    pub what: FiredKind,
}

/// The kinds of effects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum FiredKind {
    /// A callback was attempted.
    CallbackAttempted {
        /// The id of the page session.
        session_id: String,
        /// The event's number within its page session, from 1; 0 for a callback to a payment session's own URL.
        sequence: i64,
        /// Which of the payment session's own URLs was called, if one was: `authorization`, `push` or `notification`.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        callback: Option<String>,
        /// The number of the attempt, from 1.
        attempt: i64,
        /// The HTTP status of the answer, if one came.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        answer_status: Option<u16>,
        /// The kind of failure, if no answer came.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        failure_kind: Option<String>,
    },
    /// An authorization can no longer be used.
    AuthorizationExpired {
        /// The id of the page session in which the consumer authorized the payment.
        session_id: String,
    },
    /// A page session can no longer be read or paid.
    SessionExpired {
        /// The id of the page session.
        session_id: String,
        /// The status at its expiry.
        status: String,
    },
}
