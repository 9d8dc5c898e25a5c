//! Tests of the configuration as a whole.

use super::safety::tests::{SAFE, config};
use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::settings_schema::{self, schema_of_file};

#[test]
fn an_unknown_key_is_refused() {
    let error = settings_file::read::<Config>(&format!("{SAFE}\nlistne = \"x\"")).unwrap_err();
    assert!(error.to_string().contains("listne"), "{error}");
}

#[test]
fn a_node_drains_for_eight_seconds_at_most() {
    assert_eq!(config("").drain_s, 3);
    assert_eq!(config("drain_s = 0").drain(), Duration::ZERO);
    let error = settings_file::read::<Config>(&format!("{SAFE}\ndrain_s = 9")).unwrap_err();
    assert!(error.to_string().contains("8 at most"), "{error}");
    let mut overridden = config("");
    let of = |drain_s: &'static str| move |name: &str| (name == "KASSA_DRAIN_S").then(|| drain_s.to_string());
    assert!(overridden.override_by(of("9")).is_err());
    assert!(overridden.override_by(of("8")).is_ok());
    assert_eq!(overridden.drain_s, 8);
}

#[test]
fn the_environment_overrides_the_file() {
    let mut overridden = config("");
    assert_eq!(overridden.operations_address(), OperationsAddress::Default(default_operations_listen()));
    let variable = |name: &str| match name {
        "KASSA_LISTEN" => Some("127.0.0.1:9000".to_string()),
        "KASSA_OPERATIONS_LISTEN" => Some("0.0.0.0:9001".to_string()),
        "KASSA_ACCEPT_UNSAFE" => Some("lab, no-tls".to_string()),
        "KASSA_DATABASE" => Some("postgres://localhost/kassa".to_string()),
        "KASSA_TRUSTED_PROXIES" => Some("10.0.0.1, fd00::/8".to_string()),
        "KASSA_PAYMENT_SYSTEM" => Some("klarna".to_string()),
        "KASSA_PAGE_URL" => Some("https://checkout.example".to_string()),
        "KASSA_ACCOUNT_KEY_FILE" => Some("/etc/kassa/account-keys".to_string()),
        _ => None,
    };
    assert!(overridden.override_by(variable).is_ok());
    assert_eq!(overridden.listen.port(), 9000);
    let operations = OperationsAddress::Given(SocketAddr::from(([0, 0, 0, 0], 9001)));
    assert_eq!(overridden.operations_address(), operations);
    assert_eq!(overridden.accept_unsafe, ["lab", "no-tls"]);
    assert!(matches!(overridden.database(), Database::Postgres(_)));
    assert_eq!(overridden.payment_system, Some(PaymentSystemName::Klarna));
    assert_eq!(overridden.page_url.as_ref().unwrap().as_ref(), "https://checkout.example");
    assert_eq!(overridden.account_key_file.as_deref(), Some(Path::new("/etc/kassa/account-keys")));
    assert_eq!(
        overridden.trusted_proxies,
        [lists::network("10.0.0.1/32").unwrap(), lists::network("fd00::/8").unwrap()]
    );
}

#[test]
fn a_variable_that_cannot_be_read_is_named_and_its_value_is_not_shown() {
    for variable in [
        "KASSA_LISTEN",
        "KASSA_OPERATIONS_LISTEN",
        "KASSA_LAB",
        "KASSA_RETENTION_DAYS",
        "KASSA_AUDIT_RETENTION_DAYS",
        "KASSA_TRUSTED_PROXIES",
        "KASSA_DRAIN_S",
        "KASSA_RECORD_REQUESTS",
        "KASSA_LOG_FORMAT",
        "KASSA_RATE_LIMIT_CREATIONS",
        "KASSA_RATE_LIMIT_OTHER_CALLS",
        "KASSA_DATABASE",
        "KASSA_PAYMENT_SYSTEM",
        "KASSA_PAGE_URL",
        "KASSA_OTLP_ENDPOINT",
        "KASSA_TRACE_RATIO",
    ] {
        let mistyped =
            |name: &str| (name == variable).then(|| "Postgres://kassa:s3cr3t@host/kassa".to_string());
        let Err(Failure::Usage(said)) = config("").override_by(mistyped) else { panic!("{variable}") };
        assert!(said.starts_with(variable) && !said.contains("s3cr3t"), "{said}");
    }
}

#[test]
fn browsers_are_told_to_use_https_if_the_public_url_does() {
    assert!(config("").configuration().is_https_only);
    let plain = Config { public_url: "http://127.0.0.1:8080".to_string(), ..config("") };
    assert!(!plain.configuration().is_https_only);
}

#[test]
fn the_reference_page_and_the_node_agree_on_every_key() {
    settings_schema::tests::check("settings-serve.md", |mut config: Config| config.complete().is_ok());
}

#[test]
fn every_key_outside_of_a_table_has_a_variable() {
    let schema = schema_of_file::<Config>().to_value();
    let is_table = |schema: &Value| schema.get("properties").is_some();
    let keys = schema["properties"].as_object().unwrap().iter().filter(|(_, schema)| !is_table(schema));
    let expected: BTreeSet<String> = keys.map(|(key, _)| format!("KASSA_{}", key.to_uppercase())).collect();
    let asked = RefCell::new(BTreeSet::new());
    let note = |name: &str| {
        asked.borrow_mut().insert(name.to_string());
        None
    };
    assert!(config("").override_by(note).is_ok());
    assert_eq!(asked.into_inner(), expected);
}
