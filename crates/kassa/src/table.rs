//! Tables for the terminal: each column is as wide as its widest cell, with two blanks between columns.

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use kassa_wire::one_line::one_line;
use serde_json::Value;

/// The number of blanks before and after each cell.
const BETWEEN_COLUMNS: (u16, u16) = (0, 2);

/// Draws the rows of a JSON list, with one column for each title and field. Returns `none` if there are no rows.
pub(crate) fn table(rows: &Value, columns: &[(&str, &str)], none: &str) -> String {
    let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    if rows.is_empty() {
        return none.to_string();
    }
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(columns.iter().map(|(title, _)| *title));
    table.add_rows(rows.iter().map(|row| columns.iter().map(|(_, field)| text(&row[*field]))));
    for column in table.column_iter_mut() {
        column.set_padding(BETWEEN_COLUMNS);
    }
    table.trim_fmt()
}

/// Formats a JSON value for people, in one line. Null becomes `-`.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_string(),
        Value::String(text) => one_line(text).into_owned(),
        Value::Bool(true) => "yes".to_string(),
        Value::Bool(false) => "no".to_string(),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => one_line(&value.to_string()).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_column_is_as_wide_as_its_widest_cell() {
        let rows = json!([{"id": "a", "n": 1}, {"id": "long", "n": null}]);
        let drawn = table(&rows, &[("ID", "id"), ("N", "n")], "none");
        assert_eq!(drawn, "ID    N\na     1\nlong  -");
        assert_eq!(table(&json!([]), &[("ID", "id")], "none"), "none");
    }

    #[test]
    fn a_cell_neither_ends_its_line_nor_controls_the_terminal() {
        let rows = json!([{"id": "a\r\nPK1", "list": ["\u{1b}[2J\u{202e}"]}]);
        let drawn = table(&rows, &[("ID", "id"), ("LIST", "list")], "none");
        assert_eq!(drawn.lines().count(), 2, "{drawn}");
        assert!(!drawn.contains(['\r', '\u{1b}', '\u{202e}']), "{drawn}");
    }
}
