//! A contract fuzzer (Schemathesis) calls every operation of the description with made-up values, on real processes. It
//! finds no 5xx, and no answer outside of the description. `./test` installs it. Without it, these tests check nothing,
//! and the output of the run says so (`prerequisites.rs`).

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Configuration, Dev};
use crate::prerequisites::FUZZER;
use crate::workspace::root;

/// The properties of answers that the fuzzer checks.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance,response_headers_conformance";

/// The operations that would end the run: they take the caller's credential away, make calls fail, or move the clock.
const SPARED: &str = "/kassa/v1/credentials/|/lab/v1/(clock|faults|weather|rate-limits|reset)";

/// The number of examples for each operation in the phase with random values.
fn examples() -> &'static str {
    if std::env::var_os("KASSA_LONG_PROOFS").is_some() { "150" } else { "5" }
}

/// One run of the fuzzer.
struct Fuzzer<'a> {
    url: &'a str,
    /// Username and password.
    login: (&'a str, &'a str),
    /// The paths to call, as a regular expression.
    paths: &'a str,
    /// Whether calls get objects that the sandbox's lab creates.
    has_sandbox: bool,
}

impl Fuzzer<'_> {
    /// Calls the operations of this description. Returns whether everything is as described, and what the fuzzer says.
    /// `None` if there is no fuzzer.
    fn run(&self, description: &str) -> Option<(bool, String)> {
        let folder = TempDir::new().unwrap();
        let (username, password) = self.login;
        let mut command = Command::new(FUZZER.path()?);
        command.arg("run").arg(description).args(["-u", self.url, "--checks", CHECKS, "-n", examples()]);
        command.args(["--auth", &format!("{username}:{password}"), "--phases", "examples,coverage,fuzzing"]);
        command.args(["--include-path-regex", self.paths, "--exclude-path-regex", SPARED, "--seed", "7"]);
        command.args(["--request-timeout", "30", "--generation-database", "none", "--no-color"]);
        command.current_dir(folder.path()).env("SCHEMATHESIS_HOOKS", "hooks");
        command.env("PYTHONPATH", root().join("tools/fuzz")).env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("KASSA_URL", self.url).env("KASSA_USERNAME", username).env("KASSA_PASSWORD", password);
        if self.has_sandbox {
            command.env("KASSA_HAS_SANDBOX", "1");
        }
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        Some((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
    }

    fn check(&self) {
        let Some((is_good, said)) = self.run(&format!("{}/openapi.json", self.url)) else { return };
        assert!(is_good, "{said}");
        assert!(said.contains(" passed"), "{said}");
    }
}

/// Fuzzes operations of `kassa dev`.
fn check_dev(paths: &str) {
    let dev = Dev::start();
    Fuzzer { url: dev.url(), login: ("PK00000_dev", "dev"), paths, has_sandbox: true }.check();
}

#[test]
fn page_sessions_answer_as_described() {
    check_dev("^/hpp/");
}

#[test]
fn payments_and_customer_tokens_answer_as_described() {
    check_dev("^/(payments|customer-token)/");
}

#[test]
fn order_management_answers_as_described() {
    check_dev("^/ordermanagement/");
}

#[test]
fn events_and_settings_answer_as_described() {
    check_dev("^/kassa/v1/(sessions/.*(events|redeliver)$|sessions$|events|callbacks|payments|credentials)");
}

#[test]
fn the_lab_answers_as_described() {
    check_dev("^/lab/");
}

#[test]
fn a_production_node_answers_as_described() {
    let configuration = Configuration::with("FOLDER/kassa.db", "");
    let merchant = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let operator = configuration.ask(&["operator", "add", "deployments"]);
    let node = configuration.node();
    let login = |account: &'_ Value| {
        let word = |name: &str| account[name].as_str().unwrap().to_string();
        (word("username"), word("password"))
    };
    let (username, password) = login(&merchant);
    let paths = "^/(hpp|payments)/";
    Fuzzer { url: &node.url, login: (&username, &password), paths, has_sandbox: true }.check();
    let (username, password) = login(&operator);
    let paths = "^/kassa/v1/(merchants|sessions/.*settle)";
    Fuzzer { url: &node.url, login: (&username, &password), paths, has_sandbox: false }.check();
}

#[test]
fn the_fuzzer_finds_an_answer_outside_of_the_description() {
    let dev = Dev::start();
    let folder = TempDir::new().unwrap();
    let fuzzer =
        Fuzzer { url: dev.url(), login: ("PK00000_dev", "dev"), paths: "^/hpp/", has_sandbox: false };
    let file = folder.path().join("openapi.json");
    spoil(&dev, &file);
    let Some((is_good, said)) = fuzzer.run(file.to_str().unwrap()) else { return };
    assert!(!is_good && said.contains("404"), "{said}");
}

/// Writes the description without the 404 of a read.
fn spoil(dev: &Dev, file: &Path) {
    let output = Command::new("curl").args(["-s", &format!("{}/openapi.json", dev.url())]).output().unwrap();
    let mut document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let answers = &mut document["paths"]["/hpp/v1/sessions/{session_id}"]["get"]["responses"];
    assert!(answers.as_object_mut().unwrap().remove("404").is_some());
    std::fs::write(file, document.to_string()).unwrap();
}
