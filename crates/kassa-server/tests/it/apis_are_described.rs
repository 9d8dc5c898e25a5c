//! `/openapi.json`: it has what a deployment serves, its examples work, and the committed copies agree with the code.
//! Every journey also compares each answer with it (`harness/contract.rs`).

mod examples;
mod vendor;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::Method;
use kassa_server::{Configuration, Mode, api_document};
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{app_in, journey, live_journey};

/// The committed copy of the description of a sandbox.
const COPY: &str = "docs/openapi.json";

#[test]
fn the_committed_description_is_that_of_the_code() {
    let document = in_runtime(described_sandbox());
    let mut drawn = serde_json::to_string_pretty(&document).unwrap();
    drawn.push('\n');
    check_copy(&root().join(COPY), &drawn);
}

/// The description of a sandbox at an address that never changes.
async fn described_sandbox() -> Value {
    let folder = TempDir::new().unwrap();
    let app = app_in(&folder, Configuration::new(Mode::Sandbox, "https://kassa.example")).await;
    let document = api_document(&app);
    app.close().await;
    document
}

fn in_runtime<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(work)
}

/// The folder of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Compares a committed file with what the code says. `UPDATE_DOCS=1` writes it again.
fn check_copy(path: &Path, drawn: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, drawn).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == drawn,
        "{} differs from the code. Write it again:\n  UPDATE_DOCS=1 cargo nextest run -p kassa-server \
         apis_are_described",
        path.display()
    );
}

#[test]
fn the_description_has_what_the_deployment_serves() {
    journey(async |world| {
        let answer = world.browser(Method::GET, "/openapi.json", Bytes::new()).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        assert_eq!(answer.json["openapi"], "3.1.1");
        assert_eq!(answer.json["servers"][0]["url"], world.url);
        let expected = ["/customer-token", "/hpp", "/kassa", "/lab", "/ordermanagement", "/payments"];
        assert_eq!(beginnings(&answer.json), BTreeSet::from(expected.map(str::to_string)));
    });
    live_journey(async |world| {
        let answer = world.browser(Method::GET, "/openapi.json", Bytes::new()).await;
        assert!(!beginnings(&answer.json).contains("/lab"), "a node without a lab does not describe one");
    });
}

/// The first segments of the paths.
fn beginnings(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().unwrap().keys();
    paths.map(|path| format!("/{}", path.split('/').nth(1).unwrap())).collect()
}

#[test]
fn a_reader_with_the_current_description_gets_304() {
    journey(async |world| {
        let first = world.browser(Method::GET, "/openapi.json", Bytes::new()).await;
        let known = [("if-none-match", first.header("etag"))];
        let second = world.looks(Method::GET, "/openapi.json", &known).await;
        assert_eq!((second.status, second.text.as_str()), (304, ""));
        let other = [("if-none-match", "\"other\"")];
        assert_eq!(world.looks(Method::GET, "/openapi.json", &other).await.status, 200);
    });
}

#[test]
fn each_described_operation_is_there_and_asks_who_calls() {
    journey(async |world| {
        let document = world.browser(Method::GET, "/openapi.json", Bytes::new()).await.json;
        for (path, method, operation) in operations(&document) {
            let path = path.replace(['{', '}'], "");
            let answer = world.anyone_with("").call(method.clone(), &path, &[], Bytes::new()).await;
            let expected = if operation["security"][0].is_null() { 404 } else { 401 };
            assert_eq!(answer.status, expected, "{method} {path}");
        }
    });
}

/// Every operation of a document with its path and method.
fn operations(document: &Value) -> Vec<(&String, Method, &Value)> {
    let mut all = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            all.push((path, method.to_ascii_uppercase().parse().unwrap(), operation));
        }
    }
    all
}

#[test]
fn each_operation_is_explained() {
    let document = in_runtime(described_sandbox());
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "{id} is there twice");
        let summary = operation["summary"].as_str().unwrap();
        assert!(!summary.is_empty() && !summary.ends_with('.'), "{method} {path}: {summary}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let about = parameter["description"].as_str().unwrap();
            assert!(about.ends_with('.'), "{id} {}: {about}", parameter["name"]);
        }
        let declared: Vec<_> = operation["parameters"].as_array().into_iter().flatten().collect();
        for name in path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}')) {
            let is_declared = |parameter: &&&Value| parameter["name"] == name && parameter["in"] == "path";
            assert!(declared.iter().any(|parameter| is_declared(&parameter)), "{id} does not explain {name}");
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
            assert!(schema["description"].is_string(), "{name}.{field} is not explained");
        }
    }
}
