//! One call with its retries, within the account's rate limit.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::error::{ClientError, InvalidInput};
use super::retry::{Repeatability, requested_pause_ms};
use super::{Client, RetryPolicy};
use crate::clock::plus_ms;
use crate::error_source::ErrorSource;
use crate::http::{HttpAnswer, HttpCall, TransportError};
use crate::random::below;

/// The time until which the account makes no calls: its rate limit is used up, or the service asked for a pause.
#[derive(Debug, Default)]
pub(super) struct Pause(Mutex<Option<Timestamp>>);

impl Pause {
    fn until(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, until: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }
}

/// A request before the account's headers are added.
pub(super) struct RequestSpec {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Bytes,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) repeatability: Repeatability,
    /// How long the service may delay the answer (long polling), in addition to the time limit of an attempt.
    long_poll: Duration,
}

impl RequestSpec {
    pub(super) fn read(path: String) -> Self {
        Self::bare(Method::GET, path, Repeatability::Safe)
    }

    pub(super) fn bare(method: Method, path: String, repeatability: Repeatability) -> Self {
        Self {
            method,
            path,
            body: Bytes::new(),
            headers: Vec::new(),
            repeatability,
            long_poll: Duration::ZERO,
        }
    }

    /// A request with a JSON body. Absent fields are omitted: the wire treats `null` as absent, but some proxies do
    /// not.
    pub(super) fn write(
        method: Method,
        path: String,
        body: &impl Serialize,
        repeatability: Repeatability,
    ) -> Result<Self, ClientError> {
        let json = serde_json::to_value(body).map_err(|error| InvalidInput::Body(ErrorSource::of(error)))?;
        let body = without_nulls(json).to_string().into();
        Ok(Self { body, ..Self::bare(method, path, repeatability) })
    }

    pub(super) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Allows the service to delay the answer by this number of seconds (long polling).
    pub(super) fn long_poll_s(mut self, seconds: u32) -> Self {
        self.long_poll = Duration::from_secs(seconds.into());
        self
    }
}

fn without_nulls(json: Value) -> Value {
    match json {
        Value::Object(fields) => {
            let present = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(present.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(without_nulls).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => json,
    }
}

/// An id as one segment of a path. Ids that could reach another path are refused.
pub(super) fn segment(id: &str) -> Result<String, ClientError> {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~.:".contains(&byte);
    if id.is_empty() || id.starts_with('.') || !id.bytes().all(is_safe) {
        return Err(InvalidInput::Id(id.to_string()).into());
    }
    Ok(id.to_string())
}

impl Client {
    /// Makes a call and its retries. An answer of 4xx or 5xx is an error; 304 is not.
    pub(super) async fn exchange(&self, request: RequestSpec) -> Result<HttpAnswer, ClientError> {
        let call = self.call(&request)?;
        let mut attempts = 0;
        loop {
            self.wait_for_pause().await;
            let outcome = self.dependencies.transport.call(call.clone()).await.and_then(whole);
            attempts += 1;
            let now = self.dependencies.clock.now();
            if let Ok(answer) = &outcome {
                self.note_pause(answer, now);
            }
            let random_ms = |limit| below(&*self.dependencies.random, limit);
            let policy: RetryPolicy = self.policy;
            let Some(pause) = policy.pause_ms(request.repeatability, attempts, &outcome, now, random_ms)
            else {
                return outcome.map_err(ClientError::Unanswered).and_then(|answer| accepted(answer, now));
            };
            let clock = &self.dependencies.clock;
            clock.sleep_until(plus_ms(clock.schedule_now(), pause)).await;
        }
    }

    /// The time until which the account makes no calls; `None` if it may call now.
    pub(crate) fn paused_until(&self) -> Option<Timestamp> {
        self.pause.until().filter(|until| self.dependencies.clock.schedule_now() < *until)
    }

    async fn wait_for_pause(&self) {
        if let Some(until) = self.paused_until() {
            self.dependencies.clock.sleep_until(until).await;
        }
    }

    fn note_pause(&self, answer: &HttpAnswer, now: Timestamp) {
        if let Some(requested_pause_ms) = requested_pause_ms(answer, now) {
            let pause_ms = requested_pause_ms.min(self.policy.longest_pause_ms);
            self.pause.set(plus_ms(self.dependencies.clock.schedule_now(), pause_ms));
        }
    }

    fn call(&self, request: &RequestSpec) -> Result<HttpCall, ClientError> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, self.authorization.clone());
        headers.insert(USER_AGENT, self.user_agent.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if !request.body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in &request.headers {
            let unsendable = |_| InvalidInput::Header(name);
            let value = HeaderValue::from_str(value).map_err(unsendable)?;
            headers.insert(HeaderName::from_static(name), value);
        }
        let url = format!("{}{}", self.base_url, request.path);
        let method = request.method.clone();
        Ok(HttpCall {
            method,
            url,
            headers,
            body: request.body.clone(),
            timeout: self.timeout + request.long_poll,
        })
    }
}

/// A refusal counts by its status, but the body of a success is needed.
fn whole(answer: HttpAnswer) -> Result<HttpAnswer, TransportError> {
    match answer.is_whole || !answer.status.is_success() {
        true => Ok(answer),
        false => Err(TransportError::MayHaveArrived(ErrorSource::new("the answer was cut off"))),
    }
}

fn accepted(answer: HttpAnswer, now: Timestamp) -> Result<HttpAnswer, ClientError> {
    let is_accepted = answer.status.is_success() || answer.status == http::StatusCode::NOT_MODIFIED;
    if is_accepted { Ok(answer) } else { Err(ClientError::refused(&answer, now)) }
}
