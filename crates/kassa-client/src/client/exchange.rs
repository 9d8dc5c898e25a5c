//! One call with its repeats, at the account's rate.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::error::ClientError;
use super::retry::{Repeatability, quiet_ms};
use super::{Client, RetryPolicy};
use crate::clock::plus_ms;
use crate::http::{Answer, Call};
use crate::random::below;

/// Until when the account is quiet, since its allowance is used up or the service asked for it.
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

/// A call before it has the account's headers.
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Bytes,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) repeatability: Repeatability,
    /// The service may hold the answer for so long, beyond the time for an attempt.
    held: Duration,
}

impl Ask {
    pub(super) fn read(path: String) -> Self {
        Self::bare(Method::GET, path, Repeatability::Safe)
    }

    pub(super) fn bare(method: Method, path: String, repeatability: Repeatability) -> Self {
        Self { method, path, body: Bytes::new(), headers: Vec::new(), repeatability, held: Duration::ZERO }
    }

    /// A call with a JSON body. Absent fields are left out: the wire takes `null` for absent, but some of its
    /// clients' proxies do not.
    pub(super) fn write(
        method: Method,
        path: String,
        body: &impl Serialize,
        repeatability: Repeatability,
    ) -> Result<Self, ClientError> {
        let json = serde_json::to_value(body).map_err(|error| ClientError::Unsendable(error.to_string()))?;
        let body = without_nulls(json).to_string().into();
        Ok(Self { body, ..Self::bare(method, path, repeatability) })
    }

    pub(super) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Gives the service so many seconds to hold the answer until there is news.
    pub(super) fn held_s(mut self, seconds: u32) -> Self {
        self.held = Duration::from_secs(seconds.into());
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

/// An id as one segment of a path: whatever it holds, it never reaches another path.
pub(super) fn segment(id: &str) -> Result<String, ClientError> {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~.:".contains(&byte);
    if id.is_empty() || id.starts_with('.') || !id.bytes().all(is_safe) {
        return Err(ClientError::Unsendable(format!("{id:?} is no id")));
    }
    Ok(id.to_string())
}

impl Client {
    /// Makes a call and its repeats; an answer of 4xx or 5xx is an error, and 304 is not.
    pub(super) async fn exchange(&self, ask: Ask) -> Result<Answer, ClientError> {
        let call = self.call(&ask)?;
        let mut attempts = 0;
        loop {
            self.keep_quiet().await;
            let outcome = self.surroundings.transport.call(call.clone()).await;
            attempts += 1;
            if let Ok(answer) = &outcome {
                self.note_quiet(answer);
            }
            let random_ms = |limit| below(&*self.surroundings.random, limit);
            let policy: RetryPolicy = self.policy;
            let Some(pause) = policy.pause_ms(ask.repeatability, attempts, &outcome, random_ms) else {
                return outcome.map_err(ClientError::Unanswered).and_then(settled);
            };
            let clock = &self.surroundings.clock;
            clock.sleep_until(plus_ms(clock.now(), pause)).await;
        }
    }

    /// Until when the account is quiet; none where it may call now.
    pub(crate) fn quiet_until(&self) -> Option<Timestamp> {
        self.pause.until().filter(|until| self.surroundings.clock.now() < *until)
    }

    async fn keep_quiet(&self) {
        if let Some(until) = self.quiet_until() {
            self.surroundings.clock.sleep_until(until).await;
        }
    }

    fn note_quiet(&self, answer: &Answer) {
        if let Some(quiet_ms) = quiet_ms(answer) {
            let quiet_ms = quiet_ms.min(self.policy.longest_pause_ms);
            self.pause.set(plus_ms(self.surroundings.clock.now(), quiet_ms));
        }
    }

    fn call(&self, ask: &Ask) -> Result<Call, ClientError> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, self.authorization.clone());
        headers.insert(USER_AGENT, self.user_agent.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if !ask.body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in &ask.headers {
            let unsendable = |_| ClientError::Unsendable(format!("the header {name}"));
            let value = HeaderValue::from_str(value).map_err(unsendable)?;
            headers.insert(HeaderName::from_static(name), value);
        }
        let url = format!("{}{}", self.base_url, ask.path);
        let method = ask.method.clone();
        Ok(Call { method, url, headers, body: ask.body.clone(), timeout: self.timeout + ask.held })
    }
}

fn settled(answer: Answer) -> Result<Answer, ClientError> {
    let is_good = answer.status.is_success() || answer.status == http::StatusCode::NOT_MODIFIED;
    if is_good { Ok(answer) } else { Err(ClientError::refused(&answer)) }
}
