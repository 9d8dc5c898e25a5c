//! Compares every answer that a journey gets with the description of the APIs. So no answer has a status, an error
//! code, a field or a type that `/openapi.json` does not have.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use http::Method;
use jsonschema::Validator;
use kassa_server::App;
use serde_json::{Value, json};

use super::Answer;

/// The described systems of this process, by their URL.
static CONTRACTS: LazyLock<Mutex<HashMap<String, Arc<Contract>>>> = LazyLock::new(Mutex::default);

/// Compares the answers of the system at this URL from now on.
pub fn watch(url: &str, app: &App) {
    CONTRACTS.lock().unwrap().entry(url.to_string()).or_insert_with(|| Arc::new(Contract::of(app)));
}

/// Compares an answer with the description of the system at this URL, if there is one.
pub fn check(url: &str, method: &Method, path: &str, answer: &Answer) {
    let Some(contract) = CONTRACTS.lock().unwrap().get(url).cloned() else { return };
    let path = path.split('?').next().unwrap();
    if let "/lab/v1/faults" | "/lab/v1/weather" = path {
        // A fault can answer anything.
        contract.has_faults.store(*method == Method::PUT, Ordering::Relaxed);
    }
    if !contract.has_faults.load(Ordering::Relaxed) {
        contract.check(method, path, answer);
    }
}

/// The description of one system.
struct Contract {
    document: Value,
    /// Whether the lab makes calls fail.
    has_faults: AtomicBool,
    /// The checks of bodies, by operation and status.
    validators: Mutex<HashMap<(String, u16), Arc<Validator>>>,
}

impl Contract {
    fn of(app: &App) -> Self {
        let mut document = kassa_server::api_document(app);
        for (_, schema) in document["components"]["schemas"].as_object_mut().unwrap() {
            close(schema);
        }
        Self { document, has_faults: AtomicBool::new(false), validators: Mutex::default() }
    }

    fn check(&self, method: &Method, path: &str, answer: &Answer) {
        let Some(operation) = self.operation(method, path) else { return };
        let id = operation["operationId"].as_str().unwrap();
        let status = answer.status.to_string();
        let response = &operation["responses"][&status];
        let response = response["$ref"].as_str().map_or(response, |reference| self.at(reference));
        assert!(!response.is_null(), "{id} answers {status}: {}", answer.text);
        self.check_headers(id, response, answer);
        match response["content"].as_object().and_then(|content| content.iter().next()) {
            None => assert_eq!(answer.text, "", "{id} answers {status} with a body"),
            Some((content_type, content)) => {
                assert!(answer.header("content-type").starts_with(content_type), "{id} {:?}", answer.headers);
                if content_type == "application/json" {
                    self.check_body(id, answer, &content["schema"]);
                }
            }
        }
    }

    fn check_headers(&self, id: &str, response: &Value, answer: &Answer) {
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let header = header["$ref"].as_str().map_or(header, |reference| self.at(reference));
            let is_there = answer.headers.contains_key(name.as_str());
            assert!(is_there || header["required"] != true, "{id} answers {} without {name}", answer.status);
        }
    }

    fn check_body(&self, id: &str, answer: &Answer, schema: &Value) {
        let json: Value =
            serde_json::from_str(&answer.text).unwrap_or_else(|_| panic!("{id}: {}", answer.text));
        let validator = self.validator(id, answer.status, schema);
        let problems: Vec<String> =
            validator.iter_errors(&json).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(
            problems.is_empty(),
            "{id} answers {} {}\n{}",
            answer.status,
            answer.text,
            problems.join("\n")
        );
    }

    fn validator(&self, id: &str, status: u16, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap();
        let new = || {
            let whole = json!({"allOf": [schema], "components": self.document["components"]});
            Arc::new(jsonschema::draft202012::new(&whole).unwrap())
        };
        validators.entry((id.to_string(), status)).or_insert_with(new).clone()
    }

    /// The operation that a call belongs to.
    fn operation(&self, method: &Method, path: &str) -> Option<&Value> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let paths = self.document["paths"].as_object().unwrap();
        let matching = paths.iter().filter(|(pattern, _)| is_path_of(pattern, path));
        let (_, operations) = matching.min_by_key(|(pattern, _)| pattern.matches('{').count())?;
        operations.get(method.as_str().to_ascii_lowercase())
    }

    fn at(&self, reference: &str) -> &Value {
        self.document["components"]["responses"]
            .get(reference.rsplit('/').next().unwrap())
            .or_else(|| self.document.pointer(reference.strip_prefix('#').unwrap()))
            .unwrap()
    }
}

/// Whether a path matches a pattern, such as `/hpp/v1/sessions/{session_id}`.
fn is_path_of(pattern: &str, path: &str) -> bool {
    let (expected, given): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    let is_same = |(expected, given): (&&str, &&str)| {
        expected == given || (expected.starts_with('{') && !given.is_empty())
    };
    expected.len() == given.len() && expected.iter().zip(&given).all(is_same)
}

/// Forbids fields that the description does not have. Clients must accept them, so the document itself allows them.
fn close(schema: &mut Value) {
    let is_object = schema.get("properties").is_some() && schema.get("additionalProperties").is_none();
    if is_object {
        schema["unevaluatedProperties"] = json!(false);
    }
}
