//! The settings of the external payment system: what is read, and what is refused with its name and the reason.

use std::os::unix::fs::PermissionsExt;

use kassa_wire::signature::secret_text;
use tempfile::TempDir;

use super::*;
use crate::config::reading::{check_refused, read};

const NODE: &str = r#"
    public_url = "https://pay.example"
    database = "/var/lib/kassa/kassa.db"
    payment_system = "external"
    account_key_file = "/etc/kassa/account-keys"
"#;

const TABLE: &str = r#"
    [external]
    url = "https://payments.internal/kassa"
    redirect_origins = ["https://secure.acme.example"]
    secret_file = "/etc/kassa/secret"
    notification_secret_file = "/etc/kassa/notification-secret"
"#;

#[test]
fn a_node_with_an_external_payment_system_has_defaults() {
    let external = read(&format!("{NODE}{TABLE}")).unwrap().external.unwrap();
    assert_eq!((external.name.as_str(), external.reads_per_second), ("external", 20));
    assert_eq!((external.read_timeout_ms, external.order_timeout_ms), (3_000, 15_000));
    assert_eq!(external.categories, default_categories());
    let shown = external.to_string();
    assert!(shown.contains("https://payments.internal/kassa: money moves"), "{shown}");
}

#[test]
fn the_settings_that_belong_together_are_needed_together() {
    check_refused(NODE, "needs the table [external]");
    let without_keys = NODE.replace("account_key_file", "retention_days = 90 #");
    check_refused(&format!("{without_keys}{TABLE}"), "needs account_key_file");
    check_refused(&format!("{NODE}lab = true\n{TABLE}"), "the lab finishes sessions without a payment");
}

#[test]
fn only_safe_addresses_are_read() {
    for (wrong, expected) in [
        ("http://payments.internal/kassa", "expected an https URL"),
        ("https://user:password@payments.internal", "expected an https URL"),
        ("https://payments.internal/#a", "expected an https URL"),
        ("ftp://payments.internal", "expected an https URL"),
        ("https://payments.internal/a b", "expected an https URL"),
    ] {
        check_refused(
            &format!("{NODE}{}", TABLE.replace("https://payments.internal/kassa", wrong)),
            expected,
        );
    }
    for wrong in
        ["https://secure.acme.example/pay", "http://secure.acme.example", "acme", "https://a.example;x", "*"]
    {
        let table = TABLE.replace("https://secure.acme.example", wrong);
        check_refused(&format!("{NODE}{table}"), "expected the origins");
    }
    check_refused(&format!("{NODE}{}", TABLE.replace("[\"https://secure.acme.example\"]", "[]")), "origins");
    let local = TABLE.replace("https://payments.internal", "http://127.0.0.1:9000");
    assert!(read(&format!("{NODE}{local}")).is_ok(), "the adapter may be on this machine");
}

#[test]
fn ways_to_pay_have_identifiers_and_names() {
    let with = |categories: &str| format!("{NODE}{TABLE}categories = {categories}");
    let config =
        read(&with("[{identifier = \"card\", name = \"Card\"}, {identifier = \"blik\", name = \"BLIK\"}]"));
    assert_eq!(config.unwrap().external.unwrap().categories.len(), 2);
    for wrong in
        ["[]", "[{identifier = \"Card\", name = \"Card\"}]", "[{identifier = \"card\", name = \"\"}]"]
    {
        check_refused(&with(wrong), "expected ways to pay");
    }
}

/// A configuration whose two files have these texts.
fn with_files(folder: &TempDir, requests: &str, notifications: &str) -> Result<Config, String> {
    let mut table = TABLE.to_string();
    for (name, text) in [("secret", requests), ("notification-secret", notifications)] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        table = table.replace(&format!("\"/etc/kassa/{name}\""), &format!("\"{}\"", path.display()));
    }
    read(&format!("{NODE}{table}"))?.with_external_secrets().map_err(|failure| match failure {
        Failure::Usage(said) => said,
        Failure::Fault(_) | Failure::ClosedPipe => panic!("a wrong file is wrong usage"),
    })
}

#[test]
fn secrets_are_read_from_their_files_and_never_shown() {
    let folder = TempDir::new().unwrap();
    let (one, two, three) = (secret_text(b"one!"), secret_text(b"two!"), secret_text(b"three"));
    let config = with_files(&folder, &format!("{one}\n{two}\n"), &three).unwrap();
    let external = config.external.as_ref().unwrap();
    let rules = external.rules();
    assert_eq!((rules.secrets, rules.notification_secrets), (vec![one.clone(), two], vec![three]));
    assert!(!format!("{config:?}{external}").contains(&one));
    for (text, expected) in [
        ("", "expected one secret, or two lines"),
        ("a\nb\nc", "expected one secret, or two lines"),
        ("whsec_not base64", "not base64"),
        ("whsec_", "empty"),
    ] {
        let said = with_files(&folder, text, &one).unwrap_err();
        assert!(said.starts_with("external.secret_file: ") && said.contains(expected), "{said}");
    }
}

#[test]
fn a_secret_that_others_can_read_is_a_problem() {
    let folder = TempDir::new().unwrap();
    let config = with_files(&folder, &secret_text(b"one!"), &secret_text(b"two!")).unwrap();
    let names = |config: &Config| config.problems().iter().map(|one| one.name).collect::<Vec<_>>();
    assert!(!names(&config).contains(&"readable-payment-secret"));
    let path = folder.path().join("notification-secret");
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o644)).unwrap();
    assert!(names(&config).contains(&"readable-payment-secret"));
}
