//! The fields of a request's body, one row for each, from the schemas of the document.

use serde_json::Value;

use super::rich_text::RichText;

/// One field.
pub(super) struct FieldRow {
    /// The path in the body, such as `order_lines[].name`.
    pub(super) path: String,
    /// The type and the limits, in words.
    pub(super) limits: String,
    pub(super) is_required: bool,
    pub(super) about: RichText,
}

/// The deepest level of fields that the page shows.
const DEEPEST: usize = 4;

/// The fields of the body of an operation.
pub(super) fn of_body(document: &Value, path: &str, method: &str) -> Vec<FieldRow> {
    let operation = &document["paths"][path][method.to_ascii_lowercase()];
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let mut rows = Vec::new();
    add_fields(document, schema, "", &mut rows);
    rows
}

fn add_fields(document: &Value, schema: &Value, parent: &str, rows: &mut Vec<FieldRow>) {
    let schema = resolved(document, schema);
    let required: Vec<&str> = texts(&schema["required"]).collect();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = if parent.is_empty() { name.clone() } else { format!("{parent}.{name}") };
        let about = RichText::of(field["description"].as_str().unwrap_or_default());
        let is_required = required.contains(&name.as_str());
        let limits = limits(document, field);
        rows.push(FieldRow { path: path.clone(), limits, is_required, about });
        if path.matches(['.', '[']).count() < DEEPEST {
            add_parts(document, field, &path, rows);
        }
    }
}

/// Adds the fields of an object, of the objects in a list, and of an object that represents a text.
fn add_parts(document: &Value, field: &Value, path: &str, rows: &mut Vec<FieldRow>) {
    if field["items"].is_object() {
        return add_fields(document, &field["items"], &format!("{path}[]"), rows);
    }
    add_fields(document, field, path, rows);
    for alternative in field["anyOf"].as_array().into_iter().flatten() {
        add_fields(document, alternative, path, rows);
    }
}

/// The schema that a reference leads to.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema)
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The type of a field and its limits, in words.
fn limits(document: &Value, field: &Value) -> String {
    let schema = resolved(document, field);
    if schema["enum"].is_array() {
        return texts(&schema["enum"]).collect::<Vec<_>>().join(", ");
    }
    let kinds: Vec<&str> = match schema["type"].as_str() {
        Some(kind) => vec![kind],
        None => texts(&schema["type"]).collect(),
    };
    let in_words = |kind: &&str| match *kind {
        "string" => sized(schema, "text", "characters", ["minLength", "maxLength"]),
        "array" => sized(schema, "list", "values", ["minItems", "maxItems"]),
        "integer" => sized(schema, "whole number", "", ["minimum", "maximum"]),
        "boolean" => "true or false".to_string(),
        other => other.to_string(),
    };
    let words: Vec<String> = kinds.iter().map(in_words).collect();
    if words.is_empty() { "text or object".to_string() } else { words.join(" or ") }
}

fn sized(schema: &Value, kind: &str, unit: &str, [min, max]: [&str; 2]) -> String {
    let range = match (schema[min].as_i64(), schema[max].as_i64()) {
        (Some(min), Some(max)) => format!(", {min} to {max}"),
        (Some(min), None) => format!(", at least {min}"),
        (None, Some(max)) => format!(", at most {max}"),
        (None, None) => return kind.to_string(),
    };
    format!("{kind}{range} {unit}").trim_end().to_string()
}
