//! The bodies of the request journal: calls received and callbacks sent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::shape::{
    JsonType, Rule, Shape, Shaped, UnknownFields, defaulted, list_of, object, optional, required,
};

/// `GET /lab/v1/journal`: the entries that match the query.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct JournalPage {
    /// The oldest matching entries, oldest first.
    pub entries: Vec<JournalEntry>,
    /// The number of all matching entries.
    pub matching: usize,
}

/// One call received, or one callback that was sent or that a fault stopped.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct JournalEntry {
    /// The entry's number in the merchant's journal, from 1.
    pub number: u64,
    /// The kind of the entry: `call` or `callback`.
    pub kind: String,
    /// When the call or callback began, by the merchant's clock.
    pub at: String,
    /// The duration, in milliseconds of real time.
    pub duration_ms: i64,
    /// The HTTP method.
    pub method: String,
    /// The path and query of a call, or the URL of a callback.
    pub path: String,
    /// The id of the page session, if the entry names one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session_id: Option<String>,
    /// The id of the event that a callback delivers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub event_id: Option<String>,
    /// The number of a callback's attempt, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<i64>,
    /// The request.
    pub request: JournalMessage,
    /// The answer; `null` if there was none.
    pub answer: Option<JournalAnswer>,
    /// The reason why a callback got no answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<String>,
    /// The faults that were applied to the call or callback.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub faults: Vec<String>,
    /// The same under the name of version 0.1. It is removed after one version.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub weather: Vec<String>,
}

impl Shaped for JournalEntry {
    const SHAPE: Shape = Shape {
        name: "JournalEntry",
        fields: &[
            required("number", Rule::Exact(&[JsonType::Count])),
            required("kind", STRING),
            required("at", STRING),
            required("duration_ms", Rule::Exact(&[JsonType::Integer])),
            required("method", STRING),
            required("path", STRING),
            optional("session_id", STRING_OR_NULL),
            optional("event_id", STRING_OR_NULL),
            optional("attempt", Rule::Exact(&[JsonType::Null, JsonType::Integer])),
            required("request", object::<JournalMessage>()),
            optional("answer", object::<JournalAnswer>()),
            optional("failure", STRING_OR_NULL),
            defaulted("faults", list_of(&STRING)),
            defaulted("weather", list_of(&STRING)),
        ],
        unknown: UnknownFields::Ignored,
    };
}

const STRING: Rule = Rule::Exact(&[JsonType::Text]);
const STRING_OR_NULL: Rule = Rule::Exact(&[JsonType::Null, JsonType::Text]);
const OBJECT: Rule = Rule::Exact(&[JsonType::Object]);
const ANYTHING: Rule = Rule::Exact(&[JsonType::Anything]);

/// The headers and the body of a request.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct JournalMessage {
    /// The headers, by lower-case name.
    pub headers: Map<String, Value>,
    /// The body, as JSON if it is JSON, else as text.
    pub body: Box<RawValue>,
}

impl Shaped for JournalMessage {
    const SHAPE: Shape = Shape {
        name: "JournalMessage",
        fields: &[required("headers", OBJECT), required("body", ANYTHING)],
        unknown: UnknownFields::Ignored,
    };
}

/// The status, the headers and the body of an answer.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct JournalAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The headers, by lower-case name.
    pub headers: Map<String, Value>,
    /// The body, as JSON if it is JSON, else as text.
    pub body: Box<RawValue>,
}

impl Shaped for JournalAnswer {
    const SHAPE: Shape = Shape {
        name: "JournalAnswer",
        fields: &[
            required("status", Rule::Exact(&[JsonType::HttpStatus])),
            required("headers", OBJECT),
            required("body", ANYTHING),
        ],
        unknown: UnknownFields::Ignored,
    };
}
