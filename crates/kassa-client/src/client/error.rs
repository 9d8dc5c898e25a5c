//! The error of a call.

use std::fmt;
use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;
use kassa_outgoing::retry_after_ms;
use kassa_wire::error::ErrorBody;
use kassa_wire::headers::CORRELATION_ID;
use serde_json::Value;

use crate::error_source::ErrorSource;
use crate::http::{HttpAnswer, TransportError};

/// The error of a call. If the service answered, its correlation id is included, because support asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientError {
    /// The service answered with 4xx or 5xx.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The service's error code; empty if the answer had none.
        code: String,
        /// The service's error messages.
        messages: Vec<String>,
        /// Identifies the call in the service's log.
        correlation_id: Option<String>,
        /// The pause that the service asks for (`Retry-After`).
        retry_after: Option<Duration>,
    },
    /// No answer came. The call may have been executed, unless it was not sent.
    Unanswered(TransportError),
    /// The service answered with success, but this version cannot read the body.
    Unreadable {
        /// The error of the reader.
        source: ErrorSource,
        /// Identifies the call in the service's log.
        correlation_id: Option<String>,
    },
    /// The call was not sent, because its input is invalid.
    Unsendable(InvalidInput),
}

/// The input of a call that cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidInput {
    /// The id is invalid in a path.
    #[error("{0:?} is not a valid id")]
    Id(String),
    /// The authorization token is invalid in a path. The error does not contain it, because errors may be logged.
    #[error("the authorization token is not a valid id")]
    AuthorizationToken,
    /// The value is invalid in this header.
    #[error("the header {0}")]
    Header(&'static str),
    /// The body cannot be written as JSON.
    #[error("{0}")]
    Body(#[source] ErrorSource),
}

impl From<InvalidInput> for ClientError {
    fn from(input: InvalidInput) -> Self {
        Self::Unsendable(input)
    }
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

    /// Whether the service answered 404: the id is unknown, expired, or of another account.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.http_status() == Some(404)
    }

    /// The correlation id, if the service answered with one.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        match self {
            Self::Refused { correlation_id, .. } | Self::Unreadable { correlation_id, .. } => {
                correlation_id.as_deref()
            }
            Self::Unanswered(_) | Self::Unsendable(_) => None,
        }
    }

    /// Reads an answer of 4xx or 5xx. It accepts bodies without the documented shape
    /// (docs/wire.md#errors-without-a-body).
    pub(super) fn refused(answer: &HttpAnswer, now: Timestamp) -> Self {
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
            retry_after: retry_after_ms(&answer.headers, now.as_millisecond())
                .map(|ms| Duration::from_millis(ms.unsigned_abs())),
        }
    }
}

/// The correlation id in the headers of an answer.
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
                    write!(f, ", retry after {} s", pause.as_secs())?;
                }
            }
            Self::Unanswered(reason) => write!(f, "{reason}")?,
            Self::Unreadable { source, .. } => write!(f, "the answer cannot be read: {source}")?,
            Self::Unsendable(reason) => write!(f, "cannot be sent: {reason}")?,
        }
        match self.correlation_id() {
            Some(id) => write!(f, " (correlation id {id})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused { .. } => None,
            Self::Unanswered(error) => Some(error),
            Self::Unreadable { source, .. } => Some(source),
            Self::Unsendable(input) => Some(input),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn an_error_keeps_the_error_that_caused_it() {
        let cause = serde_json::from_str::<u8>("x").unwrap_err();
        let text = cause.to_string();
        let unreadable = ClientError::Unreadable { source: ErrorSource::of(cause), correlation_id: None };
        assert_eq!(unreadable.to_string(), format!("the answer cannot be read: {text}"));
        let source = unreadable.source().and_then(std::error::Error::source).unwrap();
        assert!(source.is::<serde_json::Error>());
        let unsendable = ClientError::Unsendable(InvalidInput::Id("a/b".to_string()));
        assert_eq!(unsendable.to_string(), "cannot be sent: \"a/b\" is not a valid id");
    }
}
