//! Metrics for operators, in the format of Prometheus.

mod audit;
mod catalogue;
mod http;
mod node;
mod openid;
mod operations;
mod payment_calls;
mod process;
mod retention;
mod sessions;

use std::collections::HashSet;
use std::time::Duration;

use kassa_domain::{MerchantId, Timestamp};
use kassa_store::{AttemptResult, Backlog, ClaimedCallback, StoreTimings};
use parking_lot::Mutex;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;

pub(crate) use audit::AuditMetrics;
pub use catalogue::MetricDescription;
pub use http::{CallPace, HttpMetrics, MeasuredCall, RefusalReason};
pub use node::DROPPED_LOG_LINES;
pub(crate) use node::NodeMetrics;
pub use openid::OpenIdResult;
pub(crate) use operations::OperationMetrics;
pub use payment_calls::{PaymentCallMetrics, PaymentCallOrigin};
pub(crate) use retention::{ORDER_CONTACTS, RetentionMetrics};
pub(crate) use sessions::{MessageResult, SessionMetrics};

use catalogue::{Catalogue, MetricGroup};
use process::ProcessMetrics;

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
    catalogue: Catalogue,
    pub(crate) http: HttpMetrics,
    pub(crate) sessions: SessionMetrics,
    process: ProcessMetrics,
    pub(crate) node: NodeMetrics,
    pub(crate) operations: OperationMetrics,
    pub(crate) audit: AuditMetrics,
    pub(crate) retention: RetentionMetrics,
    merchants: Mutex<HashSet<MerchantId>>,
    status_changes: Family<Arrived, Counter>,
    attempts: Family<Outcome, Counter>,
    attempt_seconds: Histogram,
    first_attempt_delay: Histogram,
    waiting: Gauge,
    oldest_due_age_ms: Gauge,
    breakers: Family<BreakerState, Gauge>,
    long_polls: Gauge,
    open_pages: Gauge,
    sessions_removed: Counter,
}

/// The figures that other parts of the node count, and that its metrics show.
#[derive(Clone, Default)]
pub(crate) struct CountedElsewhere {
    pub(crate) database: StoreTimings,
    pub(crate) engine: &'static str,
    pub(crate) payment_calls: PaymentCallMetrics,
}

/// Every metric of a node, with its meaning.
#[must_use]
pub fn metric_descriptions() -> Vec<MetricDescription> {
    Metrics::new(&CountedElsewhere::default()).catalogue.described().to_vec()
}

impl Metrics {
    pub(crate) fn new(elsewhere: &CountedElsewhere) -> Self {
        let attempt_seconds = Histogram::new(exponential_buckets(0.001, 2.0, 14));
        let first_attempt_delay = Histogram::new(exponential_buckets(0.001, 2.0, 16));
        let mut metrics = Self {
            catalogue: Catalogue::new(),
            http: HttpMetrics::default(),
            node: NodeMetrics::default(),
            operations: OperationMetrics::default(),
            sessions: SessionMetrics::default(),
            process: ProcessMetrics::default(),
            audit: AuditMetrics::default(),
            retention: RetentionMetrics::new(),
            merchants: Mutex::default(),
            status_changes: Family::default(),
            attempts: Family::default(),
            attempt_seconds,
            first_attempt_delay,
            waiting: Gauge::default(),
            oldest_due_age_ms: Gauge::default(),
            breakers: Family::default(),
            long_polls: Gauge::default(),
            open_pages: Gauge::default(),
            sessions_removed: Counter::default(),
        };
        let mut catalogue = Catalogue::new();
        metrics.describe_in(&mut catalogue.group("kassa"), elsewhere);
        metrics.process.describe_in(&mut catalogue.group("process"));
        metrics.catalogue = catalogue;
        metrics
    }

    /// Adds every metric whose name begins with `kassa_`.
    fn describe_in(&self, group: &mut MetricGroup<'_>, elsewhere: &CountedElsewhere) {
        self.http.describe_in(group);
        self.sessions.describe_in(group);
        group.add_with(
            "status_changes",
            &["status"],
            "Status changes committed",
            self.status_changes.clone(),
        );
        group.add("sessions_removed", "Page sessions that retention deleted", self.sessions_removed.clone());
        group.add("long_polls", "Long polls that wait now", self.long_polls.clone());
        group.add("open_pages", "Open payment pages that follow their order", self.open_pages.clone());
        self.describe_callbacks_in(group);
        self.operations.describe_in(group);
        self.audit.describe_in(group);
        self.retention.describe_in(group);
        elsewhere.payment_calls.describe_in(group);
        describe_database_in(group, &elsewhere.database);
        self.node.describe_in(group);
        let build = vec![("version", env!("CARGO_PKG_VERSION")), ("database", elsewhere.engine)];
        group.add_with(
            "build",
            &["version", "database"],
            "The version of Kassa, and the kind of its database; always 1",
            Info::new(build),
        );
    }

    fn describe_callbacks_in(&self, group: &mut MetricGroup<'_>) {
        group.add_with(
            "callback_attempts",
            &["merchant", "result"],
            "Attempts of callbacks; `result` is `2xx` to `5xx`, or the reason why no answer came; the first 500 \
             merchants have lines of their own, all others are `other`",
            self.attempts.clone(),
        );
        group.add(
            "callback_attempt_duration_seconds",
            "Time of an attempt of a callback, until the answer or the failure",
            self.attempt_seconds.clone(),
        );
        group.add(
            "callback_first_attempt_delay_seconds",
            "Time from the commit of a change to the first attempt of its callback",
            self.first_attempt_delay.clone(),
        );
        group.add("callbacks_waiting", "Callbacks neither delivered nor given up", self.waiting.clone());
        group.add(
            "callback_oldest_due_age_ms",
            "Milliseconds since the oldest waiting callback became due",
            self.oldest_due_age_ms.clone(),
        );
        group.add_with(
            "callback_breakers",
            &["state"],
            "Endpoints that do not answer, by the state of their breaker: `open` (paused) or `half_open` (one attempt \
             checks the endpoint)",
            self.breakers.clone(),
        );
    }

    pub(crate) fn status_changed(&self, status: &'static str) {
        self.status_changes.get_or_create(&Arrived { status }).inc();
    }

    pub(crate) fn attempted(
        &self,
        callback: &ClaimedCallback,
        started_at: Timestamp,
        result: &AttemptResult,
        took: Duration,
    ) {
        let result = match result {
            AttemptResult::Answered { status, .. } => class_of(*status),
            AttemptResult::Failed { kind, .. } => *kind,
        };
        self.attempt_seconds.observe(took.as_secs_f64());
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

    pub(crate) fn waiting(&self, long_polls: usize, open_pages: usize) {
        self.long_polls.set(i64::try_from(long_polls).unwrap_or(i64::MAX));
        self.open_pages.set(i64::try_from(open_pages).unwrap_or(i64::MAX));
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
        self.process.refresh();
        let mut page = String::new();
        encode(&mut page, self.catalogue.registry())?;
        Ok(page)
    }
}

/// The class of a status. An answer with a status that HTTP does not have is counted with the faults.
const fn class_of(status: u16) -> &'static str {
    match status {
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

fn describe_database_in(group: &mut MetricGroup<'_>, database: &StoreTimings) {
    group.add(
        "database_commit_duration_seconds",
        "Time from the begin of a transaction until it is durable",
        database.commit_seconds.clone(),
    );
    group.add(
        "database_commit_changes",
        "Changes that one transaction commits",
        database.commit_changes.clone(),
    );
    group.add(
        "database_write_wait_seconds",
        "Time that a change waits for a free connection that writes",
        database.write_wait_seconds.clone(),
    );
    group.add(
        "database_changes_in_progress",
        "Changes that wait for a connection, or are being committed",
        database.changes_in_progress.clone(),
    );
    group.add(
        "database_read_duration_seconds",
        "Time of a read, with the wait for a connection",
        database.read_seconds.clone(),
    );
}
