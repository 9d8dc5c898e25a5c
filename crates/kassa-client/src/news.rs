//! What a snapshot tells beyond what is known: the one rule by which callbacks and reads are merged.

use jiff::Timestamp;

use crate::snapshot::Snapshot;
use crate::status::Status;

/// The last change that is known of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The status it arrived at.
    pub status: Status,
    /// When.
    pub updated_at: Timestamp,
}

/// What a snapshot is, beside what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// A change that was not known.
    New,
    /// The change that is known.
    Same,
    /// A change before the known one: too late to be told in order.
    Older,
}

/// Judges a snapshot. The wire promises no order of callbacks (spec 3.2), so `updated_at` decides.
///
/// Nothing follows a final status, and a final status follows anything, whatever the clocks of the service's machines
/// say. Of two changes in one millisecond the one that came first is taken for the first, and `WAITING` never follows
/// anything.
#[must_use]
pub fn judge(known: Option<&Known>, snapshot: &Snapshot) -> Judgement {
    let Some(known) = known else { return Judgement::New };
    let (was_final, is_final) = (known.status.is_final(), snapshot.status.is_final());
    if known.status == snapshot.status && (was_final || known.updated_at == snapshot.updated_at) {
        return Judgement::Same;
    }
    let is_earlier = snapshot.updated_at < known.updated_at
        || (snapshot.updated_at == known.updated_at && snapshot.status == Status::Waiting);
    if was_final || (is_earlier && !is_final) { Judgement::Older } else { Judgement::New }
}

/// Names a change: the same from a callback, a read, another process and after a restart.
#[must_use]
pub fn change_id(snapshot: &Snapshot) -> String {
    format!("{}/{}/{}", snapshot.session_id, snapshot.updated_at.as_millisecond(), snapshot.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(status: &str, at_ms: i64) -> Snapshot {
        let updated_at = kassa_wire::time::format_ms(at_ms);
        serde_json::from_value(
            serde_json::json!({"session_id": "s", "status": status, "updated_at": updated_at}),
        )
        .unwrap()
    }

    fn check(known: (&str, i64), news: (&str, i64), expected: Judgement) {
        let updated_at = Timestamp::from_millisecond(known.1).unwrap();
        let known = Known { status: Status::from(known.0), updated_at };
        assert_eq!(judge(Some(&known), &snapshot(news.0, news.1)), expected, "{known:?}, then {news:?}");
    }

    #[test]
    fn finality_decides_then_time_then_arrival() {
        check(("WAITING", 1), ("IN_PROGRESS", 2), Judgement::New);
        check(("IN_PROGRESS", 2), ("IN_PROGRESS", 2), Judgement::Same);
        check(("IN_PROGRESS", 2), ("IN_PROGRESS", 3), Judgement::New);
        check(("IN_PROGRESS", 2), ("BACK", 1), Judgement::Older);
        check(("IN_PROGRESS", 2), ("BACK", 2), Judgement::New);
        check(("IN_PROGRESS", 2), ("WAITING", 2), Judgement::Older);
        check(("COMPLETED", 2), ("COMPLETED", 3), Judgement::Same);
        check(("COMPLETED", 2), ("IN_PROGRESS", 3), Judgement::Older);
        check(("COMPLETED", 2), ("FAILED", 1), Judgement::Older);
        check(("IN_PROGRESS", 2), ("COMPLETED", 1), Judgement::New);
        check(("COMPLETED", 2), ("CANCELLED", 3), Judgement::Older);
        check(("MANUAL_ID_CHECK", 2), ("COMPLETED", 3), Judgement::New);
    }

    #[test]
    fn the_first_that_is_heard_is_new() {
        assert_eq!(judge(None, &snapshot("COMPLETED", 1)), Judgement::New);
    }

    #[test]
    fn a_change_has_one_name_wherever_it_was_heard() {
        assert_eq!(change_id(&snapshot("COMPLETED", 5)), "s/5/COMPLETED");
    }
}
