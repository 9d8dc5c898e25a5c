//! The page session in the wire format, for reads and callbacks.

use kassa_domain::lifecycle::Status;
use kassa_domain::page_session::Snapshot;
use kassa_wire::snapshot::SessionSnapshot;
use kassa_wire::status::{Completion, ManualIdentification, SessionState, SessionStatus};
use kassa_wire::time::Instant;
use serde_json::Map;

/// Returns the session as a read shows it and as a callback contains it (docs/wire.md#read-a-page-session).
#[must_use]
pub fn session_snapshot(session: &Snapshot) -> SessionSnapshot {
    SessionSnapshot {
        session_id: session.id.as_str().to_string(),
        state: state(session),
        updated_at: Instant::from_ms(session.updated_at.as_ms()),
        expires_at: Some(Instant::from_ms(session.expires_at.as_ms())),
        other: Map::new(),
    }
}

/// Returns a status in the wire's type.
#[must_use]
pub const fn session_status(status: Status) -> SessionStatus {
    match status {
        Status::Waiting => SessionStatus::Waiting,
        Status::InProgress => SessionStatus::InProgress,
        Status::Back => SessionStatus::Back,
        Status::Failed => SessionStatus::Failed,
        Status::Error => SessionStatus::Error,
        Status::ManualIdCheck => SessionStatus::ManualIdCheck,
        Status::Timeout => SessionStatus::Timeout,
        Status::Completed => SessionStatus::Completed,
        Status::Cancelled => SessionStatus::Cancelled,
        Status::Disabled => SessionStatus::Disabled,
    }
}

fn state(session: &Snapshot) -> SessionState {
    match session.status {
        Status::Waiting => SessionState::Waiting,
        Status::InProgress => SessionState::InProgress,
        Status::Back => SessionState::Back,
        Status::Failed => SessionState::Failed,
        Status::Error => SessionState::Error,
        Status::ManualIdCheck => SessionState::ManualIdCheck(identification(session)),
        Status::Timeout => SessionState::Timeout,
        Status::Completed => SessionState::Completed(completion(session)),
        Status::Cancelled => SessionState::Cancelled,
        Status::Disabled => SessionState::Disabled,
    }
}

fn identification(session: &Snapshot) -> Option<ManualIdentification> {
    session.id_challenge.as_ref().map(|challenge| ManualIdentification {
        challenge: challenge.code.clone(),
        expires_at: Instant::from_ms(challenge.expires_at.as_ms()),
    })
}

fn completion(session: &Snapshot) -> Completion {
    match (&session.authorization_token, &session.order) {
        (Some(token), _) => Completion::Token(token.as_str().to_string()),
        (None, Some(order)) => Completion::Order {
            order_id: order.order_id.as_str().to_string(),
            // Unknown if the payment system did not tell it in time.
            klarna_reference: Some(order.klarna_reference.clone()).filter(|reference| !reference.is_empty()),
        },
        (None, None) => Completion::Absent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_the_same_word_on_the_wire() {
        for status in Status::ALL {
            assert_eq!(session_status(*status).as_str(), status.as_str());
        }
        assert_eq!(SessionStatus::KNOWN.len(), Status::ALL.len());
    }
}
