//! The inventory of stored data names every column of the schema, and no other.

use std::collections::BTreeSet;

use kassa_store::simulation::Database;
use kassa_store::{DataClass, Erasure, Storage, data_inventory};
use kassa_testkit::NamedEngine;
use tempfile::TempDir;

#[tokio::test]
async fn the_inventory_names_every_column_of_the_schema() {
    let folder = TempDir::new().unwrap();
    for database in Database::on_each_engine(folder.path()).await {
        let _engine = NamedEngine(database.engine());
        drop(database.open().await);
        let stored = database.columns().await;
        let named =
            data_inventory().flat_map(|table| table.columns().map(|name| format!("{}.{name}", table.name)));
        let named: BTreeSet<String> = named.collect();
        let unnamed: Vec<_> = stored.difference(&named).collect();
        assert!(unnamed.is_empty(), "classify these columns in src/inventory: {unnamed:#?}");
        let gone: Vec<_> = named.difference(&stored).collect();
        assert!(gone.is_empty(), "these columns do not exist: {gone:#?}");
    }
}

#[test]
fn data_of_consumers_is_erased_and_is_never_stored_in_clear() {
    for table in data_inventory() {
        for column in table.sensitive.iter().filter(|column| column.class == DataClass::Consumer) {
            let name = format!("{}.{}", table.name, column.name);
            assert_ne!(column.erasure, Erasure::NotConsumer, "{name}");
            assert!(matches!(column.storage, Storage::Encrypted | Storage::KeyedHash), "{name}");
        }
    }
}
