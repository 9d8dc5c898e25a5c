//! The errors of the store.

use kassa_sql::postgres::ServerError;
use kassa_sql::{Cause, SqlError};

/// The reason why the store did not do what the caller asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be read or written now, for example because it is full, locked or not reachable. Trying
    /// later may help. If the connection broke during a commit, it is unknown whether something was changed. The guards
    /// of the next attempt show it.
    #[error("the database is unavailable: {0}")]
    Unavailable(#[source] Cause),
    /// The file or folder is not a Kassa database that this version can use. The text says why.
    #[error("{0}")]
    Unusable(#[source] Cause),
    /// A defect of ours: the database refused a statement, or contains data that the rules cannot read.
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
