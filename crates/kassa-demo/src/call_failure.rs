//! The failure of a call to Kassa.

use super::exchange::body_shown;
use kassa_developer_page::Piece;

/// The reason why a call failed. Each variant names the call's purpose.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum CallFailure {
    /// Kassa answered with an error.
    #[error("{purpose}: Kassa answered {status}")]
    Refused { purpose: &'static str, status: u16, body: Vec<u8> },
    /// No answer arrived.
    #[error("{purpose}: no answer, {reason}")]
    NoAnswer { purpose: &'static str, reason: String },
    /// The answer was a success, but the shop could not parse its body.
    #[error("{purpose}: the answer cannot be read, {reason}")]
    Unreadable { purpose: &'static str, reason: String },
}

impl CallFailure {
    /// Returns whether Kassa answered 404.
    pub(super) fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// Returns the error body, laid out for display.
    pub(super) fn body(&self) -> Vec<Piece> {
        match self {
            Self::Refused { body, .. } => body_shown(body),
            Self::NoAnswer { .. } | Self::Unreadable { .. } => Vec::new(),
        }
    }
}
