//! The SQLite file contains secrets: only its owner can read it, from its first byte on.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use kassa_store::Store;
use tempfile::TempDir;

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_new_file_and_its_log_are_their_owners_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kassa.db");
    let store = Store::open(&path).unwrap();
    store.setting_or("name", "value").await.unwrap();
    let files = ["kassa.db", "kassa.db-wal", "kassa.db-shm"];
    let modes = files.map(|name| mode(&folder.path().join(name)));
    assert_eq!(modes, [0o600; 3], "{files:?}");
}

/// The mode of an existing file is the operator's decision.
#[test]
fn opening_an_existing_file_leaves_its_mode() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kassa.db");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    drop(Store::open(&path).unwrap());
    assert_eq!(mode(&path), 0o640);
}

/// SQLite would create the file behind the link for everybody.
#[test]
fn a_link_to_a_missing_file_is_refused() {
    let folder = TempDir::new().unwrap();
    let (link, missing) = (folder.path().join("kassa.db"), folder.path().join("missing.db"));
    symlink(&missing, &link).unwrap();
    assert!(Store::open(&link).is_err());
    assert!(!missing.exists());
}
