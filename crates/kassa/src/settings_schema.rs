//! The JSON Schema of a settings file, made from the type that reads the file. Editors check a file with it, and the
//! reference pages of the documentation are made from it.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value};

/// The schema of a file. It is draft 7, which editors of TOML files support, and it has no references.
pub(crate) fn schema_of_file<T: JsonSchema>() -> Schema {
    let mut settings = SchemaSettings::draft07().for_deserialize();
    settings.inline_subschemas = true;
    settings.with_transform(RecursiveTransform(simplify)).into_generator().into_root_schema_for::<T>()
}

/// Removes what a TOML file cannot contain, and what says nothing: `null`, defaults that are empty, and the ends of
/// lines in descriptions.
fn simplify(schema: &mut Schema) {
    let Some(keywords) = schema.as_object_mut() else { return };
    forbid_null(keywords);
    if keywords.get("default").is_some_and(is_empty) {
        keywords.remove("default");
    }
    if let Some(Value::String(description)) = keywords.get_mut("description") {
        *description = description.split_whitespace().collect::<Vec<_>>().join(" ");
    }
}

/// Removes `null` from the values that an optional setting may have.
fn forbid_null(keywords: &mut Map<String, Value>) {
    for (keyword, null) in [("type", Value::from("null")), ("enum", Value::Null)] {
        if let Some(Value::Array(allowed)) = keywords.get_mut(keyword) {
            allowed.retain(|value| *value != null);
        }
    }
    if let Some(Value::Array(types)) = keywords.get_mut("type")
        && types.len() == 1
    {
        let only = types.remove(0);
        keywords.insert("type".to_string(), only);
    }
    let Some(Value::Array(alternatives)) = keywords.get_mut("anyOf") else { return };
    alternatives.retain(|alternative| alternative["type"] != "null");
    if alternatives.len() == 1
        && let Value::Object(only) = alternatives.remove(0)
    {
        keywords.remove("anyOf");
        for (keyword, value) in only {
            keywords.entry(keyword).or_insert(value);
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
pub(crate) mod tests;
