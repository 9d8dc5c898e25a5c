//! Metrics of page sessions, messages and callbacks that have no owner elsewhere.

use kassa_domain::lifecycle::Status;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;

use super::catalogue::MetricGroup;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InStatus {
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Sent {
    channel: &'static str,
    result: &'static str,
}

/// The outcome of a message to a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageResult {
    /// It was stored for the lab's inbox, or sent.
    Accepted,
    /// A limit refused it.
    Limited,
    /// It could not be stored.
    Failed,
}

impl MessageResult {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Limited => "limited",
            Self::Failed => "failed",
        }
    }
}

/// The counters and gauges of page sessions.
#[derive(Clone, Default)]
pub(crate) struct SessionMetrics {
    created: Counter,
    recent: Family<InStatus, Gauge>,
    messages: Family<Sent, Counter>,
}

impl SessionMetrics {
    pub(super) fn describe_in(&self, group: &mut MetricGroup<'_>) {
        group.add("page_sessions_created", "Page sessions created on this node", self.created.clone());
        group.add_with(
            "recent_page_sessions",
            &["status"],
            "Page sessions in each status now, of the youngest 5,000 of the last 24 hours; the figure of the whole \
             database, at most 15 seconds old",
            self.recent.clone(),
        );
        group.add_with(
            "messages",
            &["channel", "result"],
            "Messages to consumers: `accepted`, `limited` or `failed`",
            self.messages.clone(),
        );
    }

    pub(crate) fn created(&self) {
        self.created.inc();
    }

    pub(crate) fn message(&self, channel: &str, result: MessageResult) {
        let known = ["email", "sms", "token"];
        let channel = known.into_iter().find(|known| *known == channel).unwrap_or("other");
        self.messages.get_or_create(&Sent { channel, result: result.as_str() }).inc();
    }

    /// Sets the gauge of each status. A status without sessions is 0.
    pub(crate) fn count_recent(&self, counts: &[(Status, i64)]) {
        for status in Status::ALL {
            let count = counts.iter().find(|(counted, _)| counted == status).map_or(0, |(_, count)| *count);
            self.recent.get_or_create(&InStatus { status: status.as_str() }).set(count);
        }
    }
}
