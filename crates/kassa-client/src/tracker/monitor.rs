//! The tracker's metrics for Prometheus, and its log of problems. Each kind of problem is logged once per second at
//! most, with the number of lines that were left out since the last one.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use kassa_sql::Cause;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::sink::DeliveryError;
use super::{Change, OrderState, Overview, StateError, Tracker, verdict};
use crate::clock::ms_between;
use crate::fraud_status::FraudStatus;
use crate::receiver::Outcome;

/// The shortest time between two lines about one kind of problem, in milliseconds.
const LOG_INTERVAL_MS: i64 = 1_000;

/// The label for the outcome of something that is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

/// The label for the verdict on a session.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct VerdictLabel {
    verdict: &'static str,
}

/// A kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Problem {
    CallbackRefused,
    CallbackNotStored,
    ReadFailed,
    OrderFailed,
    NotDelivered,
    Database,
}

/// The last line about a kind of problem, and the number of lines left out since.
struct LastLine {
    at: Timestamp,
    left_out: u64,
}

/// The metrics and the log of one tracker, since it was opened.
pub(super) struct Monitor {
    registry: Registry,
    callbacks: Family<OutcomeLabel, Counter>,
    reads: Family<OutcomeLabel, Counter>,
    orders: Family<OutcomeLabel, Counter>,
    deliveries: Family<OutcomeLabel, Counter>,
    sessions: Family<VerdictLabel, Gauge>,
    unacknowledged: Gauge,
    oldest_unacknowledged_age_ms: Gauge,
    overtaken: Gauge,
    feed_held: Gauge,
    lines: Mutex<HashMap<Problem, LastLine>>,
    /// The reason if the sink did not accept the last delivery.
    last_rejection: Mutex<Option<String>>,
}

impl Tracker {
    /// The metrics page for Prometheus, in the format `application/openmetrics-text; version=1.0.0`. Counters start
    /// when the tracker is opened; gauges show the present state of all sessions.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn metrics(&self) -> Result<String, StateError> {
        let all = self.overview(0).await?;
        let page = self.monitor.page(&all, self.feed.is_delivering(), self.dependencies.clock.schedule_now());
        page.map_err(|error| StateError::Fault(Cause::of(error)))
    }

    /// Counts the outcome of a callback, and logs the reason for a refusal. The sidecar calls this. Call it from your
    /// own routes, too, if they pass callbacks to the tracker.
    pub fn note_callback(&self, outcome: &Outcome) {
        self.monitor.count_callback(outcome, self.dependencies.clock.schedule_now());
    }
}

impl Monitor {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("kassa_track");
        let mut counter = |name, help| {
            let family = Family::<OutcomeLabel, Counter>::default();
            registry.register(name, help, family.clone());
            family
        };
        let callbacks = counter("callbacks", "Received callbacks, by outcome");
        let reads = counter("reads", "Reads of sessions, by outcome");
        let orders = counter("orders", "Attempts to place an order, by outcome");
        let deliveries = counter("deliveries", "Deliveries of changes to the sink, by outcome");
        let sessions = Family::<VerdictLabel, Gauge>::default();
        registry.register("sessions", "Stored sessions, by verdict", sessions.clone());
        let mut gauge_of = |name, help| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        Self {
            callbacks,
            reads,
            orders,
            deliveries,
            sessions,
            unacknowledged: gauge_of("unacknowledged_changes", "Unacknowledged changes"),
            oldest_unacknowledged_age_ms: gauge_of(
                "oldest_unacknowledged_age_ms",
                "Milliseconds since the oldest unacknowledged change was observed",
            ),
            overtaken: gauge_of("overtaken_changes", "Changes that came too late to be reported in order"),
            feed_held: gauge_of("feed_held", "1 while the feed delivers changes, else 0"),
            lines: Mutex::default(),
            last_rejection: Mutex::default(),
            registry,
        }
    }

    /// The page for Prometheus, with the present state of all sessions.
    fn page(&self, all: &Overview, feed_is_delivering: bool, now: Timestamp) -> Result<String, fmt::Error> {
        for (verdict, count) in &all.tally {
            let gauge = self.sessions.get_or_create(&VerdictLabel { verdict: verdict.as_str() });
            gauge.set(i64::try_from(*count).unwrap_or(i64::MAX));
        }
        self.unacknowledged.set(all.unacknowledged);
        let oldest_ms = all.unacknowledged_since.map_or(0, |since| ms_between(since, now).max(0));
        self.oldest_unacknowledged_age_ms.set(oldest_ms);
        self.overtaken.set(all.overtaken);
        self.feed_held.set(feed_is_delivering.into());
        let mut page = String::new();
        encode(&mut page, &self.registry)?;
        Ok(page)
    }

    fn count_callback(&self, outcome: &Outcome, now: Timestamp) {
        count(&self.callbacks, outcome.code());
        match outcome {
            Outcome::Refused(why) => self.log_throttled(Problem::CallbackRefused, now, |left_out| {
                tracing::warn!(code = why.code(), why = why.to_string(), left_out, "a callback was refused");
            }),
            Outcome::NotDurable(why) => self.log_throttled(Problem::CallbackNotStored, now, |left_out| {
                tracing::error!(
                    why = why.to_string(),
                    left_out,
                    "a callback could not be stored; the service will send it again"
                );
            }),
            Outcome::Recorded(_) | Outcome::Prompted => {}
        }
    }

    /// Counts a read, and logs the reason if it failed.
    pub(super) fn session_read(
        &self,
        session_id: &str,
        outcome: &'static str,
        failure: Option<&str>,
        now: Timestamp,
    ) {
        count(&self.reads, outcome);
        if let Some(why) = failure {
            self.log_throttled(Problem::ReadFailed, now, |left_out| {
                tracing::warn!(
                    session_id,
                    why,
                    left_out,
                    "a session could not be read; the tracker will read it again"
                );
            });
        }
    }

    /// Counts the outcome of an order. Each order that will never be placed is logged, because the consumer paid. A rejected
    /// order is logged too, because the merchant must not deliver.
    pub(super) fn order_ended(&self, session_id: &str, order: &OrderState) {
        count(&self.orders, order.row().state.as_str());
        match order {
            OrderState::Placed { order_id, fraud_status: Some(FraudStatus::Rejected) } => {
                tracing::error!(
                    session_id,
                    order_id,
                    "the order was placed, but the service rejected it as fraud; do not deliver"
                );
            }
            OrderState::Refused { why } | OrderState::TooLate { why } | OrderState::NoToken { why } => {
                tracing::error!(
                    session_id,
                    why,
                    "the consumer paid, but the order was not placed and will not be tried again; a person must act"
                );
            }
            OrderState::Awaited | OrderState::Placing { .. } | OrderState::Placed { .. } => {}
        }
    }

    pub(super) fn order_failed(&self, session_id: &str, why: &str, now: Timestamp) {
        count(&self.orders, "put_off");
        self.log_throttled(Problem::OrderFailed, now, |left_out| {
            tracing::warn!(
                session_id,
                why,
                left_out,
                "an order could not be placed; the tracker will try again"
            );
        });
    }

    pub(super) fn delivered(&self, change: &Change, accepted: &Result<(), DeliveryError>, now: Timestamp) {
        if change.attempt == 1 && change.order.is_none() && verdict::lacks_order(&change.snapshot) {
            let session_id = &change.snapshot.session_id;
            tracing::error!(session_id, "{}; a person must act", verdict::NEITHER);
        }
        count(&self.deliveries, if accepted.is_ok() { "taken" } else { "failed" });
        *self.last_rejection.lock().unwrap_or_else(PoisonError::into_inner) =
            accepted.as_ref().err().map(ToString::to_string);
        if let Err(why) = accepted {
            let (change_id, attempt, why) = (&change.change_id, change.attempt, why.to_string());
            self.log_throttled(Problem::NotDelivered, now, |left_out| {
                tracing::warn!(
                    change_id,
                    attempt,
                    why,
                    left_out,
                    "the sink did not accept a change; the tracker delivers it again"
                );
            });
        }
    }

    /// The reason if the sink did not accept the last delivery.
    #[cfg(feature = "web")]
    pub(super) fn last_rejection(&self) -> Option<String> {
        self.last_rejection.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn database_failed(&self, error: &StateError, now: Timestamp) {
        self.log_throttled(Problem::Database, now, |left_out| {
            tracing::error!(
                error = error.to_string(),
                left_out,
                "the database is unavailable; work resumes when it is back"
            );
        });
    }

    fn log_throttled(&self, problem: Problem, now: Timestamp, line: impl FnOnce(u64)) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let left_out = match lines.get_mut(&problem) {
            Some(last) if ms_between(last.at, now) < LOG_INTERVAL_MS => {
                last.left_out += 1;
                return;
            }
            Some(last) => last.left_out,
            None => 0,
        };
        lines.insert(problem, LastLine { at: now, left_out: 0 });
        drop(lines);
        line(left_out);
    }
}

fn count(family: &Family<OutcomeLabel, Counter>, outcome: &'static str) {
    family.get_or_create(&OutcomeLabel { outcome }).inc();
}
