//! `kassa payment-system probe`: finds the mistakes of an adapter, and wrong accounts at Klarna.

use std::process::{Output, Stdio};

use crate::external::front::Front;
use crate::harness::Configuration;
use crate::klarna::front::Front as KlarnaFront;

fn probe(configuration: &Configuration, arguments: &[&str]) -> (Option<i32>, String, String) {
    let arguments: Vec<_> = ["payment-system", "probe"].iter().chain(arguments).copied().collect();
    let Output { status, stdout, stderr } = configuration.command(&arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn the_adapter_for_payu_follows_every_rule() {
    let Some(front) = Front::start() else { return };
    let (code, said, _) = probe(&front.configuration, &["--currency", "PLN", "--country", "PL"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.lines().count() >= 12 && said.lines().all(|line| line.starts_with("ok ")), "{said}");
}

#[test]
fn a_wrong_secret_is_found() {
    let Some(front) = Front::start() else { return };
    let other = front.configuration.folder().join("notification-secret");
    let secret = front.configuration.folder().join("secret");
    std::fs::copy(other, secret).unwrap();
    let (code, said, error) = probe(&front.configuration, &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("its secret differs from secret_file") && said.lines().count() == 1, "{said}");
    assert!(error.contains("1 of 1 checks failed"), "{error}");
}

#[test]
fn accounts_at_klarna_are_tried_one_by_one() {
    let front = KlarnaFront::start("");
    let (code, said, _) = probe(&front.configuration, &[]);
    let good = format!("ok     the account of PK1 at {} is accepted\n", front.double.url());
    assert_eq!((code, said), (Some(0), good));
    front.set_account_password("a wrong password");
    let (code, said, _) = probe(&front.configuration, &["--json"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("refuses the credentials") && !said.contains("a wrong password"), "{said}");
}

#[test]
fn an_account_that_no_node_would_use_is_refused() {
    let front = KlarnaFront::start("");
    let base_url = "https://api.klarna.com";
    let arguments =
        ["payment-account", "set", "PK1", "--base-url", base_url, "--username", "u", "--password-file", "-"];
    let output = front.configuration.command(&arguments).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("not among the allowed_base_urls"), "{said}");
}

#[test]
fn the_sandbox_needs_no_probe() {
    let configuration = Configuration::with("FOLDER/kassa.db", "");
    let (code, _, error) = probe(&configuration, &[]);
    assert_eq!(code, Some(2));
    assert!(error.contains("there is nothing to check"), "{error}");
}
