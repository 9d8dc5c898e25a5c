//! The timeline of a session: its events with their attempts, and its notes, ordered by time.

use kassa_wire::kassa::{
    History, HistoryActor, HistoryAttempt, HistoryEvent, HistoryNote, HistoryOperation,
    HistoryPaymentsCallback,
};

/// One event or note, formatted for the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Unique within the session.
    pub key: String,
    /// The event's id; empty for a note.
    pub event_id: String,
    /// The time of day.
    pub at: String,
    /// The event's name, the note's kind or the callback's, in words.
    pub title: String,
    /// The new status; empty for a note.
    pub status: String,
    /// The note's text or the callback's URL; empty for an event.
    pub detail: String,
    /// The actor in words; empty if it is unknown.
    pub actor: String,
    /// The state of the event's callback; empty if it has none.
    pub callback: String,
    /// The attempts of its callback.
    pub attempts: Vec<MomentAttempt>,
}

/// One attempt of a callback, formatted for the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MomentAttempt {
    /// The time of day.
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

/// Returns the entries of a session's timeline, oldest first.
#[must_use]
pub fn timeline(history: &History) -> Vec<Moment> {
    let mut moments: Vec<Moment> = history.events.iter().map(of_event).collect();
    moments.extend(history.notes.iter().enumerate().map(|(place, note)| of_note(place, note)));
    moments.extend(history.payments_callbacks.iter().map(of_payments_callback));
    moments.extend(history.operations.iter().map(of_operation));
    // Instants of the wire sort as text. The sort is stable, so equal instants keep their order.
    moments.sort_by(|one, other| one.at.cmp(&other.at));
    moments
}

fn of_event(event: &HistoryEvent) -> Moment {
    Moment {
        key: format!("event-{}", event.sequence),
        event_id: event.event_id.clone(),
        at: event.occurred_at.to_string(),
        title: in_words(&event.event),
        status: event.status.to_string(),
        detail: String::new(),
        actor: actor_in_words(event.actor.as_ref()),
        callback: event.callback.as_deref().map(in_words).unwrap_or_default(),
        attempts: event.attempts.iter().map(of_attempt).collect(),
    }
}

/// A callback to one of the payment session's own URLs. It is redelivered with its session, and not by itself.
fn of_payments_callback(callback: &HistoryPaymentsCallback) -> Moment {
    Moment {
        key: format!("callback-{}", callback.kind),
        event_id: String::new(),
        at: callback.occurred_at.to_string(),
        title: format!("Callback for the {}", callback.kind),
        status: String::new(),
        detail: callback.url.clone(),
        actor: String::new(),
        callback: in_words(&callback.callback),
        attempts: callback.attempts.iter().map(of_attempt).collect(),
    }
}

/// A recorded request to the payment system, with its latest outcome.
fn of_operation(operation: &HistoryOperation) -> Moment {
    let outcome = operation.last_outcome.as_deref().unwrap_or("no outcome yet");
    Moment {
        key: format!("operation-{}", operation.key),
        event_id: String::new(),
        at: operation.recorded_at.to_string(),
        title: in_words(&operation.operation),
        status: String::new(),
        detail: format!("{outcome} (attempts: {})", operation.attempts),
        actor: String::new(),
        callback: in_words(&operation.state),
        attempts: Vec::new(),
    }
}

fn of_note(place: usize, note: &HistoryNote) -> Moment {
    Moment {
        key: format!("note-{place}"),
        event_id: String::new(),
        at: note.at.to_string(),
        title: in_words(&note.kind),
        status: String::new(),
        detail: note.detail.clone(),
        actor: actor_in_words(note.actor.as_ref()),
        callback: String::new(),
        attempts: Vec::new(),
    }
}

fn actor_in_words(actor: Option<&HistoryActor>) -> String {
    actor.map(ToString::to_string).unwrap_or_default()
}

fn of_attempt(attempt: &HistoryAttempt) -> MomentAttempt {
    let failure = attempt.failure.clone().unwrap_or_default();
    MomentAttempt {
        at: attempt.started_at.to_string(),
        is_good: attempt.status.is_some_and(|status| (200..300).contains(&status)),
        result: attempt.status.map_or(failure, |status| status.to_string()),
        duration_ms: attempt.duration_ms,
        answer: attempt.answer_body.clone().unwrap_or_default(),
    }
}

/// Turns `ConsumerWentBack` and `GIVEN_UP` into "Consumer went back" and "Given up".
pub fn in_words(name: &str) -> String {
    let is_shouted = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let mut words = String::with_capacity(name.len() + 4);
    for (place, letter) in name.char_indices() {
        match letter {
            '_' => words.push(' '),
            _ if place == 0 => words.push(letter.to_ascii_uppercase()),
            _ if is_shouted => words.push(letter.to_ascii_lowercase()),
            _ if letter.is_ascii_uppercase() => words.extend([' ', letter.to_ascii_lowercase()]),
            _ => words.push(letter),
        }
    }
    words
}

/// Returns the time of day of an instant on the wire, to the millisecond.
pub fn time_of_day(instant: &str) -> &str {
    instant.get(11..23).unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    use kassa_wire::status::SessionStatus;

    use super::*;

    #[test]
    fn names_are_turned_into_words() {
        for (name, words) in [
            ("ConsumerWentBack", "Consumer went back"),
            ("GIVEN_UP", "Given up"),
            ("order_placed", "Order placed"),
            ("RELEASED", "Released"),
            ("", ""),
        ] {
            assert_eq!(in_words(name), words);
        }
    }

    #[test]
    fn notes_events_and_callbacks_are_ordered_by_time() {
        let event = |sequence, at: &str| HistoryEvent {
            event_id: String::new(),
            sequence,
            event: "ConsumerEntered".to_string(),
            status: SessionStatus::InProgress,
            occurred_at: at.parse().unwrap(),
            actor: Some(HistoryActor { kind: "merchant".to_string(), name: Some("PK1_dev".to_string()) }),
            callback: None,
            attempts: Vec::new(),
        };
        let callback = HistoryPaymentsCallback {
            event_id: String::new(),
            kind: "push".to_string(),
            url: "https://shop.example/push".to_string(),
            occurred_at: "2026-01-01T00:00:01.700Z".parse().unwrap(),
            due_at: None,
            callback: "GIVEN_UP".to_string(),
            attempts: Vec::new(),
        };
        let note = HistoryNote {
            at: "2026-01-01T00:00:01.500Z".parse().unwrap(),
            kind: "released".to_string(),
            detail: String::new(),
            actor: None,
        };
        let events = vec![event(1, "2026-01-01T00:00:01.000Z"), event(2, "2026-01-01T00:00:02.000Z")];
        let payments_callbacks = vec![callback];
        let history = History {
            session_id: String::new(),
            events,
            notes: vec![note],
            payments_callbacks,
            operations: Vec::new(),
            session: None,
            timeline: Vec::new(),
        };
        let moments = timeline(&history);
        let shown: Vec<_> =
            moments.iter().map(|moment| (moment.key.as_str(), moment.actor.as_str())).collect();
        let expected = [
            ("event-1", "merchant PK1_dev"),
            ("note-0", ""),
            ("callback-push", ""),
            ("event-2", "merchant PK1_dev"),
        ];
        assert_eq!(shown, expected);
    }
}
