//! `GET /kassa/v1/sessions/{session_id}/events`: the history of a session, with every attempt of every callback.

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::callback::CallbackState;
use kassa_domain::operation::OperationState;
use kassa_engine::{
    HistoryRows, Reads, SessionHistory, Timelines, history_actor, history_attempt, session_status,
};
use kassa_http::{ApiError, Caller, Json};
use kassa_store::{AttemptRow, EventRow, NoteRow, OperationRow, PaymentCallbackRow};
use kassa_wire::kassa::{History, HistoryEvent, HistoryNote, HistoryOperation, HistoryPaymentsCallback};
use kassa_wire::time::Instant;

use super::any_own_session;

/// Returns the history of a session, also after it expired.
pub async fn history(
    State(reads): State<Reads>,
    State(timelines): State<Timelines>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<History>, ApiError> {
    let session = any_own_session(&reads, &caller, id).await?;
    let SessionHistory { head, timeline, rows } = timelines.history(&session).await?;
    let HistoryRows { events, payments_callbacks, attempts, notes, operations, .. } = rows;
    let history = History {
        session_id: session.id.as_str().to_string(),
        events: events.into_iter().map(|event| history_event(event, &attempts)).collect(),
        notes: notes.into_iter().map(history_note).collect(),
        payments_callbacks: payments_callbacks
            .into_iter()
            .map(|callback| payments_callback(callback, &attempts))
            .collect(),
        operations: operations.into_iter().map(history_operation).collect(),
        session: Some(head),
        timeline,
    };
    Ok(Json(StatusCode::OK, history))
}

fn history_event(event: EventRow, attempts: &[AttemptRow]) -> HistoryEvent {
    let own = attempts.iter().filter(|attempt| attempt.sequence == event.sequence);
    HistoryEvent {
        event_id: event.event_id.as_str().to_string(),
        sequence: event.sequence,
        event: event.event,
        status: session_status(event.status),
        occurred_at: Instant::from_ms(event.occurred_at.as_ms()),
        actor: event.actor.as_ref().map(history_actor),
        callback: event.callback_state.map(|state| state.as_str().to_string()),
        attempts: own.map(history_attempt).collect(),
    }
}

fn history_note(note: NoteRow) -> HistoryNote {
    HistoryNote {
        at: Instant::from_ms(note.at.as_ms()),
        kind: note.kind,
        detail: note.detail,
        actor: note.actor.as_ref().map(history_actor),
    }
}

fn history_operation(operation: OperationRow) -> HistoryOperation {
    let is_due = operation.state == OperationState::Due;
    HistoryOperation {
        key: operation.id.as_str().to_string(),
        operation: operation.kind.as_str().to_string(),
        state: operation.state.as_str().to_string(),
        recorded_at: Instant::from_ms(operation.recorded_at.as_ms()),
        due_at: is_due.then(|| Instant::from_ms(operation.due_at.as_ms())),
        attempts: operation.attempts,
        last_outcome: operation.last_outcome,
    }
}

fn payments_callback(callback: PaymentCallbackRow, attempts: &[AttemptRow]) -> HistoryPaymentsCallback {
    let own = attempts.iter().filter(|attempt| attempt.sequence == callback.sequence);
    let is_due = callback.state == CallbackState::Due;
    HistoryPaymentsCallback {
        event_id: callback.event_id.as_str().to_string(),
        kind: callback.kind.as_str().to_ascii_lowercase(),
        url: callback.url,
        occurred_at: Instant::from_ms(callback.committed_at.as_ms()),
        due_at: is_due.then(|| Instant::from_ms(callback.due_at.as_ms())),
        callback: callback.state.as_str().to_string(),
        attempts: own.map(history_attempt).collect(),
    }
}
