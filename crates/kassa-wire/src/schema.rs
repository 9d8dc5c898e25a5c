//! JSON Schemas of the bodies, for the description of the APIs (OpenAPI 3.1). The schema of a request comes from the
//! table that checks it ([`crate::shape`]), so the two cannot differ. The schema of an answer comes from its type.

use std::collections::HashMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::shape::{Field, JsonType, Presence, Rule, Shape, Shaped, TextForm, UnknownFields};

#[cfg(test)]
mod tests;

/// The place of named schemas in an OpenAPI document.
const COMPONENTS: &str = "#/components/schemas/";

/// The place of the answers' schemas, until they have their names.
const ANSWERS: &str = "#/answers/";

/// The named schemas of a document. A schema that is asked for is added with all schemas that it refers to.
pub struct Schemas {
    requests: Map<String, Value>,
    /// The names of the fields of each object, so that no two objects share a name.
    fields: HashMap<&'static str, Vec<&'static str>>,
    answers: SchemaGenerator,
    /// The types of requests, which have the descriptions of the fields.
    types: SchemaGenerator,
}

impl Default for Schemas {
    fn default() -> Self {
        let settings = |definitions: &'static str| {
            let mut settings = SchemaSettings::draft2020_12();
            settings.definitions_path = definitions.into();
            settings.meta_schema = None;
            settings
        };
        Self {
            requests: Map::new(),
            fields: HashMap::new(),
            answers: settings("/answers").for_serialize().into_generator(),
            types: settings("/components/schemas").for_deserialize().into_generator(),
        }
    }
}

impl Schemas {
    /// Adds the body of a request, and returns the reference to it.
    pub fn request<T: Shaped + JsonSchema>(&mut self) -> Value {
        let described = self.types.subschema_for::<T>().to_value();
        self.add_shape(T::SHAPE, &described)
    }

    /// The same for an update, whose fields may all be absent. Its name has the suffix `Update`.
    pub fn update<T: Shaped + JsonSchema>(&mut self) -> Value {
        self.request::<T>();
        let mut update = self.requests[T::SHAPE.name].clone();
        if let Some(keywords) = update.as_object_mut() {
            keywords.remove("required");
        }
        update["description"] = json!("The fields to change. Absent fields stay as they are.");
        let name = format!("{}Update", T::SHAPE.name);
        let reference = reference(&name);
        self.requests.insert(name, update);
        reference
    }

    /// Adds the body of an answer, and returns the schema or the reference to it.
    pub fn answer<T: JsonSchema>(&mut self) -> Value {
        self.answers.subschema_for::<T>().to_value()
    }

    /// Restricts a field of a request to these words, which a rule outside of the table checks.
    ///
    /// # Panics
    /// If no request has this object with this field.
    pub fn restrict(&mut self, object: &str, field: &str, words: &[&str]) {
        let schema = &mut self.requests[object]["properties"][field];
        let schema = if schema["type"] == "array" { &mut schema["items"] } else { schema };
        schema["enum"] = json!(words);
    }

    /// Writes all schemas into a document, by name. If a request and an answer have the same name and differ, the
    /// answer's name gets the suffix `Read`.
    pub fn write_into(mut self, document: &mut Value) {
        let mut answers = self.answers.take_definitions(true);
        answers.values_mut().for_each(forbid_null);
        let is_taken =
            |name: &&String| self.requests.get(*name).is_some_and(|request| *request != answers[*name]);
        let taken: Vec<String> = answers.keys().filter(is_taken).cloned().collect();
        let final_name = |name: &str| match taken.iter().any(|taken| taken == name) {
            true => format!("{name}Read"),
            false => name.to_string(),
        };
        let mut schemas = self.requests;
        schemas.extend(answers.into_iter().map(|(name, schema)| (final_name(&name), schema)));
        schemas.sort_keys();
        document["components"]["schemas"] = Value::Object(schemas);
        rename(document, &final_name);
    }

    /// Adds an object, and returns the reference to it.
    fn add_shape(&mut self, shape: Shape, described: &Value) -> Value {
        let names: Vec<&str> = shape.fields.iter().map(Field::wire_name).collect();
        match self.fields.get(shape.name) {
            Some(known) => assert!(*known == names, "two objects have the name {}", shape.name),
            None => {
                self.fields.insert(shape.name, names);
                let schema = self.object(shape, described);
                self.requests.insert(shape.name.to_string(), schema);
            }
        }
        reference(shape.name)
    }

    fn object(&mut self, shape: Shape, described: &Value) -> Value {
        let described = self.described_object(described);
        let mut schema = json!({"type": "object"});
        if let Some(description) = described.get("description") {
            schema["description"] = description.clone();
        }
        let mut properties = Map::new();
        for field in shape.fields {
            let described = described["properties"].get(field.wire_name()).cloned().unwrap_or_default();
            properties.insert(field.wire_name().to_string(), self.field(field, &described));
        }
        schema["properties"] = Value::Object(properties);
        let required = shape.fields.iter().filter(|field| field.presence == Presence::Required);
        let required: Vec<&str> = required.map(Field::wire_name).collect();
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        match shape.unknown {
            UnknownFields::Ignored => {}
            UnknownFields::Refused => schema["additionalProperties"] = json!(false),
        }
        schema
    }

    fn field(&mut self, field: &Field, described: &Value) -> Value {
        let mut schema = self.rule(field.rule, described);
        for keyword in ["description", "default"] {
            if let Some(value) = described.get(keyword) {
                schema[keyword] = value.clone();
            }
        }
        schema
    }

    fn rule(&mut self, rule: Rule, described: &Value) -> Value {
        match rule {
            Rule::Text { min, max } => sized("string", ["minLength", "maxLength"], min, max),
            Rule::Matching(TextForm { accepts: _, pattern, max }) => {
                let mut schema = sized("string", ["minLength", "maxLength"], 0, max);
                schema["pattern"] = json!(pattern);
                schema
            }
            Rule::Code(letters) => json!({"type": "string", "pattern": format!("^[A-Za-z]{{{letters}}}$")}),
            Rule::CodeOrEmpty(letters) => {
                json!({"type": "string", "pattern": format!("^([A-Za-z]{{{letters}}})?$")})
            }
            Rule::Word(words) | Rule::ExactWord(words) => json!({"type": "string", "enum": words}),
            Rule::Integer { min, max } | Rule::Rate { min, max } => integer(min, max),
            Rule::Decimal => json!({"type": "number"}),
            Rule::Flag => json!({"type": "boolean"}),
            Rule::Exact(types) => exact(types),
            Rule::Object(shape) => self.add_shape(shape, described),
            Rule::TextOr(shape) => {
                json!({"anyOf": [{"type": "string"}, self.add_shape(shape, described)]})
            }
            Rule::List { of, min, max } => {
                let mut schema = sized("array", ["minItems", "maxItems"], min, max);
                schema["items"] = self.rule(*of, described.get("items").unwrap_or(&Value::Null));
                schema
            }
        }
    }

    /// The definition of the object that a schema of a type leads to.
    fn described_object(&self, described: &Value) -> Value {
        let alternatives = described.get("anyOf").and_then(Value::as_array).into_iter().flatten();
        let reference =
            [described].into_iter().chain(alternatives).find_map(|schema| schema["$ref"].as_str());
        let name = reference.and_then(|reference| reference.strip_prefix(COMPONENTS));
        match name.and_then(|name| self.types.definitions().get(name)) {
            // The alternatives of an enum lead to the object of its last variant.
            Some(definition) if definition.get("anyOf").is_some() => self.described_object(definition),
            Some(definition) => definition.clone(),
            None => described.clone(),
        }
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("{COMPONENTS}{name}")})
}

/// The schema of a text or a list with a size in this range.
fn sized(kind: &str, [minimum, maximum]: [&str; 2], min: usize, max: usize) -> Value {
    let mut schema = json!({"type": kind});
    if min > 0 {
        schema[minimum] = json!(min);
    }
    if max < usize::MAX {
        schema[maximum] = json!(max);
    }
    schema
}

fn integer(min: i64, max: i64) -> Value {
    let mut schema = json!({"type": "integer", "format": "int64"});
    if min > i64::MIN {
        schema["minimum"] = json!(min);
    }
    if max < i64::MAX {
        schema["maximum"] = json!(max);
    }
    schema
}

fn exact(types: &[JsonType]) -> Value {
    if types.contains(&JsonType::Anything) {
        return json!({});
    }
    let mut schema = json!({});
    let mut names = Vec::new();
    for kind in types {
        names.push(match kind {
            JsonType::Null => "null",
            JsonType::Text => "string",
            JsonType::Object => "object",
            JsonType::Integer => "integer",
            JsonType::Count => {
                schema["minimum"] = json!(0);
                "integer"
            }
            JsonType::HttpStatus => {
                schema["minimum"] = json!(0);
                schema["maximum"] = json!(u16::MAX);
                "integer"
            }
            JsonType::Anything => continue,
        });
    }
    schema["type"] = if let [only] = names[..] { json!(only) } else { json!(names) };
    schema
}

/// Removes `null` from the fields of an answer that are omitted instead.
fn forbid_null(schema: &mut Value) {
    let required: Vec<String> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_string)
        .collect();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (_, property) in properties.iter_mut().filter(|(name, _)| !required.contains(name)) {
        let Some(keywords) = property.as_object_mut() else { continue };
        keywords.remove("default");
        if let Some(types) = keywords.get_mut("type") {
            remove_null(types, |kind| kind == "null");
        }
        if let Some(mut alternatives) = keywords.remove("anyOf") {
            remove_null(&mut alternatives, |schema| schema["type"] == "null");
            match alternatives.as_object_mut() {
                Some(only) => keywords.append(only),
                None => _ = keywords.insert("anyOf".to_string(), alternatives),
            }
        }
    }
}

/// Removes the alternatives of `null`. A single remaining one replaces the list.
fn remove_null(alternatives: &mut Value, is_null: impl Fn(&Value) -> bool) {
    let Some(list) = alternatives.as_array_mut() else { return };
    list.retain(|alternative| !is_null(alternative));
    if list.len() == 1 {
        *alternatives = list.remove(0);
    }
}

/// Gives the references to answers their names in the document.
fn rename(json: &mut Value, final_name: &impl Fn(&str) -> String) {
    match json {
        Value::Object(fields) => {
            for value in fields.values_mut() {
                match value.as_str().and_then(|reference| reference.strip_prefix(ANSWERS)) {
                    Some(name) => *value = Value::String(format!("{COMPONENTS}{}", final_name(name))),
                    None => rename(value, final_name),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| rename(value, final_name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
