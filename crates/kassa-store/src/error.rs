//! What can go wrong in the store.

use std::error::Error;

/// Why the store did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be read or written now: full, locked, gone. Trying later may help. Where the way to it broke
    /// during a commit, nobody knows whether something was changed: the guards of the next try tell.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The file or folder is not a Kassa database that this version can use. The text says why.
    #[error("{0}")]
    Unusable(String),
    /// A defect of ours: the database refused a statement, or holds what the rules cannot read.
    #[error("the store failed: {0}")]
    Fault(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, FileLockingProtocolFailed, NotADatabase,
            PermissionDenied, ReadOnly, SystemIoFailure,
        };
        match error.sqlite_error_code() {
            Some(NotADatabase) => Self::Unusable("the file is not a Kassa database".to_string()),
            Some(
                CannotOpen
                | DatabaseBusy
                | DatabaseLocked
                | DiskFull
                | FileLockingProtocolFailed
                | PermissionDenied
                | ReadOnly
                | SystemIoFailure,
            ) => Self::Unavailable(error.to_string()),
            _ => Self::Fault(error.to_string()),
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    /// What the server itself cannot help (it stops, it is full, it is only a replica) and what the way to it did, is
    /// unavailable; the rest is a defect of ours. The classes are those of PostgreSQL's appendix A.
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(refusal) = error.as_db_error() else {
            let cause = error.source().map_or_else(String::new, |cause| format!(": {cause}"));
            return Self::Unavailable(format!("{error}{cause}"));
        };
        let said = format!("{}: {}", refusal.code().code(), refusal.message());
        let is_class = |class: &&str| refusal.code().code().starts_with(*class);
        match ["08", "25006", "28", "3D", "40", "53", "55P03", "57", "58"].iter().any(is_class) {
            true => Self::Unavailable(said),
            false => Self::Fault(said),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Fault(format!("stored JSON cannot be read: {error}"))
    }
}
