//! `kassa payment-account`: passwords come from files, are stored encrypted, and appear in no file, log or output.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};

use crate::harness::{Configuration, Merchant, Node, run};

const EUROPE: &str = "https://api.klarna.com";
const AMERICA: &str = "https://api-na.klarna.com";

/// Each password is long, so that lists show its end.
const PASSWORDS: [&str; 3] =
    ["klarna_live_api_from_a_file", "klarna_live_api_from_standard_input", "klarna_live_api_over_http"];

/// A new line of a key file.
fn new_key() -> String {
    let output = run(&["encryption", "new-key"]);
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim_end().to_string()
}

/// A configuration of a database with the merchant `PK1`, and with a key file of these lines.
fn configuration(keys: &[&str]) -> (Configuration, PathBuf) {
    let configuration = Configuration::with("FOLDER/kassa.db", "drain_s = 0");
    let file = configuration.folder().join("account-keys");
    write(&file, &keys.join("\n"), 0o600);
    let configuration = configuration.overriding("KASSA_ACCOUNT_KEY_FILE", file.to_str().unwrap());
    configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    (configuration, file)
}

fn write(file: &Path, text: &str, mode: u32) {
    std::fs::write(file, text).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// `payment-account set` with a password from standard input. Everything is logged.
fn set(configuration: &Configuration, base_url: &str, password: &str) -> Output {
    let arguments = [
        "payment-account",
        "set",
        "PK1",
        "--base-url",
        base_url,
        "--username",
        "PK1_user",
        "--password-file",
        "-",
    ];
    let mut command = configuration.command(&arguments);
    command.env("KASSA_LOG", "trace").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    // A command that is refused may end before it reads the password.
    let _ = process.stdin.take().unwrap().write_all(password.as_bytes());
    process.wait_with_output().unwrap()
}

/// Exit code and standard error.
fn said(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn accounts(configuration: &Configuration) -> Vec<Value> {
    let answer = configuration.ask(&["payment-account", "list", "PK1"]);
    answer["payment_accounts"].as_array().unwrap().clone()
}

/// Asserts that none of the passwords is in these bytes, as text or in base64.
fn contains_no_password(bytes: &[u8], what: &str) {
    let contains = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    for password in PASSWORDS {
        let encoded = STANDARD.encode(password);
        assert!(
            !contains(password.as_bytes()) && !contains(&encoded.as_bytes()[..20]),
            "{password} is in {what}"
        );
    }
}

fn no_file_contains_a_password(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        contains_no_password(&std::fs::read(&path).unwrap(), &path.display().to_string());
    }
}

#[tokio::test]
async fn no_password_is_in_a_file_a_log_or_an_answer() {
    let (configuration, _) = configuration(&[&new_key()]);
    let folder = configuration.folder();
    let outside = tempfile::TempDir::new().unwrap();
    let file = outside.path().join("password");
    std::fs::write(&file, format!("{}\n", PASSWORDS[0])).unwrap();
    let from_file = [
        &["payment-account", "set", "PK1", "--base-url", EUROPE, "--username", "PK1_user", "--password-file"]
            [..],
        &[file.to_str().unwrap()],
    ]
    .concat();
    let mut outputs = vec![configuration.command(&from_file).env("KASSA_LOG", "trace").output().unwrap()];
    outputs.push(set(&configuration, AMERICA, &format!("{}\r\n", PASSWORDS[1])));

    let log = folder.join("log");
    let mut command = configuration.command(&["serve"]);
    command.env("KASSA_LOG", "trace").stderr(File::create(&log).unwrap());
    let mut node = Node::announced(command);
    let operator = configuration.ask(&["operator", "add", "deployments"]);
    let word = |field: &str| operator[field].as_str().unwrap();
    let operator = Merchant::new(&node.url, word("username"), word("password"));
    let path = "/kassa/v1/merchants/PK1/payment-accounts";
    let body = json!({"base_url": "http://localhost:1", "username": "PK1_user", "password": PASSWORDS[2]});
    let put = operator.call(Method::PUT, path, &body).await.unwrap().expect(200);
    let refused = json!({"base_url": "wrong", "username": "PK1_user", "password": PASSWORDS[2]});
    let refused = operator.call(Method::PUT, path, &refused).await.unwrap().expect(400);
    for answer in [put, refused, operator.get(path).await.expect(200)] {
        contains_no_password(answer.text.as_bytes(), "an answer");
    }
    no_file_contains_a_password(folder);
    node.signal("TERM");
    assert_eq!(node.ended(), Some(0));

    outputs.push(configuration.command(&["payment-account", "list", "PK1"]).output().unwrap());
    for output in outputs {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        contains_no_password(&[output.stdout, output.stderr].concat(), "an output");
    }
    let ends: Vec<_> = accounts(&configuration).iter().map(|one| one["password_ends_with"].clone()).collect();
    assert_eq!(ends, ["http", "nput", "file"]);
    no_file_contains_a_password(folder);
    let log = std::fs::read_to_string(log).unwrap();
    let line = log.lines().find(|line| line.contains("payment account set")).unwrap();
    assert!(line.contains("actor=operator deployments") && line.contains("PK1 http://localhost:1"), "{line}");
}

#[test]
fn an_account_is_listed_replaced_and_removed() {
    let (configuration, _) = configuration(&[&new_key()]);
    assert_eq!(accounts(&configuration), [Value::Null; 0]);
    assert!(set(&configuration, EUROPE, PASSWORDS[0]).status.success());
    assert!(set(&configuration, "https://API.klarna.com/", PASSWORDS[1]).status.success());
    let [account] = &accounts(&configuration)[..] else { panic!("there is one") };
    assert_eq!((&account["base_url"], &account["password_ends_with"]), (&json!(EUROPE), &json!("nput")));
    let remove = ["payment-account", "remove", "PK1", "--base-url", EUROPE];
    assert_eq!(configuration.ask(&remove), json!({"merchant_id": "PK1", "removed": EUROPE}));
    let (code, error) = said(&mut configuration.command(&remove));
    assert_eq!(
        (code, error.as_str()),
        (Some(2), "kassa: PK1 has no payment account at https://api.klarna.com\n")
    );
    assert_eq!(accounts(&configuration), [Value::Null; 0]);
}

#[test]
fn a_rotation_of_the_key_keeps_every_account_readable() {
    let (old, new) = (new_key(), new_key());
    let (configuration, file) = configuration(&[&old]);
    assert!(set(&configuration, EUROPE, PASSWORDS[0]).status.success());
    write(&file, &format!("{new}\n{old}\n"), 0o600);
    assert!(set(&configuration, AMERICA, PASSWORDS[1]).status.success());
    let encrypted = |accounts: u32, settings: u32| {
        json!({"reencrypted": accounts, "reencrypted_texts": settings,
        "all_data": true})
    };
    assert_eq!(configuration.ask(&["encryption", "reencrypt"]), encrypted(1, 1));
    assert_eq!(configuration.ask(&["payment-account", "reencrypt"]), encrypted(0, 0), "it is another name");
    write(&file, &new, 0o600);
    let ends: Vec<_> = accounts(&configuration).iter().map(|one| one["password_ends_with"].clone()).collect();
    assert_eq!(ends, ["nput", "file"]);

    write(&file, &old, 0o600);
    let (code, error) = said(&mut configuration.command(&["payment-account", "reencrypt"]));
    assert_eq!(code, Some(1), "{error}");
    assert!(error.contains("PK1 https://api.klarna.com: the password is encrypted with the key"), "{error}");
    let problem = accounts(&configuration)[0]["problem"].as_str().unwrap().to_string();
    assert!(
        problem.contains("which is not in account_key_file: add that key as the second line"),
        "{problem}"
    );
}

#[test]
fn a_node_is_refused_without_a_key_that_the_database_needs() {
    let (old, new) = (new_key(), new_key());
    let (configuration, file) = configuration(&[&old]);
    let serve = || {
        let mut node = Node::announced(configuration.command(&["serve"]));
        node.signal("TERM");
        assert_eq!(node.ended(), Some(0));
    };
    serve();
    write(&file, &new, 0o600);
    let (code, error) = said(&mut configuration.command(&["serve"]));
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("data in the database are encrypted with the key"), "{error}");
    write(&file, &format!("{new}\n{old}\n"), 0o600);
    serve();
    configuration.ask(&["encryption", "reencrypt"]);
    write(&file, &new, 0o600);
    serve();

    let forget = ["payment-account", "reencrypt", "--forget", "00000000"];
    let (code, error) = said(&mut configuration.command(&forget));
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("--forget: the database needs no key with the name 00000000"), "{error}");
}

#[test]
fn a_key_file_that_cannot_be_used_is_refused_with_the_reason() {
    let (configuration, file) = configuration(&[&new_key()]);
    let key = std::fs::read_to_string(&file).unwrap();
    for (text, mode, reason) in [
        (key.as_str(), 0o644, "account-keys contains keys and is open to others: chmod 600 it"),
        ("", 0o600, "it has no key: write the line that `kassa encryption new-key` prints"),
        ("c2VjcmV0", 0o600, "the key in line 1 has 6 bytes: a key is base64 of 32 random bytes"),
    ] {
        write(&file, text, mode);
        for arguments in [&["config", "check"][..], &["serve"], &["payment-account", "list", "PK1"]] {
            let (code, error) = said(&mut configuration.command(arguments));
            assert!(code == Some(2) && error.contains(reason), "{arguments:?}: {error}");
            assert!(!error.contains(&key) && !error.contains("c2VjcmV0"), "{error}");
        }
        let merchants = configuration.ask(&["merchant", "list"]);
        assert_eq!(merchants["merchants"][0]["merchant_id"], "PK1", "other commands need no keys");
    }
    std::fs::remove_file(&file).unwrap();
    let (code, error) = said(&mut configuration.command(&["serve"]));
    assert!(code == Some(2) && error.contains("account-keys: the file does not exist"), "{error}");
}

#[test]
fn an_account_that_cannot_be_set_is_refused_with_the_reason() {
    let (configuration, _) = configuration(&[&new_key()]);
    for (base_url, password, reason) in [
        ("http://api.klarna.com", PASSWORDS[0], "expected https: http is allowed only for this machine"),
        ("https://api.klarna.com/kp", PASSWORDS[0], "expected a URL like https://api.klarna.com"),
        (EUROPE, "", "password cannot be used"),
        (EUROPE, "two\nlines", "password cannot be used"),
    ] {
        let output = set(&configuration, base_url, password);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && error.contains(reason), "{error}");
    }
    let without = Configuration::with("FOLDER/kassa.db", "");
    without.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let output = set(&without, EUROPE, PASSWORDS[0]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && error.contains("account_key_file is not set"), "{error}");
    let (code, error) = said(&mut without.command(&["payment-account", "list", "PK9"]));
    assert!(code == Some(2) && error.contains("there is no merchant PK9"), "{error}");
    let file = [
        "payment-account",
        "set",
        "PK1",
        "--base-url",
        EUROPE,
        "--username",
        "u",
        "--password-file",
        "absent",
    ];
    let (code, error) = said(&mut without.command(&file));
    assert!(code == Some(2) && error.contains("--password-file: absent: No such file"), "{error}");
}

#[test]
fn a_new_key_differs_each_time_and_has_a_name() {
    assert_ne!(new_key(), new_key());
    let output = run(&["payment-account", "new-key", "--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(STANDARD.decode(answer["key"].as_str().unwrap()).unwrap().len(), 32);
    assert_eq!(answer["name"].as_str().unwrap().len(), 8);
}

#[test]
fn a_node_with_klarna_is_refused_only_after_all_settings_were_checked() {
    let table = "[klarna]\nallowed_base_urls = [\"https://api.playground.klarna.com\"]\n";
    let configuration = Configuration::with("FOLDER/kassa.db", table);
    let file = configuration.folder().join("account-keys");
    write(&file, &new_key(), 0o600);
    let configuration = configuration
        .overriding("KASSA_PAYMENT_SYSTEM", "klarna")
        .overriding("KASSA_LAB", "false")
        .overriding("KASSA_PAGE_URL", "http://localhost:8081")
        .overriding("KASSA_ACCOUNT_KEY_FILE", file.to_str().unwrap());
    let output = configuration.command(&["config", "check"]).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("is in order"), "{printed}");
    assert!(
        printed.contains("at https://api.playground.klarna.com: the playground: no money moves."),
        "{printed}"
    );
    assert!(printed.contains("Consumer pages are at http://localhost:8081."), "{printed}");
    configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    assert!(set(&configuration, "https://api.playground.klarna.com", PASSWORDS[0]).status.success());

    std::fs::remove_file(&file).unwrap();
    let (_, error) = said(&mut configuration.command(&["serve"]));
    assert!(error.contains("account_key_file: "), "{error}");
    let same = configuration.overriding("KASSA_PAGE_URL", "http://127.0.0.1");
    let (_, error) = said(&mut same.command(&["serve"]));
    assert!(error.contains("page_url has the same origin as public_url"), "{error}");
}
