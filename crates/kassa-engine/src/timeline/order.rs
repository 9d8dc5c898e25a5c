//! The entries of an order: its placing, its fraud check, captures, refunds and its end.

use kassa_domain::Timestamp;
use kassa_domain::placed_order::{FraudStatus, OrderEnd, PlacedOrder};
use kassa_store::{EventRow, StoredOrder};

use super::entries::{Draft, EntryKind};
use super::money::Currency;

/// How the order came about.
pub(super) struct Placing<'a> {
    pub(super) currency: &'a Currency,
    /// The event that completed the page session.
    pub(super) completion: Option<&'a EventRow>,
    /// Whether the page placed the order. Otherwise the merchant did.
    pub(super) is_by_page: bool,
    pub(super) now: Timestamp,
}

impl Placing<'_> {
    /// The instant, but not before the page session was completed. A merchant's clock that the lab stopped repeats an
    /// instant, and status changes are always at least a millisecond apart.
    pub(super) fn not_before_order(&self, at: Timestamp) -> Timestamp {
        self.completion.map_or(at, |event| event.occurred_at.max(at))
    }
}

/// The entries of an order whose amounts are rows of this database.
pub(super) fn entries(order: &StoredOrder, placed: &PlacedOrder, placing: &Placing<'_>) -> Vec<Draft> {
    let currency = placing.currency;
    let placing_draft = placing_draft(order, placed, placing);
    let earliest = placing.not_before_order(order.created_at);
    let mut drafts = vec![placing_draft];
    drafts.extend(fraud_check(placed, placing.now));
    drafts.extend(placed.captures().iter().map(|capture| {
        let detail = format!("{}, capture {}", currency.amount(capture.amount), capture.id);
        Draft::new(capture.captured_at.max(earliest), EntryKind::Capture, "Amount captured").detail(detail)
    }));
    drafts.extend(placed.refunds().iter().map(|refund| {
        let detail = format!("{}, refund {}", currency.amount(refund.amount), refund.id);
        Draft::new(refund.refunded_at.max(earliest), EntryKind::Refund, "Amount refunded").detail(detail)
    }));
    drafts.extend(ending(placed, earliest));
    drafts
}

fn placing_draft(order: &StoredOrder, placed: &PlacedOrder, placing: &Placing<'_>) -> Draft {
    let currency = placing.currency;
    let (id, reference) = (&order.reference.order_id, &order.reference.klarna_reference);
    let amount = currency.amount(placed.original_order_amount());
    let changed = match placed.order_amount() {
        now if now == placed.original_order_amount() => String::new(),
        now => format!("; the merchant changed the amount to {}", currency.amount(now)),
    };
    let detail = format!("Order {id} ({reference}) over {amount}{changed}");
    let draft = |at| Draft::new(at, EntryKind::Order, "Order placed").detail(detail);
    match placing.completion {
        Some(event) if placing.is_by_page => draft(event.occurred_at).after(event.sequence - 1),
        Some(event) => draft(order.created_at.max(event.occurred_at)),
        None => draft(order.created_at),
    }
}

fn fraud_check(placed: &PlacedOrder, now: Timestamp) -> Option<Draft> {
    let check = placed.fraud_check()?;
    let (at, title) = match placed.fraud_status(now) {
        FraudStatus::Pending => (placed.created_at(), "Fraud check began"),
        FraudStatus::Accepted => (check.ends_at, "Fraud check accepted the order"),
        FraudStatus::Rejected => (check.ends_at, "Fraud check rejected the order"),
    };
    Some(Draft::new(at, EntryKind::FraudCheck, title))
}

/// How the merchant gave up the rest. An earlier version did not store when: then the end follows the last capture.
fn ending(placed: &PlacedOrder, earliest: Timestamp) -> Option<Draft> {
    let (end, at) = placed.end()?;
    let latest = || placed.captures().last().map_or(placed.created_at(), |capture| capture.captured_at);
    let title = match end {
        OrderEnd::Cancelled => "Order cancelled",
        OrderEnd::Released => "Rest of the order released",
    };
    Some(Draft::new(at.unwrap_or_else(latest).max(earliest), EntryKind::OrderEnd, title))
}
