//! An orderly stop merges the log of a SQLite file into the file, so that a copy of the file alone is complete.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use serde_json::json;
use tempfile::TempDir;

use crate::harness::process::signal;
use crate::harness::{Configuration, Dev, Signal, kassa, tracker_settings};

/// The names in a folder that begin with `start`.
fn names(folder: &Path, start: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(start)).collect()
}

/// The number of rows of a table in a copy of the file alone.
fn count_in_copy(file: &Path, table: &str) -> i64 {
    let copies = TempDir::new().unwrap();
    let copy = copies.path().join("copy.db");
    std::fs::copy(file, &copy).unwrap();
    let database = rusqlite::Connection::open(copy).unwrap();
    database.query_row(&format!("select count(*) from {table}"), [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn dev_leaves_one_whole_file() {
    let data = TempDir::new().unwrap();
    let dev = Dev::start_on(data.path());
    for _ in 0..5 {
        dev.merchant().page_session(&json!({}), &json!({})).await;
    }
    assert_eq!(dev.stop(Signal::Terminate).code, Some(0));
    assert_eq!(names(data.path(), ""), ["kassa.db"]);
    assert_eq!(count_in_copy(&data.path().join("kassa.db"), "page_session"), 5);
}

#[tokio::test]
async fn nodes_and_commands_leave_one_whole_file() {
    let configuration = Configuration::with("FOLDER/kassa.db", "drain_s = 0");
    let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let (folder, file) = (configuration.folder(), configuration.folder().join("kassa.db"));
    assert_eq!(names(folder, "kassa.db"), ["kassa.db"], "after a command");
    assert_eq!(count_in_copy(&file, "merchant"), 1);
    let refused = configuration.command(&["credential", "revoke", "nobody"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(names(folder, "kassa.db"), ["kassa.db"], "after a command that was refused");

    let mut node = configuration.node();
    node.merchant(&account).page_session(&json!({}), &json!({})).await;
    node.signal("TERM");
    assert_eq!(node.ended(), Some(0));
    assert_eq!(names(folder, "kassa.db"), ["kassa.db"], "after a node");
    assert_eq!(count_in_copy(&file, "page_session"), 1);
}

/// Several processes may use one file: the last one that stops merges the log.
#[tokio::test]
async fn the_last_of_two_nodes_closes_the_log() {
    let configuration = Configuration::with("FOLDER/kassa.db", "drain_s = 0");
    let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let (mut first, mut last) = (configuration.node(), configuration.node());
    for node in [&mut first, &mut last] {
        node.merchant(&account).page_session(&json!({}), &json!({})).await;
        node.signal("TERM");
        assert_eq!(node.ended(), Some(0));
    }
    assert_eq!(names(configuration.folder(), "kassa.db"), ["kassa.db"]);
    assert_eq!(count_in_copy(&configuration.folder().join("kassa.db"), "page_session"), 2);
}

#[test]
fn track_leaves_whole_files() {
    let folder = TempDir::new().unwrap();
    let mut command = kassa();
    let mut process = command
        .args(["track", "--config", &tracker_settings(folder.path())])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It listens once its files are there.
    let mut said = BufReader::new(process.stderr.take().unwrap());
    said.read_line(&mut String::new()).unwrap();
    signal(&[process.id()], "TERM");
    assert_eq!(process.wait().unwrap().code(), Some(0));
    let mut left = names(folder.path(), "");
    left.sort();
    assert_eq!(left, ["changes.db", "track.toml", "tracker.db"]);
}
