//! The timeline of a page session, printed for people: oldest first, one paragraph for each entry.

use kassa_wire::kassa::{
    History, HistoryAttempt, TimelineCallback, TimelineEntry, TimelineHead, TimelineOperation,
    TimelineRequest, in_words,
};
use kassa_wire::one_line::one_line;
use kassa_wire::time::Instant;
use serde::Deserialize as _;
use serde_json::Value;

/// The longest part of a receiver's answer that is printed, in characters.
const SHOWN_ANSWER: usize = 120;

/// The indentation of everything that belongs to an entry: as wide as a time of day.
const INDENT: &str = "              ";

/// Formats the answer of the history.
pub(crate) fn show(answer: &Value) -> String {
    match History::deserialize(answer) {
        Ok(history) => Story::of(&history),
        Err(error) => format!("The answer is no history of a page session: {error}"),
    }
}

/// The printed lines.
#[derive(Default)]
struct Story {
    lines: Vec<String>,
    /// The date of the latest entry. A date is printed when it changes.
    date: String,
}

impl Story {
    fn of(history: &History) -> String {
        let mut story = Self::default();
        story.fact("session", &history.session_id);
        if let Some(head) = &history.session {
            story.head(head);
        }
        if history.timeline.is_empty() {
            story.lines.push(String::new());
            story.lines.push("This Kassa sends no timeline. Ask it with --json.".to_string());
        }
        for entry in &history.timeline {
            story.entry(entry);
        }
        story.lines.join("\n")
    }

    fn head(&mut self, head: &TimelineHead) {
        self.fact("status", head.status.as_str());
        self.fact("merchant", &head.merchant_id);
        self.optional_fact("amount", head.amount.as_deref());
        self.optional_fact("reference", head.merchant_reference1.as_deref());
        self.optional_fact("reference 2", head.merchant_reference2.as_deref());
        let verb = if head.is_expired { "expired" } else { "expires" };
        self.fact("link", &format!("{verb} at {}", head.expires_at));
        let order = head.order_id.as_ref().map(|id| match &head.klarna_reference {
            Some(reference) => format!("{id} ({reference})"),
            None => id.clone(),
        });
        self.fact("order", order.as_deref().unwrap_or("none"));
    }

    fn optional_fact(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.fact(name, value);
        }
    }

    fn fact(&mut self, name: &str, value: &str) {
        self.lines.push(format!("{name:<13}{}", one_line(value)));
    }

    fn entry(&mut self, entry: &TimelineEntry) {
        let at = entry.at.to_string();
        let (date, time) = at.split_at_checked(10).unwrap_or(("", &at));
        if self.date != date {
            self.date = date.to_string();
            self.lines.extend([String::new(), date.to_string()]);
        }
        let time = time.trim_matches(['T', 'Z']);
        let change = entry.change.as_ref().map(|change| format!("  {} -> {}", change.from, change.to));
        let request = entry.request.as_ref().map(answer_of);
        let actor = entry.actor.as_ref().map(|actor| format!("  by {actor}"));
        let parts: String = [change, request, actor].into_iter().flatten().collect();
        self.lines.push(format!("{time}  {}{}", one_line(&entry.title), one_line(&parts)));
        self.particulars(entry);
    }

    fn particulars(&mut self, entry: &TimelineEntry) {
        if let Some(detail) = &entry.detail {
            self.below(detail);
        }
        if let Some(change) = &entry.change {
            self.below(&change.rule);
        }
        if let Some(request) = &entry.request {
            self.request(request);
        }
        if let Some(operation) = &entry.operation {
            self.operation(operation);
        }
        if let Some(callback) = &entry.callback {
            self.callback(callback, entry.event_id.as_deref());
        }
    }

    fn below(&mut self, text: &str) {
        self.lines.push(format!("{INDENT}{}", one_line(text)));
    }

    fn request(&mut self, request: &TimelineRequest) {
        if let Some(code) = &request.error_code {
            let message = request.error_message.as_deref().map_or(String::new(), |text| format!(": {text}"));
            self.below(&format!("{code}{message}"));
        }
        if request.count > 1 {
            self.below(&format!("{} times, last at {}", request.count, time_of_day(request.last_at)));
        }
        self.below(&format!("correlation id {}", request.correlation_id));
    }

    fn operation(&mut self, operation: &TimelineOperation) {
        let outcome = operation.last_outcome.as_deref().unwrap_or("no outcome yet");
        let next = operation.due_at.map_or(String::new(), |at| format!("; next attempt at {at}"));
        let state = in_words(&operation.state);
        self.below(&format!("{state} after {} attempts: {outcome}{next}", operation.attempts));
    }

    fn callback(&mut self, callback: &TimelineCallback, id: Option<&str>) {
        let next = callback.due_at.map_or(String::new(), |at| format!(", next attempt at {at}"));
        self.below(&format!("callback {}: {}{next}", callback.url, in_words(&callback.state)));
        if let Some(id) = id {
            self.below(&format!("event id {id}"));
        }
        for (number, attempt) in (1..).zip(&callback.attempts) {
            self.attempt(number, attempt);
        }
    }

    fn attempt(&mut self, number: usize, attempt: &HistoryAttempt) {
        let time = time_of_day(attempt.started_at);
        let failure = || attempt.failure.clone().unwrap_or_else(|| "no answer".to_string());
        let result = attempt.status.map_or_else(failure, |status| status.to_string());
        let body = attempt.answer_body.as_deref().filter(|body| !body.trim().is_empty());
        let body = body.map_or(String::new(), |body| format!("  {}", shortened(body)));
        self.below(&format!("  {number}. {time}  {result} in {} ms{body}", attempt.duration_ms));
    }
}

/// The answer to a request, behind its title.
fn answer_of(request: &TimelineRequest) -> String {
    format!("  {} in {} ms", request.status, request.duration_ms)
}

fn time_of_day(at: Instant) -> String {
    at.to_string().get(11..23).unwrap_or_default().to_string()
}

/// The beginning of an answer.
fn shortened(body: &str) -> String {
    let body = body.trim();
    let shown: String = body.chars().take(SHOWN_ANSWER).collect();
    if shown.len() < body.len() { format!("{shown}...") } else { shown }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_shows_its_change_its_actor_and_every_attempt() {
        let history = json!({
            "session_id": "s", "events": [], "notes": [],
            "session": {
                "merchant_id": "PK1", "payment_session_id": "p", "status": "IN_PROGRESS",
                "created_at": "2026-01-01T10:00:00.000Z", "updated_at": "2026-01-01T10:00:07.000Z",
                "expires_at": "2026-01-02T10:00:00.000Z", "is_expired": false, "amount": "€1.00",
            },
            "timeline": [{
                "at": "2026-01-01T10:00:07.000Z", "kind": "status", "title": "Consumer entered",
                "actor": { "kind": "consumer" }, "event_id": "e",
                "change": {
                    "event": "ConsumerEntered", "sequence": 1, "from": "WAITING", "to": "IN_PROGRESS",
                    "rule": "The row.",
                },
                "callback": { "url": "https://shop.example/", "state": "DUE", "attempts": [
                    { "started_at": "2026-01-01T10:00:08.000Z", "duration_ms": 3, "failure": "timed out" },
                    { "started_at": "2026-01-01T10:00:13.000Z", "duration_ms": 4, "status": 503,
                      "answer_body": "later\u{1b}[2J" },
                ] },
            }],
        });
        let expected = "\
session      s
status       IN_PROGRESS
merchant     PK1
amount       €1.00
link         expires at 2026-01-02T10:00:00.000Z
order        none

2026-01-01
10:00:07.000  Consumer entered  WAITING -> IN_PROGRESS  by consumer
              The row.
              callback https://shop.example/: Due
              event id e
                1. 10:00:08.000  timed out in 3 ms
                2. 10:00:13.000  503 in 4 ms  later\u{fffd}[2J";
        assert_eq!(show(&history), expected);
    }

    #[test]
    fn equal_requests_and_refusals_are_shown_in_words() {
        let history = json!({
            "session_id": "s", "events": [], "notes": [],
            "timeline": [{
                "at": "2026-01-01T10:00:07.000Z", "kind": "request", "title": "DELETE /hpp/v1/sessions/{session_id}",
                "request": {
                    "method": "DELETE", "route": "/hpp/v1/sessions/{session_id}", "status": 400, "duration_ms": 2,
                    "correlation_id": "c", "count": 2, "last_at": "2026-01-01T10:00:09.000Z",
                    "error_code": "BAD_REQUEST", "error_message": "No.",
                },
            }],
        });
        let shown = show(&history);
        let expected = "\
10:00:07.000  DELETE /hpp/v1/sessions/{session_id}  400 in 2 ms
              BAD_REQUEST: No.
              2 times, last at 10:00:09.000
              correlation id c";
        assert!(shown.ends_with(expected), "{shown}");
    }
}
