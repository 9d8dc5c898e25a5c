//! The errors of the pass-through itself. Klarna's own errors are passed on.

use http::StatusCode;
use kassa_engine::BaseUrl;
use kassa_http::ApiError;
use kassa_outgoing::{CallError, CallErrorKind};
use kassa_wire::error::ErrorCode;

/// The reason why a call has no answer to pass on.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotAnswered {
    /// The call failed.
    #[error("{0}")]
    Failed(CallError),
    /// The answer is larger than Kassa passes on.
    #[error("the answer with the status {0} is too large")]
    TooLarge(StatusCode),
    /// The answer began, and its end did not come.
    #[error("the answer with the status {0} is incomplete")]
    Incomplete(StatusCode),
    /// The time for the answer is over.
    #[error("no answer within 60 seconds")]
    Late,
}

impl NotAnswered {
    /// Whether Klarna may have received the call.
    fn may_have_arrived(&self) -> bool {
        match self {
            Self::Failed(error) => error.may_have_arrived(),
            Self::TooLarge(_) | Self::Incomplete(_) | Self::Late => true,
        }
    }

    fn code(&self) -> ErrorCode {
        match self {
            Self::Failed(error) if error.kind == CallErrorKind::TimedOut => ErrorCode::GatewayTimeout,
            Self::Late => ErrorCode::GatewayTimeout,
            Self::Failed(_) | Self::TooLarge(_) | Self::Incomplete(_) => ErrorCode::BadGateway,
        }
    }
}

impl From<NotAnswered> for ApiError {
    fn from(not_answered: NotAnswered) -> Self {
        let advice = match not_answered.may_have_arrived() {
            true => {
                "The call may have arrived at Klarna, and may have had its effect. Read the state there before you \
                     repeat it, or repeat it with the same Klarna-Idempotency-Key"
            }
            false => "Nothing was sent to Klarna. You can repeat the call",
        };
        let messages = vec![format!("Klarna gave no answer: {not_answered}"), advice.to_string()];
        Self::Refused(not_answered.code(), messages)
    }
}

/// The error of a merchant without an account at Klarna.
pub(super) fn no_account() -> ApiError {
    let message =
        "The merchant has no payment account at Klarna: an operator adds it with kassa payment-account set";
    ApiError::refused(ErrorCode::NotAllowed, message)
}

/// The error of a merchant whose account is at a base URL that the node may not call.
pub(super) fn not_allowed(base_url: &BaseUrl) -> ApiError {
    let message = format!(
        "The merchant's payment account is at {base_url}, which is not among the allowed_base_urls of this node"
    );
    ApiError::refused(ErrorCode::NotAllowed, message)
}

/// The error of a merchant with several accounts.
pub(super) fn ambiguous(base_urls: &[String]) -> ApiError {
    let accounts = format!("The merchant has payment accounts at {}", base_urls.join(", "));
    let advice = "A call does not say which one it is for: use one merchant of Kassa for each account";
    ApiError::Refused(ErrorCode::Conflict, vec![accounts, advice.to_string()])
}
