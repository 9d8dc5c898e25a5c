//! The simulated service: page sessions whose status changes at planned times.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use kassa_client::http::{HttpAnswer, HttpCall, Transport, TransportError};
use serde_json::{Value, json};

use crate::world::SimulatedClock;

/// One status change of a session: its time and the new status.
pub type Step = (i64, &'static str);

/// A prepared answer: an HTTP status and headers.
pub type PreparedAnswer = (u16, &'static [(&'static str, &'static str)]);

/// The plan of a page session, in milliseconds of the simulation.
#[derive(Clone, Debug)]
pub struct SessionPlan {
    pub expires_at: i64,
    pub steps: Vec<Step>,
}

#[derive(Clone)]
pub struct Service {
    clock: SimulatedClock,
    plans: Arc<Mutex<HashMap<String, SessionPlan>>>,
    outage: Arc<Mutex<std::ops::Range<i64>>>,
    calls: Arc<Mutex<Vec<HttpCall>>>,
    answers: Arc<Mutex<Vec<PreparedAnswer>>>,
    order_answer: Arc<Mutex<Option<(u16, Value)>>>,
    issues_no_tokens: Arc<AtomicBool>,
    is_silent: Arc<AtomicBool>,
}

impl Service {
    pub fn new(clock: SimulatedClock) -> Self {
        Self {
            clock,
            plans: Arc::default(),
            outage: Arc::new(Mutex::new(0..0)),
            calls: Arc::default(),
            answers: Arc::default(),
            order_answer: Arc::default(),
            issues_no_tokens: Arc::default(),
            is_silent: Arc::default(),
        }
    }

    pub fn open(&self, session: &str, plan: SessionPlan) {
        self.plans.lock().unwrap().insert(session.to_string(), plan);
    }

    /// Makes the service answer 503 during this time.
    pub fn fail_during(&self, span: std::ops::Range<i64>) {
        *self.outage.lock().unwrap() = span;
    }

    /// Sets the answers to the next calls, in order.
    pub fn answer_next(&self, answers: &[PreparedAnswer]) {
        self.answers.lock().unwrap().extend(answers.iter().rev());
    }

    /// Sets the answer to every call that places an order.
    pub fn answer_orders(&self, status: u16, body: Value) {
        *self.order_answer.lock().unwrap() = Some((status, body));
    }

    /// Makes reads show `COMPLETED` without a token.
    pub fn issue_no_tokens(&self) {
        self.issues_no_tokens.store(true, Ordering::Relaxed);
    }

    /// Makes the service record the next call and never answer it.
    pub fn stay_silent(&self) {
        self.is_silent.store(true, Ordering::Relaxed);
    }

    pub fn calls(&self) -> Vec<HttpCall> {
        self.calls.lock().unwrap().clone()
    }

    /// The body of a read at this time; `None` after the session has expired.
    pub fn read(&self, session: &str, now: i64) -> Option<Value> {
        let plans = self.plans.lock().unwrap();
        let plan = plans.get(session).filter(|plan| now < plan.expires_at)?;
        let (at, status) =
            plan.steps.iter().rev().find(|(at, _)| *at <= now).copied().unwrap_or((0, "WAITING"));
        let mut read = snapshot(session, status, at, plan.expires_at);
        if self.issues_no_tokens.load(Ordering::Relaxed) {
            read.as_object_mut().unwrap().remove("authorization_token");
        }
        Some(read)
    }

    fn answer(&self, call: &HttpCall) -> (u16, HeaderMap, Value) {
        let now = self.clock.ms();
        if let Some((status, headers)) = self.answers.lock().unwrap().pop() {
            let headers = headers
                .iter()
                .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_static(value)));
            return (status, headers.collect(), json!({}));
        }
        if self.outage.lock().unwrap().contains(&now) {
            return (503, HeaderMap::new(), json!({"error_code": "TEMPORARILY_UNAVAILABLE"}));
        }
        if let Some(token) = call.url.strip_suffix("/order") {
            if let Some((status, body)) = self.order_answer.lock().unwrap().clone() {
                return (status, HeaderMap::new(), body);
            }
            let order_id = format!("order of {}", token.rsplit('/').next().unwrap());
            return (200, HeaderMap::new(), json!({"order_id": order_id}));
        }
        if call.url.contains("/ordermanagement/") {
            return (200, HeaderMap::new(), json!({"fraud_status": "PENDING"}));
        }
        let session = call.url.rsplit('/').next().unwrap();
        let read = self.read(session, now);
        let status = if read.is_some() { 200 } else { 404 };
        (status, HeaderMap::new(), read.unwrap_or_else(|| json!({"error_code": "NOT_FOUND"})))
    }
}

impl Transport for Service {
    fn call(&self, call: HttpCall) -> BoxFuture<'_, Result<HttpAnswer, TransportError>> {
        let (status, headers, body) = self.answer(&call);
        self.calls.lock().unwrap().push(call);
        if self.is_silent.swap(false, Ordering::Relaxed) {
            return Box::pin(std::future::pending());
        }
        let status = StatusCode::from_u16(status).unwrap();
        let body = Bytes::from(body.to_string());
        Box::pin(async move { Ok(HttpAnswer { status, headers, body, is_whole: true }) })
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
