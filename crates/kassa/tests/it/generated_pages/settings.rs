//! The references of settings, made from JSON Schemas: each table of settings becomes a table of keys and an example.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// The maximum number of columns of a line of prose.
const LONGEST_LINE: usize = 120;

/// A schema with the document whose definitions it refers to.
#[derive(Clone, Copy)]
pub struct Described<'a> {
    pub document: &'a Value,
    pub schema: &'a Value,
}

/// The reference of a TOML file.
pub fn reference_of_file(schema: &Value) -> String {
    let mut page = String::new();
    write_table(&mut page, &[], Described { document: schema, schema });
    page.trim_end().to_string() + "\n"
}

/// Writes a table of settings, and the tables in it.
fn write_table(page: &mut String, path: &[&str], table: Described<'_>) {
    if let Some(alternatives) = table.tables() {
        for alternative in alternatives {
            let (key, word) = alternative.constant().expect("a key chooses the alternative");
            let heading = format!("`[{}]` with `{key} = \"{word}\"`", path.join("."));
            write_keys(page, path, &heading, alternative);
        }
        return;
    }
    let heading = if path.is_empty() { "Top level".to_string() } else { format!("`[{}]`", path.join(".")) };
    write_keys(page, path, &heading, table);
    for (key, property) in table.properties().filter(|(_, property)| property.is_table()) {
        write_table(page, &[path, &[key]].concat(), property);
    }
}

fn write_keys(page: &mut String, path: &[&str], heading: &str, table: Described<'_>) {
    if table.properties().all(|(_, property)| property.is_table()) {
        return;
    }
    writeln!(page, "## {heading}\n").unwrap();
    if !path.is_empty() {
        writeln!(page, "{}\n", wrapped(&table.description(heading))).unwrap();
    }
    page.push_str(&keys("key", table));
    page.push_str("\n```toml\n");
    if !path.is_empty() {
        writeln!(page, "[{}]", path.join(".")).unwrap();
    }
    for (key, property) in table.properties().filter(|(_, property)| !property.is_table()) {
        writeln!(page, "{key} = {}", in_toml(&property.example(key))).unwrap();
    }
    page.push_str("```\n\n");
}

/// The keys of a table, as a table of Markdown.
pub fn keys(word: &str, table: Described<'_>) -> String {
    let mut page = format!("| {word} | type | default | meaning |\n|---|---|---|---|\n");
    for (key, property) in table.properties().filter(|(_, property)| !property.is_table()) {
        let default = match table.requires(key) {
            true => "required".to_string(),
            false => property.default(),
        };
        let (kind, meaning) = (property.kind(key), property.description(key));
        writeln!(page, "| `{key}` | {kind} | {default} | {meaning} |").unwrap();
    }
    page
}

/// The words of an enumeration, each with its description.
pub fn words_with_descriptions(schema: Described<'_>) -> String {
    let mut page = String::from("| word | meaning |\n|---|---|\n");
    for word in schema.list("oneOf") {
        writeln!(page, "| `{}` | {} |", word.schema["const"].as_str().unwrap(), word.description("a word"))
            .unwrap();
    }
    page
}

impl<'a> Described<'a> {
    /// Follows a reference.
    fn resolved(self) -> Self {
        let Some(reference) = self.schema.get("$ref").and_then(Value::as_str) else { return self };
        let schema =
            self.document.pointer(reference.trim_start_matches('#')).expect("references lead to a schema");
        Self { schema, ..self }
    }

    fn properties(self) -> impl Iterator<Item = (&'a str, Self)> {
        let properties = self.resolved().schema.get("properties").and_then(Value::as_object);
        properties.into_iter().flatten().map(move |(key, schema)| (key.as_str(), Self { schema, ..self }))
    }

    fn list(self, keyword: &str) -> impl Iterator<Item = Self> {
        let list = self.schema.get(keyword).and_then(Value::as_array);
        list.into_iter().flatten().map(move |schema| Self { schema, ..self })
    }

    fn requires(self, key: &str) -> bool {
        let required = self.resolved().schema.get("required").and_then(Value::as_array);
        required.is_some_and(|keys| keys.iter().any(|required| required == key))
    }

    /// Whether the setting is a table of settings of its own.
    fn is_table(self) -> bool {
        self.schema.get("properties").is_some() || self.tables().is_some()
    }

    /// The alternatives of a table whose keys depend on one of them.
    fn tables(self) -> Option<Vec<Self>> {
        let alternatives: Vec<Self> = self.list("oneOf").collect();
        let are_tables = alternatives.iter().all(|one| one.schema.get("properties").is_some());
        (!alternatives.is_empty() && are_tables).then_some(alternatives)
    }

    /// The key with a constant word, and the word.
    fn constant(self) -> Option<(&'a str, &'a str)> {
        self.properties().find_map(|(key, property)| Some((key, property.schema.get("const")?.as_str()?)))
    }

    /// The description. A setting without one fails the test.
    fn description(self, name: &str) -> String {
        if let Some(word) = self.schema.get("const").and_then(Value::as_str)
            && self.schema.get("description").is_none()
        {
            return format!("Chooses this table: `{word}`.");
        }
        let description =
            self.schema.get("description").or_else(|| self.resolved().schema.get("description"));
        let words =
            description.and_then(Value::as_str).unwrap_or_else(|| panic!("{name} has no description"));
        let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
        line.replace("](docs/", "](").replace('|', "\\|")
    }

    fn default(self) -> String {
        match (self.schema.get("x-default"), self.schema.get("default")) {
            (Some(words), _) => words.as_str().unwrap().to_string(),
            (None, Some(value)) if *value != Value::Array(Vec::new()) => format!("`{}`", in_toml(value)),
            (None, Some(_) | None) => "none".to_string(),
        }
    }

    /// The type of a setting with its unit, and the allowed values.
    fn kind(self, key: &str) -> String {
        let schema = self.resolved();
        let words: Vec<String> = schema.words().iter().map(|word| format!("`{word}`")).collect();
        match words.as_slice() {
            [] => {}
            [words @ .., last] if !words.is_empty() => return format!("{} or {last}", words.join(", ")),
            [word, ..] => return word.clone(),
        }
        for keyword in ["anyOf", "oneOf"] {
            let alternatives: Vec<String> = schema.list(keyword).map(|one| one.kind(key)).collect();
            if !alternatives.is_empty() {
                return alternatives.join(" or ");
            }
        }
        if let Some(word) = schema.schema.get("const").and_then(Value::as_str) {
            return format!("`{word}`");
        }
        match schema.schema["type"].as_str() {
            Some("boolean") => "`true` or `false`".to_string(),
            Some("string") => "text".to_string(),
            Some("integer") => format!("whole number{}{}", unit(key), schema.range()),
            Some("number") => format!("number{}{}", unit(key), schema.range()),
            Some("array") => schema.list_kind(key),
            Some("object") => schema.object_kind(),
            other => panic!("{key} has the type {other:?}"),
        }
    }

    fn list_kind(self, key: &str) -> String {
        let items = Described { schema: &self.schema["items"], ..self };
        match items.kind(key).as_str() {
            "text" => "list of texts".to_string(),
            kind if kind.starts_with("whole number") => "list of whole numbers".to_string(),
            kind if kind.starts_with("object") => "list of objects".to_string(),
            kind => format!("list of {kind}"),
        }
    }

    fn object_kind(self) -> String {
        let keys: Vec<String> = self.properties().map(|(key, _)| format!("`{key}`")).collect();
        format!("object with {}", keys.join(", "))
    }

    fn words(self) -> Vec<&'a str> {
        let described = self.list("oneOf").filter_map(|one| one.schema.get("const"));
        let listed = self.list("enum").map(|one| one.schema);
        listed.chain(described).filter_map(Value::as_str).collect()
    }

    /// The range of a number, without the bounds of its type.
    fn range(self) -> String {
        let bound = |keyword: &str| self.schema.get(keyword).filter(|bound| !is_bound_of_type(bound));
        match (bound("minimum"), bound("maximum")) {
            (Some(min), Some(max)) => format!(", from {min} to {max}"),
            (Some(min), None) => format!(", {min} or more"),
            (None, Some(max)) => format!(", {max} at most"),
            (None, None) => String::new(),
        }
    }

    /// An example of the setting: its own, or its default. A setting with neither fails the test.
    fn example(self, key: &str) -> Value {
        let given = self.schema.get("examples").and_then(|examples| examples.get(0));
        let value = given.or_else(|| self.schema.get("const")).or_else(|| self.schema.get("default"));
        value.unwrap_or_else(|| panic!("{key} has neither an example nor a default")).clone()
    }
}

/// A paragraph in lines of at most 120 columns.
fn wrapped(paragraph: &str) -> String {
    let mut page = String::new();
    let mut column = 0;
    for word in paragraph.split(' ') {
        let width = word.chars().count();
        if column > 0 {
            let is_full = column + 1 + width > LONGEST_LINE;
            page.push(if is_full { '\n' } else { ' ' });
            column = if is_full { 0 } else { column + 1 };
        }
        page.push_str(word);
        column += width;
    }
    page
}

/// The unit in the name of a setting.
fn unit(key: &str) -> &'static str {
    let units = [("_ms", " of milliseconds"), ("_s", " of seconds"), ("_days", " of days")];
    units.into_iter().find(|(suffix, _)| key.ends_with(suffix)).map_or("", |(_, unit)| unit)
}

/// Whether a bound is only that of the Rust type.
fn is_bound_of_type(bound: &Value) -> bool {
    let bounds = [0, u8::MAX.into(), u16::MAX.into(), u32::MAX.into()];
    bound.is_u64() && bounds.contains(&bound.as_u64().unwrap())
}

/// A value in TOML, on one line.
fn in_toml(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains('"') && !text.contains('\'') => format!("'{text}'"),
        Value::Array(values) => format!("[{}]", values.iter().map(in_toml).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => in_braces(fields),
        Value::String(_) | Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Null => panic!("TOML has no null"),
    }
}

fn in_braces(fields: &Map<String, Value>) -> String {
    let fields: Vec<String> =
        fields.iter().map(|(key, value)| format!("{key} = {}", in_toml(value))).collect();
    format!("{{ {} }}", fields.join(", "))
}
