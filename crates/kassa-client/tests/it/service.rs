//! A service on the wire that is a table: page sessions with what happens to them and when.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use kassa_client::http::{Answer, Call, NoAnswer, Transport};
use serde_json::{Value, json};

use crate::world::SimulatedClock;

/// One step of a session: when, and to which status.
pub type Step = (i64, &'static str);

/// A status and its headers.
pub type Scripted = (u16, &'static [(&'static str, &'static str)]);

/// A page session and its fate, by milliseconds of the simulation.
#[derive(Clone, Debug)]
pub struct Fate {
    pub expires_at: i64,
    pub steps: Vec<Step>,
}

#[derive(Clone)]
pub struct Service {
    clock: SimulatedClock,
    fates: Arc<Mutex<HashMap<String, Fate>>>,
    down: Arc<Mutex<std::ops::Range<i64>>>,
    calls: Arc<Mutex<Vec<Call>>>,
    answers: Arc<Mutex<Vec<Scripted>>>,
    is_silent: Arc<AtomicBool>,
}

impl Service {
    pub fn new(clock: SimulatedClock) -> Self {
        Self {
            clock,
            fates: Arc::default(),
            down: Arc::new(Mutex::new(0..0)),
            calls: Arc::default(),
            answers: Arc::default(),
            is_silent: Arc::default(),
        }
    }

    pub fn open(&self, session: &str, fate: Fate) {
        self.fates.lock().unwrap().insert(session.to_string(), fate);
    }

    /// Answers 503 in this span of time.
    pub fn go_down(&self, span: std::ops::Range<i64>) {
        *self.down.lock().unwrap() = span;
    }

    /// Answers the next calls so, whatever they ask.
    pub fn will_answer(&self, answers: &[Scripted]) {
        self.answers.lock().unwrap().extend(answers.iter().rev());
    }

    /// Takes the next call and never answers it.
    pub fn will_be_silent(&self) {
        self.is_silent.store(true, Ordering::Relaxed);
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// The session as it is read at this time.
    pub fn read(&self, session: &str, now: i64) -> Option<Value> {
        let fates = self.fates.lock().unwrap();
        let fate = fates.get(session).filter(|fate| now < fate.expires_at)?;
        let (at, status) =
            fate.steps.iter().rev().find(|(at, _)| *at <= now).copied().unwrap_or((0, "WAITING"));
        Some(snapshot(session, status, at, fate.expires_at))
    }

    fn answer(&self, call: &Call) -> (u16, HeaderMap, Value) {
        let now = self.clock.ms();
        if let Some((status, headers)) = self.answers.lock().unwrap().pop() {
            let headers = headers
                .iter()
                .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_static(value)));
            return (status, headers.collect(), json!({}));
        }
        if self.down.lock().unwrap().contains(&now) {
            return (503, HeaderMap::new(), json!({"error_code": "TEMPORARILY_UNAVAILABLE"}));
        }
        if let Some(token) = call.url.strip_suffix("/order") {
            let order_id = format!("order of {}", token.rsplit('/').next().unwrap());
            return (200, HeaderMap::new(), json!({"order_id": order_id}));
        }
        let session = call.url.rsplit('/').next().unwrap();
        let read = self.read(session, now);
        let status = if read.is_some() { 200 } else { 404 };
        (status, HeaderMap::new(), read.unwrap_or_else(|| json!({"error_code": "NOT_FOUND"})))
    }
}

impl Transport for Service {
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, NoAnswer>> {
        let (status, headers, body) = self.answer(&call);
        self.calls.lock().unwrap().push(call);
        if self.is_silent.swap(false, Ordering::Relaxed) {
            return Box::pin(std::future::pending());
        }
        let status = StatusCode::from_u16(status).unwrap();
        Box::pin(async move { Ok(Answer { status, headers, body: Bytes::from(body.to_string()) }) })
    }
}

pub fn snapshot(session: &str, status: &str, at: i64, expires_at: i64) -> Value {
    let text = |ms| format!("{:.3}", Timestamp::from_millisecond(ms).unwrap());
    let mut read = json!({"session_id": session, "status": status, "updated_at": text(at), "expires_at": text(expires_at)});
    if status == "COMPLETED" {
        read["authorization_token"] = json!(format!("token-{session}"));
    }
    read
}
