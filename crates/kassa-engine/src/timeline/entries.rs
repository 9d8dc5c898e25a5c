//! One entry of the timeline, before it has its place.

use kassa_domain::{Actor, Timestamp};
use kassa_store::AttemptRow;
use kassa_wire::kassa::{HistoryActor, HistoryAttempt, TimelineEntry};
use kassa_wire::stored::Stored as _;
use kassa_wire::time::Instant;
use serde_json::Map;

/// The kind of an entry.
#[derive(Clone, Copy, Debug)]
pub(super) enum EntryKind {
    PaymentSession,
    Created,
    Message,
    MessageAttempt,
    Status,
    Note,
    Request(RequestKind),
    Authorization,
    Operation,
    Order,
    FraudCheck,
    Capture,
    Refund,
    OrderEnd,
    CustomerToken,
    PaymentsCallback,
    Expired,
}

/// The kind of a request. It does not matter for the order.
#[derive(Clone, Copy, Debug)]
pub(super) enum RequestKind {
    /// A call of an API.
    Call,
    /// A request of the consumer's browser.
    PageView,
}

impl EntryKind {
    /// The place among entries of the same instant.
    const fn rank(self) -> u8 {
        match self {
            Self::PaymentSession => 0,
            Self::Created => 1,
            Self::Message | Self::MessageAttempt => 2,
            Self::Status => 3,
            Self::Note => 4,
            Self::Request(RequestKind::Call | RequestKind::PageView) => 5,
            Self::Authorization => 6,
            Self::Operation => 7,
            Self::Order => 8,
            Self::FraudCheck => 9,
            Self::Capture => 10,
            Self::Refund => 11,
            Self::OrderEnd => 12,
            Self::CustomerToken => 13,
            Self::PaymentsCallback => 14,
            Self::Expired => 15,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::PaymentSession => "payment_session",
            Self::Created => "created",
            Self::Message => "message",
            Self::MessageAttempt => "message_attempt",
            Self::Authorization => "authorization",
            Self::Operation => "operation",
            Self::Order => "order",
            Self::Status => "status",
            Self::Note => "note",
            Self::Request(RequestKind::Call) => "request",
            Self::Request(RequestKind::PageView) => "page",
            Self::FraudCheck => "fraud_check",
            Self::Capture => "capture",
            Self::Refund => "refund",
            Self::OrderEnd => "order_end",
            Self::CustomerToken => "customer_token",
            Self::PaymentsCallback => "payments_callback",
            Self::Expired => "expired",
        }
    }
}

/// An entry that has not been put in order yet.
///
/// Instants alone do not order the entries: the lab can stop a merchant's clock, and several things happen within one
/// millisecond. So an entry also knows the number of status changes before it, if that is certain.
pub(super) struct Draft {
    changes_before: i64,
    kind: EntryKind,
    entry: TimelineEntry,
}

impl Draft {
    pub(super) fn new(at: Timestamp, kind: EntryKind, title: impl Into<String>) -> Self {
        let entry = TimelineEntry {
            at: Instant::from_ms(at.as_ms()),
            kind: kind.as_str().to_string(),
            title: title.into(),
            detail: None,
            actor: None,
            event_id: None,
            change: None,
            callback: None,
            operation: None,
            request: None,
        };
        let changes_before = match kind {
            EntryKind::PaymentSession => -3,
            EntryKind::Created => -1,
            EntryKind::Message
            | EntryKind::MessageAttempt
            | EntryKind::Status
            | EntryKind::Note
            | EntryKind::Request(_)
            | EntryKind::Authorization
            | EntryKind::Operation
            | EntryKind::Order
            | EntryKind::FraudCheck
            | EntryKind::Capture
            | EntryKind::Refund
            | EntryKind::OrderEnd
            | EntryKind::CustomerToken
            | EntryKind::PaymentsCallback
            | EntryKind::Expired => i64::MAX,
        };
        Self { changes_before, kind, entry }
    }

    /// Places the entry after this many status changes, if other entries have the same instant.
    pub(super) fn after(self, changes_before: i64) -> Self {
        Self { changes_before, ..self }
    }

    pub(super) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.entry.detail = Some(detail.into());
        self
    }

    pub(super) fn by(mut self, actor: Option<&Actor>) -> Self {
        self.entry.actor = actor.map(history_actor);
        self
    }

    /// Completes the entry with a part of its own.
    pub(super) fn with(mut self, complete: impl FnOnce(&mut TimelineEntry)) -> Self {
        complete(&mut self.entry);
        self
    }
}

/// The entries in the order of their instants; of entries with the same instant, the cause comes first.
pub(super) fn in_order(mut drafts: Vec<Draft>) -> Vec<TimelineEntry> {
    // The sort is stable, so entries of one kind and instant keep the order of their rows.
    drafts.sort_by_key(|draft| (draft.entry.at, draft.changes_before, draft.kind.rank()));
    drafts.into_iter().map(|draft| draft.entry).collect()
}

/// An actor, as the history shows it.
#[must_use]
pub fn history_actor(actor: &Actor) -> HistoryActor {
    HistoryActor { kind: actor.kind().to_string(), name: actor.name().map(str::to_string) }
}

/// An attempt of a callback, as the history shows it.
#[must_use]
pub fn history_attempt(attempt: &AttemptRow) -> HistoryAttempt {
    HistoryAttempt {
        started_at: Instant::from_ms(attempt.started_at.as_ms()),
        duration_ms: attempt.ended_at.ms_since(attempt.started_at),
        status: attempt.answer_status,
        failure_kind: attempt.failure_kind.clone(),
        failure: attempt.failure.clone(),
        answer_headers: attempt.answer_headers.as_deref().and_then(|text| Map::from_stored(text).ok()),
        answer_body: attempt.answer_body.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_comes_before_its_effect_of_the_same_instant() {
        let at = Timestamp::from_ms;
        let drafts = vec![
            Draft::new(at(2), EntryKind::Capture, "captured"),
            Draft::new(at(1), EntryKind::Status, "completed").after(2),
            Draft::new(at(1), EntryKind::Note, "second note"),
            Draft::new(at(1), EntryKind::Authorization, "authorized").after(1),
            Draft::new(at(1), EntryKind::Status, "entered").after(1),
            Draft::new(at(0), EntryKind::Created, "created"),
            Draft::new(at(1), EntryKind::Order, "ordered").after(1),
            Draft::new(at(0), EntryKind::PaymentSession, "payment session"),
            Draft::new(at(1), EntryKind::Note, "third note"),
        ];
        let titles: Vec<_> = in_order(drafts).into_iter().map(|entry| entry.title).collect();
        let expected = [
            "payment session",
            "created",
            "entered",
            "authorized",
            "ordered",
            "completed",
            "second note",
            "third note",
            "captured",
        ];
        assert_eq!(titles, expected);
    }
}
