//! The tracker's database, on either engine: an SQLite file, or PostgreSQL.
//!
//! A piece of work is a closure over a [`Database`], the interface that both engines implement. Its result is durable
//! when [`State::run`] returns it. [`State::read`] only reads, and delays no writer.

mod database;
#[cfg(feature = "postgres")]
pub(super) mod postgres;
pub(super) mod sqlite;
#[cfg(test)]
#[cfg(feature = "postgres")]
mod tests;
mod writer;

use std::path::Path;
use std::sync::Arc;

use kassa_sql::{Cause, Schema, SqlError};

use database::Step;

pub(super) use database::Database;
use parking_lot::Mutex;
use writer::closed;
pub(super) use writer::{Joint, Writer};

/// The tables of a tracker. Both engines use the same text; [`postgres`] adapts it for PostgreSQL. A released text is
/// never edited. A text that trackers of earlier versions cannot use raises the note `oldest_schema`. A tracker without
/// versions ran the first text at each start, so that text changes nothing in such a database, and the history begins
/// there.
const SCHEMA: Schema = Schema {
    migrations: &[
        include_str!("migrations/0001_start.sql"),
        include_str!("migrations/0002_fraud_status.sql"),
    ],
    oldest: "select value from notes where name = 'oldest_schema'",
};

/// The reason why the tracker's database could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// The database cannot be read or written now. A later attempt may succeed.
    #[error("the database is unavailable: {0}")]
    Unavailable(#[source] Cause),
    /// This version cannot use the database, or its URL is invalid.
    #[error("{0}")]
    Unusable(#[source] Cause),
    /// The request itself is invalid. The contents of the database do not matter.
    #[error("{0}")]
    Invalid(#[source] Cause),
    /// A defect: the database refused a statement, or contains an unreadable value.
    #[error("{0}")]
    Fault(#[source] Cause),
}

impl From<SqlError> for StateError {
    fn from(error: SqlError) -> Self {
        match error {
            SqlError::Unavailable(cause) => Self::Unavailable(cause),
            SqlError::Unusable(cause) => Self::Unusable(cause),
            SqlError::Fault(cause) => Self::Fault(cause),
        }
    }
}

impl From<serde_json::Error> for StateError {
    fn from(error: serde_json::Error) -> Self {
        let what = format!("a row of the tracker cannot be read: {error}");
        Self::Fault(Cause::by(error, what))
    }
}

/// The database of a tracker.
pub(super) struct State<J: Joint> {
    writer: Writer<J>,
    /// A second connection, which only reads.
    reader: Arc<Mutex<Option<Database>>>,
}

impl<J: Joint> Clone for State<J> {
    fn clone(&self) -> Self {
        Self { writer: self.writer.clone(), reader: self.reader.clone() }
    }
}

impl<J: Joint> State<J> {
    /// Opens or creates a tracker's file.
    pub(super) fn open(path: &Path) -> Result<Self, StateError> {
        let database = sqlite::open_tracker_file(path, &SCHEMA)?;
        Ok(Self {
            writer: Writer::start(database)?,
            reader: Arc::new(Mutex::new(Some(sqlite::open_reader(path)?))),
        })
    }

    /// Connects to the database with this URL, and creates missing tables.
    #[cfg(feature = "postgres")]
    pub(super) async fn connect(url: &str) -> Result<Self, StateError> {
        let database = postgres::connect_tracker(url, SCHEMA).await?;
        let reader = postgres::connect_reader(url).await?;
        Ok(Self { writer: Writer::start(database)?, reader: Arc::new(Mutex::new(Some(reader))) })
    }

    /// Runs one piece of work. Its result is durable.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        piece: impl FnOnce(&mut Database) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, StateError> {
        self.writer.run(piece).await
    }

    /// Does a joint piece, together with others that wait. Its outcome is durable.
    pub(super) async fn join(&self, piece: J) -> Result<J::Outcome, StateError> {
        self.writer.join(piece).await
    }

    /// Reads a snapshot on the second connection, so that a long read delays no writer.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        reading: impl FnOnce(&mut Database) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, StateError> {
        let reader = self.reader.clone();
        let read_once = move || {
            let mut reader = reader.lock();
            let database = reader.as_mut().ok_or_else(closed)?;
            let result = database.step(Step::BeginRead).and_then(|()| reading(database));
            let end = if result.is_ok() { Step::Commit } else { Step::Rollback };
            // Nothing was changed, so nothing depends on how the transaction ends.
            let _ = database.step(end);
            result
        };
        let read = tokio::task::spawn_blocking(read_once).await;
        read.map_err(|error| StateError::Fault(Cause::of(error)))?
    }

    /// Closes the database, for every clone. The last connection that can write moves the log of an SQLite file into
    /// the file. So the file is complete without its log afterwards, unless another process uses it.
    pub(super) async fn close(&self) {
        let reader = self.reader.clone();
        let closing = move || drop(reader.lock().take());
        // The last read has no caller any more, so its failure does not matter.
        let _ = tokio::task::spawn_blocking(closing).await;
        self.writer.close().await;
    }
}
