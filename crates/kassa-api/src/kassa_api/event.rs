//! `GET /kassa/v1/events/{event_id}`: one event with every attempt of its callback.

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::EventId;
use kassa_engine::{Reads, history_attempt, session_status};
use kassa_http::{ApiError, Caller, Json, note_page_session_id};
use kassa_store::FeedEvent;
use kassa_wire::callback::StatusUpdate;
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::{self, EventDetail};
use kassa_wire::stored::Stored;
use kassa_wire::time::Instant;

pub(super) async fn event(
    State(reads): State<Reads>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<EventDetail>, ApiError> {
    let event = own_event(&reads, &caller, id).await?;
    Ok(Json(StatusCode::OK, event_detail(&reads, event).await?))
}

/// The caller's event of this id. Unknown and another merchant's are both absent.
pub(super) async fn own_event(reads: &Reads, caller: &Caller, id: String) -> Result<FeedEvent, ApiError> {
    let found = reads.event(&caller.merchant.id, &EventId::new(id)).await?;
    let event = found.ok_or_else(|| ApiError::refused(ErrorCode::NotFound, "The event does not exist"))?;
    note_page_session_id(&event.page_session_id, &caller.merchant.id);
    Ok(event)
}

pub(super) async fn event_detail(reads: &Reads, event: FeedEvent) -> Result<EventDetail, ApiError> {
    let attempts = reads.attempts(&event.page_session_id).await?;
    let own = attempts.iter().filter(|attempt| attempt.sequence == event.sequence);
    let attempts = own.map(history_attempt).collect();
    Ok(EventDetail { event: feed_event(event)?, attempts })
}

pub(super) fn feed_event(event: FeedEvent) -> Result<kassa::FeedEntry, ApiError> {
    let update = StatusUpdate::from_stored(&event.body)?;
    Ok(kassa::FeedEntry {
        event_id: event.event_id.as_str().to_string(),
        session_id: event.page_session_id.as_str().to_string(),
        sequence: event.sequence,
        status: session_status(event.status),
        occurred_at: Instant::from_ms(event.occurred_at.as_ms()),
        acknowledged: event.is_acknowledged(),
        event: event.event,
        callback: event.callback_state.map(|state| state.as_str().to_string()),
        session: update.session,
    })
}
