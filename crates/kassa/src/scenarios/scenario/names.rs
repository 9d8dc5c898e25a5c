//! `$name` in a scenario: a placeholder for a value that is known only while the scenario is played.

use std::collections::BTreeMap;

use serde_json::Value;

/// The names that every scenario has.
const GIVEN: [&str; 7] = ["kassa", "shop", "page", "session", "payment", "token", "order"];

/// Refuses a name that is neither given nor saved by a step.
pub(super) fn check(text: &str, saved: &[&str]) -> Result<(), String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#'));
    for (place, line) in lines {
        for (name, _) in line.split('$').skip(1).map(split_name) {
            if !name.is_empty() && !GIVEN.contains(&name) && !saved.contains(&name) {
                let known: Vec<&str> = GIVEN.iter().chain(saved).copied().collect();
                return Err(format!(
                    "line {}: ${name} is not a name; known are {}",
                    place + 1,
                    known.join(", ")
                ));
            }
        }
    }
    Ok(())
}

/// Replaces names by their values. A name without a value is left as it is.
pub(in crate::scenarios) fn fill(value: &Value, names: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) => Value::String(fill_text(text, names)),
        Value::Array(values) => values.iter().map(|value| fill(value, names)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), fill(value, names))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn fill_text(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut parts = text.split('$');
    let mut filled = parts.next().unwrap_or_default().to_string();
    for (name, rest) in parts.map(split_name) {
        match names.get(name) {
            Some(value) => filled.push_str(value),
            None => filled.extend(["$", name]),
        }
        filled.push_str(rest);
    }
    filled
}

/// Splits a text into the name at its beginning and the rest.
fn split_name(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_lowercase() && letter != '_').unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_is_replaced_by_its_value_anywhere_in_a_body() {
        let names = BTreeMap::from([("session".to_string(), "s1".to_string())]);
        let filled = fill(&json!({"a": ["/x/$session/y", "$token", 1]}), &names);
        assert_eq!(filled, json!({"a": ["/x/s1/y", "$token", 1]}));
    }
}
