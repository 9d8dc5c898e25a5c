//! Outgoing HTTP, as a dependency: the real network, or a service inside a test.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls_platform_verifier::Verifier;

/// The largest response body that is read, in bytes.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;

/// One HTTP request.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body's bytes.
    pub body: Bytes,
    /// The time limit for the whole exchange.
    pub timeout: Duration,
}

/// The response to a [`Call`].
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// The reason for a missing response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// No connection was made, so the request was not sent. It is safe to repeat.
    NotSent(String),
    /// The service may have executed the request.
    Unknown(String),
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(reason) => write!(f, "not sent: {reason}"),
            Self::Unknown(reason) => f.write_str(reason),
        }
    }
}

/// Sends HTTP requests.
pub trait Transport: Send + Sync {
    /// Makes one call. It follows no redirect.
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, NoAnswer>>;
}

/// The real network: HTTP/1.1 or HTTP/2, with the platform's TLS roots and a connection pool.
pub struct Network {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Network {
    /// Creates the HTTP client.
    ///
    /// # Errors
    /// If the platform's TLS roots cannot be used.
    pub fn new() -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = Verifier::new(provider.clone())?;
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .enable_http2()
            .build();
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector) })
    }

    async fn exchange(&self, call: Call) -> Result<Answer, NoAnswer> {
        let timeout = call.timeout;
        let request = request(call)?;
        tokio::time::timeout(timeout, self.answer(request)).await.unwrap_or_else(|_| {
            Err(NoAnswer::Unknown(format!("no answer within {} ms", timeout.as_millis())))
        })
    }

    async fn answer(&self, request: Request<Full<Bytes>>) -> Result<Answer, NoAnswer> {
        let response = self.client.request(request).await.map_err(|error| {
            let reason = in_one_line(&error);
            if error.is_connect() { NoAnswer::NotSent(reason) } else { NoAnswer::Unknown(reason) }
        })?;
        let (head, body) = response.into_parts();
        let cut_off = |error| NoAnswer::Unknown(format!("the answer was cut off: {error}"));
        let body = Limited::new(body, LARGEST_ANSWER).collect().await.map_err(cut_off)?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

impl Transport for Network {
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, NoAnswer>> {
        Box::pin(self.exchange(call))
    }
}

fn request(call: Call) -> Result<Request<Full<Bytes>>, NoAnswer> {
    let uri = call.url.parse().map_err(|error| NoAnswer::NotSent(format!("{}: {error}", call.url)))?;
    let mut request = Request::new(Full::new(call.body));
    *request.method_mut() = call.method;
    *request.uri_mut() = uri;
    *request.headers_mut() = call.headers;
    Ok(request)
}

/// An error with its causes on one line, outermost first.
fn in_one_line(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
