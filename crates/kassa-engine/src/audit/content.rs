//! The content of an entry about a status change.

use kassa_domain::{Actor, Timestamp};
use kassa_store::ChainedEvent;
use kassa_wire::audit::StatusChangeRecord;
use kassa_wire::kassa::HistoryActor;
use kassa_wire::time::Instant;

/// The record of a status change, from its row.
pub(super) fn status_change(event: &ChainedEvent) -> StatusChangeRecord {
    StatusChangeRecord {
        session_id: event.page_session_id.as_str().to_string(),
        sequence: event.sequence,
        event_id: event.event_id.as_str().to_string(),
        event: event.event.clone(),
        status_before: event.status_before.clone(),
        status: event.status.clone(),
        actor: event.actor_kind.clone().map(|kind| HistoryActor { kind, name: event.actor_name.clone() }),
        occurred_at: instant(event.occurred_at),
        expires_at: event.expires_at.map(instant),
        feed_position: event.position,
    }
}

/// The instant as it is written. An instant out of the range of the wire becomes the last one of it.
fn instant(at: Timestamp) -> Instant {
    Instant::from(Instant::from_ms(at.as_ms()).timestamp())
}

pub(super) fn history_actor(actor: &Actor) -> HistoryActor {
    HistoryActor { kind: actor.kind().to_string(), name: actor.name().map(str::to_string) }
}
