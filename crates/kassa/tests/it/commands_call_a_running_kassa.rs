//! `kassa event`, `kassa session` and `kassa secret`, against a running `kassa dev`.

use serde_json::Value;

use crate::harness::{Dev, run};

fn said(dev: &Dev, arguments: &[&str]) -> String {
    let url = dev.announced["url"].as_str().unwrap();
    let output = run(&[arguments, &["--url", url]].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn json(dev: &Dev, arguments: &[&str]) -> Value {
    serde_json::from_str(&said(dev, &[arguments, &["--json"]].concat())).unwrap()
}

/// The exit code and what was complained of.
fn refused(arguments: &[&str]) -> (Option<i32>, String) {
    let output = run(arguments);
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_new_kassa_has_nothing_to_list() {
    let dev = Dev::start();
    assert_eq!(said(&dev, &["session", "list"]), "No sessions.\n");
    assert!(said(&dev, &["event", "list", "--unacknowledged"]).starts_with("No events.\n"));
    assert_eq!(json(&dev, &["event", "list"])["events"], Value::Array(Vec::new()));
    let redelivered = said(&dev, &["event", "redeliver", "--since", "2026-01-31T00:00:00Z"]);
    assert_eq!(redelivered, "0 callbacks are on their way again\n");
}

#[test]
fn secrets_are_rotated_and_revoked() {
    let dev = Dev::start();
    let old = json(&dev, &["secret", "list"])["secrets"][0]["id"].as_str().unwrap().to_string();
    assert!(said(&dev, &["secret", "rotate"]).starts_with("whsec_"));
    assert_eq!(said(&dev, &["secret", "list"]).lines().count(), 3);
    assert_eq!(said(&dev, &["secret", "revoke", &old]), "It no longer signs\n");
    assert_eq!(json(&dev, &["secret", "list"])["secrets"].as_array().unwrap().len(), 1);
}

#[test]
fn a_refusal_says_what_to_do() {
    let dev = Dev::start();
    let url = dev.announced["url"].as_str().unwrap();
    let (code, complaint) = refused(&["session", "list", "--url", url, "--password", "wrong"]);
    assert_eq!(code, Some(1));
    assert!(complaint.contains("give --username and --password"), "{complaint}");
    let (code, complaint) = refused(&["event", "show", "none", "--url", url]);
    assert_eq!((code, complaint.trim()), (Some(1), "kassa: The event does not exist (NOT_FOUND)"));
    let (code, complaint) = refused(&["session", "list", "--url", "http://127.0.0.1:1"]);
    assert_eq!(code, Some(1));
    assert!(complaint.contains("Say where with --url"), "{complaint}");
    assert_eq!(refused(&["event", "redeliver"]).0, Some(2), "which one?");
}
