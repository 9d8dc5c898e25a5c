//! The status of a page session, as the wire names it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The status of a page session (docs/wire.md#statuses), including statuses that this version does not know.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Status {
    /// Created; the consumer has not opened the page.
    Waiting,
    /// The consumer is on the page.
    InProgress,
    /// The payment is authorized, and the token or the order exists. Final.
    Completed,
    /// The payment was declined; the consumer may try again.
    Failed,
    /// The consumer confirmed the cancellation. Final.
    Cancelled,
    /// The consumer pressed Back; the same link opens the page again.
    Back,
    /// A technical error occurred; the consumer may try again.
    Error,
    /// The merchant disabled the session. Final.
    Disabled,
    /// A status that this version does not know. It counts as not final, so the session is still tracked.
    Other(String),
}

impl Status {
    /// Each known status with its word on the wire.
    const WORDS: [(&'static str, Self); 8] = [
        ("WAITING", Self::Waiting),
        ("IN_PROGRESS", Self::InProgress),
        ("COMPLETED", Self::Completed),
        ("FAILED", Self::Failed),
        ("CANCELLED", Self::Cancelled),
        ("BACK", Self::Back),
        ("ERROR", Self::Error),
        ("DISABLED", Self::Disabled),
    ];

    /// The status as the wire writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Waiting => "WAITING",
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
            Self::Back => "BACK",
            Self::Error => "ERROR",
            Self::Disabled => "DISABLED",
            Self::Other(word) => word,
        }
    }

    /// Whether this status never changes again (docs/wire.md#statuses).
    #[must_use]
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Completed | Self::Cancelled | Self::Disabled => true,
            Self::Waiting | Self::InProgress | Self::Failed | Self::Back | Self::Error | Self::Other(_) => {
                false
            }
        }
    }
}

impl From<&str> for Status {
    fn from(word: &str) -> Self {
        let known = Self::WORDS.into_iter().find(|(known, _)| *known == word);
        known.map_or_else(|| Self::Other(word.to_string()), |(_, status)| status)
    }
}

impl From<String> for Status {
    fn from(word: String) -> Self {
        Self::from(word.as_str())
    }
}

impl From<Status> for String {
    fn from(status: Status) -> Self {
        status.as_str().to_string()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_is_written_as_it_was_read() {
        for (word, status) in Status::WORDS {
            assert_eq!(Status::from(word), status);
            assert_eq!(status.as_str(), word);
        }
    }

    #[test]
    fn an_unknown_status_survives_and_is_not_final() {
        let status = Status::from("MANUAL_ID_CHECK");
        assert_eq!(status, Status::Other("MANUAL_ID_CHECK".to_string()));
        assert_eq!(status.to_string(), "MANUAL_ID_CHECK");
        assert!(!status.is_final());
    }
}
