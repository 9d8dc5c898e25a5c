//! The table as an outlet: a row for each change, once, in an SQLite file of the merchant's.

use std::path::Path;

use rusqlite::{Connection, params};

use crate::tracker::state::{BUSY_TIMEOUT, State};
use crate::tracker::{StateError, Told};

/// The table `kassa_changes`. Its rows are the merchant's to read, in the order of `rowid`, and to delete.
#[derive(Clone)]
pub struct Table(State);

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
        State::over(connection, path).map(Self)
    }

    /// Whether the row is there, durably. One that is there already is the same change.
    pub(super) async fn insert(&self, told: &Told, body: String) -> bool {
        let told = told.clone();
        self.0.run(move |db| insert(db, &told, &body)).await.is_ok()
    }
}

fn insert(db: &Connection, told: &Told, body: &str) -> rusqlite::Result<usize> {
    let placed = told.order.as_ref().and_then(|order| order.order_id.as_ref());
    let snapshot = &told.snapshot;
    let sql = "insert into kassa_changes
                 (change_id, session_id, sequence, status, updated_at, order_id, body)
               values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict do nothing";
    db.prepare_cached(sql)?.execute(params![
        told.change_id,
        snapshot.session_id,
        told.sequence,
        snapshot.status.as_str(),
        format!("{:.3}", snapshot.updated_at),
        placed.or(snapshot.order_id.as_ref()),
        body
    ])
}
