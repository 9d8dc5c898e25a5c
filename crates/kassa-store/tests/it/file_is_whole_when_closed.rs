//! After [`Store::close`], the SQLite file alone is the whole database.

use std::path::Path;

use kassa_store::{Store, StoreError};
use tempfile::TempDir;

/// The names in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_file_alone_is_the_whole_database_after_the_store_is_closed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kassa.db");
    let store = Store::open(&path).unwrap();
    let kept = store.setting_or("name", "first").await.unwrap();
    store.close().await;
    assert_eq!(names(folder.path()), ["kassa.db"], "there is no log");

    let copy = folder.path().join("copy.db");
    std::fs::copy(&path, &copy).unwrap();
    let copied = Store::open(&copy).unwrap();
    assert_eq!(copied.setting_or("name", "second").await.unwrap(), kept);
}

#[tokio::test]
async fn every_clone_of_a_closed_store_refuses_reads_and_changes() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("kassa.db")).unwrap();
    let clone = store.clone();
    store.close().await;
    let changed = clone.setting_or("name", "first").await.unwrap_err();
    let read = clone.backlog().await.unwrap_err();
    for error in [changed, read] {
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    }
    clone.close().await;
}

#[tokio::test]
async fn a_second_user_of_the_file_goes_on_and_closes_the_log_when_it_is_the_last() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kassa.db");
    let (first, second) = (Store::open(&path).unwrap(), Store::open(&path).unwrap());
    first.setting_or("name", "first").await.unwrap();
    first.close().await;
    assert_eq!(second.setting_or("name", "second").await.unwrap(), "first");
    second.setting_or("other", "kept").await.unwrap();
    second.close().await;
    assert_eq!(names(folder.path()), ["kassa.db"]);
    let reopened = Store::open(&path).unwrap();
    assert_eq!(reopened.setting_or("other", "lost").await.unwrap(), "kept");
}
