//! Why a call was not done: the one type that carries an HTTP status.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use kassa_domain::time::SECOND_MS;
use kassa_store::StoreError;
use kassa_wire::error::ErrorCode;

use crate::limits::Paused;
use crate::payment_system::UnreadableContent;

/// Why a call was not done. The middleware of `answer` writes its body, once the correlation id is known.
#[derive(Clone, Debug)]
pub(crate) enum ApiError {
    /// The rules say no, or the call cannot be read: the caller's to mend.
    Refused(ErrorCode, Vec<String>),
    /// A limit is used up: the caller may try again after so many seconds.
    TooMany {
        /// What there was too much of.
        message: &'static str,
        /// For `Retry-After`.
        retry_after_s: i64,
    },
    /// The database cannot be used now: nothing was changed.
    Unavailable(String),
    /// A defect of ours: logged once, with the correlation id.
    Fault(String),
}

impl ApiError {
    pub(crate) fn refused(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Refused(code, vec![message.into()])
    }

    /// A refusal that says no more than its code, as the vendor does (spec 6.1).
    pub(crate) fn bare(code: ErrorCode) -> Self {
        Self::Refused(code, Vec::new())
    }

    /// A refusal by a limit.
    pub(crate) fn too_many(message: &'static str, paused: Paused) -> Self {
        let retry_after_s = (paused.for_ms.max(1) - 1) / SECOND_MS + 1;
        Self::TooMany { message, retry_after_s }
    }

    /// One or more fields whose values are not allowed: `Bad value: <path>` (spec 6.1).
    pub(crate) fn bad_values<T: AsRef<str>>(paths: impl IntoIterator<Item = T>) -> Self {
        let messages = paths.into_iter().map(|path| format!("Bad value: {}", path.as_ref())).collect();
        Self::Refused(ErrorCode::BadValue, messages)
    }

    /// The same, with the rule that the values break, for people.
    pub(crate) fn bad_values_by_rule<T: AsRef<str>>(paths: impl IntoIterator<Item = T>, rule: &str) -> Self {
        let messages = paths.into_iter().map(|path| format!("Bad value: {}", path.as_ref()));
        Self::Refused(ErrorCode::BadValue, messages.chain([rule.to_string()]).collect())
    }

    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(code, _) => *code,
            Self::TooMany { .. } => ErrorCode::TooManyRequests,
            Self::Unavailable(_) => ErrorCode::TemporarilyUnavailable,
            Self::Fault(_) => ErrorCode::InternalServerError,
        }
    }

    /// What the caller may read of it. A fault's own words stay in the log.
    pub(crate) fn messages(&self) -> Vec<String> {
        match self {
            Self::Refused(_, messages) => messages.clone(),
            Self::TooMany { message, .. } => vec![(*message).to_string()],
            Self::Unavailable(_) => {
                vec!["Temporarily unavailable; try again.".to_string()]
            }
            Self::Fault(_) => vec!["Internal error".to_string()],
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(reason) => Self::Unavailable(reason.to_string()),
            StoreError::Unusable(reason) | StoreError::Fault(reason) => Self::Fault(reason.to_string()),
        }
    }
}

impl From<serde_json::Error> for ApiError {
    fn from(error: serde_json::Error) -> Self {
        Self::Fault(error.to_string())
    }
}

impl From<UnreadableContent> for ApiError {
    fn from(error: UnreadableContent) -> Self {
        Self::Fault(error.to_string())
    }
}

impl From<askama::Error> for ApiError {
    fn from(error: askama::Error) -> Self {
        Self::Fault(error.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.code().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
