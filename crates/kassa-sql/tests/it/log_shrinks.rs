//! The log of a SQLite file shrinks again after a long read of an old state.

use std::path::Path;

use kassa_sql::SqliteFile;
use tempfile::TempDir;

use kassa_testkit::PATIENCE;

const MIB: u64 = 1024 * 1024;

fn log_size(path: &Path) -> u64 {
    path.with_extension("db-wal").metadata().unwrap().len()
}

#[test]
fn a_log_that_grew_under_a_long_reader_shrinks_with_the_next_commits() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("test.db");
    let file = SqliteFile::open(&path, PATIENCE).unwrap();
    file.write_ahead().unwrap();
    file.batch("create table thing (id integer not null primary key, label text)").unwrap();
    file.batch("insert into thing values (1, 'first')").unwrap();

    let reader = SqliteFile::open_read_only(&path, PATIENCE).unwrap();
    reader.batch("begin; select count(*) from thing").unwrap();
    for _ in 0..20 {
        file.batch("insert into thing (label) values (hex(zeroblob(500000)))").unwrap();
    }
    assert!(log_size(&path) > 16 * MIB, "the reader needs the old state: {}", log_size(&path));

    reader.batch("commit").unwrap();
    for label in ["moved into the file", "written at the log's beginning"] {
        file.execute("update thing set label = $1 where id = 1", &[label.into()]).unwrap();
    }
    assert!(log_size(&path) <= 8 * MIB, "{}", log_size(&path));
}
