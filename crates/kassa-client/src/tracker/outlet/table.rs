//! The table as an outlet: a row for each change, once, in an SQLite file of the merchant's.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, params};

use crate::tracker::{StateError, Told};

/// How long the merchant's own programs may hold the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The table `kassa_changes`. Its rows are the merchant's to read, in the order of `rowid`, and to delete.
#[derive(Clone)]
pub struct Table(Arc<Mutex<Connection>>);

impl Table {
    /// Opens the file, and makes the table where it is missing.
    ///
    /// # Errors
    /// Where the file cannot be used.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(
            "create table if not exists kassa_changes (
                 change_id text not null unique,
                 session_id text not null,
                 sequence integer not null,
                 status text not null,
                 updated_at text not null,
                 order_id text,
                 body text not null
             )",
        )?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Whether the row is there, durably. One that is there already is the same change.
    pub(super) async fn insert(&self, told: &Told, body: String) -> bool {
        let (table, told) = (self.clone(), told.clone());
        let inserted = tokio::task::spawn_blocking(move || table.insert_now(&told, &body)).await;
        matches!(inserted, Ok(Ok(_)))
    }

    fn insert_now(&self, told: &Told, body: &str) -> rusqlite::Result<usize> {
        let placed = told.order.as_ref().and_then(|order| order.order_id.as_ref());
        let snapshot = &told.snapshot;
        let sql = "insert into kassa_changes
                     (change_id, session_id, sequence, status, updated_at, order_id, body)
                   values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict do nothing";
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        connection.prepare_cached(sql)?.execute(params![
            told.change_id,
            snapshot.session_id,
            told.sequence,
            snapshot.status.as_str(),
            format!("{:.3}", snapshot.updated_at),
            placed.or(snapshot.order_id.as_ref()),
            body
        ])
    }
}
