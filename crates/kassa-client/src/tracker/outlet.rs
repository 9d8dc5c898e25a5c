//! Outlets: where changes go, at least once, in order per session, acknowledged when they arrived.

mod printed;
mod table;

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::{iter, unfold};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use kassa_wire::headers::{WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP};
use kassa_wire::signature::sign;
use serde::Serialize;

use super::verdict::Source;
use super::{BETWEEN_ATTEMPTS, LOOK_AGAIN_MS, OrderOutcome, StateError, Told, Tracker};
use crate::clock::plus_ms;
use crate::http::Call;
use crate::random::below;
use crate::snapshot::Snapshot;

pub use table::Table;

/// How long the merchant's endpoint may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Changes under way at once to an endpoint, and to a table, where they share a sync; of one session there is never
/// more than one.
const CALLS_AT_ONCE: usize = 8;
const ROWS_AT_ONCE: usize = 64;

/// Where changes go.
#[derive(Clone)]
pub enum Outlet {
    /// `POST`ed to the merchant's own endpoint, signed as a callback is, until it answers 2xx.
    Endpoint {
        /// The endpoint.
        url: String,
        /// What signs; two during a rotation. None where the endpoint does not verify.
        secrets: Vec<String>,
    },
    /// A row each in a table.
    Table(Table),
    /// One line of JSON each on standard output.
    JsonLines,
    /// One line for people each on standard output.
    Lines,
}

impl Outlet {
    /// Closes what the outlet holds open, for a process that ends. Callers bound the time.
    pub async fn close(&self) {
        match self {
            Self::Table(table) => table.close().await,
            Self::Endpoint { .. } | Self::JsonLines | Self::Lines => {}
        }
    }
}

/// What an outlet is given: a callback as the service sends it, so that one handler takes both, and more.
#[derive(Serialize)]
struct Body<'a> {
    event_id: &'a str,
    session: &'a Snapshot,
    sequence: i64,
    source: Source,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'a OrderOutcome>,
}

impl Tracker {
    /// Hands changes to an outlet until [`Tracker::stop`], and ends when what was under way has arrived or failed. It
    /// may be dropped at any moment: what was under way goes again when its lease ends.
    pub async fn deliver_until_stopped(&self, outlet: &Outlet) {
        let at_once = match outlet {
            Outlet::Endpoint { .. } => CALLS_AT_ONCE,
            Outlet::Table(_) => ROWS_AT_ONCE,
            Outlet::JsonLines | Outlet::Lines => 1,
        };
        let claimed = unfold((), |()| async move {
            let told = self.next_changes(at_once).await;
            (!told.is_empty()).then(|| (iter(told), ()))
        });
        let deliveries = claimed
            .flatten()
            .map(|told| async move { self.deliver(&told, outlet).await })
            .buffer_unordered(at_once);
        deliveries.collect::<()>().await;
    }

    /// Hands one change over; acknowledges it, or puts it off. Where the state cannot be used, it tries until it can be or
    /// the tracker is stopped, so that what arrived is not handed over again for want of a note.
    pub async fn deliver(&self, told: &Told, outlet: &Outlet) {
        let taken = match outlet {
            Outlet::Endpoint { url, secrets } => self.post(told, url, secrets).await,
            Outlet::Table(table) => table.insert(told, body(told)).await.map_err(|error| error.to_string()),
            Outlet::JsonLines => printed::print_line(body(told)).await,
            Outlet::Lines => printed::print_line(line(told)).await,
        };
        let clock = &self.surroundings.clock;
        self.monitor.handed_over(told, &taken, clock.now());
        while let Err(error) = self.settle_delivery(told, taken.is_ok()).await
            && !*self.stopping.borrow()
        {
            self.monitor.state_failed(&error, clock.now());
            clock.sleep_until(plus_ms(clock.now(), LOOK_AGAIN_MS)).await;
        }
    }

    async fn settle_delivery(&self, told: &Told, is_taken: bool) -> Result<(), StateError> {
        if is_taken {
            return self.acknowledge(told).await.map(drop);
        }
        let pause = BETWEEN_ATTEMPTS.pause_ms(told.attempt, |limit| below(&*self.surroundings.random, limit));
        self.postpone(told, plus_ms(self.surroundings.clock.now(), pause)).await
    }

    async fn post(&self, told: &Told, url: &str, secrets: &[String]) -> Result<(), String> {
        let body = body(told);
        let at_s = self.surroundings.clock.now().as_second();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let mut signed = vec![(WEBHOOK_ID, told.change_id.clone()), (WEBHOOK_TIMESTAMP, at_s.to_string())];
        if !secrets.is_empty() {
            signed.push((WEBHOOK_SIGNATURE, sign(secrets, &told.change_id, at_s, body.as_bytes())));
        }
        for (name, value) in signed {
            // A status that no header can hold goes without: the body says it all.
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        let url = url.to_string();
        let call = Call { method: Method::POST, url, headers, body: body.into(), timeout: TIMEOUT };
        match self.surroundings.transport.call(call).await {
            Ok(answer) if answer.status.is_success() => Ok(()),
            Ok(answer) => Err(format!("the endpoint answered {}", answer.status.as_u16())),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn body(told: &Told) -> String {
    let Told { change_id, sequence, snapshot, source, order, .. } = told;
    let order = order.as_ref();
    let body = Body { event_id: change_id, session: snapshot, sequence: *sequence, source: *source, order };
    serde_json::to_string(&body).expect("a change has words and numbers alone")
}

fn line(told: &Told) -> String {
    let Told { sequence, snapshot, source, .. } = told;
    let Snapshot { session_id, status, updated_at, .. } = snapshot;
    format!("{updated_at:.3}  {session_id}  #{sequence}  {:<12} {}", status.as_str(), source.as_str())
}
