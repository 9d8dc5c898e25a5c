//! Prints the progress and the results of scenarios, as text for people or as one line of JSON per scenario.

use anstyle::AnsiColor;
use serde_json::{Value, json};

use super::difference::Difference;
use super::play::{Played, PlayedStep};
use super::scenario::{Act, Scenario};
use crate::output::{colored, is_colored, say};
use crate::session::show;

/// The width of the column with the description of a step, in characters.
const STEP_WIDTH: usize = 68;

/// Prints reports on standard output.
pub(super) enum Report {
    ForPeople { is_colored: bool },
    Json,
}

const GRAY: AnsiColor = AnsiColor::BrightBlack;

impl Report {
    pub(super) fn new(json: bool) -> Self {
        if json { Self::Json } else { Self::ForPeople { is_colored: is_colored() } }
    }

    pub(super) fn begin(&self, scenario: &Scenario) {
        if let Self::ForPeople { .. } = self {
            say(&format!("{}  {}", scenario.name, self.colored(GRAY, &scenario.title)));
        }
    }

    pub(super) fn step(&self, played: &PlayedStep<'_>) {
        if let Self::Json = self {
            return;
        }
        let words = in_words(played);
        let blanks = " ".repeat(STEP_WIDTH.saturating_sub(words.chars().count()));
        let duration = self.colored(GRAY, &format!("{:>6} ms", played.duration_ms));
        if played.differences.is_empty() {
            return say(&format!("  {} {words}{blanks}{duration}", self.colored(AnsiColor::Green, "ok  ")));
        }
        say(&format!("  {} {words}{blanks}{duration}", self.colored(AnsiColor::Red, "FAIL")));
        say(&self.colored(GRAY, &format!("       line {}; - expected, + seen", played.step.line)));
        for difference in &played.differences {
            self.difference(difference);
        }
    }

    fn difference(&self, difference: &Difference) {
        say(&format!("       {}", difference.what));
        for line in difference.lines() {
            let color = match line.as_bytes().first() {
                Some(b'-') => AnsiColor::Red,
                Some(b'+') => AnsiColor::Green,
                _ => GRAY,
            };
            say(&format!("         {}", self.colored(color, &line)));
        }
    }

    pub(super) fn end(&self, played: &Played<'_>) {
        match self {
            Self::ForPeople { .. } => {
                let not_reached = played.scenario.steps.len() - played.steps.len();
                if not_reached > 0 {
                    say(&self.colored(GRAY, &format!("       {not_reached} more not reached")));
                }
                say("");
            }
            Self::Json => say(&as_value(played).to_string()),
        }
    }

    /// Prints the timeline of each page session.
    pub(super) fn timelines(&self, played: &Played<'_>) {
        for history in &played.histories {
            say(&format!("{}\n", show(history)));
        }
    }

    /// Prints the last line: the number of scenarios, and which of them failed.
    pub(super) fn sum_up(&self, count: usize, failed: &[&str], duration_ms: i64) {
        if let Self::ForPeople { .. } = self {
            let scenarios = if count == 1 { "1 scenario".to_string() } else { format!("{count} scenarios") };
            let verdict = match failed {
                [] => self.colored(AnsiColor::Green, &format!("{scenarios} passed")),
                _ => self.colored(
                    AnsiColor::Red,
                    &format!("{} of {scenarios} failed: {}", failed.len(), failed.join(", ")),
                ),
            };
            say(&format!("{verdict}, in {duration_ms} ms"));
        }
    }

    fn colored(&self, color: AnsiColor, text: &str) -> String {
        match self {
            Self::ForPeople { is_colored: true } => colored(color, text),
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
