//! Compares an expected value with the observed one, and lists the lines in which they differ.

use serde_json::{Map, Value, json};
use similar::{Algorithm, ChangeTag, capture_diff_slices};

/// Matches any value that is present.
const ANYTHING: &str = "*";

/// Matches an absent value.
const NOTHING: &str = "none";

/// An expectation that was not met.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Difference {
    /// The name of the expectation.
    pub(super) what: String,
    pub(super) expected: Value,
    /// The part of the observed value that the expectation names.
    pub(super) seen: Value,
}

impl Difference {
    /// Compares two values. Returns `None` if the expectation is met.
    pub(super) fn of(what: impl Into<String>, expected: Value, seen: &Value) -> Option<Self> {
        let seen = part(seen, &expected);
        (seen != expected).then(|| Self { what: what.into(), expected, seen })
    }

    /// The difference as lines. A common line starts with a blank, an expected one with `-`, an observed one with `+`.
    pub(super) fn lines(&self) -> Vec<String> {
        line_up(&lines_of(&self.expected), &lines_of(&self.seen))
    }
}

/// Reduces an observed value to the parts that the expectation names. A part that meets its expectation is replaced by
/// the expectation's own words (`*`, `none`), so that equal values mean success.
fn part(seen: &Value, expected: &Value) -> Value {
    match (seen, expected) {
        (Value::Null, Value::String(_) | Value::Number(_) | Value::Bool(_)) => json!(NOTHING),
        (_, Value::String(word)) if word == ANYTHING => expected.clone(),
        (Value::Object(fields), Value::Object(named)) => {
            let parts = named.iter().map(|(name, expected)| {
                (name.clone(), part(fields.get(name).unwrap_or(&Value::Null), expected))
            });
            Value::Object(parts.collect::<Map<_, _>>())
        }
        // A single word is the expected status of a callback.
        (Value::Object(fields), Value::String(_)) if fields.contains_key("status") => {
            fields["status"].clone()
        }
        (Value::Array(seen), Value::Array(expected)) => {
            // Surplus elements are reduced like the last expected element.
            let model = |place: usize| expected.get(place).or(expected.last());
            let parts = seen.iter().enumerate();
            parts
                .map(|(place, seen)| model(place).map_or_else(|| seen.clone(), |one| part(seen, one)))
                .collect()
        }
        _ => seen.clone(),
    }
}

/// Splits a value into lines: one for each element of a list or field of a table.
fn lines_of(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().map(in_a_line).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name} = {}", in_a_line(value))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => vec![in_a_line(value)],
    }
}

fn in_a_line(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(_) => lines_of(value).join(", "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => value.to_string(),
    }
}

/// Merges two lists of lines into one. A common line appears once.
fn line_up(expected: &[String], seen: &[String]) -> Vec<String> {
    let operations = capture_diff_slices(Algorithm::Myers, expected, seen);
    let changes = operations.iter().flat_map(|operation| operation.iter_changes(expected, seen));
    let sign = |tag| match tag {
        ChangeTag::Equal => ' ',
        ChangeTag::Delete => '-',
        ChangeTag::Insert => '+',
    };
    changes.map(|change| format!("{} {}", sign(change.tag()), change.value())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expected: Value, seen: &Value, lines: &[&str]) {
        let difference = Difference::of("it", expected, seen);
        assert_eq!(difference.map(|it| it.lines()).unwrap_or_default(), lines);
    }

    #[test]
    fn a_table_is_compared_by_the_fields_that_it_names() {
        check(json!({"a": 1}), &json!({"a": 1, "b": 2}), &[]);
        check(json!({"a": 1, "b": 1}), &json!({"a": 1, "b": 2}), &["  a = 1", "- b = 1", "+ b = 2"]);
        check(json!({"a": {"b": "*"}}), &json!({"a": {"b": []}}), &[]);
        check(json!({"a": "*"}), &json!({}), &["- a = *", "+ a = none"]);
        check(json!({"a": 1}), &json!({}), &["- a = 1", "+ a = none"]);
        check(json!({"a": "none"}), &json!({}), &[]);
        check(json!({"a": "none"}), &json!({"a": 1}), &["- a = none", "+ a = 1"]);
    }

    #[test]
    fn a_list_is_compared_as_a_whole() {
        check(json!(["A", "B", "C"]), &json!(["A", "C"]), &["  A", "- B", "  C"]);
        check(json!(["A"]), &json!(["B", "A", "A"]), &["+ B", "+ A", "  A"]);
        check(json!([]), &json!(["A"]), &["+ A"]);
        check(json!([{}]), &json!([{"a": 1}]), &[]);
        check(json!(["A"]), &json!([{"status": "A", "event": 1}]), &[]);
    }

    #[test]
    fn numbers_are_compared_by_value() {
        check(json!(1), &json!(1), &[]);
        check(json!(1), &json!(2), &["- 1", "+ 2"]);
    }
}
