//! The clock of a merchant.

use serde::{Deserialize, Serialize};

/// `GET /lab/v1/clock`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockRead {
    /// The merchant's time.
    pub now: String,
    /// Whether it stands still.
    pub frozen: bool,
}

/// `PUT /lab/v1/clock`: what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockSetting {
    /// An instant (RFC 3339).
    pub now: Option<String>,
    /// Whether it is to stand still.
    pub frozen: Option<bool>,
}

/// `POST /lab/v1/clock/advance`: one of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockAdvance {
    /// A duration (ISO 8601).
    pub by: Option<String>,
    /// An instant (RFC 3339).
    pub to: Option<String>,
}

/// What the advance of a clock answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClockAdvanced {
    /// The merchant's time.
    pub now: String,
    /// Whether it stands still.
    pub frozen: bool,
    /// Whether all callbacks that fell due were answered or have failed.
    pub settled: bool,
    /// What happened, oldest first.
    pub fired: Vec<Fired>,
}

/// Something that happened because its time had come.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fired {
    /// When.
    pub at: String,
    /// What.
    #[serde(flatten)]
    pub what: FiredWhat,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum FiredWhat {
    /// A callback was attempted.
    CallbackAttempted {
        /// The page session.
        session_id: String,
        /// The event's place among the session's events, from 1.
        sequence: i64,
        /// Which attempt, from 1.
        attempt: i64,
        /// The HTTP status of the answer, where one came.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        answer_status: Option<u16>,
        /// The kind of failure, where none came.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        failure_kind: Option<String>,
    },
    /// An authorization can no longer be used.
    AuthorizationExpired {
        /// The page session in which it was given.
        session_id: String,
    },
    /// A page session can no longer be read or paid.
    SessionExpired {
        /// The page session.
        session_id: String,
        /// Where it stood.
        status: String,
    },
}
