//! `kassa lab import` and `kassa lab compare`: recordings of each format against a running Kassa, and the same calls at
//! two services.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use http::Method;
use serde_json::{Value, json};

use crate::harness::{Dev, kassa};

/// Fields that the recorded answers, which are from 2021 and shortened, have in another form.
const OLDER: [&str; 4] = ["--ignore", "distribution_module", "--ignore", "payment_method_categories"];

/// The password in the recordings.
const SECRETS: [&str; 2] = ["UEs5OTk5OV9yZWNvcmRlZDpzM2NyM3Q=", "a1a8f727-2756-6058-bd3c-40069be0994b"];

fn recording(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings").join(name)
}

/// The end of a command.
struct Ended {
    code: Option<i32>,
    printed: String,
    complaint: String,
}

fn ended(mut command: Command) -> Ended {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let ended =
        Ended { code: output.status.code(), printed: text(output.stdout), complaint: text(output.stderr) };
    for secret in SECRETS {
        let said = format!("{}{}", ended.printed, ended.complaint);
        assert!(!said.contains(secret), "a secret of the recording is printed: {said}");
    }
    ended
}

fn import(dev: &Dev, name: &str, more: &[&str]) -> Ended {
    let mut command = kassa();
    command.args(["lab", "import"]).arg(recording(name)).args(more).env("KASSA_URL", dev.url());
    ended(command)
}

/// The exchanges that a replay prints for programs.
fn exchanges(ended: &Ended) -> Vec<Value> {
    let report: Value =
        serde_json::from_str(&ended.printed).unwrap_or_else(|_| panic!("{}", ended.complaint));
    report["exchanges"].as_array().unwrap().clone()
}

#[track_caller]
fn check_without_difference(name: &str, acts: &[&str]) {
    let dev = Dev::start();
    let ended = import(&dev, name, &[&OLDER[..], &["--json"]].concat());
    let exchanges = exchanges(&ended);
    let found: Vec<&str> =
        exchanges.iter().flat_map(|one| one["acts"].as_array().unwrap()).filter_map(Value::as_str).collect();
    assert_eq!((ended.code, found), (Some(0), acts.to_vec()), "{exchanges:#?}");
}

#[test]
fn a_har_file_of_a_purchase_is_replayed_without_a_difference() {
    check_without_difference("purchase.har", &["the consumer: enter", "the consumer: approve"]);
}

#[test]
fn a_cassette_of_ruby_with_errors_is_replayed_without_a_difference() {
    let acts = [
        "the consumer: enter",
        "the consumer: decline",
        "the consumer: enter",
        "the consumer: back",
        "the consumer: enter",
        "the consumer: approve",
    ];
    check_without_difference("declined.yml", &acts);
}

#[test]
fn a_cassette_of_python_with_a_pending_order_is_replayed_without_a_difference() {
    let acts = ["the consumer: approve, on the page of the merchant", "the fraud check: accept"];
    check_without_difference("pending.yaml", &acts);
}

#[test]
fn wiremock_mappings_are_replayed_without_a_difference() {
    check_without_difference("wiremock", &[]);
}

#[test]
fn a_difference_is_printed_with_its_field_and_ends_with_exit_code_1() {
    let dev = Dev::start();
    let text = std::fs::read_to_string(recording("purchase.har")).unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let changed = folder.path().join("changed.har");
    let text =
        text.replace(r#"\"fraud_status\": \"ACCEPTED\""#, r#"\"fraud_status\": \"REVIEWED\", \"extra\": 1"#);
    std::fs::write(&changed, text).unwrap();
    let mut command = kassa();
    command.args(["lab", "import"]).arg(&changed).args(OLDER).env("KASSA_URL", dev.url());
    let ended = ended(command);
    assert_eq!(
        (ended.code, ended.complaint.as_str()),
        (Some(1), "kassa: an answer differs\n"),
        "{}",
        ended.printed
    );
    let block = [
        "            fraud_status",
        "              - recorded  \"REVIEWED\"",
        "              + Kassa     \"ACCEPTED\"",
        "            extra",
        "              - recorded  1",
        "              + Kassa     missing",
    ];
    assert!(ended.printed.contains(&block.join("\n")), "{}", ended.printed);
    let is_order = |line: &&str| line.contains("DIFF   7  POST /payments/v1/authorizations/{id}/order ");
    assert_eq!(ended.printed.lines().filter(is_order).count(), 1, "{}", ended.printed);
    assert!(
        ended
            .printed
            .ends_with("1 request left out: no call of the APIs\n8 exchanges, 1 with a difference\n")
    );
}

#[test]
fn a_call_about_something_from_before_the_recording_is_explained() {
    let dev = Dev::start();
    let folder = tempfile::TempDir::new().unwrap();
    let mapping = json!({
        "request": {"method": "GET", "url": "/hpp/v1/sessions/f52fc7d6-ee28-9c04-8674-8f7b8cdca5d4"},
        "response": {"status": 200, "jsonBody": {"status": "WAITING"}},
    });
    std::fs::write(folder.path().join("read.json"), mapping.to_string()).unwrap();
    let mut command = kassa();
    command.args(["lab", "import"]).arg(folder.path()).env("KASSA_URL", dev.url());
    let ended = ended(command);
    assert_eq!(ended.code, Some(1));
    assert!(ended.printed.contains("record the call that creates it, too"), "{}", ended.printed);
}

#[test]
fn a_recording_that_cannot_be_read_and_a_kassa_that_does_not_answer_are_explained() {
    let import = |name: &Path, url: &str| {
        let mut command = kassa();
        command.args(["lab", "import"]).arg(name).env("KASSA_URL", url);
        ended(command)
    };
    let wrong =
        import(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml").as_path(), "http://127.0.0.1:1");
    assert_eq!(wrong.code, Some(2), "{}", wrong.complaint);
    let silent = import(&recording("purchase.har"), "http://127.0.0.1:1");
    assert_eq!(silent.code, Some(1));
    assert!(silent.complaint.contains("No Kassa answers at http://127.0.0.1:1"), "{}", silent.complaint);
}

/// `kassa lab compare` with one Kassa in the place of the vendor's playground.
fn compare(vendor: &Dev, dev: &Dev, calls: &Path, more: &[&str]) -> Command {
    let mut command = kassa();
    command.args(["lab", "compare"]).arg(calls).args(["--with", vendor.url()]).args(more);
    command.env("KLARNA_USERNAME", vendor.announced["username"].as_str().unwrap());
    command.env("KLARNA_PASSWORD", vendor.announced["password"].as_str().unwrap());
    command.env("KASSA_URL", dev.url());
    command
}

/// The link in the question to the person.
fn link_in(question: &mut impl BufRead) -> String {
    let mut line = String::new();
    while question.read_line(&mut line).unwrap() > 0 {
        if let Some((_, link)) = line.split_once("Act as the consumer at ") {
            return link.trim().to_string();
        }
        line.clear();
    }
    panic!("the command asked nobody");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scenario_is_compared_while_a_person_acts_at_the_other_service() {
    let (vendor, dev) = (Dev::start(), Dev::start());
    let scenario = recording("compared.toml");
    let mut command = compare(&vendor, &dev, &scenario, &["--json"]);
    let mut process =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut question = BufReader::new(process.stderr.take().unwrap());
    let link = link_in(&mut question);
    assert!(link.starts_with(vendor.url()), "{link}");
    let list = vendor.merchant().get("/kassa/v1/sessions").await.expect(200).json;
    let session = list["sessions"][0]["session_id"].as_str().unwrap().to_string();
    vendor.merchant().act(&session, "enter").await.expect(200);
    vendor.merchant().act(&session, "approve").await.expect(200);
    process.stdin.take().unwrap().write_all(b"\n").unwrap();
    let output = process.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &report["differing"]), (Some(0), &json!(0)), "{report:#}");
    let acts = &report["exchanges"][2]["acts"];
    assert_eq!(acts[0], "a person led the page session there to COMPLETED", "{report:#}");
    let order = report["exchanges"].as_array().unwrap().last().unwrap();
    assert_eq!(order["status"], json!({"there": 200, "Kassa": 200}), "{report:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comparison_finds_the_service_that_answers_differently() {
    let (vendor, dev) = (Dev::start(), Dev::start());
    let faults = json!({"calls": [{"do": "fail", "status": 503, "path": "/hpp/v1/sessions", "nth": 1}]});
    vendor.merchant().call(Method::PUT, "/lab/v1/faults", &faults).await.unwrap().expect(200);
    let ended = ended(compare(&vendor, &dev, &recording("wiremock"), &["--skip-consumer", "--json"]));
    let exchanges = exchanges(&ended);
    assert_eq!(ended.code, Some(1), "{exchanges:#?}");
    let difference = json!([{"at": "status", "there": "503 TEMPORARILY_UNAVAILABLE", "Kassa": "201"}]);
    assert_eq!(exchanges[1]["differences"], difference);
}

#[test]
fn an_act_of_the_consumer_that_is_skipped_is_skipped_at_both_services() {
    let (vendor, dev) = (Dev::start(), Dev::start());
    let ended = ended(compare(&vendor, &dev, &recording("purchase.har"), &["--skip-consumer", "--json"]));
    let exchanges = exchanges(&ended);
    assert_eq!(ended.code, Some(0), "{exchanges:#?}");
    let acts = &exchanges[3]["acts"][0];
    assert_eq!(acts, "skipped at both: the consumer leads the page session to IN_PROGRESS");
}
