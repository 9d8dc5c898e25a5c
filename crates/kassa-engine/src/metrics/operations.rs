//! Metrics of payment operations.

use kassa_domain::Timestamp;
use kassa_domain::operation::OperationKind;
use kassa_store::OperationsBacklog;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::payment_system::NoAnswer;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AttemptLabels {
    operation: &'static str,
    outcome: &'static str,
}

/// The counters and gauges of payment operations.
#[derive(Default)]
pub(crate) struct OperationMetrics {
    attempts: Family<AttemptLabels, Counter>,
    due: Gauge,
    stuck: Gauge,
    oldest_age_ms: Gauge,
    contradicted: Counter,
    account_refused: Counter,
    policy_violations: Counter,
}

impl OperationMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "payment_operation_attempts",
            "Attempts of payment operations, by outcome",
            metrics.attempts.clone(),
        );
        registry.register(
            "payment_operations_due",
            "Payment operations that are attempted until their outcome is known",
            metrics.due.clone(),
        );
        registry.register(
            "payment_operations_stuck",
            "Payment operations that an operator has to settle",
            metrics.stuck.clone(),
        );
        registry.register(
            "payment_operation_oldest_age_ms",
            "Milliseconds since the oldest payment operation without a known outcome was recorded",
            metrics.oldest_age_ms.clone(),
        );
        registry.register(
            "payment_claims_contradicted",
            "Authorizations that a browser claimed and that the payment system does not have",
            metrics.contradicted.clone(),
        );
        registry.register(
            "payment_account_refused",
            "Reads for which a payment system refused the credentials of the merchant's payment account",
            metrics.account_refused.clone(),
        );
        registry.register(
            "page_policy_violations",
            "Reports of browsers that the content security policy of a page refused something",
            metrics.policy_violations.clone(),
        );
        metrics
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

    pub(crate) fn attempted(&self, kind: OperationKind, outcome: &'static str) {
        self.attempts.get_or_create(&AttemptLabels { operation: kind.as_str(), outcome }).inc();
    }

    pub(crate) fn set(&self, backlog: &OperationsBacklog, now: Timestamp) {
        self.due.set(backlog.due);
        self.stuck.set(backlog.stuck);
        self.oldest_age_ms.set(backlog.oldest_recorded_at.map_or(0, |at| now.ms_since(at).max(0)));
    }
}
