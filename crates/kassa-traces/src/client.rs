//! The HTTP client of OpenTelemetry's library: our own network.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use kassa_outgoing::{Call, LARGEST_ANSWER, Outgoing};
use opentelemetry_http::{HttpClient, HttpError};
use tokio::runtime::Handle;

/// The time for one request to the collector.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Sends requests over our own network, in the runtime of the node: the library calls it on a thread without one.
pub(super) struct OutgoingClient {
    outgoing: Arc<dyn Outgoing>,
    runtime: Handle,
    /// Whether the last request failed. The log says so once, and not for each batch.
    is_failing: AtomicBool,
}

impl OutgoingClient {
    pub(super) fn new(outgoing: Arc<dyn Outgoing>) -> Self {
        Self { outgoing, runtime: Handle::current(), is_failing: AtomicBool::new(false) }
    }

    fn log(&self, failure: Option<&str>) {
        match (self.is_failing.swap(failure.is_some(), Ordering::Relaxed), failure) {
            (false, Some(reason)) => {
                tracing::warn!(
                    reason,
                    "traces cannot be sent; the node drops them until the collector answers"
                );
            }
            (true, None) => tracing::info!("traces are sent again"),
            (false, None) | (true, Some(_)) => {}
        }
    }
}

impl fmt::Debug for OutgoingClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OutgoingClient")
    }
}

#[async_trait]
impl HttpClient for OutgoingClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let outgoing = self.outgoing.clone();
        let (parts, body) = request.into_parts();
        let call = Call {
            method: parts.method,
            url: parts.uri.to_string(),
            headers: Vec::new(),
            body,
            timeout: TIMEOUT,
            answer_limit: LARGEST_ANSWER,
            // A collector tells spans apart by their ids.
            is_repeatable: true,
        };
        let sent = self.runtime.spawn(async move { outgoing.call_with_headers(call, parts.headers).await });
        let answer = sent.await?.inspect_err(|error| self.log(Some(&error.to_string())))?;
        let failure =
            (!answer.status.is_success()).then(|| format!("the collector answers {}", answer.status));
        self.log(failure.as_deref());
        let mut response = Response::new(answer.body);
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }
}
