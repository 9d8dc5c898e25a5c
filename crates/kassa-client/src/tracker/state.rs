//! The tracker's memory, on either engine: an SQLite file, or PostgreSQL.
//!
//! A piece of work is a closure over a [`Database`], the seam behind which the engines differ. What it answers is durable
//! once [`State::run`] answers; [`State::look`] looks on without holding anybody up.

mod database;
#[cfg(feature = "postgres")]
pub(super) mod postgres;
pub(super) mod sqlite;
#[cfg(test)]
#[cfg(feature = "postgres")]
mod tests;
mod value;
mod writer;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use database::Step;

pub(super) use database::Database;
pub(super) use value::{Row, Value, values};
pub(super) use writer::Writer;
use writer::closed;

/// What a tracker remembers. One text for both engines: what PostgreSQL is to read of it says [`postgres`].
const SCHEMA: &str = include_str!("schema.sql");

/// Why something could not be remembered, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateError(pub(super) String);

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StateError {}

impl From<serde_json::Error> for StateError {
    fn from(error: serde_json::Error) -> Self {
        Self(format!("the tracker holds what cannot be read: {error}"))
    }
}

/// Where a tracker keeps what it knows.
#[derive(Clone)]
pub(super) struct State {
    writer: Writer,
    /// Looks on, beside the writer.
    beside: Arc<Mutex<Option<Database>>>,
}

impl State {
    /// Opens a tracker's file, or makes it.
    pub(super) fn open(path: &Path) -> Result<Self, StateError> {
        let database = sqlite::open_own(path, SCHEMA)?;
        Ok(Self {
            writer: Writer::over(database)?,
            beside: Arc::new(Mutex::new(Some(sqlite::look_at(path)?))),
        })
    }

    /// Connects to the database of this URL, and makes its tables where they are missing.
    #[cfg(feature = "postgres")]
    pub(super) async fn connect(url: &str) -> Result<Self, StateError> {
        let database = postgres::connect_own(url, SCHEMA).await?;
        let beside = postgres::connect_own(url, SCHEMA).await?;
        Ok(Self { writer: Writer::over(database)?, beside: Arc::new(Mutex::new(Some(beside))) })
    }

    /// Runs one piece of work; what it answers is durable.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        piece: impl FnOnce(&mut Database) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, StateError> {
        self.writer.run(piece).await
    }

    /// Looks at what is there at one moment, beside the writer: however much there is to look at, it holds nobody up.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Database) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, StateError> {
        let beside = self.beside.clone();
        let looking = move || {
            let mut beside = beside.lock().unwrap_or_else(PoisonError::into_inner);
            let database = beside.as_mut().ok_or_else(closed)?;
            let seen = database.step(Step::BeginLooking).and_then(|()| look(database));
            let end = if seen.is_ok() { Step::Commit } else { Step::GiveUp };
            // Nothing was changed, so nothing depends on how the transaction ends.
            let _ = database.step(end);
            seen
        };
        let looked = tokio::task::spawn_blocking(looking).await;
        looked.map_err(|error| StateError(error.to_string()))?
    }

    /// Closes the database, for every clone. A file is whole by itself afterwards, unless another process uses it: the last
    /// connection that can write moves its log into it.
    pub(super) async fn close(&self) {
        let beside = self.beside.clone();
        let closing = move || drop(beside.lock().unwrap_or_else(PoisonError::into_inner).take());
        // What it looked at last concerns nobody any more.
        let _ = tokio::task::spawn_blocking(closing).await;
        self.writer.close().await;
    }
}
