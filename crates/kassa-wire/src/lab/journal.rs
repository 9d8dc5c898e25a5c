//! The journal: calls received and callbacks sent.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// `GET /lab/v1/journal`: the entries that match.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JournalPage {
    /// The oldest of them, oldest first.
    pub entries: Vec<JournalEntry>,
    /// So many match in all.
    pub matching: usize,
}

/// One call received, or one callback sent or kept back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JournalEntry {
    /// Its place in the merchant's journal, from 1.
    pub number: u64,
    /// `call` or `callback`.
    pub kind: String,
    /// When it began, by the merchant's clock.
    pub at: String,
    /// Milliseconds of real time until its end.
    pub duration_ms: i64,
    /// The HTTP method.
    pub method: String,
    /// Of a call: path and query; of a callback: the URL.
    pub path: String,
    /// The page session it is about, where it names one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session_id: Option<String>,
    /// Of a callback: the event that it delivers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub event_id: Option<String>,
    /// Of a callback: which attempt, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<i64>,
    /// What was sent.
    pub request: JournalMessage,
    /// What was answered; `null` where nothing was.
    pub answer: Option<JournalAnswer>,
    /// Of a callback: why no answer came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<String>,
    /// What the weather did to it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub weather: Vec<String>,
}

/// Headers and body of a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JournalMessage {
    /// By lower-case name.
    pub headers: Map<String, Value>,
    /// As JSON where it is JSON, else as text.
    pub body: Box<RawValue>,
}

/// An answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JournalAnswer {
    /// The HTTP status.
    pub status: u16,
    /// By lower-case name.
    pub headers: Map<String, Value>,
    /// As JSON where it is JSON, else as text.
    pub body: Box<RawValue>,
}
