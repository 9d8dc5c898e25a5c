//! The formats, with small recordings of each.

use std::fs;

use http::Method;
use serde_json::json;
use tempfile::TempDir;

use super::*;

/// Reads a recording from a file with this name and text.
fn read_text(name: &str, text: &str) -> Result<Recording, String> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    read(&path).map_err(|wrong| wrong.to_string().replace(&path.display().to_string(), name))
}

/// The call that each recording of these tests has: it creates a payment session.
#[track_caller]
fn check(name: &str, text: &str) {
    let recording = read_text(name, text).unwrap();
    let [exchange] = &recording.exchanges[..] else { panic!("{name}: {recording:?}") };
    let call = (&exchange.method, exchange.path.as_str(), exchange.body.as_str());
    assert_eq!(call, (&Method::POST, "/payments/v1/sessions", r#"{"order_amount":9999}"#), "{name}");
    assert_eq!(exchange.answer.status, 200, "{name}");
    assert_eq!(exchange.answer.body, json!({"session_id": "068df369"}), "{name}");
    assert_eq!(exchange.headers, [("idempotency-key", "k1".to_string())], "{name}");
}

#[track_caller]
fn check_refused(name: &str, text: &str, complaint: &str) {
    let wrong = read_text(name, text).unwrap_err();
    assert_eq!(wrong.get(..complaint.len()), Some(complaint), "{wrong}");
    assert!(!wrong.contains("s3cr3t"), "{wrong}");
}

const HAR: &str = r#"{"log": {"version": "1.2", "entries": [
    {"request": {"method": "GET", "url": "https://shop.example/cart"}, "response": {"status": 0}},
    {"request": {"method": "POST", "url": "https://api.playground.klarna.com/payments/v1/sessions",
        "headers": [{"name": "Authorization", "value": "Basic s3cr3t"}, {"name": "Idempotency-Key", "value": "k1"}],
        "postData": {"mimeType": "application/json", "text": "{\"order_amount\":9999}"}},
     "response": {"status": 200, "headers": [],
        "content": {"encoding": "base64", "text": "eyJzZXNzaW9uX2lkIjoiMDY4ZGYzNjkifQ=="}}}]}}"#;

const RUBY: &str = r#"---
http_interactions:
- request:
    method: post
    uri: https://api.playground.klarna.com/payments/v1/sessions
    body:
      encoding: UTF-8
      string: '{"order_amount":9999}'
    headers:
      Authorization:
      - Basic s3cr3t
      Idempotency-Key:
      - k1
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type:
      - application/json;charset=utf-8
    body:
      encoding: ASCII-8BIT
      string: !binary |-
        eyJzZXNzaW9uX2lkIjoi
        MDY4ZGYzNjkifQ==
  recorded_at: Wed, 03 Jan 2024 10:00:00 GMT
recorded_with: VCR 6.1.0
"#;

const PYTHON: &str = r#"interactions:
- request:
    body: '{"order_amount":9999}'
    headers:
      authorization: [Basic s3cr3t]
      Idempotency-Key: [k1]
    method: POST
    uri: https://api.playground.klarna.com/payments/v1/sessions
  response:
    body: {string: '{"session_id":"068df369"}'}
    headers: {}
    status: {code: 200, message: OK}
version: 1
"#;

#[test]
fn a_har_file_is_read() {
    check("a.har", HAR);
    check("a.har", &format!("\u{feff}{HAR}"));
    assert_eq!(read_text("a.har", HAR).unwrap().left_out, 1);
}

#[test]
fn a_cassette_of_ruby_and_of_python_is_read_in_yaml_and_json() {
    check("a.yml", RUBY);
    check("a.yaml", PYTHON);
    let as_json = |text: &str| {
        let options = serde_saphyr::options! { ignore_binary_tag_for_string: true };
        let document: Value = serde_saphyr::from_str_with_options(text, options).unwrap();
        document.to_string()
    };
    check("a.json", &as_json(RUBY));
    check("a.json", &as_json(PYTHON));
}

#[test]
fn wiremock_mappings_are_read_from_a_file_and_in_their_order_from_a_folder() {
    let mapping = |url: &str, order: u64, more: &str| {
        format!(
            r#"{{"request": {{"method": "POST", "url": "{url}", "bodyPatterns": [{{"equalToJson": {{"a": 1}}}}]}},
                "response": {{"status": 201, {more}}}, "insertionIndex": {order}}}"#
        )
    };
    let listed = format!(
        r#"{{"mappings": [{}], "meta": {{"total": 1}}}}"#,
        mapping("/hpp/v1/sessions", 1, r#""body": "x""#)
    );
    let recording = read_text("a.json", &listed).unwrap();
    assert_eq!(
        (recording.exchanges[0].body.as_str(), recording.exchanges[0].answer.status),
        (r#"{"a":1}"#, 201)
    );

    let root = TempDir::new().unwrap();
    fs::create_dir(root.path().join("mappings")).unwrap();
    fs::create_dir(root.path().join("__files")).unwrap();
    fs::write(root.path().join("__files/second.json"), r#"{"b":2}"#).unwrap();
    let write = |name: &str, text: &str| fs::write(root.path().join("mappings").join(name), text).unwrap();
    write("a.json", &mapping("/hpp/v1/sessions", 8, r#""bodyFileName": "second.json""#));
    write("b.json", &mapping("/payments/v1/sessions", 7, r#""jsonBody": {"b": 1}"#));
    for folder in [root.path().to_path_buf(), root.path().join("mappings")] {
        let recording = read(&folder).unwrap();
        let found: Vec<_> = recording
            .exchanges
            .iter()
            .map(|one| (one.number, one.path.as_str(), &one.answer.body["b"]))
            .collect();
        assert_eq!(found, [(1, "/payments/v1/sessions", &json!(1)), (2, "/hpp/v1/sessions", &json!(2))]);
    }
    write("c.json", &mapping("/hpp/v1/sessions", 9, r#""bodyFileName": "../mappings/a.json""#));
    let wrong = read(root.path()).unwrap_err().to_string();
    assert!(wrong.contains("c.json: mapping 1: response.bodyFileName: expected a file in"), "{wrong}");
}

#[test]
fn a_wrong_recording_is_refused_with_its_place_and_without_its_values() {
    check_refused(
        "a.har",
        "{\"log\": {\"entries\": 7}}",
        "a.har: log.entries: expected a list, found a number",
    );
    check_refused(
        "a.har",
        &HAR.replace("\"method\": \"POST\"", "\"method\": 7"),
        "a.har: entry 2: request.method: expected a text, found a number",
    );
    check_refused(
        "a.har",
        &HAR.replace("\"status\": 200", "\"status\": \"s3cr3t\""),
        "a.har: entry 2: response.status: expected an HTTP status, found a text",
    );
    check_refused(
        "a.har",
        &HAR.replace("\"status\": 200", "\"status\": 0"),
        "a.har: entry 2: the status of the answer: expected an HTTP status such as 200. If",
    );
    check_refused(
        "a.har",
        &HAR.replace("payments/v1", "other/v1"),
        "a.har: no call of /hpp/v1, /payments/v1",
    );
    check_refused("a.har", &HAR[..90], "a.har: this is no JSON: EOF while parsing");
    check_refused(
        "a.yml",
        &RUBY.replace("method: post", "verb: post"),
        "a.yml: interaction 1: request.method: expected a text, and it is missing",
    );
    check_refused(
        "a.yml",
        &RUBY.replace("code: 200", "code: [200]"),
        "a.yml: interaction 1: response.status.code: expected an HTTP status, found a list",
    );
    check_refused(
        "a.yml",
        &PYTHON.replace("{string: ", "{text: "),
        "a.yml: interaction 1: response.body: expected an object with a text",
    );
    check_refused(
        "a.yml",
        &PYTHON.replace("https:", "ftp:"),
        "a.yml: interaction 1: the URL: expected an http or https URL",
    );
    check_refused("a.yml", "interactions: [s3cr3t\n", "a.yml: this is no YAML");
    check_refused("a.yml", "just: s3cr3t\n", "a.yml: expected a HAR 1.2 file (log.entries), a VCR cassette");
    let mapping = r#"{"request": {"method": "GET", "urlPattern": "/hpp/.*"}, "response": {"status": 200}}"#;
    check_refused("a.json", mapping, "a.json: mapping 1: request: expected url or urlPath");
    let folder = TempDir::new().unwrap();
    let wrong = read(folder.path()).unwrap_err().to_string();
    assert!(wrong.ends_with("expected WireMock mappings: this folder has no file *.json"), "{wrong}");
    let wrong = read(&folder.path().join("missing.har")).unwrap_err().to_string();
    assert!(wrong.contains("missing.har: No such file"), "{wrong}");
}
