//! The reasons for refusing a delivery, each with a hint on how to fix it.

use std::fmt;

use kassa_wire::signature::SecretError;

use super::diagnosis::Diagnosis;
use crate::error_source::ErrorSource;

/// The reason for refusing a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallbackRefusal {
    /// The URL carries no secret.
    SecretMissing,
    /// The URL's secret is not the one of this session.
    SecretWrong,
    /// A signature is required, and one of its three headers is missing.
    SignatureMissing {
        /// The header's name.
        header: &'static str,
    },
    /// One of the signature's headers cannot be read.
    SignatureUnreadable {
        /// The header's name.
        header: &'static str,
    },
    /// The signature is too old: a replay, or a wrong clock.
    TooOld {
        /// The age of the signature, in seconds.
        age_s: i64,
    },
    /// The signature is from the future: one of the clocks is wrong.
    TooNew {
        /// The difference to the current time, in seconds.
        ahead_s: i64,
    },
    /// No secret fits the signature.
    SignatureWrong(Diagnosis),
    /// The body is empty, and no trusted URL names the session.
    Empty,
    /// The body is not a callback.
    Unreadable(ErrorSource),
    /// The signed `webhook-id` is not the body's `event_id`.
    OtherEvent,
    /// The URL's `sid` is not the body's session.
    OtherSession,
    /// The body is longer than [`LARGEST_BODY`](super::LARGEST_BODY).
    TooLarge,
}

impl CallbackRefusal {
    /// A stable code, for metrics and logs.
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

    /// The HTTP status to answer with. Never 410, which would end the sender's attempts (docs/callbacks.md).
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

impl fmt::Display for CallbackRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecretMissing => {
                f.write_str("the URL contains no secret: was `status_update` set without it?")
            }
            Self::SecretWrong => f.write_str("the secret in the URL is not the one of this session"),
            Self::SignatureMissing { header } => write!(f, "the header {header} is missing"),
            Self::SignatureUnreadable { header } => write!(f, "the header {header} cannot be read"),
            Self::TooOld { age_s } => write!(f, "signed {age_s} s ago: a replay, or a wrong clock"),
            Self::TooNew { ahead_s } => {
                write!(f, "signed {ahead_s} s in the future: one of the clocks is wrong")
            }
            Self::SignatureWrong(diagnosis) => write!(f, "the signature fits no secret: {diagnosis}"),
            Self::Empty => f.write_str("the body is empty, and no trusted URL names the session"),
            Self::Unreadable(reason) => write!(f, "the body is not a callback: {reason}"),
            Self::OtherEvent => f.write_str("the signed webhook-id is not the event_id of the body"),
            Self::OtherSession => f.write_str("the sid of the URL is not the session of the body"),
            Self::TooLarge => f.write_str("the body is longer than any callback"),
        }
    }
}

impl std::error::Error for CallbackRefusal {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable(source) => Some(source),
            Self::SecretMissing
            | Self::SecretWrong
            | Self::SignatureMissing { .. }
            | Self::SignatureUnreadable { .. }
            | Self::TooOld { .. }
            | Self::TooNew { .. }
            | Self::SignatureWrong(_)
            | Self::Empty
            | Self::OtherEvent
            | Self::OtherSession
            | Self::TooLarge => None,
        }
    }
}

/// The reason for refusing a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiverError {
    /// The receiver requires neither a secret in the URL nor a signature.
    NoVerification,
    /// One of the secrets is not a valid secret.
    Secret(SecretError),
}

impl fmt::Display for ReceiverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVerification => {
                f.write_str("require a secret in the URL or a signature, or anyone could forge callbacks")
            }
            Self::Secret(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for ReceiverError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NoVerification => None,
            Self::Secret(error) => Some(error),
        }
    }
}
