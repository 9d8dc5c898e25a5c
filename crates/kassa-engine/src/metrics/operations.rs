//! Metrics of payment operations.

use std::time::Duration;

use kassa_domain::Timestamp;
use kassa_domain::operation::OperationKind;
use kassa_store::OperationsBacklog;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};

use super::catalogue::MetricGroup;
use crate::payment_system::NoAnswer;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AttemptLabels {
    operation: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabel {
    operation: &'static str,
}

/// The counters and gauges of payment operations.
pub(crate) struct OperationMetrics {
    attempts: Family<AttemptLabels, Counter>,
    seconds: Family<OperationLabel, Histogram, fn() -> Histogram>,
    due: Gauge,
    stuck: Gauge,
    oldest_age_ms: Gauge,
    contradicted: Counter,
    account_refused: Counter,
    policy_violations: Counter,
}

impl Default for OperationMetrics {
    fn default() -> Self {
        // From 1 ms to 16 s: an attempt ends after 15 seconds.
        let seconds = || Histogram::new(exponential_buckets(0.001, 2.0, 15));
        Self {
            attempts: Family::default(),
            seconds: Family::new_with_constructor(seconds),
            due: Gauge::default(),
            stuck: Gauge::default(),
            oldest_age_ms: Gauge::default(),
            contradicted: Counter::default(),
            account_refused: Counter::default(),
            policy_violations: Counter::default(),
        }
    }
}

impl OperationMetrics {
    pub(super) fn describe_in(&self, group: &mut MetricGroup<'_>) {
        group.add_with(
            "payment_operation_attempts",
            &["operation", "outcome"],
            "Attempts of payment operations: `ordered`, `released`, `refused`, `not_sent` or `unknown`",
            self.attempts.clone(),
        );
        group.add_with(
            "payment_operation_attempt_duration_seconds",
            &["operation"],
            "Time of an attempt of a payment operation",
            self.seconds.clone(),
        );
        self.describe_backlog_in(group);
        group.add(
            "payment_claims_contradicted",
            "Authorizations that a browser claimed and that the payment system does not have",
            self.contradicted.clone(),
        );
        group.add(
            "payment_account_refused",
            "Reads for which a payment system refused the credentials of the merchant's payment account",
            self.account_refused.clone(),
        );
        group.add(
            "page_policy_violations",
            "Reports of browsers that the content security policy of a page refused something",
            self.policy_violations.clone(),
        );
    }

    fn describe_backlog_in(&self, group: &mut MetricGroup<'_>) {
        group.add(
            "payment_operations_due",
            "Payment operations that are attempted until their outcome is known",
            self.due.clone(),
        );
        group.add(
            "payment_operations_stuck",
            "Payment operations that an operator has to settle",
            self.stuck.clone(),
        );
        group.add(
            "payment_operation_oldest_age_ms",
            "Milliseconds since the oldest payment operation without a known outcome was recorded",
            self.oldest_age_ms.clone(),
        );
    }

    pub(crate) fn policy_violated(&self) {
        self.policy_violations.inc();
    }

    /// A browser claimed an authorization that the payment system does not have.
    pub(crate) fn contradicted(&self) {
        self.contradicted.inc();
    }

    /// Counts a read without an answer, if the payment system refused the credentials of the payment account.
    pub(crate) fn unanswered(&self, no_answer: &NoAnswer) {
        match no_answer {
            NoAnswer::AccountRefused(_) => {
                self.account_refused.inc();
            }
            NoAnswer::Silent(_) | NoAnswer::NoAccount(_) | NoAnswer::OverBudget => {}
        }
    }

    pub(crate) fn attempted(&self, kind: OperationKind, outcome: &'static str, took: Duration) {
        self.seconds.get_or_create(&OperationLabel { operation: kind.as_str() }).observe(took.as_secs_f64());
        self.attempts.get_or_create(&AttemptLabels { operation: kind.as_str(), outcome }).inc();
    }

    pub(crate) fn set(&self, backlog: &OperationsBacklog, now: Timestamp) {
        self.due.set(backlog.due);
        self.stuck.set(backlog.stuck);
        self.oldest_age_ms.set(backlog.oldest_recorded_at.map_or(0, |at| now.ms_since(at).max(0)));
    }
}
