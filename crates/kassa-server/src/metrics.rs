//! What an operator watches, in the format of Prometheus.

use std::sync::Arc;

use kassa_domain::Timestamp;
use kassa_store::{AttemptResult, Backlog, ClaimedCallback};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// How an attempt ended, by the class of its answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    result: &'static str,
}

/// A status that a session arrived at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Arrived {
    status: &'static str,
}

/// The counters and gauges. Cloning shares them.
#[derive(Clone)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    status_changes: Family<Arrived, Counter>,
    attempts: Family<Outcome, Counter>,
    first_attempt_delay: Histogram,
    waiting: Gauge,
    oldest_due_age_ms: Gauge,
    open_breakers: Gauge,
    long_polls: Gauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("kassa");
        let (status_changes, attempts) = (Family::default(), Family::default());
        let first_attempt_delay = Histogram::new(exponential_buckets(0.001, 2.0, 16));
        let (waiting, oldest_due_age_ms, open_breakers, long_polls) =
            (Gauge::default(), Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("long_polls", "Calls held until there is news", long_polls.clone());
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
            "callback_open_breakers",
            "Endpoints left alone for a while",
            open_breakers.clone(),
        );
        let registry = Arc::new(registry);
        Self {
            registry,
            status_changes,
            attempts,
            first_attempt_delay,
            waiting,
            oldest_due_age_ms,
            open_breakers,
            long_polls,
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
            AttemptResult::Failed { .. } => "no_answer",
        };
        self.attempts.get_or_create(&Outcome { result }).inc();
        if callback.attempts == 0 {
            let delay_ms = started_at.ms_since(callback.committed_at).max(0);
            #[expect(clippy::cast_precision_loss, reason = "a delay is far below 2^52 ms")]
            self.first_attempt_delay.observe(delay_ms as f64 / 1000.0);
        }
    }

    pub(crate) fn breakers(&self, open: usize) {
        self.open_breakers.set(i64::try_from(open).unwrap_or(i64::MAX));
    }

    pub(crate) fn long_polls(&self, held: usize) {
        self.long_polls.set(i64::try_from(held).unwrap_or(i64::MAX));
    }

    /// The page for Prometheus, with the backlog as it is now.
    pub(crate) fn page(&self, backlog: Backlog, now: Timestamp) -> Result<String, std::fmt::Error> {
        self.waiting.set(backlog.waiting);
        let oldest_ms = backlog.oldest_due_at.map_or(0, |due_at| now.ms_since(due_at).max(0));
        self.oldest_due_age_ms.set(oldest_ms);
        let mut page = String::new();
        encode(&mut page, &self.registry)?;
        Ok(page)
    }
}
