//! `kassa serve`: a configuration that is checked, accounts made by command, and nodes that share a database.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use kassa_testkit::{eventually, fresh_postgres};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Configuration, Dev, Merchant, Receiver, Signal, kassa};

fn said(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[test]
fn a_configuration_is_checked_before_anything_starts() {
    let good = Configuration::with("FOLDER/kassa.db", "");
    let (code, text) = said(&mut good.command(&["config", "check"]));
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("is in order") && text.contains("no money moves"), "{text}");
    for command in [&["config", "check"][..], &["serve"]] {
        let (code, text) = said(good.command(command).env("KASSA_LISTEN", "0.0.0.0:0"));
        assert_eq!(code, Some(2), "{text}");
        assert!(
            text.contains("no-tls: 0.0.0.0:0 is reached from outside") && text.contains("lab: "),
            "{text}"
        );
    }
    let misspelled = Configuration::with("FOLDER/kassa.db", "trusted_proxi = []");
    let (code, text) = said(&mut misspelled.command(&["serve"]));
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("trusted_proxi"), "{text}");
}

#[tokio::test]
async fn accounts_are_created_listed_and_revoked_by_command() {
    let configuration = Configuration::with("FOLDER/kassa.db", "");
    let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    assert!(account["callback_secret"].as_str().unwrap().starts_with("whsec_"));
    let (code, text) = said(&mut configuration.command(&["merchant", "add", "PK1", "--name", "Again"]));
    assert_eq!((code, text.contains("exists already")), (Some(2), true), "{text}");
    let (code, text) = said(&mut configuration.command(&["merchant", "add", "PK2", "--name", "Shoe\nShop"]));
    assert_eq!((code, text.contains("A name is one line")), (Some(2), true), "{text}");
    let second = configuration.ask(&["credential", "add", "PK1"]);
    let merchants = configuration.ask(&["merchant", "list"]);
    assert_eq!(merchants["merchants"], json!([{"merchant_id": "PK1", "name": "Shoe Shop"}]));

    let node = configuration.node();
    assert_eq!(node.merchant(&account).get("/kassa/v1/sessions").await.status, 200);
    assert_eq!(node.merchant(&second).get("/kassa/v1/sessions").await.status, 200);
    let username = second["username"].as_str().unwrap();
    configuration.ask(&["credential", "revoke", username]);
    let is_refused = async || node.merchant(&second).get("/kassa/v1/sessions").await.status == 401;
    eventually("a refusal of the revoked credential", is_refused).await;
    assert_eq!(node.merchant(&account).get("/kassa/v1/sessions").await.status, 200);
    let listed = configuration.ask(&["credential", "list", "PK1"]);
    let revoked = |index: usize| listed["credentials"][index]["revoked_at"].is_string();
    assert_eq!((revoked(0), revoked(1)), (false, true), "{listed}");
    let (code, text) = said(&mut configuration.command(&["credential", "revoke", username]));
    assert_eq!(code, Some(2), "{text}");
}

#[tokio::test]
async fn a_database_that_accepts_the_published_credential_is_not_served() {
    let data = TempDir::new().unwrap();
    let dev = Dev::start_on(data.path());
    let session = dev.merchant().page_session(&json!({}), &json!({})).await;
    dev.stop(Signal::Terminate);
    let database = data.path().join("kassa.db");
    for lab in ["true", "false"] {
        let configuration =
            serving(&database, lab).overriding("KASSA_ACCEPT_UNSAFE", format!("{ACCEPTED},dev-credential"));
        let (code, text) = refused(&mut configuration.command(&["serve"]));
        assert_eq!(code, Some(2), "{text}");
        assert!(
            text.contains("dev-credential: ") && text.contains("kassa credential revoke PK00000_dev"),
            "{text}"
        );
    }

    let configuration = serving(&database, "false");
    configuration.ask(&["credential", "revoke", "PK00000_dev"]);
    let account = configuration.ask(&["credential", "add", "PK00000"]);
    let node = configuration.node();
    assert_eq!(node.merchant(&account).read(&session).await["status"], "WAITING");
    let published = json!({"username": "PK00000_dev", "password": "dev"});
    node.merchant(&published).get("/kassa/v1/sessions").await.expect(401);
    drop(node);
    let (code, text) = refused(kassa().args(["dev", "--listen", "127.0.0.1:0", "--data"]).arg(data.path()));
    assert_eq!((code, text.contains("the credential PK00000_dev was revoked")), (Some(2), true), "{text}");
}

#[tokio::test]
async fn test_merchants_are_served_if_they_are_accepted_by_name() {
    let data = TempDir::new().unwrap();
    let dev = Dev::start_on(data.path());
    let made = dev.merchant().post("/lab/v1/merchants", &json!({})).await.expect(201).json;
    dev.stop(Signal::Terminate);
    let database = data.path().join("kassa.db");
    let configuration = serving(&database, "false");
    configuration.ask(&["credential", "revoke", "PK00000_dev"]);
    let (code, text) = refused(&mut configuration.command(&["serve"]));
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("test-merchants: merchants that a lab made for tests: 1."), "{text}");
    let accepting =
        serving(&database, "false").overriding("KASSA_ACCEPT_UNSAFE", format!("{ACCEPTED},test-merchants"));
    for configuration in [accepting, serving(&database, "true")] {
        let node = configuration.node();
        node.merchant(&made).get("/kassa/v1/sessions").await.expect(200);
    }
    configuration.ask(&["credential", "revoke", made["username"].as_str().unwrap()]);
    drop(configuration.node());
}

#[test]
fn dev_refuses_a_database_with_other_merchants() {
    let data = TempDir::new().unwrap();
    let configuration = serving(&data.path().join("kassa.db"), "false");
    configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let (code, text) = refused(kassa().args(["dev", "--listen", "127.0.0.1:0", "--data"]).arg(data.path()));
    assert_eq!((code, text.contains("the database has other merchants")), (Some(2), true), "{text}");
    let merchants = configuration.ask(&["merchant", "list"]);
    assert_eq!(merchants["merchants"].as_array().unwrap().len(), 1, "{merchants}");
}

/// Returns the exit code and the error of a long-running command that refuses to start.
fn refused(command: &mut Command) -> (Option<i32>, String) {
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if !line.is_empty() {
        process.kill().unwrap();
        process.wait().unwrap();
        panic!("it started: {line}");
    }
    let output = process.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// The unsafe settings that the configuration of these tests accepts.
const ACCEPTED: &str = "http-callbacks,private-callbacks";

/// A configuration with this database, with or without a lab.
fn serving(database: &Path, lab: &str) -> Configuration {
    Configuration::with(database.to_str().unwrap(), "").overriding("KASSA_LAB", lab)
}

/// Creates a session and completes it on one node: two events.
async fn purchase(merchant: &Merchant, callbacks: &str) -> String {
    let session = merchant.page_session(&json!({}), &json!({"status_update": callbacks})).await;
    merchant.act(&session, "enter").await.expect(200);
    merchant.act(&session, "approve").await.expect(200);
    session
}

#[tokio::test]
async fn sessions_of_a_killed_node_are_complete_on_the_other() {
    let Some(postgres) = fresh_postgres().await else { return };
    let configuration = Configuration::with(&postgres, "");
    let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let (doomed, survivor) = (configuration.node(), configuration.node());
    let receiver = Receiver::start().await;
    let (one, other) = (doomed.merchant(&account), survivor.merchant(&account));
    let callbacks = format!("{}/callbacks", receiver.url);
    let mut sessions = Vec::new();
    for _ in 0..20 {
        let session = purchase(&one, &callbacks).await;
        assert_eq!(other.read(&session).await["status"], "COMPLETED", "at once, on every node");
        sessions.push(session);
    }
    drop(doomed);
    for session in &sessions {
        assert_eq!(other.read(session).await["status"], "COMPLETED");
        let path = format!("/kassa/v1/sessions/{session}/events");
        let is_delivered = |history: &Value| {
            let events = history["events"].as_array().unwrap();
            events.len() == 2 && events.iter().all(|event| event["callback"] == "DELIVERED")
        };
        eventually("every callback", async || {
            let history = other.get(&path).await.expect(200);
            if is_delivered(&history.json) { Ok(()) } else { Err(history.text) }
        })
        .await;
    }
    purchase(&other, &callbacks).await;
}

#[tokio::test]
async fn a_stopping_node_accepts_calls_while_it_reports_that_it_is_not_ready() {
    let configuration = Configuration::with("FOLDER/kassa.db", "drain_s = 8");
    let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let mut node = configuration.node();
    let merchant = node.merchant(&account);
    node.signal("TERM");
    let operator = node.operator();
    eventually("readiness 503", async || operator.get("/readyz").await.status == 503).await;
    let answer = merchant.get("/kassa/v1/sessions").await.expect(200);
    assert_eq!(answer.header("connection"), "close", "the next call finds another node");
    // The second signal skips the rest of the drain.
    node.signal("TERM");
    assert_eq!(node.ended(), Some(0));
}
