//! Metrics of the audit trail.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;

use super::catalogue::MetricGroup;

/// The counters and gauges of the audit trail.
#[derive(Default)]
pub(crate) struct AuditMetrics {
    entries: Counter,
    waiting: Gauge,
    behind_ms: Gauge,
}

impl AuditMetrics {
    pub(super) fn describe_in(&self, group: &mut MetricGroup<'_>) {
        group.add("audit_entries", "Entries that this node put into the audit trail", self.entries.clone());
        group.add(
            "audit_waiting",
            "Status changes and administrative acts that are not in the audit trail yet",
            self.waiting.clone(),
        );
        group.add(
            "audit_behind_ms",
            "Milliseconds for which this node could not complete the audit trail",
            self.behind_ms.clone(),
        );
    }

    pub(crate) fn chained(&self, entries: usize) {
        self.entries.inc_by(u64::try_from(entries).unwrap_or(u64::MAX));
    }

    pub(crate) fn behind_ms(&self, ms: i64) {
        self.behind_ms.set(ms);
    }

    pub(crate) fn waiting(&self, rows: i64) {
        self.waiting.set(rows);
    }
}
