//! Prints the progress and the results of scenarios, as text for people or as one line of JSON per scenario.

use std::io::IsTerminal;

use serde_json::{Value, json};

use super::difference::Difference;
use super::play::{Played, PlayedStep};
use super::scenario::{Act, Scenario};
use crate::output::say;

/// The width of the column with the description of a step, in characters.
const STEP_WIDTH: usize = 68;

/// Prints reports on standard output.
pub(super) enum Report {
    ForPeople { is_colored: bool },
    Json,
}

#[derive(Clone, Copy)]
enum Color {
    Red = 31,
    Green = 32,
    Gray = 90,
}

impl Report {
    pub(super) fn new(json: bool) -> Self {
        let is_colored = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        if json { Self::Json } else { Self::ForPeople { is_colored } }
    }

    pub(super) fn begin(&self, scenario: &Scenario) {
        if let Self::ForPeople { .. } = self {
            say(&format!("{}  {}", scenario.name, self.colored(Color::Gray, &scenario.title)));
        }
    }

    pub(super) fn step(&self, played: &PlayedStep<'_>) {
        if let Self::Json = self {
            return;
        }
        let words = in_words(played);
        let blanks = " ".repeat(STEP_WIDTH.saturating_sub(words.chars().count()));
        let duration = self.colored(Color::Gray, &format!("{:>6} ms", played.duration_ms));
        if played.differences.is_empty() {
            return say(&format!("  {} {words}{blanks}{duration}", self.colored(Color::Green, "ok  ")));
        }
        say(&format!("  {} {words}{blanks}{duration}", self.colored(Color::Red, "FAIL")));
        say(&self.colored(Color::Gray, &format!("       line {}; - expected, + seen", played.step.line)));
        for difference in &played.differences {
            self.difference(difference);
        }
    }

    fn difference(&self, difference: &Difference) {
        say(&format!("       {}", difference.what));
        for line in difference.lines() {
            let color = match line.as_bytes().first() {
                Some(b'-') => Color::Red,
                Some(b'+') => Color::Green,
                _ => Color::Gray,
            };
            say(&format!("         {}", self.colored(color, &line)));
        }
    }

    pub(super) fn end(&self, played: &Played<'_>) {
        match self {
            Self::ForPeople { .. } => {
                let not_reached = played.scenario.steps.len() - played.steps.len();
                if not_reached > 0 {
                    say(&self.colored(Color::Gray, &format!("       {not_reached} more not reached")));
                }
                say("");
            }
            Self::Json => say(&as_value(played).to_string()),
        }
    }

    /// Prints the last line: the number of scenarios, and which of them failed.
    pub(super) fn sum_up(&self, count: usize, failed: &[&str], duration_ms: i64) {
        if let Self::ForPeople { .. } = self {
            let scenarios = if count == 1 { "1 scenario".to_string() } else { format!("{count} scenarios") };
            let verdict = match failed {
                [] => self.colored(Color::Green, &format!("{scenarios} passed")),
                _ => self.colored(
                    Color::Red,
                    &format!("{} of {scenarios} failed: {}", failed.len(), failed.join(", ")),
                ),
            };
            say(&format!("{verdict}, in {duration_ms} ms"));
        }
    }

    fn colored(&self, color: Color, text: &str) -> String {
        match self {
            Self::ForPeople { is_colored: true } => format!("\u{1b}[{}m{text}\u{1b}[0m", color as u8),
            Self::ForPeople { is_colored: false } | Self::Json => text.to_string(),
        }
    }
}

/// Describes a step: its act, and the names of its expectations.
fn in_words(played: &PlayedStep<'_>) -> String {
    let expected = played.step.expect.names().join(", ");
    match (&played.step.act, expected.is_empty()) {
        (Act::Look, _) => format!("check {expected}"),
        (act, true) => act.to_string(),
        (act, false) => format!("{act}; check {expected}"),
    }
}

fn as_value(played: &Played<'_>) -> Value {
    let steps = played.steps.iter().map(|step| {
        let differences = step.differences.iter().map(|difference| {
            json!({ "what": difference.what, "expected": difference.expected, "seen": difference.seen })
        });
        json!({
            "line": step.step.line,
            "step": in_words(step),
            "duration_ms": step.duration_ms,
            "differences": differences.collect::<Vec<_>>(),
        })
    });
    json!({
        "scenario": played.scenario.name,
        "title": played.scenario.title,
        "passed": played.is_passed(),
        "duration_ms": played.duration_ms,
        "steps": steps.collect::<Vec<_>>(),
    })
}
