//! Signed calls to the adapter. A breaker answers at once while it is silent.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE};
use kassa_domain::time::SECOND_MS;
use kassa_engine::{CallBreaker, CallBreakers, Clock, Monotonic, NoAnswer, Outcome};
use kassa_outgoing::{Call, CallError, LARGEST_ANSWER, Outgoing};
use kassa_wire::signature;
use serde::de::DeserializeOwned;

use crate::answers::{NotAnAnswer, read};

const JSON: &str = "application/json";

/// The time for a call whose answer is only its status.
const STATUS_TIMEOUT: Duration = Duration::from_secs(5);

/// The adapter of the external payment system.
pub(crate) struct Adapter {
    url: String,
    secrets: Vec<String>,
    outgoing: Arc<dyn Outgoing>,
    clock: Arc<dyn Clock>,
    breaker: Arc<CallBreaker>,
}

/// How a request is signed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent<'a> {
    pub(crate) secrets: &'a [String],
    /// Seconds since 1970.
    pub(crate) at_s: i64,
}

/// The reason why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// The call failed.
    #[error("{0}")]
    Call(CallError),
    /// The answer does not count.
    #[error("{0}")]
    NotAnAnswer(#[from] NotAnAnswer),
    /// The last calls had no answer, so this one was not made.
    #[error("the payment system did not answer the last calls; the node waits before it calls again")]
    Paused,
}

impl Failed {
    /// The reason why a read has no answer.
    pub(crate) fn into_no_answer(self) -> NoAnswer {
        NoAnswer::Silent(self.to_string())
    }

    /// The outcome of an operation whose request has no answer.
    pub(crate) fn into_outcome(self) -> Outcome {
        match &self {
            Self::Call(error) if !error.may_have_arrived() => Outcome::NotSent(self.to_string()),
            Self::Paused => Outcome::NotSent(self.to_string()),
            Self::Call(_) | Self::NotAnAnswer(_) => Outcome::Unknown(self.to_string()),
        }
    }
}

impl Adapter {
    pub(crate) fn new(
        url: String,
        secrets: Vec<String>,
        outgoing: Arc<dyn Outgoing>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let breaker = CallBreakers::new(clock.clone()).of(&url);
        Self { url, secrets, outgoing, clock, breaker }
    }

    /// The time for a call that has to end before `deadline`.
    pub(crate) fn within(&self, timeout: Duration, deadline: Monotonic) -> Duration {
        let left_ms = deadline.ms_since(self.clock.monotonic_now()).max(0);
        timeout.min(Duration::from_millis(left_ms.unsigned_abs()))
    }

    /// Sends one request. `id` is the id of the message: the key, if the request has one.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        id: &str,
        body: String,
        timeout: Duration,
    ) -> Result<T, Failed> {
        if !self.breaker.admits(self.clock.monotonic_now()) {
            return Err(Failed::Paused);
        }
        let sent = Sent { secrets: &self.secrets, at_s: self.clock.system_now().as_ms() / SECOND_MS };
        let answer = self.outgoing.call(self.call(id, body, sent, timeout)).await;
        let is_silent = answer.as_ref().map_or(true, |answer| answer.status.is_server_error());
        self.breaker.record(is_silent, self.clock.monotonic_now());
        Ok(read(&answer.map_err(Failed::Call)?)?)
    }

    /// Sends one request as `sent` says, and returns the status of the answer.
    pub(crate) async fn status_of(&self, id: &str, body: String, sent: Sent<'_>) -> Result<u16, CallError> {
        let answer = self.outgoing.call(self.call(id, body, sent, STATUS_TIMEOUT)).await?;
        Ok(answer.status.as_u16())
    }

    fn call(&self, id: &str, body: String, Sent { secrets, at_s }: Sent<'_>, timeout: Duration) -> Call {
        let signature = signature::sign(secrets, id, at_s, body.as_bytes());
        Call {
            method: Method::POST,
            url: self.url.clone(),
            headers: vec![
                (CONTENT_TYPE.as_str(), JSON.to_string()),
                (ACCEPT.as_str(), JSON.to_string()),
                ("webhook-id", id.to_string()),
                ("webhook-timestamp", at_s.to_string()),
                ("webhook-signature", signature),
            ],
            body: Bytes::from(body),
            timeout,
            answer_limit: LARGEST_ANSWER,
            // A key makes a second request harmless.
            is_repeatable: true,
        }
    }
}
