//! The journal, newest first. Headers and bodies are folded.

use askama::Template;
use axum::extract::State;
use kassa_http::ApiError;
use kassa_wire::lab::JournalEntry;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::actions::ActionResult;
use super::page_request::{PageKind, PageRequest};
use crate::journal::{self, EntryFilter};
use kassa_developer_page::{Piece, lay_out, time_of_day, without_secret};

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

/// Lays out the part of a body that the page shows. An empty body gives no pieces.
fn body_of(body: &RawValue) -> Vec<Piece> {
    // The journal keeps a body that is not JSON as a JSON string.
    let text = serde_json::from_str::<String>(body.get()).unwrap_or_else(|_| body.get().to_string());
    if text.is_empty() {
        return Vec::new();
    }
    let mut pieces = lay_out(&text);
    let ends = pieces.iter().scan(0, |end, piece| {
        *end += piece.text.len();
        Some(*end)
    });
    let shown = ends.take_while(|end| *end <= SHOWN_OF_BODY).count();
    if shown < pieces.len() {
        pieces.truncate(shown);
        pieces.push(Piece { kind: "plain", text: "…".to_string() });
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
