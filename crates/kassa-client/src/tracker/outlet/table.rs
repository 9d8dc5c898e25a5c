//! The table as an outlet: a row for each change, once, in a database of the merchant's.

use std::path::Path;

use kassa_sql::values;

#[cfg(feature = "postgres")]
use crate::tracker::state::postgres;
use crate::tracker::state::{Database, Writer, sqlite};
use crate::tracker::{StateError, Told};

/// Its rows are the merchant's to read, in the order of each session's `sequence`, and to delete.
const TABLE: &str = "create table if not exists kassa_changes (
    change_id text not null unique,
    session_id text not null,
    sequence integer not null,
    status text not null,
    updated_at text not null,
    order_id text,
    body text not null
)";

/// The table `kassa_changes`.
#[derive(Clone)]
pub struct Table(Writer);

impl Table {
    /// Opens an SQLite file, and makes the table where it is missing.
    ///
    /// # Errors
    /// Where the file cannot be used.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        Writer::over(sqlite::open_theirs(path, TABLE)?).map(Self)
    }

    /// Connects to a PostgreSQL database, and makes the table where it is missing: in the first schema of its
    /// `search_path`.
    ///
    /// # Errors
    /// Where the database cannot be used.
    #[cfg(feature = "postgres")]
    pub async fn connect(url: &str) -> Result<Self, StateError> {
        Writer::over(postgres::connect_theirs(url, TABLE).await?).map(Self)
    }

    /// Closes the database.
    pub(super) async fn close(&self) {
        self.0.close().await;
    }

    /// Writes the row, durably. One that is there already is the same change.
    pub(super) async fn insert(&self, told: &Told, body: String) -> Result<(), StateError> {
        let told = told.clone();
        self.0.run(move |db| insert(db, &told, &body).map(drop)).await
    }
}

fn insert(db: &mut Database, told: &Told, body: &str) -> Result<u64, StateError> {
    let placed = told.order.as_ref().and_then(|order| order.order_id.as_ref());
    let snapshot = &told.snapshot;
    let sql = "insert into kassa_changes
                 (change_id, session_id, sequence, status, updated_at, order_id, body)
               values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing";
    db.execute(
        sql,
        values![
            &told.change_id,
            &snapshot.session_id,
            told.sequence,
            snapshot.status.as_str(),
            &format!("{:.3}", snapshot.updated_at),
            placed.or(snapshot.order_id.as_ref()),
            body
        ],
    )
}
