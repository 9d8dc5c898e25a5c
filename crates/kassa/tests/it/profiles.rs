//! `kassa profile`: profiles come from JSON files, and a wrong file changes nothing.

use serde_json::{Value, json};

use crate::harness::Configuration;

/// A configuration of a database with the merchant `PK1`, and a file with this profile.
fn configuration(profile: &Value) -> (Configuration, String) {
    let configuration = Configuration::with("FOLDER/kassa.db", "drain_s = 0");
    configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let file = write(&configuration, "profile.json", &profile.to_string());
    (configuration, file)
}

fn write(configuration: &Configuration, name: &str, text: &str) -> String {
    let file = configuration.folder().join(name);
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_string()
}

/// Exit code and standard error of a command.
fn said(configuration: &Configuration, arguments: &[&str]) -> (Option<i32>, String) {
    let output = configuration.command(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn profile() -> Value {
    json!({
        "name": "Web shop", "profile_id": "web", "is_default": true,
        "options": {"page_title": "Shoe Shop"},
        "merchant_urls": {"success": "https://shop.example/thanks"},
    })
}

#[test]
fn a_profile_is_created_listed_shown_replaced_and_removed() {
    let (configuration, file) = configuration(&profile());
    let made = configuration.ask(&["profile", "add", "PK1", "--file", &file]);
    assert_eq!((&made["profile_id"], &made["is_default"]), (&json!("web"), &json!(true)));
    let shown = configuration.ask(&["profile", "show", "PK1", "web"]);
    assert_eq!(shown, made);
    let replacement = write(&configuration, "replacement.json", r#"{"name": "Till"}"#);
    let replaced = configuration.ask(&["profile", "replace", "PK1", "web", "--file", &replacement]);
    assert_eq!((&replaced["name"], &replaced["options"]), (&json!("Till"), &json!({})));
    let listed = configuration.ask(&["profile", "list", "PK1"]);
    assert_eq!(listed["profiles"], json!([replaced]));
    let table = configuration.command(&["profile", "list", "PK1"]).output().unwrap();
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.starts_with("PROFILE  NAME  DEFAULT  UPDATED AT\nweb      Till  no       "), "{table}");
    configuration.ask(&["profile", "remove", "PK1", "web"]);
    assert_eq!(configuration.ask(&["profile", "list", "PK1"])["profiles"], json!([]));
}

#[test]
fn a_wrong_file_is_refused_with_the_reason() {
    let (configuration, file) = configuration(&profile());
    configuration.ask(&["profile", "add", "PK1", "--file", &file]);
    for (text, reason) in [
        ("{", "not JSON"),
        ("{}", "these fields are missing or wrong: name"),
        (r#"{"name": "Shop", "option": {}}"#, "these fields are missing or wrong: option"),
        (r#"{"name": "Shop", "options": {"logo_url": "/logo.png"}}"#, "Bad value: options.logo_url"),
        (
            r#"{"name": "Shop", "merchant_urls": {"success": "javascript:x"}}"#,
            "Bad value: merchant_urls.success",
        ),
        (r#"{"name": "Shop", "profile_id": "web"}"#, "PK1 has a profile with this id"),
    ] {
        let file = write(&configuration, "wrong.json", text);
        let (code, complaint) = said(&configuration, &["profile", "add", "PK1", "--file", &file]);
        assert_eq!(code, Some(2), "{text}");
        assert!(complaint.contains(reason), "{text}: {complaint}");
    }
    for arguments in [
        &["profile", "add", "PK9", "--file", &file][..],
        &["profile", "list", "PK9"],
        &["profile", "show", "PK1", "no"],
        &["profile", "remove", "PK1", "no"],
        &["profile", "add", "PK1", "--file", "/no/such/file"],
    ] {
        assert_eq!(said(&configuration, arguments).0, Some(2), "{arguments:?}");
    }
    assert_eq!(configuration.ask(&["profile", "list", "PK1"])["profiles"].as_array().unwrap().len(), 1);
}
