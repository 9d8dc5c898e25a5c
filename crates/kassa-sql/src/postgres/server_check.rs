//! Checks a server before a program works on it: whether the server guarantees what the program relies on.

use super::server_error::{ConnectError, ServerError};
use super::session::Session;
use super::target::Target;
use crate::error::{Cause, SqlError};

/// How often two sessions are compared. Between two comparisons other programs may use a pooler's connections.
const COMPARISONS: usize = 4;

/// The code of the errors with which poolers refuse messages that they do not pass on.
pub(super) const POOLER_REFUSES: &str = "08P01";

impl Target {
    /// Checks that the server accepts the credentials, that the database has the encoding UTF-8, and that a session
    /// remains on one connection of the server.
    ///
    /// # Errors
    /// [`SqlError::Unusable`] if waiting does not help; [`SqlError::Unavailable`] if the server cannot be reached.
    pub async fn check_server(&self) -> Result<(), SqlError> {
        let one = self.connect().await.map_err(refused)?;
        let other = self.connect().await.map_err(refused)?;
        if let Some(encoding) = other_encoding(&one).await? {
            let complaint = format!(
                "its encoding is {encoding}, and names and texts need UTF8: create database NAME encoding 'UTF8' template template0"
            );
            return Err(SqlError::Unusable(complaint.into()));
        }
        if are_pooled(&one, &other).await? {
            let complaint = "a pooler changes the connection between transactions, so settings of a session, prepared \
                             statements and notifications are lost: connect to the server itself, or set the pool mode to session";
            return Err(SqlError::Unusable(complaint.into()));
        }
        Ok(())
    }
}

fn refused(why: ConnectError) -> SqlError {
    let is_refusal = why.is_refusal();
    match (is_refusal, SqlError::from(why)) {
        (true, SqlError::Unavailable(cause) | SqlError::Unusable(cause) | SqlError::Fault(cause)) => {
            let what = format!("it refuses the connection: {cause}");
            SqlError::Unusable(Cause::by(cause, what))
        }
        (false, error) => error,
    }
}

/// The encoding of the database, unless it is UTF-8.
async fn other_encoding(session: &Session) -> Result<Option<String>, ServerError> {
    let encoding = first_value(session, "show server_encoding").await?;
    Ok(encoding.filter(|encoding| encoding != "UTF8"))
}

/// Whether two sessions share the server's connections. A pooler in transaction mode gives a session some idle
/// connection for each transaction. If one session is in a transaction, the other gets another connection than before.
async fn are_pooled(one: &Session, other: &Session) -> Result<bool, ServerError> {
    // Two servers may have processes of the same number, which did not start at the same microsecond.
    const PROCESS: &str = "select concat(pg_backend_pid(), ' ', \
                           (select backend_start from pg_stat_activity where pid = pg_backend_pid()))";
    let first = first_value(one, PROCESS).await?;
    for _ in 0..COMPARISONS {
        match other.batch("begin").await {
            // A pooler in statement mode.
            Err(error) if error.code() == Some(POOLER_REFUSES) => return Ok(true),
            begun => begun?,
        }
        let others = first_value(other, PROCESS).await?;
        let now = first_value(one, PROCESS).await?;
        other.batch("commit").await?;
        if others == first || now != first {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn first_value(session: &Session, sql: &str) -> Result<Option<String>, ServerError> {
    let mut rows = session.simple_query(sql).await?.rows;
    Ok(rows.first_mut().and_then(|row| row.only::<Option<String>>().ok()).flatten())
}
