//! The schema of a file and its reader agree on every key. So the reference pages, which are made from the schema, are
//! true. The documents under test are the examples of those pages.

use std::path::Path;

use jsonschema::Validator;
use serde::de::DeserializeOwned;
use serde_json::json;
use toml::{Table, Value as Setting};

use super::*;

/// A settings file: its schema, and its reader.
struct SettingsFile<'a> {
    page: &'a str,
    validator: Validator,
    /// Whether the reader accepts a document.
    reads: &'a dyn Fn(Table) -> bool,
    /// Whether the reader accepts a document, and its settings together.
    allows: &'a dyn Fn(Table) -> bool,
}

/// Asserts that the schema of `T` and its reader agree on each key of the examples of a reference page. `is_allowed`
/// checks the settings together.
#[track_caller]
pub(crate) fn check<T: JsonSchema + DeserializeOwned>(page: &str, is_allowed: impl Fn(T) -> bool) {
    let read = |document: Table| T::deserialize(Setting::Table(document)).ok();
    let schema = schema_of_file::<T>().to_value();
    let file = SettingsFile {
        page,
        validator: jsonschema::validator_for(&schema).unwrap(),
        reads: &|document| read(document).is_some(),
        allows: &|document| read(document).is_some_and(&is_allowed),
    };
    for example in examples(page) {
        assert!((file.allows)(example.clone()), "{page}: the reader refuses the example");
        assert!(file.validator.is_valid(&as_json(&example)), "{page}: the schema refuses the example");
        file.check_table(&example, &[], &schema);
    }
}

/// The examples of a page. If a table has several examples, the first document has the first one, and the second
/// document has the last one.
fn examples(page: &str) -> [Table; 2] {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
    let text = std::fs::read_to_string(page).unwrap();
    let (_, drawn) = text.split_once("<!-- drawn from the code: begin -->").unwrap();
    let blocks = drawn.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let blocks: Vec<(&str, &str)> = blocks.map(|block| (block.lines().next().unwrap(), block)).collect();
    [false, true].map(|takes_last| {
        let is_of_file = |place: usize, head: &str| {
            let mut others = if takes_last { blocks[place + 1..].iter() } else { blocks[..place].iter() };
            !others.any(|(other, _)| *other == head)
        };
        let places = blocks.iter().enumerate();
        let chosen = places.filter(|(place, (head, _))| is_of_file(*place, head)).map(|(_, (_, text))| *text);
        chosen.collect::<String>().parse().unwrap()
    })
}

fn as_json(document: &Table) -> Value {
    serde_json::to_value(document).unwrap()
}

impl SettingsFile<'_> {
    /// Checks each key of a table, and the tables in it.
    fn check_table(&self, document: &Table, path: &[&str], schema: &Value) {
        let schema = alternative(schema, table_at(&mut document.clone(), path));
        let properties = schema["properties"].as_object().unwrap();
        let missing = json!([]);
        let required = schema.get("required").unwrap_or(&missing).as_array().unwrap();
        for (key, property) in properties {
            let is_table = property.get("properties").is_some() || table_alternatives(property).is_some();
            if is_table {
                self.check_table(document, &[path, &[key.as_str()]].concat(), property);
            } else if property.get("const").is_none() {
                self.check_values(document, path, key, property);
            }
            self.check_presence(document, path, key, required.contains(&json!(key)));
        }
        self.check_refused(document, path, "no_such_key", &Setting::Boolean(true));
    }

    /// A required key is needed, and another one is not.
    fn check_presence(&self, document: &Table, path: &[&str], key: &str, is_required: bool) {
        let mut without = document.clone();
        let removed = table_at(&mut without, path).remove(key);
        assert!(removed.is_some(), "{}: no example has the key {path:?} {key}", self.page);
        let is_valid = self.validator.is_valid(&as_json(&without));
        assert_eq!((self.reads)(without), !is_required, "{}: reader, without {path:?} {key}", self.page);
        assert_eq!(is_valid, !is_required, "{}: schema, without {path:?} {key}", self.page);
    }

    fn check_values(&self, document: &Table, path: &[&str], key: &str, schema: &Value) {
        for word in words(schema) {
            self.check_accepted(document, path, key, &Setting::String(word.to_string()));
        }
        if !words(schema).is_empty() {
            self.check_refused(document, path, key, &Setting::String("no-such-word".to_string()));
        }
        for (bound, step) in [("minimum", -1.0), ("maximum", 1.0)] {
            let Some(bound) = schema.get(bound).and_then(Value::as_f64) else { continue };
            let value = |number: f64| match schema["type"].as_str() {
                Some("integer") => Setting::Integer(number as i64),
                _ => Setting::Float(number),
            };
            self.check_accepted(document, path, key, &value(bound));
            self.check_refused(document, path, key, &value(bound + step));
        }
        if schema.get("minItems").is_some() {
            self.check_refused(document, path, key, &Setting::Array(Vec::new()));
        }
        if let Some(most) = schema.get("maxLength").and_then(Value::as_u64) {
            let long = "x".repeat(usize::try_from(most).unwrap() + 1);
            self.check_refused(document, path, key, &Setting::String(long));
        }
        self.check_refused(document, path, key, &Setting::Table(Table::new()));
    }

    fn check_accepted(&self, document: &Table, path: &[&str], key: &str, value: &Setting) {
        let changed = changed(document, path, key, value);
        let is_valid = self.validator.is_valid(&as_json(&changed));
        assert!(is_valid, "{}: the schema refuses {path:?} {key} = {value:?}", self.page);
        assert!((self.reads)(changed), "{}: the reader refuses {path:?} {key} = {value:?}", self.page);
    }

    fn check_refused(&self, document: &Table, path: &[&str], key: &str, value: &Setting) {
        let changed = changed(document, path, key, value);
        let is_valid = self.validator.is_valid(&as_json(&changed));
        assert!(!is_valid, "{}: the schema accepts {path:?} {key} = {value:?}", self.page);
        assert!(!(self.allows)(changed), "{}: the reader accepts {path:?} {key} = {value:?}", self.page);
    }
}

fn table_at<'a>(document: &'a mut Table, path: &[&str]) -> &'a mut Table {
    path.iter().fold(document, |table, key| {
        table.get_mut(*key).and_then(Setting::as_table_mut).expect("the examples have every table")
    })
}

fn changed(document: &Table, path: &[&str], key: &str, value: &Setting) -> Table {
    let mut changed = document.clone();
    table_at(&mut changed, path).insert(key.to_string(), value.clone());
    changed
}

/// The alternatives of a table whose keys depend on one of them.
fn table_alternatives(schema: &Value) -> Option<&Vec<Value>> {
    schema.get("oneOf")?.as_array().filter(|list| list.iter().all(|one| one.get("properties").is_some()))
}

/// The schema of a table. If it has alternatives, the one that names this table's word.
fn alternative<'a>(schema: &'a Value, table: &Table) -> &'a Value {
    let Some(alternatives) = table_alternatives(schema) else { return schema };
    let names = |schema: &&Value| {
        let properties = schema["properties"].as_object().unwrap();
        properties.iter().any(|(key, property)| {
            let word = property.get("const").and_then(Value::as_str);
            word.is_some() && word == table.get(key).and_then(Setting::as_str)
        })
    };
    alternatives.iter().find(names).expect("the example has a word of the schema")
}

/// The words of an enumeration.
fn words(schema: &Value) -> Vec<&str> {
    let of_list = |keyword: &str| schema.get(keyword).and_then(Value::as_array).into_iter().flatten();
    let described = of_list("oneOf").filter_map(|one| one.get("const"));
    of_list("enum").chain(described).filter_map(Value::as_str).collect()
}
