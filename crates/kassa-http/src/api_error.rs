//! The reason why a call failed. This is the only error type with an HTTP status.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use kassa_domain::time::SECOND_MS;
use kassa_engine::{EngineError, LimitPause, RedeliveryError, UnreadableContent};
use kassa_store::StoreError;
use kassa_wire::error::ErrorCode;

/// The reason why a call failed. The middleware [`crate::run_call`] writes its body, when the correlation id is known.
#[derive(Clone, Debug)]
pub enum ApiError {
    /// The rules refuse the call, or it cannot be read. The caller has to change it.
    Refused(ErrorCode, Vec<String>),
    /// A limit is used up.
    TooMany {
        /// The limit, and what to do.
        message: &'static str,
        /// `Retry-After`.
        retry_after_s: i64,
    },
    /// The database is unavailable. Nothing was changed.
    Unavailable(String),
    /// A defect of Kassa, which is logged once with the correlation id.
    Fault(String),
}

impl ApiError {
    /// A refusal with one message.
    pub fn refused(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Refused(code, vec![message.into()])
    }

    /// A refusal without a message, as the vendor sends it (docs/wire.md#payments-errors).
    #[must_use]
    pub fn without_message(code: ErrorCode) -> Self {
        Self::Refused(code, Vec::new())
    }

    /// The refusal to begin a payment of a suspended merchant.
    #[must_use]
    pub fn merchant_suspended() -> Self {
        let message = "The merchant is suspended and takes no new payments. Ask the operators of this Kassa";
        Self::refused(ErrorCode::MerchantSuspended, message)
    }

    /// A refusal by a limit.
    #[must_use]
    pub fn too_many(message: &'static str, paused: LimitPause) -> Self {
        let retry_after_s = (paused.for_ms.max(1) - 1) / SECOND_MS + 1;
        Self::TooMany { message, retry_after_s }
    }

    /// One or more fields whose values are not allowed: `Bad value: <path>` (docs/wire.md#payments-errors).
    pub fn bad_values<T: AsRef<str>>(paths: impl IntoIterator<Item = T>) -> Self {
        let messages = paths.into_iter().map(|path| format!("Bad value: {}", path.as_ref())).collect();
        Self::Refused(ErrorCode::BadValue, messages)
    }

    /// The same, with the rule that the values break, for people.
    pub fn bad_values_by_rule<T: AsRef<str>>(paths: impl IntoIterator<Item = T>, rule: &str) -> Self {
        let messages = paths.into_iter().map(|path| format!("Bad value: {}", path.as_ref()));
        Self::Refused(ErrorCode::BadValue, messages.chain([rule.to_string()]).collect())
    }

    /// The error code, which decides the HTTP status.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(code, _) => *code,
            Self::TooMany { .. } => ErrorCode::TooManyRequests,
            Self::Unavailable(_) => ErrorCode::TemporarilyUnavailable,
            Self::Fault(_) => ErrorCode::InternalServerError,
        }
    }

    /// The messages for the caller. The text of a fault is only in the log.
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
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

impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => error.into(),
            EngineError::Json(error) => error.into(),
            EngineError::Content(error) => error.into(),
            EngineError::MerchantSuspended(_) => Self::merchant_suspended(),
            EngineError::NoPaymentSession(_) | EngineError::NoPaymentSystem(_) => {
                Self::Fault(error.to_string())
            }
        }
    }
}

impl From<RedeliveryError> for ApiError {
    fn from(error: RedeliveryError) -> Self {
        match error {
            RedeliveryError::LimitPause(paused) => {
                Self::too_many("Too many redeliveries: try again later", paused)
            }
            RedeliveryError::Store(error) => error.into(),
        }
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
