//! Metrics of page sessions, messages and callbacks that have no owner elsewhere.

use kassa_domain::Timestamp;
use kassa_domain::lifecycle::Status;
use kassa_store::DeliveriesBacklog;
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
    /// It was stored, to be sent or for the lab's inbox.
    Accepted,
    /// A limit refused it.
    Limited,
    /// It could not be stored.
    Failed,
    /// The server or the gateway accepted it.
    Sent,
    /// An attempt failed, and a later one is due.
    Postponed,
    /// It was refused for good, or it was not accepted in time.
    Undelivered,
    /// It was not sent, because there is nothing left to pay.
    Dropped,
}

impl MessageResult {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Limited => "limited",
            Self::Failed => "failed",
            Self::Sent => "sent",
            Self::Postponed => "postponed",
            Self::Undelivered => "undelivered",
            Self::Dropped => "dropped",
        }
    }
}

/// The counters and gauges of page sessions.
#[derive(Clone, Default)]
pub(crate) struct SessionMetrics {
    created: Counter,
    recent: Family<InStatus, Gauge>,
    messages: Family<Sent, Counter>,
    messages_waiting: Gauge,
    message_oldest_age_ms: Gauge,
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
            "Messages to consumers that merchants asked for: `accepted`, `limited` or `failed`; and the attempts to \
             send them: `sent`, `postponed`, `undelivered` or `dropped`",
            self.messages.clone(),
        );
        group.add(
            "messages_waiting",
            "Messages to consumers that are not sent yet; the figure of the whole database",
            self.messages_waiting.clone(),
        );
        group.add(
            "message_oldest_age_ms",
            "Age of the oldest message that is not sent yet, in milliseconds; 0 if there is none",
            self.message_oldest_age_ms.clone(),
        );
    }

    /// Sets the gauges of the messages that are not sent yet.
    pub(crate) fn messages_waiting(&self, backlog: &DeliveriesBacklog, now: Timestamp) {
        self.messages_waiting.set(backlog.waiting);
        self.message_oldest_age_ms.set(backlog.oldest_accepted_at.map_or(0, |at| now.ms_since(at).max(0)));
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
