//! Fault injection: rules that make callbacks and calls fail.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shape::{
    ANY_INTEGER, Rule, Shape, Shaped, TEXT, UnknownFields, defaulted, integer, list_of, object, optional,
    required,
};

/// `GET` and `PUT /lab/v1/faults`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultRules {
    /// The seed of every random choice. With the same seed, the same calls get the same faults.
    #[serde(default)]
    pub seed: u64,
    /// The faults of callbacks. If several rules match, all of them apply.
    #[serde(default)]
    pub callbacks: Vec<CallbackFaultRule>,
    /// The faults of API calls. If several rules match, all of them apply.
    #[serde(default)]
    pub calls: Vec<CallFaultRule>,
}

impl Shaped for FaultRules {
    const SHAPE: Shape = Shape {
        name: "FaultRules",
        fields: &[
            defaulted("seed", COUNT),
            defaulted("callbacks", list_of(&object::<CallbackFaultRule>())),
            defaulted("calls", list_of(&object::<CallFaultRule>())),
        ],
        unknown: UnknownFields::Refused,
    };
}

/// A whole number that is not negative.
const COUNT: Rule = integer(0, i64::MAX);

/// A fault of some callbacks. Absent conditions match every callback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackFaultRule {
    /// The fault.
    #[serde(rename = "do")]
    pub fault: CallbackFault,
    /// For `duplicate`: how many times the attempt is sent, from 2 to 20. The default is 2.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub times: Option<u32>,
    /// For `delay` and `reorder`: the delay, a duration of ISO 8601. For `reorder` the default is `PT5S`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// The condition on the page session or payment session: its id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<String>,
    /// The condition on the event: its number within its page session (`sequence` in the history), from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nth: Option<i64>,
    /// The condition on the status that the event led to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<String>,
    /// The condition on the URL: `status_update`, or one of the payment session's: `authorization`, `push` or
    /// `notification`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub callback: Option<String>,
    /// The condition on the attempt: its number, from 1. Faults of the first attempt cannot have it: `delay`,
    /// `reorder`, `early` and `together`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<i64>,
    /// The probability of the fault, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub chance: Option<f64>,
}

impl Shaped for CallbackFaultRule {
    const SHAPE: Shape = Shape {
        name: "CallbackFaultRule",
        fields: &[
            required("do", Rule::ExactWord(CallbackFault::WORDS)),
            optional("times", integer(0, u32::MAX as i64)),
            optional("by", TEXT),
            optional("session", TEXT),
            optional("nth", ANY_INTEGER),
            optional("status", TEXT),
            optional("callback", TEXT),
            optional("attempt", ANY_INTEGER),
            optional("chance", Rule::Decimal),
        ],
        unknown: UnknownFields::Refused,
    };
}

/// The kinds of faults of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallbackFault {
    /// Kassa does not send the attempt. The attempt fails with `failure_kind` `fault`, and the schedule continues.
    Drop,
    /// Kassa sends the attempt several times at once. The answer to the first copy counts.
    Duplicate,
    /// The callback becomes due later on the merchant's clock. Later callbacks of the session wait for it.
    Delay,
    /// Kassa does not send the first attempt, so the next callback of the session arrives earlier.
    Reorder,
    /// The callback arrives early: the browser goes to the shop only after the first attempt has ended.
    Early,
    /// Kassa sends the first attempt at the moment at which the browser goes to the shop.
    Together,
    /// `webhook-signature` does not match the body.
    CorruptSignature,
    /// The second half of the body is missing.
    Truncate,
}

impl CallbackFault {
    /// The words of the wire.
    const WORDS: &[&str] = &[
        Self::Drop.as_str(),
        Self::Duplicate.as_str(),
        Self::Delay.as_str(),
        Self::Reorder.as_str(),
        Self::Early.as_str(),
        Self::Together.as_str(),
        Self::CorruptSignature.as_str(),
        Self::Truncate.as_str(),
    ];

    /// Returns the fault's word on the wire.
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

/// A fault of some API calls. Absent conditions match every call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallFaultRule {
    /// The fault.
    #[serde(rename = "do")]
    pub fault: CallFault,
    /// For `slow`: the delay, a duration of ISO 8601, at most one minute.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// For `fail`: the HTTP status, 401, 404, 429, 500 or 503.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// For `fail` and `cut`: whether the fault comes before the call is executed, or after. The default is `before`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub when: Option<Moment>,
    /// The condition on the HTTP method.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub method: Option<String>,
    /// The condition on the path: exact, or a prefix that ends with `*`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
    /// The condition on the page session: its id, as a part of the path.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<String>,
    /// The condition on the call's number among the calls that match the other conditions, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nth: Option<u64>,
    /// The probability of the fault, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub chance: Option<f64>,
}

impl Shaped for CallFaultRule {
    const SHAPE: Shape = Shape {
        name: "CallFaultRule",
        fields: &[
            required("do", Rule::ExactWord(CallFault::WORDS)),
            optional("by", TEXT),
            optional("status", integer(0, u16::MAX as i64)),
            optional("when", Rule::ExactWord(Moment::WORDS)),
            optional("method", TEXT),
            optional("path", TEXT),
            optional("session", TEXT),
            optional("nth", COUNT),
            optional("chance", Rule::Decimal),
        ],
        unknown: UnknownFields::Refused,
    };
}

/// The kinds of faults of an API call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallFault {
    /// Kassa delays the answer.
    Slow,
    /// Kassa answers with an error.
    Fail,
    /// Kassa closes the connection without an answer.
    Cut,
    /// The second half of the answer's body is missing.
    Truncate,
}

impl CallFault {
    /// The words of the wire.
    const WORDS: &[&str] =
        &[Self::Slow.as_str(), Self::Fail.as_str(), Self::Cut.as_str(), Self::Truncate.as_str()];

    /// Returns the fault's word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::Fail => "fail",
            Self::Cut => "cut",
            Self::Truncate => "truncate",
        }
    }
}

/// The moment of a fault: before the change, or after its commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Kassa does not execute the call, and nothing changes.
    #[default]
    Before,
    /// Kassa executes the call and commits the change, and then the fault replaces the answer.
    After,
}

impl Moment {
    /// The words of the wire.
    const WORDS: &[&str] = &["before", "after"];
}
