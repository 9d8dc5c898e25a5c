//! The store, on a database of its own, on each engine.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod feed_keeps_its_order;
mod redelivery_in_bulk;

use kassa_store::Store;
use kassa_store::simulation::fresh_postgres;
use tempfile::TempDir;

/// A database of its own.
enum Database {
    File(TempDir),
    Postgres(String),
}

impl Database {
    /// One on each engine that is there.
    async fn on_each_engine() -> Vec<Self> {
        let file = Self::File(TempDir::new().unwrap());
        std::iter::once(file).chain(fresh_postgres().await.map(Self::Postgres)).collect()
    }

    /// Opens it, for the first time or again.
    async fn open(&self) -> Store {
        match self {
            Self::File(folder) => Store::open(&folder.path().join("kassa.db")).unwrap(),
            Self::Postgres(url) => Store::connect(url).await.unwrap(),
        }
    }
}
