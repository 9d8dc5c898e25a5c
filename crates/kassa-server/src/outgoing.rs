//! Outgoing HTTP, handed in: the real network, or a receiver inside a test.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// How much of an answer's body is read, in bytes.
const LARGEST_ANSWER: usize = 1_000_000;

/// One call to another system.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// An absolute URL.
    pub url: String,
    /// Headers, content type included.
    pub headers: Vec<(&'static str, String)>,
    /// The body's bytes.
    pub body: Bytes,
    /// The time for connecting, sending and receiving the head of the answer; as much again for its body.
    pub timeout: Duration,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct CallAnswer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, or as much of it as came in time.
    pub body: Bytes,
}

/// Where outgoing calls go.
pub trait Outgoing: Send + Sync {
    /// Makes one call; no redirect is followed. An `Err` says in one line why no answer came.
    fn call(&self, call: Call) -> BoxFuture<'_, Result<CallAnswer, String>>;
}

/// The real network, over HTTP/1.1 or HTTP/2, with the platform's TLS roots and kept connections.
pub struct Network {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Network {
    /// Prepares the client; an `Err` says why the platform's TLS roots cannot be used.
    pub fn new() -> Result<Self, rustls::Error> {
        let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .try_with_platform_verifier()?
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .enable_http2()
            .build();
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector) })
    }

    async fn exchange(&self, call: Call) -> Result<CallAnswer, String> {
        let request = request(&call)?;
        let too_late = |_| format!("no answer within {} ms", call.timeout.as_millis());
        let response = tokio::time::timeout(call.timeout, self.client.request(request))
            .await
            .map_err(too_late)?
            .map_err(|error| in_one_line(&error))?;
        let (head, body) = response.into_parts();
        // An answer counts by its head: a body that does not come, or comes too large, takes nothing from it.
        let body = tokio::time::timeout(call.timeout, Limited::new(body, LARGEST_ANSWER).collect()).await;
        let body =
            body.ok().and_then(Result::ok).map(http_body_util::Collected::to_bytes).unwrap_or_default();
        Ok(CallAnswer { status: head.status, headers: head.headers, body })
    }
}

impl Outgoing for Network {
    fn call(&self, call: Call) -> BoxFuture<'_, Result<CallAnswer, String>> {
        Box::pin(self.exchange(call))
    }
}

fn request(call: &Call) -> Result<Request<Full<Bytes>>, String> {
    let uri: http::Uri = call.url.parse().map_err(|error| format!("the URL cannot be called: {error}"))?;
    let mut request = Request::new(Full::new(call.body.clone()));
    *request.method_mut() = call.method.clone();
    *request.uri_mut() = uri;
    for (name, value) in &call.headers {
        let value = HeaderValue::from_str(value).map_err(|_| format!("the header {name} cannot be sent"))?;
        request.headers_mut().insert(*name, value);
    }
    Ok(request)
}

/// An error with its causes, outermost first.
fn in_one_line(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text += &format!(": {inner}");
        cause = inner.source();
    }
    text
}
