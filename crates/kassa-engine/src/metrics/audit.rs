//! Metrics of the audit trail.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// The counters and gauges of the audit trail.
#[derive(Default)]
pub(crate) struct AuditMetrics {
    entries: Counter,
    waiting: Gauge,
    behind_ms: Gauge,
}

impl AuditMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "audit_entries",
            "Entries that this node put into the audit trail",
            metrics.entries.clone(),
        );
        registry.register(
            "audit_waiting",
            "Status changes and administrative acts that are not in the audit trail yet",
            metrics.waiting.clone(),
        );
        registry.register(
            "audit_behind_ms",
            "Milliseconds for which this node could not complete the audit trail",
            metrics.behind_ms.clone(),
        );
        metrics
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
