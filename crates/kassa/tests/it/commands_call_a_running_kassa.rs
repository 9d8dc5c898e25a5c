//! `kassa event`, `kassa session` and `kassa secret`, against a running `kassa dev`.

use serde_json::Value;

use crate::harness::{Dev, kassa, run};

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
    assert!(complaint.contains("PK00000_dev (the default, with another password)"), "{complaint}");
    assert!(complaint.contains("give --username and --password"), "{complaint}");
    let (code, complaint) =
        refused(&["session", "list", "--url", url, "--username", "PK1", "--password", "x"]);
    assert!(code == Some(1) && complaint.contains("the credential PK1 (from --username)"), "{complaint}");
    let mut command = kassa();
    command.args(["session", "list", "--url", url]).env("KASSA_USERNAME", "PK2").env("KASSA_PASSWORD", "x");
    let complaint = String::from_utf8(command.output().unwrap().stderr).unwrap();
    assert!(complaint.contains("the credential PK2 (from KASSA_USERNAME)"), "{complaint}");
    let (code, complaint) = refused(&["event", "show", "none", "--url", url]);
    assert_eq!((code, complaint.trim()), (Some(1), "kassa: The event does not exist (NOT_FOUND)"));
    let (code, complaint) = refused(&["session", "list", "--url", "http://127.0.0.1:1"]);
    assert_eq!(code, Some(1));
    let expected = "kassa: No Kassa answers at http://127.0.0.1:1. Start one: kassa dev. If it runs at another \
                    address, give --url or KASSA_URL";
    assert!(complaint.starts_with(expected), "{complaint}");
    assert_eq!(refused(&["event", "redeliver"]).0, Some(2), "which one?");
}
