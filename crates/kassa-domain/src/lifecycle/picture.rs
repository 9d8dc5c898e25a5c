//! Renders the two tables for `kassa lifecycle` and for `docs/lifecycle.md`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::{
    CallbackRule, Event, LIFECYCLE, OpenStatus, RedirectTiming, STATUS_RULES, Status, StatusRule, Transition,
    transition,
};

/// Returns both tables as Markdown, the first table first.
#[must_use]
pub fn tables_markdown() -> String {
    format!("{}\n{}", markdown(&events_table()), markdown(&statuses_table()))
}

/// Returns both tables in aligned columns, for a terminal.
#[must_use]
pub fn table() -> String {
    format!("{}\n{}", columns(&events_table()), columns(&statuses_table()))
}

/// Returns a Mermaid state diagram, with one edge for each pair of statuses that an event connects.
#[must_use]
pub fn mermaid() -> String {
    let mut out = String::from("stateDiagram-v2\n    [*] --> WAITING\n");
    for open in OpenStatus::ALL {
        for target in Status::ALL {
            let events = events_between(open.into(), *target);
            if !events.is_empty() {
                out += &format!("    {} --> {target}: {}\n", Status::from(open), events.join(", "));
            }
        }
    }
    for status in Status::ALL.iter().filter(|status| status.is_final()) {
        out += &format!("    {status} --> [*]\n");
    }
    out
}

fn events_between(from: Status, to: Status) -> Vec<&'static str> {
    let moves = |event: &&Event| transition(from, **event) == Transition::To(to);
    Event::ALL.iter().filter(moves).map(|event| event.name()).collect()
}

fn events_table() -> Vec<Vec<String>> {
    let mut head = vec!["event".to_string()];
    head.extend(OpenStatus::ALL.map(|open| Status::from(open).to_string()));
    let rows = LIFECYCLE.iter().map(|(event, cells)| {
        let mut row = vec![event.name().to_string()];
        row.extend(cells.iter().map(cell_text));
        row
    });
    core::iter::once(head).chain(rows).collect()
}

fn cell_text(cell: &Transition) -> String {
    match cell {
        Transition::To(status) => status.to_string(),
        Transition::Stays => "=".to_string(),
        Transition::Refused => "-".to_string(),
    }
}

fn statuses_table() -> Vec<Vec<String>> {
    let head = ["status", "final", "callback", "browser goes to", "when", "page"];
    let head = head.map(str::to_string).to_vec();
    core::iter::once(head).chain(STATUS_RULES.iter().map(status_row)).collect()
}

fn status_row(rule: &StatusRule) -> Vec<String> {
    let urls: Vec<&str> = rule.browser_goes_to.iter().map(|url| url.name()).collect();
    let callback = match rule.callback {
        CallbackRule::Always => "yes",
        CallbackRule::OnRequest => "if enabled",
        CallbackRule::Never => "no",
    };
    let when = match (rule.redirect_timing, urls.is_empty()) {
        (_, true) => "-",
        (RedirectTiming::AtOnce, false) => "at once",
        (RedirectTiming::ByLink, false) => "by the page's link",
    };
    vec![
        rule.status.to_string(),
        if rule.status.is_final() { "yes" } else { "no" }.to_string(),
        callback.to_string(),
        if urls.is_empty() { "-".to_string() } else { urls.join(", else ") },
        when.to_string(),
        format!("{:?}", rule.page),
    ]
}

fn markdown(rows: &[Vec<String>]) -> String {
    let mut out = String::new();
    for (index, row) in rows.iter().enumerate() {
        out += &format!("| {} |\n", row.join(" | "));
        if index == 0 {
            out += &format!("|{}\n", "---|".repeat(row.len()));
        }
    }
    out
}

fn columns(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().enumerate().map(|(i, cell)| format!("{cell:<width$}", width = width(i)));
        out += cells.collect::<Vec<_>>().join("  ").trim_end();
        out.push('\n');
    }
    out
}
