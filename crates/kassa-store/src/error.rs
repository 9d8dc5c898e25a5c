//! What can go wrong in the store.

use kassa_sql::postgres::ServerError;
use kassa_sql::{Cause, SqlError};

/// Why the store did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be read or written now: full, locked, gone. Trying later may help. If the connection broke
    /// during a commit, nobody knows whether something was changed: the guards of the next try tell.
    #[error("the database is unavailable: {0}")]
    Unavailable(#[source] Cause),
    /// The file or folder is not a Kassa database that this version can use. The text says why.
    #[error("{0}")]
    Unusable(#[source] Cause),
    /// A defect of ours: the database refused a statement, or holds what the rules cannot read.
    #[error("the store failed: {0}")]
    Fault(#[source] Cause),
}

impl From<SqlError> for StoreError {
    fn from(error: SqlError) -> Self {
        match error {
            SqlError::Unavailable(cause) => Self::Unavailable(cause),
            SqlError::Unusable(cause) => Self::Unusable(cause),
            SqlError::Fault(cause) => Self::Fault(cause),
        }
    }
}

impl From<ServerError> for StoreError {
    fn from(error: ServerError) -> Self {
        SqlError::from(error).into()
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        let what = format!("stored JSON cannot be read: {error}");
        Self::Fault(Cause::by(error, what))
    }
}
