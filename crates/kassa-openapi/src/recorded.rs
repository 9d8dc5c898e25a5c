//! Example answers. A test records them in a run, and checks them (`answers.json`).

use serde_json::Value;

/// The answers by operation.
const ANSWERS: &str = include_str!("answers.json");

/// The example answer of an operation.
pub(crate) fn answer(operation: &str) -> Option<Value> {
    let answers: Value = serde_json::from_str(ANSWERS).unwrap_or_default();
    answers.get(operation).cloned()
}
