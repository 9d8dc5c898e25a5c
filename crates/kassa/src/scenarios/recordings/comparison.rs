//! Compares two answers to the same call: the status, the shape of the body, and the values that do not differ from run
//! to run (docs/decisions/0082-a-recording-is-compared-by-shape.md).

use serde_json::{Map, Value, json};

use super::identities::Identities;
use super::variable::{Variable, is_variable_name};

/// Objects with choices and data of the consumer. Only their presence is compared.
const OF_THE_CONSUMER: [&str; 5] = [
    "authorized_payment_method",
    "initial_payment_method",
    "customer",
    "billing_address",
    "shipping_address",
];

/// Texts for people. Their presence is compared, and not their words.
const FOR_PEOPLE: &str = "error_messages";

/// The word for a field or an answer that is not there.
const MISSING: &str = "missing";

/// The most characters of a value in a difference.
const LONGEST_VALUE: usize = 60;

/// One answer of the two.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    /// `None` if no answer came.
    pub(super) status: Option<u16>,
    pub(super) body: &'a Value,
}

/// A difference between two answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// `status`, or the path of a field, such as `payment_method_categories[0].name`.
    pub(super) at: String,
    pub(super) expected: String,
    pub(super) seen: String,
}

impl Difference {
    pub(super) fn as_value(&self, names: [&str; 2]) -> Value {
        json!({ "at": self.at, names[0]: self.expected, names[1]: self.seen })
    }

    /// Whether the user expects a difference at this field, or in it. Places in lists do not count.
    fn is_ignored(&self, ignored: &[String]) -> bool {
        let at = self.at.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest));
        let at: String = at.collect();
        ignored.iter().any(|field| {
            at.strip_prefix(field.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}

/// The differences between an expected answer and the one that was seen. `identities` translates the ids of the
/// expected one.
pub(super) fn differences(
    expected: Side<'_>,
    seen: Side<'_>,
    identities: &Identities,
    ignored: &[String],
) -> Vec<Difference> {
    let mut comparison = Comparison { identities, found: Vec::new() };
    if expected.status != seen.status {
        let in_words = |side: Side<'_>| match (side.status, side.body["error_code"].as_str()) {
            (None, _) => "no answer".to_string(),
            (Some(status), Some(code)) => format!("{status} {code}"),
            (Some(status), None) => status.to_string(),
        };
        comparison.add("status", in_words(expected), in_words(seen));
    }
    let are_alike = is_success(expected.status) == is_success(seen.status);
    // Fields of an order and of an error have nothing in common.
    if are_alike && seen.status.is_some() {
        comparison.compare("", "", expected.body, seen.body);
    }
    comparison.found.retain(|difference| !difference.is_ignored(ignored));
    comparison.found
}

fn is_success(status: Option<u16>) -> bool {
    status.is_some_and(|status| (200..300).contains(&status))
}

struct Comparison<'a> {
    identities: &'a Identities,
    found: Vec<Difference>,
}

impl Comparison<'_> {
    fn add(&mut self, at: &str, expected: String, seen: String) {
        let at = if at.is_empty() { "body" } else { at }.to_string();
        self.found.push(Difference { at, expected, seen });
    }

    fn compare(&mut self, at: &str, name: &str, expected: &Value, seen: &Value) {
        match (expected, seen) {
            (Value::Object(_), Value::Object(_)) if OF_THE_CONSUMER.contains(&name) => {}
            (Value::Object(expected), Value::Object(seen)) => self.compare_objects(at, expected, seen),
            (Value::Array(_), Value::Array(_)) if name == FOR_PEOPLE => {}
            (Value::Array(expected), Value::Array(seen)) => self.compare_lists(at, name, expected, seen),
            (Value::String(expected), Value::String(seen)) => self.compare_texts(at, name, expected, seen),
            (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => {}
            (Value::Bool(one), Value::Bool(other)) if one == other => {}
            (Value::Null, Value::Null) => {}
            _ => self.add(at, shown(name, expected), shown(name, seen)),
        }
    }

    fn compare_objects(&mut self, at: &str, expected: &Map<String, Value>, seen: &Map<String, Value>) {
        let path = |name: &str| if at.is_empty() { name.to_string() } else { format!("{at}.{name}") };
        for (name, expected) in expected {
            match seen.get(name) {
                Some(seen) => self.compare(&path(name), name, expected, seen),
                None => self.add(&path(name), shown(name, expected), MISSING.to_string()),
            }
        }
        for (name, seen) in seen.iter().filter(|(name, _)| !expected.contains_key(*name)) {
            self.add(&path(name), MISSING.to_string(), shown(name, seen));
        }
    }

    fn compare_lists(&mut self, at: &str, name: &str, expected: &[Value], seen: &[Value]) {
        if expected.len() != seen.len() {
            return self.add(at, shown_list(expected), shown_list(seen));
        }
        for (place, (expected, seen)) in expected.iter().zip(seen).enumerate() {
            self.compare(&format!("{at}[{place}]"), name, expected, seen);
        }
    }

    fn compare_texts(&mut self, at: &str, name: &str, expected: &str, seen: &str) {
        let is_same = match (Variable::of(expected), Variable::of(seen)) {
            _ if is_variable_name(name) => true,
            (None, None) => self.identities.replaced(expected) == seen,
            (expected, seen) => expected == seen,
        };
        if !is_same {
            self.add(at, shown_text(name, expected), shown_text(name, seen));
        }
    }
}

/// A value in a difference. Ids, tokens and URLs are shown by their kind.
fn shown(name: &str, value: &Value) -> String {
    match value {
        Value::Null => "null".to_string(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => shown_text(name, text),
        Value::Array(values) => shown_list(values),
        Value::Object(fields) => match fields.len() {
            1 => "an object with 1 field".to_string(),
            count => format!("an object with {count} fields"),
        },
    }
}

fn shown_list(values: &[Value]) -> String {
    let names: Vec<&str> =
        values.iter().filter_map(|value| value["identifier"].as_str().or(value.as_str())).collect();
    let is_short = names.len() == values.len() && names.iter().all(|name| Variable::of(name).is_none());
    let count =
        if values.len() == 1 { "a list of 1".to_string() } else { format!("a list of {}", values.len()) };
    match is_short && !names.is_empty() {
        true => shortened(&format!("{count}: {}", names.join(", "))),
        false => count,
    }
}

fn shown_text(name: &str, text: &str) -> String {
    match Variable::of(text) {
        Some(variable) => variable.in_words().to_string(),
        None if is_variable_name(name) => "a text".to_string(),
        None => shortened(&format!("{text:?}")),
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST_VALUE {
        return text.to_string();
    }
    text.chars().take(LONGEST_VALUE - 3).chain("...".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expected: &Value, seen: &Value, found: &[&str]) {
        let side = |body| Side { status: Some(200), body };
        let differences = differences(side(expected), side(seen), &Identities::default(), &[]);
        let words: Vec<String> =
            differences.iter().map(|one| format!("{}: {} / {}", one.at, one.expected, one.seen)).collect();
        assert_eq!(words, found);
    }

    #[test]
    fn fields_types_and_values_are_compared() {
        check(&json!({"a": 1}), &json!({"a": 1.0}), &[]);
        check(&json!({"a": 1}), &json!({"a": "1"}), &["a: 1 / \"1\""]);
        check(&json!({"a": {"b": true}}), &json!({"a": {"b": false}}), &["a.b: true / false"]);
        check(&json!({"a": 1}), &json!({"b": null}), &["a: 1 / missing", "b: missing / null"]);
        check(&json!({"a": [{"b": 1}]}), &json!({"a": [{"b": 2}]}), &["a[0].b: 1 / 2"]);
        check(
            &json!({"a": [{"identifier": "klarna"}]}),
            &json!({"a": []}),
            &["a: a list of 1: klarna / a list of 0"],
        );
        check(&Value::Null, &json!({"a": 1}), &["body: null / an object with 1 field"]);
        check(&json!({"status": "WAITING"}), &json!({"status": "BACK"}), &["status: \"WAITING\" / \"BACK\""]);
    }

    #[test]
    fn values_that_differ_in_every_run_are_compared_by_their_kind() {
        let id = "f52fc7d6-ee28-9c04-8674-8f7b8cdca5d4";
        let other = "0192f7d6-ee28-7c04-8674-8f7b8cdca5d4";
        check(&json!({"a": id}), &json!({"a": other}), &[]);
        check(&json!({"a": id}), &json!({"a": "none"}), &["a: an id / \"none\""]);
        check(&json!({"redirect_url": "https://a.test/x"}), &json!({"redirect_url": "http://b.test/y"}), &[]);
        check(&json!({"klarna_reference": "X438HG0Q"}), &json!({"klarna_reference": "K4MADNY4"}), &[]);
        check(&json!({"authorization_token": id}), &json!({}), &["authorization_token: an id / missing"]);
        check(&json!({"error_messages": ["Bad value: a"]}), &json!({"error_messages": ["b", "c"]}), &[]);
        let method = |kind: &str| json!({"authorized_payment_method": {"type": kind}});
        check(&method("invoice"), &method("slice_it"), &[]);
    }

    #[test]
    fn an_error_and_a_success_differ_in_their_status_only() {
        let (order, error) = (json!({"order_id": "o1"}), json!({"error_code": "NOT_FOUND"}));
        let expected = Side { status: Some(200), body: &order };
        let seen = Side { status: Some(404), body: &error };
        let found = differences(expected, seen, &Identities::default(), &[]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].expected.as_str(), found[0].seen.as_str()), ("200", "404 NOT_FOUND"));
    }

    #[test]
    fn an_expected_difference_is_ignored_by_its_field() {
        let (expected, seen) =
            (json!({"a": [{"b": {"c": 1}}], "ab": 1}), json!({"a": [{"b": {"c": 2}}], "ab": 2}));
        let side = |body| Side { status: Some(200), body };
        let at = |ignored: &str| {
            let ignored = [ignored.to_string()];
            let found = differences(side(&expected), side(&seen), &Identities::default(), &ignored);
            found.into_iter().map(|one| one.at).collect::<Vec<_>>()
        };
        assert_eq!(at("a"), ["ab"]);
        assert_eq!(at("a.b.c"), ["ab"]);
        assert_eq!(at("b"), ["a[0].b.c", "ab"]);
    }
}
