//! Prints the events of the feed as they come.

use std::collections::HashSet;

use serde_json::Value;

use crate::failure::Failure;
use crate::output::print;
use crate::remote::{Remote, query, segment};
use crate::table::text;

/// The longest wait of one call, in seconds. It is shorter than the time for a call.
const WAIT_S: &str = "20";

/// Prints each new event until a signal. With a session, prints its earlier events first, and the events of no other.
pub(super) fn follow(remote: &Remote, after: Option<&str>, session: Option<&str>) -> Result<(), Failure> {
    // The cursor comes first: an event between the two reads is in both, and is printed once.
    let mut cursor = match after {
        Some(after) => after.to_string(),
        None => text(&remote.get("/kassa/v1/events?after=end&limit=1")?["cursor"]),
    };
    let mut printed = HashSet::new();
    if let Some(session) = session {
        let history = remote.get(&format!("/kassa/v1/sessions/{}/events", segment(session)))?;
        for event in history["events"].as_array().into_iter().flatten() {
            let mut event = event.clone();
            event["session_id"] = Value::from(session);
            printed.insert(text(&event["event_id"]));
            show(remote, &event)?;
        }
    }
    remote.follow(next(&cursor), |answer| {
        for event in answer["events"].as_array().into_iter().flatten() {
            let is_wanted = session.is_none_or(|session| event["session_id"] == session);
            if is_wanted && !printed.remove(&text(&event["event_id"])) {
                show(remote, event)?;
            }
        }
        cursor = text(&answer["cursor"]);
        Ok(next(&cursor))
    })
}

fn next(cursor: &str) -> String {
    let parameters = [("after", Some(cursor.to_string())), ("wait", Some(WAIT_S.to_string()))];
    format!("/kassa/v1/events{}", query(&parameters))
}

fn show(remote: &Remote, event: &Value) -> Result<(), Failure> {
    if remote.json { print(event) } else { print(line(event)) }
}

/// One event in one line, with columns of fixed width.
fn line(event: &Value) -> String {
    let field = |name: &str| text(&event[name]);
    format!(
        "{:<24}  {:<36}  {:<23}  {:<11}  {:<9}  {}",
        field("occurred_at"),
        field("session_id"),
        field("event"),
        field("status"),
        field("callback"),
        field("event_id")
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_one_line_that_neither_breaks_nor_controls_the_terminal() {
        let event = json!({
            "occurred_at": "2026-01-01T00:00:00.000Z", "session_id": "s", "event": "ConsumerEntered",
            "status": "IN_PROGRESS", "callback": "DUE", "event_id": "e\n\u{1b}[2J",
        });
        let line = line(&event);
        assert!(line.starts_with("2026-01-01T00:00:00.000Z  s "), "{line}");
        assert!(
            line.ends_with("ConsumerEntered          IN_PROGRESS  DUE        e\u{fffd}\u{fffd}[2J"),
            "{line}"
        );
    }
}
