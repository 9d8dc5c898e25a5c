//! Tables for people: columns as wide as what stands in them, two blanks between.

use kassa_wire::one_line::one_line;
use serde_json::Value;

/// Draws rows of a JSON list, a column for each title and field. Says `none` where there are no rows.
pub(crate) fn table(rows: &Value, columns: &[(&str, &str)], none: &str) -> String {
    let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    if rows.is_empty() {
        return none.to_string();
    }
    let mut lines = vec![columns.iter().map(|(title, _)| (*title).to_string()).collect::<Vec<_>>()];
    lines.extend(rows.iter().map(|row| columns.iter().map(|(_, field)| text(&row[*field])).collect()));
    let widths: Vec<usize> = (0..columns.len())
        .map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0))
        .collect();
    let drawn: Vec<String> = lines.iter().map(|line| draw(line, &widths)).collect();
    drawn.join("\n")
}

/// What a person reads of a value, in one line: `-` where there is none.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_string(),
        Value::String(text) => one_line(text).into_owned(),
        Value::Bool(true) => "yes".to_string(),
        Value::Bool(false) => "no".to_string(),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => one_line(&value.to_string()).into_owned(),
    }
}

fn draw(line: &[String], widths: &[usize]) -> String {
    let cells: Vec<String> = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
    cells.join("  ").trim_end().to_string()
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
    fn a_cell_neither_ends_its_line_nor_steers_the_terminal() {
        let rows = json!([{"id": "a\r\nPK1", "list": ["\u{1b}[2J\u{202e}"]}]);
        let drawn = table(&rows, &[("ID", "id"), ("LIST", "list")], "none");
        assert_eq!(drawn.lines().count(), 2, "{drawn}");
        assert!(!drawn.contains(['\r', '\u{1b}', '\u{202e}']), "{drawn}");
    }
}
