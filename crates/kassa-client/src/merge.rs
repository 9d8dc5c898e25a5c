//! The one rule that merges callbacks and reads: it decides whether a snapshot contains a new change.

use kassa_wire::snapshot::SessionSnapshot;
use kassa_wire::status::SessionStatus;
use kassa_wire::time::Instant;

/// The last known change of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastChange {
    /// The status after the change.
    pub status: SessionStatus,
    /// The time of the change.
    pub updated_at: Instant,
}

/// How a snapshot relates to the last known change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It contains a new change.
    New,
    /// It contains the known change again.
    Same,
    /// It contains a change before the known one, which is too late to report in order.
    Older,
}

/// Compares a snapshot with the last known change. Callbacks arrive in any order (docs/wire.md#callback-delivery), so
/// `updated_at` decides.
///
/// A final status comes last, even if the clocks of the service's machines disagree. Two changes in one millisecond
/// keep the order of their arrival, except that `WAITING` always comes first.
#[must_use]
pub fn compare(known: Option<&LastChange>, snapshot: &SessionSnapshot) -> Comparison {
    let Some(known) = known else { return Comparison::New };
    let (was_final, is_final) = (known.status.is_final(), snapshot.status().is_final());
    if known.status == snapshot.status() && (was_final || known.updated_at == snapshot.updated_at) {
        return Comparison::Same;
    }
    let is_earlier = snapshot.updated_at < known.updated_at
        || (snapshot.updated_at == known.updated_at && snapshot.status() == SessionStatus::Waiting);
    if was_final || (is_earlier && !is_final) { Comparison::Older } else { Comparison::New }
}

/// The id of a change. It is the same from a callback and a read, in every process, and after a restart.
#[must_use]
pub fn change_id(snapshot: &SessionSnapshot) -> String {
    format!("{}/{}/{}", snapshot.session_id, snapshot.updated_at.as_ms(), snapshot.status())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(status: &str, at_ms: i64) -> SessionSnapshot {
        let updated_at = kassa_wire::time::format_ms(at_ms);
        serde_json::from_value(
            serde_json::json!({"session_id": "s", "status": status, "updated_at": updated_at}),
        )
        .unwrap()
    }

    fn check(known: (&str, i64), next: (&str, i64), expected: Comparison) {
        let updated_at = Instant::from_ms(known.1);
        let known = LastChange { status: SessionStatus::from(known.0), updated_at };
        assert_eq!(compare(Some(&known), &snapshot(next.0, next.1)), expected, "{known:?}, then {next:?}");
    }

    #[test]
    fn finality_decides_before_time_and_time_before_arrival() {
        check(("WAITING", 1), ("IN_PROGRESS", 2), Comparison::New);
        check(("IN_PROGRESS", 2), ("IN_PROGRESS", 2), Comparison::Same);
        check(("IN_PROGRESS", 2), ("IN_PROGRESS", 3), Comparison::New);
        check(("IN_PROGRESS", 2), ("BACK", 1), Comparison::Older);
        check(("IN_PROGRESS", 2), ("BACK", 2), Comparison::New);
        check(("IN_PROGRESS", 2), ("WAITING", 2), Comparison::Older);
        check(("COMPLETED", 2), ("COMPLETED", 3), Comparison::Same);
        check(("COMPLETED", 2), ("IN_PROGRESS", 3), Comparison::Older);
        check(("COMPLETED", 2), ("FAILED", 1), Comparison::Older);
        check(("IN_PROGRESS", 2), ("COMPLETED", 1), Comparison::New);
        check(("COMPLETED", 2), ("CANCELLED", 3), Comparison::Older);
        check(("MANUAL_ID_CHECK", 2), ("COMPLETED", 3), Comparison::New);
    }

    #[test]
    fn the_first_snapshot_is_new() {
        assert_eq!(compare(None, &snapshot("COMPLETED", 1)), Comparison::New);
    }

    #[test]
    fn a_change_id_has_the_session_the_time_and_the_status() {
        assert_eq!(change_id(&snapshot("COMPLETED", 5)), "s/5/COMPLETED");
    }
}
