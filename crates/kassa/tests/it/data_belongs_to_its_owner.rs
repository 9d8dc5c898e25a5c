//! Only the owner can read the files that Kassa writes, under every umask: they contain secrets and consumers' data.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::harness::{Configuration, Dev, Signal, kassa, tracker_settings};

/// The command, under a umask that removes no permission.
fn generous() -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "umask 000; exec \"$0\" \"$@\""]).arg(kassa().get_program());
    command.stdin(Stdio::null()).env_remove("KASSA_LOG");
    command
}

/// The modes of the files in a folder.
fn modes(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), mode(&entry.path()))).collect()
}

fn mode(path: &Path) -> String {
    format!("{:o}", path.metadata().unwrap().permissions().mode() & 0o777)
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn dev_keeps_its_folder_and_its_files_from_others() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("made/by/kassa");
    let dev = Dev::launch(generous(), &["--data", data.to_str().unwrap()]);
    dev.merchant().payment_session("ECOMMERCE").await;
    let found = modes(&data);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["kassa.db", "kassa.db-shm", "kassa.db-wal"]);
    assert!(found.values().all(|mode| mode == "600"), "{found:?}");
    for made in ["made", "made/by", "made/by/kassa"] {
        assert_eq!(mode(&folder.path().join(made)), "700", "{made}");
    }
}

#[test]
fn a_command_that_makes_a_database_keeps_it_from_others() {
    let configuration = Configuration::with("FOLDER/kassa.db", "");
    let mut command =
        configuration.command_by(generous(), &["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    assert!(command.output().unwrap().status.success());
    assert_eq!(mode(&configuration.folder().join("kassa.db")), "600");
}

#[test]
fn track_keeps_its_state_and_its_table_from_others() {
    let folder = TempDir::new().unwrap();
    let mut command = generous();
    command.args(["track", "--config", &tracker_settings(folder.path())]).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    // It listens once its files are there.
    let mut said = String::new();
    BufReader::new(process.stderr.take().unwrap()).read_line(&mut said).unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    let found = modes(folder.path());
    for file in ["tracker.db", "changes.db"] {
        assert_eq!(found[file], "600", "{said}{found:?}");
    }
}

/// Earlier versions used the umask for the file.
#[test]
fn the_mode_of_a_file_of_an_earlier_version_is_corrected_and_logged() {
    let folder = TempDir::new().unwrap();
    Dev::start_on(folder.path()).stop(Signal::Terminate);
    let file = folder.path().join("kassa.db");
    set_mode(&file, 0o644);
    let ended = Dev::start_on(folder.path()).stop(Signal::Terminate);
    assert_eq!(mode(&file), "600");
    assert!(ended.complaints.contains("open to others (mode 644)"), "{}", ended.complaints);
}

#[test]
fn a_database_that_is_readable_on_purpose_stays_readable() {
    let configuration = Configuration::with("FOLDER/kassa.db", "");
    configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let file = configuration.folder().join("kassa.db");
    set_mode(&file, 0o640);
    let checked = text(&configuration.command(&["config", "check"]).output().unwrap());
    assert!(checked.contains("kassa.db is open to others (mode 640)"), "{checked}");
    assert_eq!(mode(&file), "640", "a check changes nothing");

    let accepting =
        configuration.overriding("KASSA_ACCEPT_UNSAFE", "http-callbacks,private-callbacks,readable-database");
    accepting.ask(&["merchant", "list"]);
    drop(accepting.node());
    assert_eq!(mode(&file), "640");
}

/// The check of the file's content comes before the change of its mode.
#[test]
fn the_database_of_another_program_keeps_its_mode() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("kassa.db");
    rusqlite::Connection::open(&file).unwrap().execute_batch("create table merchant (name text)").unwrap();
    set_mode(&file, 0o644);
    let arguments = ["dev", "--listen", "127.0.0.1:0", "--data", folder.path().to_str().unwrap()];
    assert_eq!(kassa().args(arguments).output().unwrap().status.code(), Some(2));
    assert_eq!(mode(&file), "644");
}

fn text(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}
