//! The lines that `kassa dev` prints while it runs: one for each request, status change and attempt of a callback.
//!
//! They are made from log events, so they show what a production node logs at `info`, and no more.

use std::fmt::Debug;
use std::io::Write;

use anstyle::AnsiColor;
use kassa_engine::{CALLBACK_LOG, Clock as _, STATUS_LOG, SystemClock};
use kassa_server::REQUEST_LOG;
use kassa_wire::one_line::one_line;
use kassa_wire::time::format_ms;
use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::output::{colored, is_colored, standard_error, standard_output};

/// The destination and the form of the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    /// To standard output, for people.
    Lines {
        /// Whether they have colours.
        is_colored: bool,
    },
    /// To standard error, as JSON. Programs read the first line of standard output.
    Json,
    /// Nowhere.
    Quiet,
}

impl Activity {
    /// The lines that the options `--json` and `--quiet` ask for.
    pub(super) fn of(is_json: bool, is_quiet: bool) -> Self {
        match (is_quiet, is_json) {
            (true, _) => Self::Quiet,
            (false, true) => Self::Json,
            (false, false) => Self::Lines { is_colored: is_colored() },
        }
    }

    /// The layer that prints the lines.
    pub(crate) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(self) -> Option<impl Layer<S>> {
        let targets = [REQUEST_LOG, STATUS_LOG, CALLBACK_LOG].map(|target| (target, LevelFilter::INFO));
        (self != Self::Quiet).then(|| Printer(self).with_filter(Targets::new().with_targets(targets)))
    }
}

/// Prints log events.
struct Printer(Activity);

impl<S: Subscriber> Layer<S> for Printer {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let at = format_ms(SystemClock.system_now().as_ms());
        let target = event.metadata().target();
        // A line that cannot be written is dropped and counted.
        let _ = match self.0 {
            Activity::Lines { is_colored } => {
                let line = line(target, &fields, at.get(11..19).unwrap_or_default(), Paint(is_colored));
                standard_output().write_all(format!("{line}\n").as_bytes())
            }
            Activity::Json => {
                let line = fields.into_json(target, &at);
                standard_error().write_all(format!("{line}\n").as_bytes())
            }
            Activity::Quiet => Ok(()),
        };
    }
}

/// The fields of a log event.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    /// A field as text in one line; `-` if it is missing.
    fn text(&self, name: &str) -> String {
        match self.0.get(name) {
            None | Some(Value::Null) => "-".to_string(),
            Some(Value::String(text)) => one_line(text).into_owned(),
            Some(other) => other.to_string(),
        }
    }

    fn number(&self, name: &str) -> i64 {
        self.0.get(name).and_then(Value::as_i64).unwrap_or_default()
    }

    fn into_json(mut self, target: &str, at: &str) -> Value {
        self.0.remove("message");
        let mut line = Map::new();
        line.insert("at".to_string(), json!(at));
        line.insert("kind".to_string(), json!(kind(target)));
        line.extend(self.0);
        Value::Object(line)
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_string(), json!(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_string(), json!(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_string(), json!(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_string(), json!(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_string(), json!(value));
    }
}

fn kind(target: &str) -> &'static str {
    match target {
        REQUEST_LOG => "request",
        STATUS_LOG => "status",
        _ => "callback",
    }
}

/// Whether text gets its colour.
#[derive(Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn text(self, color: AnsiColor, text: &str) -> String {
        if self.0 { colored(color, text) } else { text.to_string() }
    }

    /// An HTTP status, or the reason why there is none.
    fn answer(self, status: i64, text: &str) -> String {
        let color = match status {
            200..=399 => AnsiColor::Green,
            400..=499 => AnsiColor::Yellow,
            _ => AnsiColor::Red,
        };
        self.text(color, text)
    }
}

fn line(target: &str, fields: &Fields, time: &str, paint: Paint) -> String {
    let time = paint.text(AnsiColor::BrightBlack, time);
    match kind(target) {
        "request" => format!("{time}  {}", request(fields, paint)),
        "status" => format!("{time}  {}", status(fields, paint)),
        _ => format!("{time}  {}", callback(fields, paint)),
    }
}

fn request(fields: &Fields, paint: Paint) -> String {
    let answer = paint.answer(fields.number("status"), &fields.text("status"));
    let what = format!("{:<8} {:<46}", fields.text("method"), fields.text("route"));
    let code = match fields.text("code").as_str() {
        "-" => String::new(),
        code => format!("  {code}"),
    };
    let took = fields.number("duration_ms");
    format!("{what} {answer} {took:>5} ms  {}{code}", fields.text("session_id"))
}

fn status(fields: &Fields, paint: Paint) -> String {
    let to = fields.text("status");
    let color = match to.as_str() {
        "COMPLETED" => AnsiColor::Green,
        "FAILED" | "ERROR" => AnsiColor::Red,
        _ => AnsiColor::Cyan,
    };
    let moves = format!("{} -> {to}", fields.text("from"));
    let padding = " ".repeat(28_usize.saturating_sub(moves.len()));
    let moves = moves.replace(&to, &paint.text(color, &to));
    let event = fields.text("event");
    let (session, actor) = (fields.text("page_session_id"), fields.text("actor"));
    format!("{:<8} {moves}{padding} {event:<30}  {session}  by {actor}", "status")
}

fn callback(fields: &Fields, paint: Paint) -> String {
    let attempt = format!("callback {}/{}", fields.number("attempt"), fields.text("of"));
    let (answer, failure) = (fields.text("answer"), fields.text("reason"));
    let result = match answer.as_str() {
        "-" => paint.answer(0, "---"),
        answer => paint.answer(fields.number("answer"), answer),
    };
    let failure = if failure == "-" { String::new() } else { format!("  {failure}") };
    let (endpoint, took) = (fields.text("endpoint"), fields.number("duration_ms"));
    format!("{attempt:<14} {endpoint:<40} {result} {took:>5} ms  {}{failure}", fields.text("page_session_id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(value: Value) -> Fields {
        let Value::Object(fields) = value else { panic!("{value}") };
        Fields(fields)
    }

    #[test]
    fn the_columns_of_all_lines_are_aligned() {
        let request = fields(json!({
            "method": "POST", "route": "/hpp/v1/sessions", "status": 201, "duration_ms": 4, "session_id": "s-1",
        }));
        let status = fields(json!({
            "event": "ConsumerEntered", "from": "WAITING", "status": "IN_PROGRESS", "page_session_id": "s-1",
            "actor": "consumer",
        }));
        let callback = fields(json!({
            "attempt": 1, "of": 4, "endpoint": "https://shop.example:443", "answer": 200, "duration_ms": 3,
            "page_session_id": "s-1",
        }));
        let drawn = [(REQUEST_LOG, request), (STATUS_LOG, status), (CALLBACK_LOG, callback)]
            .map(|(target, fields)| line(target, &fields, "12:30:01", Paint(false)));
        assert_eq!(
            drawn[0],
            "12:30:01  POST     /hpp/v1/sessions                               201     4 ms  s-1"
        );
        assert_eq!(
            drawn[1],
            "12:30:01  status   WAITING -> IN_PROGRESS       ConsumerEntered                 s-1  by consumer"
        );
        assert_eq!(
            drawn[2],
            "12:30:01  callback 1/4   https://shop.example:443                 200     3 ms  s-1"
        );
        let columns = drawn.map(|line| line.find("s-1"));
        assert!(columns[0] == columns[1] && columns[1] == columns[2], "{columns:?}");
    }

    #[test]
    fn a_failed_attempt_shows_the_reason_in_one_line() {
        let failed = fields(json!({
            "attempt": 2, "of": 4, "endpoint": "https://shop.example", "duration_ms": 3000,
            "page_session_id": "s-1", "reason": "timed\nout",
        }));
        let drawn = line(CALLBACK_LOG, &failed, "12:30:01", Paint(false));
        assert!(
            drawn.contains("callback 2/4") && drawn.contains("---  3000 ms  s-1  timed\u{fffd}out"),
            "{drawn}"
        );
    }

    #[test]
    fn a_line_of_json_has_its_instant_and_kind() {
        let request = fields(json!({"message": "request", "method": "GET", "status": 200}));
        let line = request.into_json(REQUEST_LOG, "2026-01-01T00:00:00.000Z");
        let expected =
            json!({"at": "2026-01-01T00:00:00.000Z", "kind": "request", "method": "GET", "status": 200});
        assert_eq!(line, expected);
    }
}
