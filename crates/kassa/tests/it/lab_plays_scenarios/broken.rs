//! A scenario with one of its expectations broken: for each expectation a text of its own, in which it says something else.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A scenario that must fail.
pub struct Broken {
    pub text: String,
    /// The line of the step in which it must.
    pub line: usize,
    /// What the expectation says now.
    pub what: String,
}

/// Each expectation of a scenario broken, one at a time.
pub fn broken(text: &str) -> Vec<Broken> {
    let scenario = DeTable::parse(text).unwrap();
    let steps = scenario.get_ref()["step"].get_ref().as_array().unwrap();
    let mut all = Vec::new();
    for step in steps {
        let line = text[..step.span().start].matches('\n').count() + 1;
        for (place, what) in changes_of_step(text, step.get_ref().as_table().unwrap()) {
            let mut text = text.to_string();
            text.replace_range(place, &what);
            all.push(Broken { text, line, what });
        }
    }
    all
}

fn changes_of_step(text: &str, step: &DeTable<'_>) -> Vec<(Range<usize>, String)> {
    let expected = step.get("expect").map(|expected| changes(text, expected)).unwrap_or_default();
    let parts = step.get("at_once").and_then(|parts| parts.get_ref().as_array());
    let parts = parts.into_iter().flat_map(|parts| parts.iter()).filter_map(|part| part.get_ref().as_table());
    expected.into_iter().chain(parts.flat_map(|part| changes_of_step(text, part))).collect()
}

/// What can be changed in a value, and into what: whatever it says becomes untrue.
fn changes(text: &str, value: &Spanned<DeValue<'_>>) -> Vec<(Range<usize>, String)> {
    let said = &text[value.span()];
    match value.get_ref() {
        DeValue::String(_) => vec![(value.span(), format!("\"not {}", &said[1..]))],
        DeValue::Integer(_) => vec![(value.span(), (said.parse::<i64>().unwrap() + 1).to_string())],
        DeValue::Array(values) if values.is_empty() => vec![(value.span(), "[\"something\"]".to_string())],
        DeValue::Array(values) => values.iter().flat_map(|value| changes(text, value)).collect(),
        DeValue::Table(fields) => fields
            .iter()
            .filter(|(name, _)| !is_filter(fields, name.get_ref()))
            .flat_map(|(_, value)| changes(text, value))
            .collect(),
        DeValue::Boolean(_) | DeValue::Float(_) | DeValue::Datetime(_) => panic!("nobody expects {said} yet"),
    }
}

/// Of a count of the journal, the filters say what is counted; the count alone is expected.
fn is_filter(fields: &DeTable<'_>, name: &str) -> bool {
    fields.contains_key("count") && name != "count"
}
