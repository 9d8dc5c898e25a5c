//! The setting `database`: what is not quite a URL does not become a file, and a new system is not made in silence.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::harness::Configuration;

/// How a command ended, and what it said on standard error.
fn said(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_url_that_is_mistyped_is_refused_and_becomes_no_file() {
    for database in [
        "",
        "host=db.internal port=5432 user=kassa password=s3cr3t dbname=kassa",
        "postgresql:/kassa:s3cr3t@host/kassa",
        "Postgres://kassa:s3cr3t@127.0.0.1:5432/kassa",
        "\"postgres://kassa:s3cr3t@127.0.0.1:5432/kassa\"",
        "jdbc:postgresql://127.0.0.1/kassa?user=kassa&password=s3cr3t",
        "postgres://kassa:s3cr3t@127.0.0.1:port/kassa",
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
fn a_folder_that_is_missing_is_refused() {
    let configuration = Configuration::with("FOLDER/missing/kassa.db", "");
    for arguments in [&["serve"][..], &["merchant", "add", "PK1", "--name", "Shoe Shop"]] {
        let (code, said) = said(&mut configuration.command(arguments));
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("the folder") && said.contains("missing"), "{said}");
    }
    assert!(!configuration.folder().join("missing").exists());
}

/// What a node says on standard error until it is killed.
fn said_by_node(configuration: &Configuration) -> String {
    let mut command = configuration.command(&["serve"]);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    process.kill().unwrap();
    let output = process.wait_with_output().unwrap();
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_new_system_is_announced_once() {
    let configuration = Configuration::with("FOLDER/kassa.db", "");
    let first = said_by_node(&configuration);
    let announcement = "set up a new, empty system in the SQLite file";
    assert!(
        first.contains(announcement) && first.contains("kassa.db: if you expected existing data"),
        "{first}"
    );
    assert!(!said_by_node(&configuration).contains(announcement));

    let other = Configuration::with("FOLDER/kassa.db", "");
    let (code, added) = said(&mut other.command(&["merchant", "add", "PK1", "--name", "Shoe Shop"]));
    assert!(code == Some(0) && added.contains(announcement), "{added}");
    assert!(!said_by_node(&other).contains(announcement));
}

#[tokio::test]
async fn a_new_system_on_postgresql_is_announced_without_its_url() {
    let Some(postgres) = kassa_store::simulation::fresh_postgres().await else { return };
    let configuration = Configuration::with(&postgres, "");
    let (code, added) = said(&mut configuration.command(&["merchant", "add", "PK1", "--name", "Shoe Shop"]));
    assert_eq!(code, Some(0), "{added}");
    assert!(added.contains("set up a new, empty system in the PostgreSQL database: if you"), "{added}");
    assert!(!added.contains("postgres://"), "{added}");
}
