//! The merchants' receiver: answers, refuses or hangs, and records every call.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, StatusCode};
use kassa_outgoing::{Call, CallAnswer, CallError, CallErrorKind, Outgoing};
use tokio::time::{Instant, sleep};

use super::dice::Dice;

/// One call that arrived.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arrival {
    pub(super) event_id: String,
    /// The page session; empty for a callback to a payment session's own URL.
    pub(super) session: String,
    pub(super) body: Bytes,
    pub(super) headers: BTreeMap<&'static str, String>,
    pub(super) begun_at: Instant,
    /// The time at which it ended; `None` while it is under way.
    pub(super) ended_at: Option<Instant>,
    /// The answer's status; `None` if the caller disconnected or was killed.
    pub(super) status: Option<u16>,
}

#[derive(Default)]
struct State {
    arrivals: Vec<Arrival>,
    is_healthy: bool,
    faults: Vec<String>,
}

/// A clone shares the same state. The receiver survives the system that calls it.
#[derive(Clone)]
pub(super) struct Receiver {
    state: Arc<Mutex<State>>,
    dice: Arc<Dice>,
}

impl Receiver {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: Arc::default(), dice: Arc::new(Dice::new(seed)) }
    }

    pub(super) fn heal(&self) {
        self.state().is_healthy = true;
    }

    pub(super) fn arrivals(&self) -> Vec<Arrival> {
        self.state().arrivals.clone()
    }

    pub(super) fn faults(&self) -> Vec<String> {
        self.state().faults.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a call. Two simultaneous calls of one event are a fault.
    fn take(&self, call: &Call) -> usize {
        let body: serde_json::Value = serde_json::from_slice(&call.body).unwrap();
        let headers: BTreeMap<_, _> = call.headers.iter().cloned().collect();
        let arrival = Arrival {
            event_id: headers["webhook-id"].clone(),
            session: body["session"]["session_id"].as_str().unwrap_or_default().to_string(),
            body: call.body.clone(),
            headers,
            begun_at: Instant::now(),
            ended_at: None,
            status: None,
        };
        let mut state = self.state();
        if body.get("event_id").is_some_and(|event_id| *event_id != *arrival.event_id) {
            state.faults.push(format!("another webhook-id than {}", body["event_id"]));
        }
        if state.arrivals.iter().any(|other| other.event_id == arrival.event_id && other.ended_at.is_none()) {
            state.faults.push(format!("two attempts of {} at the same time", arrival.event_id));
        }
        state.arrivals.push(arrival);
        state.arrivals.len() - 1
    }

    fn status(&self) -> Option<u16> {
        if self.state().is_healthy {
            return Some(200);
        }
        match self.dice.below(12) {
            0..6 => Some(200),
            6 => Some(204),
            7 | 8 => Some(500),
            9 => Some(301),
            10 => self.dice.one_in(4).then_some(410),
            _ => None,
        }
    }

    async fn receive(self, call: Call) -> Result<CallAnswer, CallError> {
        let index = self.take(&call);
        let mut open = Open { receiver: self.clone(), index, status: None };
        sleep(Duration::from_millis(1 + self.dice.below(40))).await;
        let Some(status) = self.status() else {
            sleep(call.timeout).await;
            return Err(CallError::new(CallErrorKind::TimedOut, "no answer in time"));
        };
        open.status = Some(status);
        let status = StatusCode::from_u16(status).unwrap();
        Ok(CallAnswer {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            is_whole: true,
            connected_after_ms: None,
            head_after_ms: 1,
        })
    }
}

/// Ends an arrival when it is dropped: after the answer, or because the caller disconnected or was killed.
struct Open {
    receiver: Receiver,
    index: usize,
    status: Option<u16>,
}

impl Drop for Open {
    fn drop(&mut self) {
        let arrival = &mut self.receiver.state().arrivals[self.index];
        arrival.ended_at = Some(Instant::now());
        arrival.status = self.status;
    }
}

impl Outgoing for Receiver {
    fn call_with_headers(
        &self,
        call: Call,
        _more: HeaderMap,
    ) -> BoxFuture<'_, Result<CallAnswer, CallError>> {
        Box::pin(self.clone().receive(call))
    }
}
