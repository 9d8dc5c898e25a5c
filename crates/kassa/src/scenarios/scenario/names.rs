//! `$name` in a scenario: what stands for something that is known only when it is played.

use std::collections::BTreeMap;

use serde_json::Value;

/// Names that every scenario has.
const GIVEN: [&str; 7] = ["kassa", "shop", "page", "session", "payment", "token", "order"];

/// Refuses a name that nothing gives a value: neither every scenario, nor a step that saves it.
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

/// Puts the values of names in place of the names; one that has no value yet stays.
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

/// The name at the beginning, and what follows it.
fn split_name(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_lowercase() && letter != '_').unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_give_way_to_their_values_wherever_they_stand() {
        let names = BTreeMap::from([("session".to_string(), "s1".to_string())]);
        let filled = fill(&json!({"a": ["/x/$session/y", "$token", 1]}), &names);
        assert_eq!(filled, json!({"a": ["/x/s1/y", "$token", 1]}));
    }
}
