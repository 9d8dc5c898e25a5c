//! The calls to the provider, through `kassa-outgoing`: addresses are checked, and time and size are limited.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::{Method, Uri};
use kassa_outgoing::{Call, CallError, Outgoing};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

/// The longest time until the head of an answer, and as much again for its body.
const TIMEOUT: Duration = Duration::from_secs(4);

/// The largest answer, in bytes.
const LARGEST_ANSWER: usize = 512 * 1024;

/// The HTTP client that the library uses.
pub(crate) struct ProviderClient {
    outgoing: Arc<dyn Outgoing>,
    scheme: Scheme,
}

/// The scheme of every address of the provider: http if the issuer has it, because it is on this machine; else https.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    HttpsOnly,
    AlsoHttp,
}

impl Scheme {
    pub(crate) fn of_issuer(issuer: &str) -> Self {
        if issuer.starts_with("http:") { Self::AlsoHttp } else { Self::HttpsOnly }
    }

    /// Whether Kassa may call an address, or send a browser there.
    pub(crate) fn allows(self, scheme: &str) -> bool {
        match self {
            Self::HttpsOnly => scheme == "https",
            Self::AlsoHttp => scheme == "https" || scheme == "http",
        }
    }
}

/// The reason why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoProviderAnswer {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("the answer is larger than {LARGEST_ANSWER} bytes")]
    TooLarge,
    #[error("the answer did not arrive in time, or the connection ended before its end")]
    Incomplete,
    #[error("the provider names an address that is not https")]
    Scheme,
}

impl ProviderClient {
    pub(crate) fn new(outgoing: Arc<dyn Outgoing>, scheme: Scheme) -> Self {
        Self { outgoing, scheme }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, NoProviderAnswer> {
        if !self.scheme.allows(request.uri().scheme_str().unwrap_or_default()) {
            return Err(NoProviderAnswer::Scheme);
        }
        let (parts, body) = request.into_parts();
        let answer = self.outgoing.call_with_headers(call(parts.method, &parts.uri, body), parts.headers);
        let answer = answer.await?;
        match (answer.is_whole, answer.body.len()) {
            (true, _) => {}
            (false, LARGEST_ANSWER..) => return Err(NoProviderAnswer::TooLarge),
            (false, _) => return Err(NoProviderAnswer::Incomplete),
        }
        let mut response = HttpResponse::new(answer.body.to_vec());
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }
}

fn call(method: Method, uri: &Uri, body: Vec<u8>) -> Call {
    Call {
        // A code can be exchanged only once.
        is_repeatable: method == Method::GET,
        method,
        url: uri.to_string(),
        headers: Vec::new(),
        body: Bytes::from(body),
        timeout: TIMEOUT,
        answer_limit: LARGEST_ANSWER,
    }
}

impl<'c> AsyncHttpClient<'c> for ProviderClient {
    type Error = NoProviderAnswer;
    type Future = BoxFuture<'c, Result<HttpResponse, NoProviderAnswer>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        self.send(request).boxed()
    }
}
