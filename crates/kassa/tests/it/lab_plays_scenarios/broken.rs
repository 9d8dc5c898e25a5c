//! Breaks scenarios: for each expectation, a copy of the scenario in which that expectation is wrong.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A scenario that must fail.
pub struct Broken {
    pub text: String,
    /// The line of the step that must fail.
    pub line: usize,
    /// The wrong value of the expectation.
    pub what: String,
}

/// Breaks each expectation of a scenario, one at a time.
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

/// The replacements that make an expected value wrong, each with the range that it replaces.
fn changes(text: &str, value: &Spanned<DeValue<'_>>) -> Vec<(Range<usize>, String)> {
    let written = &text[value.span()];
    match value.get_ref() {
        DeValue::String(_) => vec![(value.span(), format!("\"not {}", &written[1..]))],
        DeValue::Integer(_) => vec![(value.span(), (written.parse::<i64>().unwrap() + 1).to_string())],
        DeValue::Array(values) if values.is_empty() => vec![(value.span(), "[\"something\"]".to_string())],
        DeValue::Array(values) => values.iter().flat_map(|value| changes(text, value)).collect(),
        DeValue::Table(fields) => fields
            .iter()
            .filter(|(name, _)| !is_filter(fields, name.get_ref()))
            .flat_map(|(_, value)| changes(text, value))
            .collect(),
        DeValue::Boolean(_) | DeValue::Float(_) | DeValue::Datetime(_) => {
            panic!("no scenario expects {written} yet")
        }
    }
}

/// Whether a field is a filter of a journal count. Only the count itself is an expectation.
fn is_filter(fields: &DeTable<'_>, name: &str) -> bool {
    fields.contains_key("count") && name != "count"
}
