//! Why a call did not succeed.

use std::fmt;
use std::time::Duration;

use http::HeaderMap;
use kassa_wire::error::ErrorBody;
use kassa_wire::headers::CORRELATION_ID;
use serde_json::Value;

use super::retry::retry_after_ms;
use crate::http::{Answer, NoAnswer};

/// Why a call did not succeed. Where the service answered, its correlation id is told: support asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientError {
    /// The service refused or failed.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The service's code; empty where the answer carried none.
        code: String,
        /// The service's sentences.
        messages: Vec<String>,
        /// Names the call in the service's log.
        correlation_id: Option<String>,
        /// For so long the service asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// No answer came. Whether it was executed is known only where it was never sent.
    Unanswered(NoAnswer),
    /// The service answered with success, in a shape that this version does not know.
    Unreadable {
        /// What cannot be read.
        reason: String,
        /// Names the call in the service's log.
        correlation_id: Option<String>,
    },
    /// What was asked for cannot be sent: an id that cannot stand in a path, or a key that cannot in a header.
    Unsendable(String),
}

impl ClientError {
    /// The HTTP status of a refusal.
    #[must_use]
    pub const fn http_status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            Self::Unanswered(_) | Self::Unreadable { .. } | Self::Unsendable(_) => None,
        }
    }

    /// Whether the service said that nothing of this name is there: unknown, expired, or another account's.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.http_status() == Some(404)
    }

    /// The correlation id, where the service answered with one.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        match self {
            Self::Refused { correlation_id, .. } | Self::Unreadable { correlation_id, .. } => {
                correlation_id.as_deref()
            }
            Self::Unanswered(_) | Self::Unsendable(_) => None,
        }
    }

    /// Reads an answer of 4xx or 5xx. Bodies without the documented shape are taken as they are (spec 8, pain 6).
    pub(super) fn refused(answer: &Answer) -> Self {
        let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let word = |name: &str| json[name].as_str().unwrap_or_default().to_string();
        let messages = serde_json::from_value::<ErrorBody>(json.clone()).map_or_else(
            |_| [word("error_message")].into_iter().filter(|m| !m.is_empty()).collect(),
            |body| body.error_messages,
        );
        Self::Refused {
            status: answer.status.as_u16(),
            code: word("error_code"),
            messages,
            correlation_id: correlation_id(&answer.headers)
                .or_else(|| json["correlation_id"].as_str().map(str::to_string)),
            retry_after: retry_after_ms(&answer.headers).map(|ms| Duration::from_millis(ms.unsigned_abs())),
        }
    }
}

/// The correlation id of an answer.
pub(super) fn correlation_id(headers: &HeaderMap) -> Option<String> {
    headers.get(CORRELATION_ID).and_then(|value| value.to_str().ok()).map(str::to_string)
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { status, code, messages, retry_after, .. } => {
                write!(f, "{status} {code}")?;
                if !messages.is_empty() {
                    write!(f, ": {}", messages.join("; "))?;
                }
                if let Some(pause) = retry_after {
                    write!(f, ", to be tried again after {} s", pause.as_secs())?;
                }
            }
            Self::Unanswered(reason) => write!(f, "{reason}")?,
            Self::Unreadable { reason, .. } => write!(f, "the answer cannot be read: {reason}")?,
            Self::Unsendable(reason) => write!(f, "cannot be sent: {reason}")?,
        }
        match self.correlation_id() {
            Some(id) => write!(f, " (correlation id {id})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ClientError {}
