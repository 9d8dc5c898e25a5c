//! One entry of the journal. It keeps the raw bytes; the JSON for a reader is built when it is read.

use super::header_lines::HeaderLines;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use kassa_domain::{EventId, PageSessionId, Timestamp};
use kassa_outgoing::Call;
use kassa_wire::lab::{JournalAnswer, JournalEntry, JournalMessage};
use kassa_wire::time::{format_ms, parse_ms};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

/// Approximate size of an entry without its bodies, in bytes.
const BASE_SIZE: usize = 1_000;

/// The subject of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A call received.
    Call,
    /// An attempt of a callback.
    Callback { event_id: EventId, attempt: i64 },
}

impl Subject {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Callback { .. } => "callback",
        }
    }
}

/// A received call, or an attempt of a callback, which a fault may have suppressed.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The entry's number in the journal, assigned when it is added.
    pub(crate) number: u64,
    pub(crate) subject: Subject,
    pub(crate) at: Timestamp,
    pub(crate) duration_ms: i64,
    pub(crate) method: Method,
    /// Path and query, or the URL of a callback.
    pub(crate) path: String,
    pub(crate) page_session_id: Option<PageSessionId>,
    pub(crate) request: Message,
    pub(crate) answer: Option<(u16, Message)>,
    pub(crate) failure: Option<String>,
    pub(crate) faults: Vec<String>,
}

/// Headers and body.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    headers: HeaderLines,
    body: Bytes,
}

impl Message {
    /// Copies a message without its credential.
    pub(crate) fn of(headers: &HeaderMap, body: Bytes) -> Self {
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        Self { headers: HeaderLines::of(headers), body }
    }

    /// Copies a request that is sent.
    pub(crate) fn of_call(call: &Call) -> Self {
        let headers = call.headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        Self { headers: HeaderLines::of(headers), body: call.body.clone() }
    }

    pub(crate) fn with_body(self, body: Bytes) -> Self {
        Self { body, ..self }
    }

    fn from_read(headers: &Map<String, Value>, body: &RawValue) -> Option<Self> {
        let header = |(name, value): (&String, &Value)| {
            Some((HeaderName::try_from(name).ok()?, HeaderValue::from_str(value.as_str()?).ok()?))
        };
        let headers = headers.iter().map(header).collect::<Option<HeaderMap>>()?;
        Some(Self::of(&headers, Bytes::copy_from_slice(body.get().as_bytes())))
    }

    fn headers_as_read(&self) -> Map<String, Value> {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned().into();
        self.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
    }

    /// Returns the body as JSON if it is JSON, or else as a string.
    fn body_as_read(&self) -> Box<RawValue> {
        let as_text = || to_raw_value(&String::from_utf8_lossy(&self.body)).expect("text is JSON");
        serde_json::from_slice(&self.body).unwrap_or_else(|_| as_text())
    }
}

impl Entry {
    /// Returns its approximate size in memory, in bytes.
    pub(super) fn size(&self) -> usize {
        let answer = self.answer.as_ref().map_or(0, |(_, answer)| answer.body.len());
        BASE_SIZE + self.path.len() + self.request.body.len() + answer
    }

    /// Returns whether the path or a body contains one of these ids.
    pub(crate) fn mentions(&self, ids: &[&str]) -> bool {
        let bodies = [Some(&self.request.body), self.answer.as_ref().map(|(_, answer)| &answer.body)];
        let texts = bodies.into_iter().flatten().map(|body| String::from_utf8_lossy(body));
        let texts: Vec<_> = texts.chain([self.path.as_str().into()]).collect();
        ids.iter().any(|id| texts.iter().any(|text| text.contains(id)))
    }

    /// Parses an entry of an exported file; `None` if it is malformed.
    pub(crate) fn from_read(read: &JournalEntry) -> Option<Self> {
        let subject = match (read.kind.as_str(), &read.event_id, read.attempt) {
            ("call", None, None) => Subject::Call,
            ("callback", Some(event_id), Some(attempt)) => {
                Subject::Callback { event_id: EventId::new(event_id), attempt }
            }
            _ => return None,
        };
        let answer = match &read.answer {
            Some(answer) => Some((answer.status, Message::from_read(&answer.headers, &answer.body)?)),
            None => None,
        };
        Some(Self {
            number: 0,
            subject,
            at: Timestamp::from_ms(parse_ms(&read.at)?),
            duration_ms: read.duration_ms,
            method: read.method.parse().ok()?,
            path: read.path.clone(),
            page_session_id: read.session_id.as_ref().map(PageSessionId::new),
            request: Message::from_read(&read.request.headers, &read.request.body)?,
            answer,
            failure: read.failure.clone(),
            faults: if read.faults.is_empty() { read.weather.clone() } else { read.faults.clone() },
        })
    }

    pub(crate) fn as_read(&self) -> JournalEntry {
        let (event_id, attempt) = match &self.subject {
            Subject::Call => (None, None),
            Subject::Callback { event_id, attempt } => (Some(event_id.as_str().to_string()), Some(*attempt)),
        };
        JournalEntry {
            number: self.number,
            kind: self.subject.kind().to_string(),
            at: format_ms(self.at.as_ms()),
            duration_ms: self.duration_ms,
            method: self.method.to_string(),
            path: self.path.clone(),
            session_id: self.page_session_id.as_ref().map(|id| id.as_str().to_string()),
            event_id,
            attempt,
            request: JournalMessage {
                headers: self.request.headers_as_read(),
                body: self.request.body_as_read(),
            },
            answer: self.answer.as_ref().map(|(status, message)| JournalAnswer {
                status: *status,
                headers: message.headers_as_read(),
                body: message.body_as_read(),
            }),
            failure: self.failure.clone(),
            faults: self.faults.clone(),
            weather: self.faults.clone(),
        }
    }
}
