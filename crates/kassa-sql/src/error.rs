//! The errors of a database.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The reason why a database operation failed.
///
/// The text of an error is complete, and meant for people. Programs use the variant and the source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// The database cannot be read or written now, for example because it is full, locked or not reachable. Trying
    /// later may help. If the connection broke during a commit, it is unknown whether something was changed.
    #[error("the database is unavailable: {0}")]
    Unavailable(#[source] Cause),
    /// This version cannot use the database, or cannot understand its URL.
    #[error("{0}")]
    Unusable(#[source] Cause),
    /// A defect of ours: the database refused a statement, or a row has an unexpected value.
    #[error("{0}")]
    Fault(#[source] Cause),
}

/// A description in one line, and the library's error that reported it, if there is one.
///
/// Two causes are equal if their descriptions are equal.
#[derive(Clone, Debug)]
pub struct Cause {
    what: Cow<'static, str>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl Cause {
    /// Wraps `source`, with `what` as the description.
    pub fn by(source: impl Error + Send + Sync + 'static, what: impl Into<Cow<'static, str>>) -> Self {
        Self { what: what.into(), source: Some(Arc::new(source)) }
    }

    /// Wraps `source`, with its own message as the description.
    pub fn of(source: impl Error + Send + Sync + 'static) -> Self {
        let what = source.to_string();
        Self::by(source, what)
    }

    /// The description in one line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.what
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        self.what == other.what
    }
}

impl Eq for Cause {}

impl From<&'static str> for Cause {
    fn from(what: &'static str) -> Self {
        Self { what: what.into(), source: None }
    }
}

impl From<String> for Cause {
    fn from(what: String) -> Self {
        Self { what: what.into(), source: None }
    }
}

impl From<rusqlite::Error> for SqlError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, FileLockingProtocolFailed, NotADatabase,
            PermissionDenied, ReadOnly, SystemIoFailure,
        };
        match error.sqlite_error_code() {
            Some(NotADatabase) => Self::Unusable(Cause::by(error, "the file is not a Kassa database")),
            Some(
                CannotOpen
                | DatabaseBusy
                | DatabaseLocked
                | DiskFull
                | FileLockingProtocolFailed
                | PermissionDenied
                | ReadOnly
                | SystemIoFailure,
            ) => Self::Unavailable(Cause::of(error)),
            _ => Self::Fault(Cause::of(error)),
        }
    }
}
