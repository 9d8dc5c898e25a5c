//! Why something that the shop asked of Kassa was not done.

use super::exchange::body_shown;
use crate::developer_page::Piece;

/// Each names what the shop wanted.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// Kassa answered with an error.
    #[error("{purpose}: Kassa answered {status}")]
    Refused { purpose: &'static str, status: u16, body: Vec<u8> },
    /// Nobody answered.
    #[error("{purpose}: no answer came, {reason}")]
    NoAnswer { purpose: &'static str, reason: String },
    /// The answer was a success that the shop could not read.
    #[error("{purpose}: the answer cannot be read, {reason}")]
    Unreadable { purpose: &'static str, reason: String },
}

impl Trouble {
    /// Whether Kassa says that what was asked for is not there.
    pub(super) fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// The error body as it came, for reading.
    pub(super) fn body(&self) -> Vec<Piece> {
        match self {
            Self::Refused { body, .. } => body_shown(body),
            Self::NoAnswer { .. } | Self::Unreadable { .. } => Vec::new(),
        }
    }
}
