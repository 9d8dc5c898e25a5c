//! The errors that PostgreSQL reports, and their meaning.

use std::error::Error;
use std::fmt;

use tokio_postgres::error::Severity;

use super::server_check::POOLER_REFUSES;
use crate::error::{Cause, SqlError};

/// The classes of PostgreSQL's appendix A that depend on the state of the server: it stops, it is full, it is only a
/// replica, or it does not accept the credentials. It also ends a transaction whose client slept for too long (25P03,
/// 25P04).
const UNAVAILABLE: [&str; 11] =
    ["08", "25006", "25P03", "25P04", "28", "3D", "40", "53", "55P03", "57", "58"];

/// The reason why a statement has no answer: the server reported an error, or the connection to it broke.
#[derive(Debug)]
pub struct ServerError(tokio_postgres::Error);

impl ServerError {
    /// The code of the error that the server reported, such as `23505`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code().map(tokio_postgres::error::SqlState::code)
    }

    /// Whether the server reported the error. If not, the outcome of the statement is unknown.
    #[must_use]
    pub fn is_reported(&self) -> bool {
        self.0.as_db_error().is_some()
    }

    /// Whether the server's certificate is not trusted, or does not name the host.
    fn is_untrusted(&self) -> bool {
        let mut source: Option<&(dyn Error + 'static)> = Some(&self.0);
        while let Some(error) = source {
            let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
            let tls = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
            if matches!(tls, Some(rustls::Error::InvalidCertificate(_))) {
                return true;
            }
            source = error.source();
        }
        false
    }

    /// Whether the connection is lost: it broke, or the server ends it.
    #[must_use]
    pub fn is_loss(&self) -> bool {
        let is_fatal = |severity| matches!(severity, Severity::Fatal | Severity::Panic);
        self.0.as_db_error().is_none_or(|refusal| refusal.parsed_severity().is_some_and(is_fatal))
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.as_db_error(), self.0.source()) {
            (Some(refusal), _) => write!(f, "{}: {}", refusal.code().code(), refusal.message()),
            (None, Some(cause)) => write!(f, "{}: {cause}", self.0),
            (None, None) => self.0.fmt(f),
        }
    }
}

impl Error for ServerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

impl From<tokio_postgres::Error> for ServerError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self(error)
    }
}

impl From<ServerError> for SqlError {
    fn from(error: ServerError) -> Self {
        let is_of = |code: &str| UNAVAILABLE.iter().any(|class| code.starts_with(class));
        match error.code().is_none_or(is_of) {
            true => Self::Unavailable(Cause::of(error)),
            false => Self::Fault(Cause::of(error)),
        }
    }
}

/// The reason why a connection could not be made.
#[derive(Debug)]
pub enum ConnectError {
    /// It was not ready in time.
    Late,
    /// The server was not reached, or refused.
    Failed(ServerError),
}

impl ConnectError {
    /// Whether trying again does not help: the server refuses the credentials (class 28), has no such database (3D) or
    /// does not accept the settings of a session (08P01, as poolers do), or its certificate is not trusted.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Late => false,
            Self::Failed(error) => {
                let is_refused =
                    |code: &str| ["28", "3D", POOLER_REFUSES].iter().any(|class| code.starts_with(class));
                error.code().is_some_and(is_refused) || error.is_untrusted()
            }
        }
    }
}

impl From<ConnectError> for SqlError {
    fn from(why: ConnectError) -> Self {
        match why {
            ConnectError::Late => {
                Self::Unavailable("the database accepts connections, and does not answer".into())
            }
            ConnectError::Failed(error) => error.into(),
        }
    }
}
