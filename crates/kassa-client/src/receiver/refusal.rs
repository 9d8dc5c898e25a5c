//! Why a delivery is refused, in words that tell what to mend.

use std::fmt;

use super::diagnosis::Diagnosis;

/// Why a delivery is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The URL carries no secret.
    SecretMissing,
    /// The URL's secret is not the session's.
    SecretWrong,
    /// A signature is demanded, and one of its three headers is missing.
    SignatureMissing {
        /// The header's name.
        header: &'static str,
    },
    /// One of the signature's headers cannot be read.
    SignatureUnreadable {
        /// The header's name.
        header: &'static str,
    },
    /// The signature was made too long ago: a replay, or a clock that is wrong.
    TooOld {
        /// By how many seconds it is older than now.
        age_s: i64,
    },
    /// The signature was made in the future: the clock of one side is wrong.
    TooNew {
        /// By how many seconds it is ahead of now.
        ahead_s: i64,
    },
    /// No signature fits any secret.
    SignatureWrong(Diagnosis),
    /// The body is empty, and no trusted URL says which session is meant.
    Empty,
    /// The body is not a callback.
    Unreadable(String),
    /// The signed `webhook-id` is not the body's `event_id`.
    OtherEvent,
    /// The URL's `sid` is not the body's session.
    OtherSession,
    /// The body is longer than any callback.
    TooLarge,
}

impl Refusal {
    /// A stable word, for metrics and logs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SecretMissing => "secret_missing",
            Self::SecretWrong => "secret_wrong",
            Self::SignatureMissing { .. } => "signature_missing",
            Self::SignatureUnreadable { .. } => "signature_unreadable",
            Self::TooOld { .. } => "too_old",
            Self::TooNew { .. } => "too_new",
            Self::SignatureWrong(_) => "signature_wrong",
            Self::Empty => "empty",
            Self::Unreadable(_) => "unreadable",
            Self::OtherEvent => "other_event",
            Self::OtherSession => "other_session",
            Self::TooLarge => "too_large",
        }
    }

    /// The HTTP status to answer with. Never 410, which would end the sender's attempts (DESIGN 5.2).
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::SecretMissing
            | Self::SecretWrong
            | Self::SignatureMissing { .. }
            | Self::SignatureUnreadable { .. }
            | Self::TooOld { .. }
            | Self::TooNew { .. }
            | Self::SignatureWrong(_) => 401,
            Self::Empty | Self::Unreadable(_) | Self::OtherEvent | Self::OtherSession => 400,
            Self::TooLarge => 413,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecretMissing => {
                f.write_str("the URL carries no secret: was `status_update` set without it?")
            }
            Self::SecretWrong => {
                f.write_str("the secret in the URL is not the one that this session was given")
            }
            Self::SignatureMissing { header } => write!(f, "the header {header} is missing"),
            Self::SignatureUnreadable { header } => write!(f, "the header {header} cannot be read"),
            Self::TooOld { age_s } => write!(f, "signed {age_s} s ago: a replay, or a clock that is wrong"),
            Self::TooNew { ahead_s } => write!(f, "signed {ahead_s} s in the future: a clock is wrong"),
            Self::SignatureWrong(diagnosis) => write!(f, "the signature fits no secret: {diagnosis}"),
            Self::Empty => f.write_str("the body is empty, and no trusted URL says which session is meant"),
            Self::Unreadable(reason) => write!(f, "the body is not a callback: {reason}"),
            Self::OtherEvent => f.write_str("the signed webhook-id is not the event_id of the body"),
            Self::OtherSession => f.write_str("the sid of the URL is not the session of the body"),
            Self::TooLarge => f.write_str("the body is longer than any callback"),
        }
    }
}

impl std::error::Error for Refusal {}

/// A receiver that would take anything from anyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unguarded {
    /// It demands nothing.
    NothingDemanded,
    /// It demands a secret that is empty, so that anybody has it.
    EmptySecret,
}

impl fmt::Display for Unguarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NothingDemanded => {
                "a receiver must demand a secret in the URL, or a signature: else it takes anything from anyone"
            }
            Self::EmptySecret => "a secret is empty, so that anybody has it",
        })
    }
}

impl std::error::Error for Unguarded {}
