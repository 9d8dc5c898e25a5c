//! Metrics of retention.

use kassa_domain::Timestamp;
use kassa_domain::time::SECOND_MS;
use kassa_store::ExpiredKind;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;

use super::catalogue::MetricGroup;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfClass {
    class: &'static str,
}

/// The class of the contact data in orders.
pub(crate) const ORDER_CONTACTS: &str = "order_contacts";

/// The counter and the gauge of retention.
pub(crate) struct RetentionMetrics {
    removed: Family<OfClass, Counter>,
    completed_at_s: Gauge,
}

impl RetentionMetrics {
    /// Every class is 0 at the beginning, so that its first rows count as an increase.
    pub(crate) fn new() -> Self {
        let metrics = Self { removed: Family::default(), completed_at_s: Gauge::default() };
        for class in ExpiredKind::ALL.map(ExpiredKind::as_str).into_iter().chain([ORDER_CONTACTS]) {
            metrics.removed(class, 0);
        }
        metrics
    }

    pub(super) fn describe_in(&self, group: &mut MetricGroup<'_>) {
        group.add_with(
            "retention_removed",
            &["class"],
            "Rows that retention deleted, or from which it removed personal data, by class of data",
            self.removed.clone(),
        );
        group.add(
            "retention_completed_timestamp_seconds",
            "Time of the last complete run of retention on this node. Until the first one, the start of the node",
            self.completed_at_s.clone(),
        );
    }

    pub(crate) fn removed(&self, class: &'static str, rows: usize) {
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        self.removed.get_or_create(&OfClass { class }).inc_by(rows);
    }

    pub(crate) fn completed(&self, at: Timestamp) {
        self.completed_at_s.set(at.as_ms() / SECOND_MS);
    }
}
