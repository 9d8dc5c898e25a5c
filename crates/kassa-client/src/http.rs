//! Outgoing HTTP, as a dependency: the real network, or a service inside a test.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, StatusCode};
use kassa_outgoing::{CallAnswer, CallError, Outgoing, OutgoingPolicy};

use crate::error_source::ErrorSource;

pub use kassa_outgoing::{ProxyRules, UnusableProxy, UnusableRoots};

/// The largest response body that is read, in bytes.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;

/// One HTTP request.
#[derive(Clone, Debug)]
pub struct HttpCall {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body's bytes.
    pub body: Bytes,
    /// The time limit for connecting, sending and receiving the head of the response; as much again for its body.
    pub timeout: Duration,
}

/// The response to an [`HttpCall`].
#[derive(Clone, Debug)]
pub struct HttpAnswer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, or the beginning of it.
    pub body: Bytes,
    /// Whether that is the whole body. If it is not, the status counts all the same.
    pub is_whole: bool,
}

/// The reason for a missing response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection was made, so the request was not sent. It is safe to repeat.
    #[error("not sent: {0}")]
    NotSent(#[source] ErrorSource),
    /// The service may have executed the request.
    #[error("{0}")]
    MayHaveArrived(#[source] ErrorSource),
}

impl From<CallError> for TransportError {
    fn from(error: CallError) -> Self {
        let (may_have_arrived, detail) = (error.may_have_arrived(), error.detail.clone());
        let source = ErrorSource::by(error, detail);
        if may_have_arrived { Self::MayHaveArrived(source) } else { Self::NotSent(source) }
    }
}

/// Sends HTTP requests.
pub trait Transport: Send + Sync {
    /// Makes one call. It follows no redirect.
    fn call(&self, call: HttpCall) -> BoxFuture<'_, Result<HttpAnswer, TransportError>>;
}

/// The real network: HTTP/1.1 or HTTP/2, with the platform's TLS roots and a connection pool.
pub struct NetworkTransport(kassa_outgoing::Network);

impl NetworkTransport {
    /// Creates the HTTP client. Its calls go through the proxy that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`,
    /// `ALL_PROXY`, `NO_PROXY`).
    ///
    /// # Errors
    /// If the platform's TLS roots cannot be used.
    pub fn new() -> Result<Self, UnusableRoots> {
        Self::with_proxies(ProxyRules::of_environment())
    }

    /// Creates the HTTP client with its own rules for proxies.
    ///
    /// # Errors
    /// If the platform's TLS roots cannot be used.
    pub fn with_proxies(proxies: ProxyRules) -> Result<Self, UnusableRoots> {
        // The merchant chooses each of these URLs, so every address is allowed.
        kassa_outgoing::Network::with_proxies(OutgoingPolicy::for_this_machine(), proxies).map(Self)
    }

    async fn exchange(&self, call: HttpCall) -> Result<HttpAnswer, TransportError> {
        let HttpCall { method, url, headers, body, timeout } = call;
        let call = kassa_outgoing::Call {
            method,
            url,
            headers: Vec::new(),
            body,
            timeout,
            answer_limit: LARGEST_ANSWER,
            // The caller decides which calls are repeated.
            is_repeatable: false,
        };
        match self.0.call_with_headers(call, headers).await {
            Ok(CallAnswer { status, headers, body, is_whole, .. }) => {
                Ok(HttpAnswer { status, headers, body, is_whole })
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Transport for NetworkTransport {
    fn call(&self, call: HttpCall) -> BoxFuture<'_, Result<HttpAnswer, TransportError>> {
        Box::pin(self.exchange(call))
    }
}
