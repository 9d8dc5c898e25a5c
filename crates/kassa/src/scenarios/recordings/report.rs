//! Prints a replay: one line for each exchange, and a block for each difference; or one line of JSON for programs.

use anstyle::AnsiColor;
use serde_json::json;

use super::comparison::Difference;
use super::replay::Replayed;
use crate::output::{colored, is_colored, say};

/// The width of the column with the call, in characters.
const CALL_WIDTH: usize = 56;

const GRAY: AnsiColor = AnsiColor::BrightBlack;

/// Prints on standard output.
pub(super) struct Report {
    is_json: bool,
    is_colored: bool,
    /// The words for the expected side and the other one.
    names: [&'static str; 2],
}

impl Report {
    pub(super) fn new(is_json: bool, names: [&'static str; 2]) -> Self {
        Self { is_json, is_colored: !is_json && is_colored(), names }
    }

    /// Prints a line for people.
    pub(super) fn line(&self, text: &str) {
        if !self.is_json {
            say(text);
        }
    }

    pub(super) fn exchange(&self, replayed: &Replayed<'_>) {
        if self.is_json {
            return;
        }
        let Replayed { exchange, acts, seen_status, differences, note, .. } = replayed;
        for act in acts {
            self.note(act);
        }
        let verdict = match differences.is_empty() {
            true => self.colored(AnsiColor::Green, "ok  "),
            false => self.colored(AnsiColor::Red, "DIFF"),
        };
        let call = format!("{:>3}  {} {}", exchange.number, exchange.method, exchange.shown_path());
        let status = seen_status.map_or("no answer".to_string(), |status| status.to_string());
        say(&format!("  {verdict} {call:CALL_WIDTH$} {status}"));
        for difference in differences {
            self.difference(difference);
        }
        if let Some(note) = note {
            self.note(note);
        }
    }

    /// Prints a line beside the exchanges.
    pub(super) fn note(&self, text: &str) {
        self.line(&self.colored(GRAY, &format!("            {text}")));
    }

    fn difference(&self, Difference { at, expected, seen }: &Difference) {
        let width = self.names.iter().map(|name| name.len()).max().unwrap_or_default();
        let [first, second] = self.names;
        say(&format!("            {at}"));
        say(&self.colored(AnsiColor::Red, &format!("              - {first:width$}  {expected}")));
        say(&self.colored(AnsiColor::Green, &format!("              + {second:width$}  {seen}")));
    }

    /// Prints the last line. Returns the number of exchanges with a difference.
    pub(super) fn end(&self, replayed: &[Replayed<'_>], left_out: usize) -> usize {
        let differing = replayed.iter().filter(|one| !one.differences.is_empty()).count();
        if self.is_json {
            let exchanges: Vec<_> = replayed.iter().map(|one| one.as_value(self.names)).collect();
            say(&json!({ "exchanges": exchanges, "differing": differing, "left_out": left_out }).to_string());
            return differing;
        }
        if left_out > 0 {
            say(&format!("{} left out: no call of the APIs", counted(left_out, "request")));
        }
        let all = counted(replayed.len(), "exchange");
        say(&match differing {
            0 => self.colored(AnsiColor::Green, &format!("{all}, no difference")),
            _ => self.colored(AnsiColor::Red, &format!("{all}, {differing} with a difference")),
        });
        differing
    }

    fn colored(&self, color: AnsiColor, text: &str) -> String {
        if self.is_colored { colored(color, text) } else { text.to_string() }
    }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
