//! The timeline of a session, formatted for a page.

use kassa_wire::kassa::{HistoryAttempt, TimelineEntry, TimelineOperation, TimelineRequest, in_words};

/// One entry of the timeline, formatted for the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryView {
    /// Unique within the session.
    pub key: String,
    /// The id of the event or callback; empty for other entries.
    pub event_id: String,
    /// The kind, in one word.
    pub kind: String,
    /// The day, if it is not the day of the entry before.
    pub day: String,
    /// When it happened.
    pub at: String,
    /// The entry in a few words.
    pub title: String,
    /// The status before a change; empty for other entries.
    pub from: String,
    /// The new status; empty for other entries.
    pub status: String,
    /// The row of the lifecycle table that allowed a change; empty for other entries.
    pub rule: String,
    /// The particulars in one sentence, if there are any.
    pub detail: String,
    /// The actor in words; empty if it is unknown.
    pub actor: String,
    /// The state of the entry's callback; empty if it has none.
    pub callback: String,
    /// The URL of the entry's callback; empty if it has none.
    pub url: String,
    /// Whether the callback can be delivered again by itself.
    pub is_redeliverable: bool,
    /// The attempts of its callback.
    pub attempts: Vec<AttemptView>,
    /// The command for curl that repeats a request; empty if there is none.
    pub command: String,
}

/// One attempt of a callback, formatted for the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptView {
    /// When it began.
    pub at: String,
    /// Whether the answer was 2xx.
    pub is_good: bool,
    /// The answer's status, or the reason why none arrived.
    pub result: String,
    /// The duration in milliseconds.
    pub duration_ms: i64,
    /// The beginning of the answer's body; empty if there is none.
    pub answer: String,
}

/// Formats the entries of a session's timeline, in their order. `command` is the command that repeats a request.
pub fn timeline(
    entries: &[TimelineEntry],
    command: impl Fn(&TimelineRequest) -> Option<String>,
) -> Vec<EntryView> {
    let mut day_before = String::new();
    let view = |(place, entry): (usize, &TimelineEntry)| {
        let day = day_of(entry);
        let is_new = day != day_before;
        day_before.clone_from(&day);
        EntryView {
            day: if is_new { day } else { String::new() },
            command: entry.request.as_ref().and_then(&command).unwrap_or_default(),
            ..moment(place, entry)
        }
    };
    entries.iter().enumerate().map(view).collect()
}

/// The day of an entry, in UTC.
fn day_of(entry: &TimelineEntry) -> String {
    let mut instant = entry.at.to_string();
    instant.truncate(10);
    instant
}

fn moment(place: usize, entry: &TimelineEntry) -> EntryView {
    let change = entry.change.as_ref();
    let callback = entry.callback.as_ref();
    EntryView {
        key: key(place, entry),
        event_id: entry.event_id.clone().unwrap_or_default(),
        kind: entry.kind.clone(),
        at: entry.at.to_string(),
        title: entry.title.clone(),
        from: change.map(|change| change.from.to_string()).unwrap_or_default(),
        status: change.map(|change| change.to.to_string()).unwrap_or_default(),
        rule: change.map(|change| change.rule.clone()).unwrap_or_default(),
        detail: particulars(entry),
        actor: entry.actor.as_ref().map(ToString::to_string).unwrap_or_default(),
        callback: callback.map(|callback| in_words(&callback.state)).unwrap_or_default(),
        url: callback.map(|callback| callback.url.clone()).unwrap_or_default(),
        is_redeliverable: change.is_some() && callback.is_some(),
        attempts: callback.iter().flat_map(|callback| &callback.attempts).map(attempt).collect(),
        day: String::new(),
        command: String::new(),
    }
}

/// The key of an entry stays the same when entries are added, so that a live view changes only what is new.
fn key(place: usize, entry: &TimelineEntry) -> String {
    match (&entry.change, &entry.event_id, &entry.operation, &entry.request) {
        (Some(change), ..) => format!("event-{}", change.sequence),
        (None, Some(id), ..) => format!("callback-{id}"),
        (None, None, Some(operation), _) => format!("operation-{}", operation.key),
        (None, None, None, Some(request)) => format!("request-{}", request.correlation_id),
        (None, None, None, None) => format!("{}-{place}", entry.kind),
    }
}

/// The sentence of the entry, and what its operation or request says.
fn particulars(entry: &TimelineEntry) -> String {
    let operation = entry.operation.as_ref().map(operation_in_words);
    let request = entry.request.as_ref().map(request_in_words);
    let all: Vec<String> = entry.detail.clone().into_iter().chain(operation).chain(request).collect();
    all.join("; ")
}

fn operation_in_words(operation: &TimelineOperation) -> String {
    let outcome = operation.last_outcome.as_deref().unwrap_or("no outcome yet");
    format!("{}: {outcome} (attempts: {})", in_words(&operation.state), operation.attempts)
}

fn request_in_words(request: &TimelineRequest) -> String {
    let times = match request.count {
        1 => String::new(),
        count => format!(", {count} times until {}", request.last_at),
    };
    let refusal = [&request.error_code, &request.error_message];
    let refusal: String = refusal.into_iter().flatten().map(|text| format!(" {text}")).collect();
    format!(
        "{} in {} ms{times}{refusal}, correlation id {}",
        request.status, request.duration_ms, request.correlation_id
    )
}

fn attempt(attempt: &HistoryAttempt) -> AttemptView {
    let failure = attempt.failure.clone().unwrap_or_default();
    AttemptView {
        at: attempt.started_at.to_string(),
        is_good: attempt.status.is_some_and(|status| (200..300).contains(&status)),
        result: attempt.status.map_or(failure, |status| status.to_string()),
        duration_ms: attempt.duration_ms,
        answer: attempt.answer_body.clone().unwrap_or_default(),
    }
}

/// Returns the time of day of an instant on the wire, to the millisecond.
pub fn time_of_day(instant: &str) -> &str {
    instant.get(11..23).unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize as _;
    use serde_json::{Value, json};

    use super::*;

    fn entry(value: &Value) -> TimelineEntry {
        TimelineEntry::deserialize(value).unwrap()
    }

    #[test]
    fn a_change_shows_both_statuses_its_rule_and_its_actor() {
        let entries = [entry(&json!({
            "at": "2026-01-01T00:00:01.000Z", "kind": "status", "title": "Consumer entered", "event_id": "e",
            "actor": { "kind": "merchant", "name": "PK1_dev" },
            "change": {
                "event": "ConsumerEntered", "sequence": 1, "from": "WAITING", "to": "IN_PROGRESS", "rule": "A row.",
            },
            "callback": { "url": "https://shop.example/", "state": "GIVEN_UP", "attempts": [] },
        }))];
        let moment = timeline(&entries, |_| None).remove(0);
        assert_eq!((moment.from.as_str(), moment.status.as_str()), ("WAITING", "IN_PROGRESS"));
        assert_eq!((moment.rule.as_str(), moment.actor.as_str()), ("A row.", "merchant PK1_dev"));
        assert_eq!((moment.key.as_str(), moment.callback.as_str()), ("event-1", "Given up"));
        assert!(moment.is_redeliverable);
    }

    #[test]
    fn the_first_entry_of_each_day_shows_the_day() {
        let at = |at: &str| entry(&json!({ "at": at, "kind": "page", "title": "Page opened" }));
        let entries = [at("2026-01-01T23:59:59Z"), at("2026-01-01T23:59:59.5Z"), at("2026-01-02T00:00:00Z")];
        let days: Vec<_> = timeline(&entries, |_| None).into_iter().map(|moment| moment.day).collect();
        assert_eq!(days, ["2026-01-01", "", "2026-01-02"]);
    }

    #[test]
    fn equal_requests_are_one_entry_with_their_number() {
        let entries = [entry(&json!({
            "at": "2026-01-01T00:00:01.000Z", "kind": "request", "title": "GET /hpp/v1/sessions/{session_id}",
            "request": {
                "method": "GET", "route": "/hpp/v1/sessions/{session_id}", "status": 200, "duration_ms": 2,
                "correlation_id": "c", "count": 14, "last_at": "2026-01-01T00:00:09.000Z",
            },
        }))];
        let moment = timeline(&entries, |_| Some("curl".to_string())).remove(0);
        assert_eq!(moment.command, "curl");
        let expected = "200 in 2 ms, 14 times until 2026-01-01T00:00:09.000Z, correlation id c";
        assert_eq!((moment.detail.as_str(), moment.key.as_str()), (expected, "request-c"));
    }
}
