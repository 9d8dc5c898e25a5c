//! Example answers. A test records them in a run, and checks them (`answers.json`).

use std::sync::LazyLock;

use serde_json::Value;

/// The answers by operation.
const ANSWERS: &str = include_str!("answers.json");

static PARSED: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(ANSWERS).unwrap_or_default());

/// The example answer of an operation.
pub(crate) fn answer(operation: &str) -> Option<Value> {
    PARSED.get(operation).cloned()
}
