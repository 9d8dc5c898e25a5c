//! Outlets, the tracker's sinks: a sink is where the tracker delivers status changes, in order per session.
//!
//! The tracker acknowledges a change when the sink accepts it, and retries with a growing pause otherwise. After a
//! crash, the change is delivered again when its lease ends, so delivery is at least once.

mod delivery_error;
mod standard_output;
mod table;

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::{iter, unfold};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use kassa_wire::headers::{WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP};
use kassa_wire::one_line::one_line;
use kassa_wire::signature::sign;
use kassa_wire::snapshot::SessionSnapshot;
use serde::Serialize;

use super::verdict::Source;
use super::{Change, OrderState, POLL_MS, RETRY_BACKOFF, StateError, Tracker};
use crate::clock::plus_ms;
use crate::http::HttpCall;
use crate::random::below;

pub(super) use delivery_error::DeliveryError;
pub use table::Table;

/// The time limit of one call of the merchant's endpoint.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The maximum number of concurrent deliveries to an endpoint, and to a table, whose rows share a sync. Each session
/// has one at most.
const CONCURRENT_CALLS: usize = 8;
const CONCURRENT_ROWS: usize = 64;

/// A sink: where the tracker delivers status changes.
#[derive(Clone)]
pub enum Sink {
    /// The merchant's own HTTP endpoint. The tracker `POST`s each change, signed like a callback, until it answers 2xx.
    Endpoint {
        /// The endpoint.
        url: String,
        /// The signing secrets; two during a rotation. Empty if the endpoint does not verify signatures.
        secrets: Vec<String>,
    },
    /// A table with one row per change.
    Table(Table),
    /// Standard output, with one line of JSON per change.
    JsonLines,
    /// Standard output, with one readable line per change.
    Lines,
}

impl Sink {
    /// Closes the sink's database, if it has one, before the process exits. Callers limit the time.
    pub async fn close(&self) {
        match self {
            Self::Table(table) => table.close().await,
            Self::Endpoint { .. } | Self::JsonLines | Self::Lines => {}
        }
    }
}

/// The delivered body: the body of a callback, so that one handler reads both, with further fields.
#[derive(Serialize)]
struct Body<'a> {
    event_id: &'a str,
    session: &'a SessionSnapshot,
    sequence: i64,
    source: Source,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'a OrderState>,
}

impl Tracker {
    /// Delivers changes to a sink until [`Tracker::stop`], and then finishes the deliveries in progress. The future may
    /// be dropped at any moment: interrupted deliveries are repeated when their leases end.
    pub async fn deliver_until_stopped(&self, sink: &Sink) {
        let concurrent = match sink {
            Sink::Endpoint { .. } => CONCURRENT_CALLS,
            Sink::Table(_) => CONCURRENT_ROWS,
            Sink::JsonLines | Sink::Lines => 1,
        };
        let changes = unfold((), |()| async move {
            let changes = self.next_changes(concurrent).await;
            (!changes.is_empty()).then(|| (iter(changes), ()))
        });
        let deliveries = changes
            .flatten()
            .map(|change| async move { self.deliver(&change, sink).await })
            .buffer_unordered(concurrent);
        deliveries.collect::<()>().await;
    }

    /// Delivers one change, and then acknowledges or postpones it. If the database is unavailable, it retries until the
    /// tracker is stopped. Otherwise, the sink would get the change again.
    pub async fn deliver(&self, change: &Change, sink: &Sink) {
        let accepted = match sink {
            Sink::Endpoint { url, secrets } => self.post(change, url, secrets).await,
            Sink::Table(table) => table.insert(change, body(change)).await.map_err(DeliveryError::Table),
            Sink::JsonLines => standard_output::print_line(body(change)).await,
            Sink::Lines => standard_output::print_line(line(change)).await,
        };
        let clock = &self.dependencies.clock;
        self.monitor.delivered(change, &accepted, clock.schedule_now());
        while let Err(error) = self.store_delivery(change, accepted.is_ok()).await
            && !*self.stopping.borrow()
        {
            self.monitor.database_failed(&error, clock.schedule_now());
            clock.sleep_until(plus_ms(clock.schedule_now(), POLL_MS)).await;
        }
    }

    async fn store_delivery(&self, change: &Change, is_accepted: bool) -> Result<(), StateError> {
        if is_accepted {
            return self.acknowledge(change).await.map(drop);
        }
        let pause = RETRY_BACKOFF.pause_ms(change.attempt, |limit| below(&*self.dependencies.random, limit));
        self.postpone(change, plus_ms(self.dependencies.clock.schedule_now(), pause)).await
    }

    async fn post(&self, change: &Change, url: &str, secrets: &[String]) -> Result<(), DeliveryError> {
        let body = body(change);
        let at_s = self.dependencies.clock.now().as_second();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let mut signed = vec![(WEBHOOK_ID, change.change_id.clone()), (WEBHOOK_TIMESTAMP, at_s.to_string())];
        if !secrets.is_empty() {
            signed.push((WEBHOOK_SIGNATURE, sign(secrets, &change.change_id, at_s, body.as_bytes())));
        }
        for (name, value) in signed {
            // If a status is invalid in a header, the header is omitted: the body contains the same id.
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        let url = url.to_string();
        let call = HttpCall { method: Method::POST, url, headers, body: body.into(), timeout: TIMEOUT };
        match self.dependencies.transport.call(call).await {
            Ok(answer) if answer.status.is_success() => Ok(()),
            Ok(answer) => Err(DeliveryError::Answered(answer.status.as_u16())),
            Err(error) => Err(DeliveryError::Unanswered(error)),
        }
    }
}

fn body(change: &Change) -> String {
    let Change { change_id, sequence, snapshot, source, order, .. } = change;
    let order = order.as_ref();
    let body = Body { event_id: change_id, session: snapshot, sequence: *sequence, source: *source, order };
    serde_json::to_string(&body).expect("a change consists of strings and numbers")
}

fn line(change: &Change) -> String {
    let Change { sequence, snapshot, source, order, .. } = change;
    let SessionSnapshot { session_id, updated_at, .. } = snapshot;
    let order = order.as_ref().map(order_in_words).unwrap_or_default();
    let (status, source) = (snapshot.status(), source.as_str());
    let line = format!("{updated_at}  {session_id}  #{sequence}  {:<12} {source}{order}", status.as_str());
    one_line(&line).into_owned()
}

fn order_in_words(order: &OrderState) -> String {
    match order.order_id() {
        Some(id) => {
            let fraud_status = order.fraud_status().map_or("", |status| status.as_str());
            format!("  order {id} {fraud_status}").trim_end().to_string()
        }
        None => format!("  no order: {}", order.why().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fraud_status::FraudStatus;

    fn check(order: &OrderState, in_words: &str, in_json: &str) {
        assert_eq!(order_in_words(order), in_words);
        assert_eq!(serde_json::to_string(order).unwrap(), in_json);
    }

    #[test]
    fn every_sink_tells_the_fraud_status_of_an_order() {
        let placed = |fraud_status| OrderState::Placed { order_id: "o-1".to_string(), fraud_status };
        check(
            &placed(Some(FraudStatus::Pending)),
            "  order o-1 PENDING",
            r#"{"state":"placed","order_id":"o-1","fraud_status":"PENDING"}"#,
        );
        check(&placed(None), "  order o-1", r#"{"state":"placed","order_id":"o-1"}"#);
        check(
            &OrderState::Refused { why: "404 NOT_FOUND".to_string() },
            "  no order: 404 NOT_FOUND",
            r#"{"state":"refused","why":"404 NOT_FOUND"}"#,
        );
    }
}
