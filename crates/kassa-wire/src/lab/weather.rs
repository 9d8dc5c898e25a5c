//! The weather: rules by which callbacks and calls go wrong.

use serde::{Deserialize, Serialize};

/// `GET` and `PUT /lab/v1/weather`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weather {
    /// What chance follows from.
    #[serde(default)]
    pub seed: u64,
    /// What happens to callbacks.
    #[serde(default)]
    pub callbacks: Vec<CallbackRule>,
    /// What happens to calls of the API.
    #[serde(default)]
    pub calls: Vec<CallRule>,
}

/// What happens to some callbacks. What is left out matches all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackRule {
    /// What happens.
    #[serde(rename = "do")]
    pub fault: CallbackFault,
    /// Of `duplicate`: how often it is sent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub times: Option<u32>,
    /// Of `delay` and `reorder`: a duration of ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// The page session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<String>,
    /// The session's n-th event.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nth: Option<i64>,
    /// The status that the event led to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<String>,
    /// Which attempt, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<i64>,
    /// How likely, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub chance: Option<f64>,
}

/// What can happen to a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackFault {
    /// The attempt never leaves.
    Drop,
    /// The attempt is sent several times.
    Duplicate,
    /// The callback falls due later, and those behind it wait.
    Delay,
    /// The first attempt never leaves, so that the session's next callback overtakes it.
    Reorder,
    /// The consumer is sent to the shop when the first attempt has ended.
    Early,
    /// The first attempt leaves when the consumer is sent to the shop.
    Together,
    /// The signature is not of this body.
    CorruptSignature,
    /// The second half of the body is missing.
    Truncate,
}

impl CallbackFault {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Duplicate => "duplicate",
            Self::Delay => "delay",
            Self::Reorder => "reorder",
            Self::Early => "early",
            Self::Together => "together",
            Self::CorruptSignature => "corrupt_signature",
            Self::Truncate => "truncate",
        }
    }
}

/// What happens to some calls of the API. What is left out matches all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallRule {
    /// What happens.
    #[serde(rename = "do")]
    pub fault: CallFault,
    /// Of `slow`: a duration of ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// Of `fail`: 429, 500 or 503.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// Of `fail` and `cut`: before the change, or after it was committed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub when: Option<Moment>,
    /// The HTTP method.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub method: Option<String>,
    /// The path, exact or up to a `*` at its end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
    /// The page session, whose id is part of the path.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<String>,
    /// The n-th call that matches the rest.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nth: Option<u64>,
    /// How likely, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub chance: Option<f64>,
}

/// What can happen to a call of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallFault {
    /// The answer is held back.
    Slow,
    /// The answer is an error.
    Fail,
    /// The connection closes without an answer.
    Cut,
}

impl CallFault {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::Fail => "fail",
            Self::Cut => "cut",
        }
    }
}

/// Before the change, or after it was committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Nothing was changed.
    #[default]
    Before,
    /// The change stands.
    After,
}
