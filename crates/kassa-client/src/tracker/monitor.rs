//! What a tracker does, for those who watch over it: counted for Prometheus and, where something goes wrong, said in the
//! log. Of each kind of trouble there is a line a second at most, with how many were left out since the last.

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

use super::{OrderOutcome, OrderState, Overview, StateError, Told, Tracker};
use crate::clock::ms_between;
use crate::receiver::Outcome;

/// Between two lines of one kind of trouble, in milliseconds.
const SAY_EVERY_MS: i64 = 1_000;

/// How something ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    outcome: &'static str,
}

/// How a session stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Stands {
    verdict: &'static str,
}

/// A kind of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Trouble {
    CallbackRefused,
    CallbackNotKept,
    ReadFailed,
    OrderPutOff,
    NotTaken,
    State,
}

/// When a kind of trouble was said last, and how often it was left out since.
struct Said {
    at: Timestamp,
    left_out: u64,
}

/// Counts and log of one tracker, since it was opened.
pub(super) struct Monitor {
    registry: Registry,
    callbacks: Family<Ended, Counter>,
    reads: Family<Ended, Counter>,
    orders: Family<Ended, Counter>,
    deliveries: Family<Ended, Counter>,
    sessions: Family<Stands, Gauge>,
    unacknowledged: Gauge,
    oldest_unacknowledged_age_ms: Gauge,
    overtaken: Gauge,
    feed_held: Gauge,
    said: Mutex<HashMap<Trouble, Said>>,
    /// Why the outlet did not take what it was given last, where it did not.
    not_taken: Mutex<Option<String>>,
}

impl Tracker {
    /// What the tracker did since it was opened, and how all sessions stand now: a page for Prometheus, in the format
    /// `application/openmetrics-text; version=1.0.0`.
    ///
    /// # Errors
    /// Where the state cannot be read.
    pub async fn metrics(&self) -> Result<String, StateError> {
        let all = self.overview(0).await?;
        let page = self.monitor.page(&all, self.feed.is_held(), self.surroundings.clock.now());
        page.map_err(|error| StateError::Fault(Cause::of(error)))
    }

    /// Counts what became of a callback, and says in the log why one was refused. The sidecar calls this; so may routes
    /// that give the tracker's callbacks to a receiver of their own.
    pub fn note_callback(&self, outcome: &Outcome) {
        self.monitor.callback_came(outcome, self.surroundings.clock.now());
    }
}

impl Monitor {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("kassa_track");
        let mut counted = |name, help| {
            let family = Family::<Ended, Counter>::default();
            registry.register(name, help, family.clone());
            family
        };
        let callbacks = counted("callbacks", "Callbacks that came, by what became of them");
        let reads = counted("reads", "Reads of sessions, by what they ended in");
        let orders = counted("orders", "Tries at an order, by what they ended in");
        let deliveries = counted("deliveries", "Changes handed to the outlet, by whether it took them");
        let sessions = Family::<Stands, Gauge>::default();
        registry.register("sessions", "Sessions that are remembered, by verdict", sessions.clone());
        let mut gauged = |name, help| {
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
            unacknowledged: gauged("unacknowledged_changes", "Changes that wait for their acknowledgement"),
            oldest_unacknowledged_age_ms: gauged(
                "oldest_unacknowledged_age_ms",
                "Milliseconds since the oldest change that waits for its acknowledgement was heard of",
            ),
            overtaken: gauged("overtaken_changes", "Changes that came too late to be told in order"),
            feed_held: gauged("feed_held", "Whether the feed is held"),
            said: Mutex::default(),
            not_taken: Mutex::default(),
            registry,
        }
    }

    /// The page for Prometheus, with how all sessions stand now.
    fn page(&self, all: &Overview, feed_is_held: bool, now: Timestamp) -> Result<String, fmt::Error> {
        for (verdict, count) in &all.tally {
            let gauge = self.sessions.get_or_create(&Stands { verdict: verdict.as_str() });
            gauge.set(i64::try_from(*count).unwrap_or(i64::MAX));
        }
        self.unacknowledged.set(all.unacknowledged);
        let oldest_ms = all.unacknowledged_since.map_or(0, |since| ms_between(since, now).max(0));
        self.oldest_unacknowledged_age_ms.set(oldest_ms);
        self.overtaken.set(all.overtaken);
        self.feed_held.set(feed_is_held.into());
        let mut page = String::new();
        encode(&mut page, &self.registry)?;
        Ok(page)
    }

    fn callback_came(&self, outcome: &Outcome, now: Timestamp) {
        count(&self.callbacks, outcome.code());
        match outcome {
            Outcome::Refused(why) => self.say(Trouble::CallbackRefused, now, |left_out| {
                tracing::warn!(code = why.code(), why = why.to_string(), left_out, "a callback was refused");
            }),
            Outcome::NotDurable(why) => self.say(Trouble::CallbackNotKept, now, |left_out| {
                tracing::error!(why, left_out, "a callback could not be written down; it will be sent again");
            }),
            Outcome::Recorded(_) | Outcome::Prompted => {}
        }
    }

    /// A read ended so, and failed for this reason.
    pub(super) fn session_read(
        &self,
        session_id: &str,
        outcome: &'static str,
        failure: Option<&str>,
        now: Timestamp,
    ) {
        count(&self.reads, outcome);
        if let Some(why) = failure {
            self.say(Trouble::ReadFailed, now, |left_out| {
                tracing::warn!(
                    session_id,
                    why,
                    left_out,
                    "a session could not be read; it will be read again"
                );
            });
        }
    }

    /// What became of an order. One that will never be placed is said each time: the consumer paid.
    pub(super) fn order_settled(&self, session_id: &str, order: &OrderOutcome) {
        count(&self.orders, order.state.as_str());
        let why = order.why.as_deref().unwrap_or_default();
        match order.state {
            OrderState::Refused | OrderState::TooLate => {
                tracing::error!(session_id, why, "the consumer paid, and the order was not placed");
            }
            OrderState::Awaited | OrderState::Intended | OrderState::Placed => {}
        }
    }

    pub(super) fn order_put_off(&self, session_id: &str, why: &str, now: Timestamp) {
        count(&self.orders, "put_off");
        self.say(Trouble::OrderPutOff, now, |left_out| {
            tracing::warn!(session_id, why, left_out, "an order could not be placed; it will be tried again");
        });
    }

    pub(super) fn handed_over(&self, told: &Told, taken: &Result<(), String>, now: Timestamp) {
        count(&self.deliveries, if taken.is_ok() { "taken" } else { "failed" });
        *self.not_taken.lock().unwrap_or_else(PoisonError::into_inner) = taken.clone().err();
        if let Err(why) = taken {
            let (change_id, attempt) = (&told.change_id, told.attempt);
            self.say(Trouble::NotTaken, now, |left_out| {
                tracing::warn!(
                    change_id,
                    attempt,
                    why,
                    left_out,
                    "the outlet did not take a change; it goes again"
                );
            });
        }
    }

    /// Why the outlet did not take what it was given last.
    #[cfg(feature = "web")]
    pub(super) fn not_taken(&self) -> Option<String> {
        self.not_taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn state_failed(&self, error: &StateError, now: Timestamp) {
        self.say(Trouble::State, now, |left_out| {
            tracing::error!(
                error = error.to_string(),
                left_out,
                "the tracker's state cannot be used; all goes on when it can"
            );
        });
    }

    fn say(&self, trouble: Trouble, now: Timestamp, line: impl FnOnce(u64)) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let left_out = match said.get_mut(&trouble) {
            Some(last) if ms_between(last.at, now) < SAY_EVERY_MS => {
                last.left_out += 1;
                return;
            }
            Some(last) => last.left_out,
            None => 0,
        };
        said.insert(trouble, Said { at: now, left_out: 0 });
        drop(said);
        line(left_out);
    }
}

fn count(family: &Family<Ended, Counter>, outcome: &'static str) {
    family.get_or_create(&Ended { outcome }).inc();
}
