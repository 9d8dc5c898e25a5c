//! The texts of a document for readers who do not have the source.

use serde_json::Value;

/// The beginning of a reference to a page of the source.
const REFERENCE: &str = " (docs/";

/// Removes references to pages of the source from all descriptions.
pub(crate) fn without_references(json: &mut Value) {
    match json {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if key == "description" => *text = plain(text),
                    Value::Object(_) | Value::Array(_) => without_references(value),
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(without_references),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Removes references to pages of the source, and joins the lines of a paragraph.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(REFERENCE) {
        plain.push_str(before);
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    joined(&plain)
}

/// Joins the lines of a paragraph. A point of a list keeps its own line.
fn joined(text: &str) -> String {
    let mut joined = String::new();
    for line in text.lines() {
        let separator =
            if line.starts_with("- ") || line.is_empty() || joined.ends_with('\n') { "\n" } else { " " };
        if !joined.is_empty() {
            joined.push_str(separator);
        }
        joined.push_str(line.trim());
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_has_no_reference_to_the_source() {
        assert_eq!(plain("The order (docs/wire.md#headers, `order`)."), "The order.");
        assert_eq!(plain("One (docs/lab.md). Two (two). Three (docs/lab.md)"), "One. Two (two). Three");
        assert_eq!(plain("None."), "None.");
    }

    #[test]
    fn the_lines_of_a_paragraph_are_joined() {
        assert_eq!(plain("One\ntwo.\n\nThree\nfour.\n- a\n  b\n- c"), "One two.\n\nThree four.\n- a b\n- c");
    }
}
