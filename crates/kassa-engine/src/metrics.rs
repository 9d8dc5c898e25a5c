//! Metrics for operators, in the format of Prometheus.

mod audit;
mod node;
mod operations;

use std::collections::HashSet;

use kassa_domain::{MerchantId, Timestamp};
use kassa_store::{AttemptResult, Backlog, ClaimedCallback};
use parking_lot::Mutex;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

pub(crate) use audit::AuditMetrics;
pub use node::DROPPED_LOG_LINES;
pub(crate) use node::NodeMetrics;
pub(crate) use operations::OperationMetrics;

/// Maximum number of merchants with lines of their own. All others are counted together.
const MOST_MERCHANTS: usize = 500;

/// How an attempt ended: the class of its answer, or the kind of failure if there was no answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    merchant: String,
    result: &'static str,
}

/// The state of a breaker: `open` or `half_open`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BreakerState {
    state: &'static str,
}

/// A status that a session arrived at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Arrived {
    status: &'static str,
}

/// The counters and gauges.
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) node: NodeMetrics,
    pub(crate) operations: OperationMetrics,
    pub(crate) audit: AuditMetrics,
    merchants: Mutex<HashSet<MerchantId>>,
    status_changes: Family<Arrived, Counter>,
    attempts: Family<Outcome, Counter>,
    first_attempt_delay: Histogram,
    waiting: Gauge,
    oldest_due_age_ms: Gauge,
    breakers: Family<BreakerState, Gauge>,
    long_polls: Gauge,
    sessions_removed: Counter,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("kassa");
        let (status_changes, attempts, breakers) = (Family::default(), Family::default(), Family::default());
        let first_attempt_delay = Histogram::new(exponential_buckets(0.001, 2.0, 16));
        let (waiting, oldest_due_age_ms, long_polls) = (Gauge::default(), Gauge::default(), Gauge::default());
        let sessions_removed = Counter::default();
        registry.register(
            "sessions_removed",
            "Page sessions that retention deleted",
            sessions_removed.clone(),
        );
        registry.register("long_polls", "Long polls that wait now", long_polls.clone());
        registry.register("status_changes", "Status changes committed", status_changes.clone());
        registry.register("callback_attempts", "Attempts of callbacks, by result", attempts.clone());
        registry.register_with_unit(
            "callback_first_attempt_delay",
            "From the commit of a change to the first attempt of its callback",
            Unit::Seconds,
            first_attempt_delay.clone(),
        );
        registry.register("callbacks_waiting", "Callbacks neither delivered nor given up", waiting.clone());
        registry.register(
            "callback_oldest_due_age_ms",
            "Milliseconds since the oldest waiting callback fell due",
            oldest_due_age_ms.clone(),
        );
        registry.register(
            "callback_breakers",
            "Endpoints that do not answer, by the state of their breaker",
            breakers.clone(),
        );
        Self {
            node: NodeMetrics::register(&mut registry),
            operations: OperationMetrics::register(&mut registry),
            audit: AuditMetrics::register(&mut registry),
            registry,
            merchants: Mutex::default(),
            status_changes,
            attempts,
            first_attempt_delay,
            waiting,
            oldest_due_age_ms,
            breakers,
            long_polls,
            sessions_removed,
        }
    }

    pub(crate) fn status_changed(&self, status: &'static str) {
        self.status_changes.get_or_create(&Arrived { status }).inc();
    }

    pub(crate) fn attempted(
        &self,
        callback: &ClaimedCallback,
        started_at: Timestamp,
        result: &AttemptResult,
    ) {
        let result = match result {
            AttemptResult::Answered { status: 200..=299, .. } => "2xx",
            AttemptResult::Answered { status: 300..=399, .. } => "3xx",
            AttemptResult::Answered { status: 400..=499, .. } => "4xx",
            AttemptResult::Answered { .. } => "5xx",
            AttemptResult::Failed { kind, .. } => *kind,
        };
        let merchant = self.label_of(&callback.merchant_id);
        self.attempts.get_or_create(&Outcome { merchant, result }).inc();
        if callback.attempts == 0 {
            let delay_ms = started_at.ms_since(callback.committed_at).max(0);
            #[expect(clippy::cast_precision_loss, reason = "a delay is far below 2^52 ms")]
            self.first_attempt_delay.observe(delay_ms as f64 / 1000.0);
        }
    }

    /// The first merchants with a callback have lines of their own. The number is limited, so that the page remains
    /// small.
    fn label_of(&self, merchant: &MerchantId) -> String {
        let mut merchants = self.merchants.lock();
        let is_known = merchants.contains(merchant)
            || merchants.len() < MOST_MERCHANTS && merchants.insert(merchant.clone());
        if is_known { merchant.as_str().to_string() } else { "other".to_string() }
    }

    pub(crate) fn breakers(&self, open: usize, half_open: usize) {
        for (state, count) in [("open", open), ("half_open", half_open)] {
            let gauge = self.breakers.get_or_create(&BreakerState { state });
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }

    pub(crate) fn long_polls(&self, held: usize) {
        self.long_polls.set(i64::try_from(held).unwrap_or(i64::MAX));
    }

    pub(crate) fn sessions_left(&self, page_sessions: usize) {
        self.sessions_removed.inc_by(u64::try_from(page_sessions).unwrap_or(u64::MAX));
    }

    /// The page for Prometheus, with the backlog as it is now.
    pub(crate) fn page(&self, backlog: Backlog, now: Timestamp) -> Result<String, std::fmt::Error> {
        self.waiting.set(backlog.waiting);
        let oldest_ms = backlog.oldest_due_at.map_or(0, |due_at| now.ms_since(due_at).max(0));
        self.oldest_due_age_ms.set(oldest_ms);
        self.node.refresh();
        let mut page = String::new();
        encode(&mut page, &self.registry)?;
        Ok(page)
    }
}
