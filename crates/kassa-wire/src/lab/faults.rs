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
    /// The seed of every random choice.
    #[serde(default)]
    pub seed: u64,
    /// The faults of callbacks.
    #[serde(default)]
    pub callbacks: Vec<CallbackFaultRule>,
    /// The faults of API calls.
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
    /// For `duplicate`: how many times the attempt is sent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub times: Option<u32>,
    /// For `delay` and `reorder`: the delay, a duration of ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// The condition on the page session: its id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<String>,
    /// The condition on the event: its number within its page session, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nth: Option<i64>,
    /// The condition on the status after the event.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<String>,
    /// The condition on the URL: `status_update`, or one of the payment session's: `authorization`, `push` or
    /// `notification`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub callback: Option<String>,
    /// The condition on the attempt: its number, from 1.
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
    /// The attempt is not sent.
    Drop,
    /// The attempt is sent several times.
    Duplicate,
    /// The callback becomes due later, and the session's next callbacks wait for it.
    Delay,
    /// The first attempt is not sent, so that the session's next callback overtakes it.
    Reorder,
    /// The browser goes to the shop only after the first attempt has ended.
    Early,
    /// The first attempt is sent at the moment when the browser goes to the shop.
    Together,
    /// The signature does not belong to the body.
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
    /// For `slow`: the delay, a duration of ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// For `fail`: the HTTP status, 401, 404, 429, 500 or 503.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// For `fail` and `cut`: before the change, or after its commit.
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
    /// The answer is delayed.
    Slow,
    /// The answer is an error.
    Fail,
    /// The connection closes without an answer.
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
    /// Nothing is changed.
    #[default]
    Before,
    /// The change is committed.
    After,
}

impl Moment {
    /// The words of the wire.
    const WORDS: &[&str] = &["before", "after"];
}
