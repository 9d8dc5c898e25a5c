//! The reasons why no answer came, in kinds that can be counted.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use hyper_util::client::legacy;

/// The reason why no answer came.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{kind}: {detail}")]
pub struct CallError {
    /// The kind of failure.
    pub kind: CallErrorKind,
    /// A description in one line, for the merchant that gave the URL. It does not reveal the addresses of names inside
    /// the operator's network, nor whether such a name exists.
    pub detail: String,
    /// Details for the operator's log only.
    pub for_operators: Option<String>,
    /// Whether a call that timed out had a connection.
    had_connection: bool,
}

/// The kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallErrorKind {
    /// The policy does not allow the call; nothing was sent.
    Refused,
    /// The URL or a header cannot be sent over HTTP.
    NotCallable,
    /// The host's name has no address. Reported only if every address is allowed.
    NameNotResolved,
    /// The host's name has no address, or none that is allowed. Only the operator may know which of the two.
    NoPublicAddress,
    /// None of the host's addresses accepted the connection.
    ConnectFailed,
    /// The connection was made, but TLS failed: for example, the certificate is not trusted, or is for another host.
    TlsFailed,
    /// The head of the answer did not come in time.
    TimedOut,
    /// The connection ended before the head of the answer was complete.
    ConnectionLost,
    /// The answer is not HTTP.
    NotHttp,
    /// An injected fault kept the call back; nothing was sent.
    Fault,
}

impl CallErrorKind {
    /// The name of the kind in records and metrics, such as `connection_lost`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::NotCallable => "not_callable",
            Self::NameNotResolved => "name_not_resolved",
            Self::NoPublicAddress => "no_public_address",
            Self::ConnectFailed => "connect_failed",
            Self::TlsFailed => "tls_failed",
            Self::TimedOut => "timed_out",
            Self::ConnectionLost => "connection_lost",
            Self::NotHttp => "not_http",
            Self::Fault => "fault",
        }
    }
}

impl fmt::Display for CallErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl CallError {
    /// A failure of a kind, with a description in one line.
    pub fn new(kind: CallErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), for_operators: None, had_connection: false }
    }

    /// Whether the other system may have received the call.
    pub fn may_have_arrived(&self) -> bool {
        match self.kind {
            CallErrorKind::TimedOut => self.had_connection,
            CallErrorKind::ConnectionLost | CallErrorKind::NotHttp => true,
            CallErrorKind::Refused
            | CallErrorKind::NotCallable
            | CallErrorKind::NameNotResolved
            | CallErrorKind::NoPublicAddress
            | CallErrorKind::ConnectFailed
            | CallErrorKind::TlsFailed
            | CallErrorKind::Fault => false,
        }
    }

    /// A name without an address, or with an address that is not allowed. Both get the same text. Otherwise a merchant
    /// could find out which names exist in the operator's network.
    pub(super) fn no_public_address(reason: impl Into<String>) -> Self {
        let detail = "the host's name has no address, or none that may be called";
        Self { for_operators: Some(reason.into()), ..Self::new(CallErrorKind::NoPublicAddress, detail) }
    }

    pub(super) fn no_connection_within(timeout: Duration) -> Self {
        Self::new(CallErrorKind::TimedOut, format!("no connection within {} ms", timeout.as_millis()))
    }

    pub(super) fn no_answer_within(timeout: Duration) -> Self {
        let detail = format!("no answer within {} ms", timeout.as_millis());
        Self { had_connection: true, ..Self::new(CallErrorKind::TimedOut, detail) }
    }

    /// Reads the client's error. A failure while connecting is already a [`CallError`].
    pub(super) fn of(error: &legacy::Error) -> Self {
        if let Some(ours) = causes(error).find_map(|cause| cause.downcast_ref::<Self>()) {
            return ours.clone();
        }
        let http = causes(error).find_map(|cause| cause.downcast_ref::<hyper::Error>());
        let kind = match http {
            Some(http) if http.is_parse() => CallErrorKind::NotHttp,
            _ => CallErrorKind::ConnectionLost,
        };
        let detail = error.source().map_or_else(|| error.to_string(), in_one_line);
        Self::new(kind, detail)
    }
}

/// Whether the library could not read the head of an answer, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeadFailure {
    /// It cannot be read.
    Unreadable,
    /// The connection ended within it.
    CutOff,
}

impl HeadFailure {
    pub(super) fn of(error: &legacy::Error) -> Option<Self> {
        let http = causes(error).find_map(|cause| cause.downcast_ref::<hyper::Error>())?;
        match (http.is_parse(), http.is_incomplete_message()) {
            (true, _) => Some(Self::Unreadable),
            (false, true) => Some(Self::CutOff),
            (false, false) => None,
        }
    }
}

/// An error and its causes, outermost first.
pub(super) fn in_one_line(error: &(dyn Error + 'static)) -> String {
    let mut said: Vec<String> = causes(error).map(ToString::to_string).collect();
    said.dedup();
    said.join(": ")
}

/// An error and its causes, outermost first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| cause_of(*error))
}

/// The next cause. For an IO error, this is the error that it wraps, which its `source` omits.
fn cause_of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}
