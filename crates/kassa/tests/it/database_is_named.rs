//! The setting `database`: a mistyped URL does not become a file, and a new system is announced in the log.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::harness::process::signal;
use crate::harness::{Configuration, kassa};

/// Runs a command. Returns its exit code and its standard error.
fn said(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_mistyped_url_is_refused_and_does_not_become_a_file() {
    for database in [
        "",
        "host=db.internal port=5432 user=kassa password=s3cr3t dbname=kassa",
        "postgresql:/kassa:s3cr3t@host/kassa",
        "Postgres://kassa:s3cr3t@127.0.0.1:5432/kassa",
        "\"postgres://kassa:s3cr3t@127.0.0.1:5432/kassa\"",
        "jdbc:postgresql://127.0.0.1/kassa?user=kassa&password=s3cr3t",
        "postgres://kassa:s3cr3t@127.0.0.1:port/kassa",
        "Server=db;Database=kassa;User Id=kassa;Password=s3cr3t",
        "//kassa:s3cr3t@host/kassa",
        "postgres://kassa:s3cr3t@127.0.0.1:5432/kassa\"",
    ] {
        let configuration = Configuration::with("FOLDER/kassa.db", "").overriding("KASSA_DATABASE", database);
        for arguments in [&["config", "check"][..], &["serve"], &["merchant", "list"]] {
            let (code, said) = said(configuration.command(arguments).current_dir(configuration.folder()));
            assert_eq!(code, Some(2), "{database}: {said}");
            assert!(
                said.contains("KASSA_DATABASE: ") && said.contains("expected postgres://user@host/name"),
                "{said}"
            );
            assert!(!said.contains("s3cr3t"), "{said}");
        }
        let files = std::fs::read_dir(configuration.folder()).unwrap().count();
        assert_eq!(files, 1, "{database}: there is the configuration alone");
    }
}

#[test]
fn a_missing_folder_is_refused() {
    let configuration = Configuration::with("FOLDER/missing/kassa.db", "");
    for arguments in [&["serve"][..], &["merchant", "add", "PK1", "--name", "Shoe Shop"]] {
        let (code, said) = said(&mut configuration.command(arguments));
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("the folder") && said.contains("missing"), "{said}");
    }
    assert!(!configuration.folder().join("missing").exists());
}

/// Returns the standard error of a node, from its start to its stop.
fn said_by_node(configuration: &Configuration) -> String {
    let mut command = configuration.command(&["serve"]);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    // A process that is killed early may not have written its log yet.
    signal(&[process.id()], "TERM");
    let output = process.wait_with_output().unwrap();
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_new_system_is_announced_once() {
    let configuration = Configuration::with("FOLDER/kassa.db", "drain_s = 0");
    let first = said_by_node(&configuration);
    let announcement = "set up a new, empty system in the SQLite file";
    assert!(
        first.contains(announcement) && first.contains("kassa.db: if you expected existing data"),
        "{first}"
    );
    assert!(!said_by_node(&configuration).contains(announcement));

    let other = Configuration::with("FOLDER/kassa.db", "drain_s = 0");
    let (code, added) = said(&mut other.command(&["merchant", "add", "PK1", "--name", "Shoe Shop"]));
    assert!(code == Some(0) && added.contains(announcement), "{added}");
    assert!(!said_by_node(&other).contains(announcement));
}

#[tokio::test]
async fn a_new_system_on_postgresql_is_announced_without_its_url() {
    let Some(postgres) = kassa_testkit::fresh_postgres().await else { return };
    let configuration = Configuration::with(&postgres, "");
    let (code, added) = said(&mut configuration.command(&["merchant", "add", "PK1", "--name", "Shoe Shop"]));
    assert_eq!(code, Some(0), "{added}");
    assert!(added.contains("set up a new, empty system in the PostgreSQL database: if you"), "{added}");
    assert!(!added.contains("postgres://"), "{added}");
}

/// Runs the command in a folder without a configuration file.
fn without_file(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = kassa();
    command.args(arguments).current_dir(folder).env("KASSA_DATABASE", "kassa.db");
    command
}

#[tokio::test]
async fn kassa_database_alone_is_a_configuration() {
    let folder = TempDir::new().unwrap();
    let checked = without_file(folder.path(), &["config", "check"]).output().unwrap();
    let answer = String::from_utf8(checked.stdout).unwrap();
    let expected = "the environment is in order: http://127.0.0.1:8080 on 127.0.0.1:8080, stored in SQLite.\n\
                    Payments are made up by the sandbox: no money moves.\n\
                    There is no account_key_file: tokens, callback secrets and data of consumers are stored in clear \
                    text.\n";
    assert_eq!(
        (checked.status.code(), &*answer),
        (Some(0), expected),
        "{}",
        String::from_utf8_lossy(&checked.stderr)
    );

    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut command = without_file(folder.path(), &["serve"]);
    command.env("KASSA_LISTEN", &address).env("KASSA_OPERATIONS_LISTEN", "localhost:0");
    let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(line, format!("Kassa serves http://{address} on {address}.\n"));
    assert!(folder.path().join("kassa.db").exists());
}

#[test]
fn a_key_may_come_from_the_environment_alone() {
    let missing = Configuration::with("FOLDER/kassa.db", "").without("database").without("payment_system");
    let (code, refused) = said(&mut missing.command(&["config", "check"]));
    assert_eq!(code, Some(2), "{refused}");
    assert!(refused.contains("database is missing: give it in the file or as KASSA_DATABASE"), "{refused}");
    let missing = missing.overriding("KASSA_DATABASE", "kassa.db");
    let (code, refused) = said(&mut missing.command(&["config", "check"]));
    assert_eq!(code, Some(2), "{refused}");
    assert!(
        refused.contains("payment_system is missing"),
        "a file does not get the sandbox unasked: {refused}"
    );
    let complete = missing.overriding("KASSA_PAYMENT_SYSTEM", "sandbox");
    let (code, complaints) = said(&mut complete.command(&["config", "check"]));
    assert_eq!(code, Some(0), "{complaints}");
}

#[test]
fn without_a_file_a_node_that_others_reach_is_refused() {
    let folder = TempDir::new().unwrap();
    let (code, refused) = said(without_file(folder.path(), &["serve"]).env("KASSA_LISTEN", ":8080"));
    assert_eq!(code, Some(2), "{refused}");
    assert!(refused.contains("the environment: public_url is missing"), "{refused}");
    let mut command = kassa();
    let (code, refused) = said(command.arg("serve").current_dir(folder.path()));
    assert_eq!(code, Some(2), "{refused}");
    assert!(refused.contains("kassa.toml cannot be read"), "{refused}");
    let (code, refused) = said(&mut without_file(folder.path(), &["serve", "--config", "absent.toml"]));
    assert_eq!(code, Some(2), "{refused}");
    assert!(refused.contains("absent.toml cannot be read"), "{refused}");
}

#[test]
fn a_public_url_that_would_not_arrive_as_written_is_refused() {
    for url in [
        "https://pay.example/?x",
        "https://pay.example?",
        "https://pay .example",
        "https://pay.\texample",
        "\"https://pay.example\"",
    ] {
        let configuration = Configuration::with("FOLDER/kassa.db", "").overriding("KASSA_PUBLIC_URL", url);
        for arguments in [&["config", "check"][..], &["serve"], &["merchant", "list"]] {
            let (code, refused) = said(&mut configuration.command(arguments));
            assert_eq!(code, Some(2), "{url}: {refused}");
            assert!(
                refused.contains("KASSA_PUBLIC_URL: expected a URL like https://pay.example"),
                "{url}: {refused}"
            );
        }
    }
}
