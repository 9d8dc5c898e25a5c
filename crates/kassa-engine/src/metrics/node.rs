//! Metrics of one node: its clock, its log, failed logins and limits.

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;

use super::catalogue::MetricGroup;
use super::openid::{OpenIdMetrics, OpenIdResult};

/// The number of log lines that were dropped because standard error was not read. The writer of the log counts them.
pub static DROPPED_LOG_LINES: AtomicU64 = AtomicU64::new(0);

/// The labels of a failed login: the kind of account, and the status of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FailedLogin {
    audience: &'static str,
    answer: &'static str,
}

/// Every combination of labels. Each is exported from the start, so that the first failures already have a rate.
const FAILED_LOGINS: [FailedLogin; 6] = [
    FailedLogin { audience: "merchants", answer: "401" },
    FailedLogin { audience: "merchants", answer: "429" },
    FailedLogin { audience: "operators", answer: "401" },
    FailedLogin { audience: "operators", answer: "429" },
    FailedLogin { audience: "console", answer: "401" },
    FailedLogin { audience: "console", answer: "429" },
];

/// The label of a call that a limit refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Limit {
    limit: &'static str,
}

/// The counters and gauges of a node.
#[derive(Default)]
pub(crate) struct NodeMetrics {
    clock_offset_ms: Gauge,
    authentication_failures: Family<FailedLogin, Counter>,
    openid: OpenIdMetrics,
    limited_calls: Family<Limit, Counter>,
    log_lines_dropped: Counter,
    requests_not_recorded: Counter,
}

impl NodeMetrics {
    pub(super) fn describe_in(&self, group: &mut MetricGroup<'_>) {
        for failed in FAILED_LOGINS {
            let _ = self.authentication_failures.get_or_create(&failed);
        }
        group.add_with(
            "authentication_failures",
            &["audience", "answer"],
            "Logins of `merchants` and `operators`, and sign-ins to the `console`, that failed: wrong passwords and \
             unknown usernames (`401`), and those above a limit (`429`)",
            self.authentication_failures.clone(),
        );
        self.openid.describe_in(group);
        group.add_with(
            "limited_calls",
            &["limit"],
            "Calls that a limit refused: of redeliveries (`redelivery`), of messages (`message`), or of calls (`rate`)",
            self.limited_calls.clone(),
        );
        group.add(
            "log_lines_dropped",
            "Log lines that were dropped because no process read standard error fast enough",
            self.log_lines_dropped.clone(),
        );
        group.add(
            "requests_not_recorded",
            "Finished requests that timelines lack, because they came too fast or the database did not answer",
            self.requests_not_recorded.clone(),
        );
        group.add(
            "clock_offset_ms",
            "Milliseconds by which this node's clock is ahead of the database's; 0 on SQLite",
            self.clock_offset_ms.clone(),
        );
    }

    pub(crate) fn clock_offset(&self, ahead_by_ms: i64) {
        self.clock_offset_ms.set(ahead_by_ms);
    }

    pub(crate) fn login_failed(&self, audience: &'static str, answer: &'static str) {
        self.authentication_failures.get_or_create(&FailedLogin { audience, answer }).inc();
    }

    pub(crate) fn openid_sign_in(&self, result: OpenIdResult) {
        self.openid.ended(result);
    }

    pub(crate) fn limited(&self, limit: &'static str) {
        self.limited_calls.get_or_create(&Limit { limit }).inc();
    }

    pub(crate) fn requests_not_recorded(&self, count: usize) {
        self.requests_not_recorded.inc_by(u64::try_from(count).unwrap_or(u64::MAX));
    }

    /// Copies the counter of the log.
    pub(super) fn refresh(&self) {
        let dropped = DROPPED_LOG_LINES.load(Ordering::Relaxed);
        self.log_lines_dropped.inner().store(dropped, Ordering::Relaxed);
    }
}
