//! A table as a sink: one row for each change, in a database of the merchant.

use std::path::Path;

use kassa_sql::values;
use kassa_wire::status::Completion;

#[cfg(feature = "postgres")]
use crate::tracker::state::postgres;
use crate::tracker::state::{Database, Writer, sqlite};
use crate::tracker::{Change, OrderState, StateError};

/// The merchant reads its rows, in the order of each session's `sequence`, and deletes them.
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
    /// Opens an SQLite file, and creates the table if it is missing.
    ///
    /// # Errors
    /// If the file cannot be used.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        Writer::start(sqlite::open_merchants_file(path, TABLE)?).map(Self)
    }

    /// Connects to a PostgreSQL database, and creates the table if it is missing, in the first schema of the
    /// `search_path`.
    ///
    /// # Errors
    /// If the database cannot be used.
    #[cfg(feature = "postgres")]
    pub async fn connect(url: &str) -> Result<Self, StateError> {
        Writer::start(postgres::connect_merchants(url, TABLE).await?).map(Self)
    }

    /// Closes the database.
    pub(super) async fn close(&self) {
        self.0.close().await;
    }

    /// Inserts the row, durably. A row with the same id is the same change, so it stays.
    pub(super) async fn insert(&self, change: &Change, body: String) -> Result<(), StateError> {
        let change = change.clone();
        self.0.run(move |db| insert(db, &change, &body).map(drop)).await
    }
}

fn insert(db: &mut Database, change: &Change, body: &str) -> Result<u64, StateError> {
    let placed = change.order.as_ref().and_then(OrderState::order_id);
    let snapshot = &change.snapshot;
    let sql = "insert into kassa_changes
                 (change_id, session_id, sequence, status, updated_at, order_id, body)
               values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing";
    db.execute(
        sql,
        values![
            &change.change_id,
            &snapshot.session_id,
            change.sequence,
            snapshot.status().as_str(),
            &snapshot.updated_at.to_string(),
            placed.or(snapshot.state.completion().and_then(Completion::order_id)),
            body
        ],
    )
}
