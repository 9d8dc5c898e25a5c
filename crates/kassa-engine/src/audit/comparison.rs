//! Compares a status change in its table with its entry in the trail.

use kassa_store::{ChainedEntry, ChainedEvent};
use kassa_wire::audit::StatusChangeRecord;

use super::problem::{AuditProblem, EventDifference, StatusChangePlace};
use super::verification::VerifyError;

/// The name of a column, with its value.
type Named = (&'static str, String);

pub(super) fn place_of(
    chain: &str,
    position: Option<i64>,
    session: &str,
    sequence: i64,
) -> StatusChangePlace {
    StatusChangePlace { chain: chain.to_string(), position, session: session.to_string(), sequence }
}

/// The problem of a row that no entry is about.
pub(super) fn inserted(chain: &str, row: &ChainedEvent) -> AuditProblem {
    let place = place_of(chain, None, row.page_session_id.as_str(), row.sequence);
    AuditProblem::StatusChange { place, difference: EventDifference::Inserted }
}

/// Compares a row with its entry, column by column.
pub(super) fn compare(
    chain: &str,
    entry: &ChainedEntry,
    trail: &StatusChangeRecord,
    stored: &StatusChangeRecord,
) -> Result<(), VerifyError> {
    let before = match (&trail.status_before, &stored.status_before) {
        // The row before is missing, which is found by its own entry.
        (_, None) => None,
        (trail, stored) => Some((before(trail.as_ref()), before(stored.as_ref()))),
    };
    let pairs = columns(trail).into_iter().zip(columns(stored)).chain(before);
    let differs = pairs.into_iter().find(|(trail, stored)| trail.1 != stored.1);
    let Some(((name, trail_value), (_, stored))) = differs else { return Ok(()) };
    let place = place_of(chain, Some(entry.position), &trail.session_id, trail.sequence);
    let difference = EventDifference::Column { name, stored, trail: trail_value };
    Err(AuditProblem::StatusChange { place, difference }.into())
}

fn or_unknown(text: Option<&String>) -> String {
    text.cloned().unwrap_or_else(|| "unknown".to_string())
}

fn before(status: Option<&String>) -> Named {
    ("status before", or_unknown(status))
}

fn columns(record: &StatusChangeRecord) -> [Named; 9] {
    let expires_at = record.expires_at.map(|at| at.to_string());
    let actor = record.actor.as_ref();
    [
        ("page_session_id", record.session_id.clone()),
        ("sequence", record.sequence.to_string()),
        ("event_id", record.event_id.clone()),
        ("event", record.event.clone()),
        ("status", record.status.clone()),
        ("actor_kind", or_unknown(actor.map(|actor| &actor.kind))),
        ("actor_name", or_unknown(actor.and_then(|actor| actor.name.as_ref()))),
        ("occurred_at", record.occurred_at.to_string()),
        ("session's expires_at", or_unknown(expires_at.as_ref())),
    ]
}
