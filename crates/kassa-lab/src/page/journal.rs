//! The journal, newest first. Headers and bodies are folded.

use askama::Template;
use axum::extract::State;
use kassa_http::ApiError;
use kassa_wire::lab::JournalEntry;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use kassa_openapi::{RepeatableCall, repeated};

use super::actions::ActionResult;
use super::page_request::{PageKind, PageRequest};
use crate::journal::{self, EntryFilter};
use kassa_developer_page::{JsonToken, format_json, time_of_day, without_secret};

/// Maximum size of a body on the page, in bytes. The export contains whole bodies.
const SHOWN_OF_BODY: usize = 20_000;

/// The methods that the filter offers.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

#[derive(Template)]
#[template(path = "lab/journal.html")]
struct Entries<'a> {
    page_request: &'a PageRequest,
    entries: Vec<JournalEntry>,
    matching: usize,
}

impl Entries<'_> {
    /// Returns the filter's value of a field.
    fn filter_value(&self, field: &str) -> &str {
        self.page_request.parameters.text(field).unwrap_or_default()
    }

    fn command(&self, entry: &JournalEntry) -> Option<String> {
        command(&self.page_request.lab.links.url(""), entry)
    }

    fn is_filtered_by(&self, field: &str, value: &str) -> bool {
        self.filter_value(field) == value
    }

    fn methods(&self) -> [&'static str; 5] {
        METHODS
    }
}

pub(super) fn render(page_request: &PageRequest) -> Result<String, ApiError> {
    let filter = EntryFilter::read(&page_request.parameters)?;
    let (entries, matching) =
        page_request.lab.merchant_lab(&page_request.merchant.id).journal.latest(&filter);
    let entries = entries.iter().map(|entry| entry.as_read()).collect();
    Ok(Entries { page_request, entries, matching }.render()?)
}

pub(super) async fn clear(page_request: &PageRequest) -> Result<ActionResult, ApiError> {
    journal::clear(State(page_request.lab.clone()), page_request.caller()).await?;
    ActionResult::done("The journal is empty.")
}

/// The headers that a repeated call does not send: those of the connection, and those that curl writes itself.
const NOT_REPEATED: [&str; 12] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "proxy-authorization",
    "te",
    "transfer-encoding",
    "user-agent",
];

/// The command that repeats a received call. A callback has none, and neither has a call whose body is too long to be
/// shown.
fn command(base_url: &str, entry: &JournalEntry) -> Option<String> {
    let body = text_of(&entry.request.body);
    if entry.kind != "call" || body.len() > SHOWN_OF_BODY {
        return None;
    }
    let url = format!("{base_url}{}", entry.path);
    let sent = |(name, value): (&'_ String, &'_ Value)| {
        let is_sent = !NOT_REPEATED.contains(&name.as_str()) && !name.starts_with("sec-");
        is_sent.then(|| (name.clone(), value.as_str().unwrap_or_default().to_string()))
    };
    let headers: Vec<(String, String)> = entry.request.headers.iter().filter_map(sent).collect();
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let request = RepeatableCall { method: &entry.method, url: &url, headers, body: body.as_bytes() };
    Some(repeated(&request))
}

/// The text of a body. The journal keeps a body that is not JSON as a JSON string.
fn text_of(body: &RawValue) -> String {
    serde_json::from_str::<String>(body.get()).unwrap_or_else(|_| body.get().to_string())
}

/// Lays out the part of a body that the page shows. An empty body gives no pieces.
fn body_of(body: &RawValue) -> Vec<JsonToken> {
    let text = text_of(body);
    if text.is_empty() {
        return Vec::new();
    }
    let mut pieces = format_json(&text);
    let ends = pieces.iter().scan(0, |end, piece| {
        *end += piece.text.len();
        Some(*end)
    });
    let shown = ends.take_while(|end| *end <= SHOWN_OF_BODY).count();
    if shown < pieces.len() {
        pieces.truncate(shown);
        pieces.push(JsonToken { kind: "plain", text: "…".to_string() });
    }
    pieces
}

fn headers_of(headers: &Map<String, Value>) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    headers.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

fn is_success(entry: &JournalEntry) -> bool {
    entry.answer.as_ref().is_some_and(|answer| answer.status < 400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: &str) {
        let body = RawValue::from_string(body.to_string()).unwrap();
        assert_eq!(body_of(&body).into_iter().map(|piece| piece.text).collect::<String>(), expected);
    }

    #[test]
    fn a_body_is_laid_out_and_its_tokens_are_shortened() {
        check(r#""""#, "");
        check(r#""not {json""#, "not {json");
        check(r#"{"token":"0123456789"}"#, "{\n  \"token\": \"…456789\"\n}");
    }

    #[test]
    fn a_long_body_is_cut_and_its_tokens_are_shortened() {
        let long = format!(r#"{{"token":"0123456789","long":"{}"}}"#, "x".repeat(SHOWN_OF_BODY));
        check(&long, "{\n  \"token\": \"…456789\",\n  \"long\": …");
    }
}
