//! HTTP calls as a merchant and as a browser. A call without an answer is an [`Answer`] without a status.

use bytes::Bytes;
use http::{HeaderMap, Method};
use kassa_outgoing::{Call, LARGEST_ANSWER, Network, Outgoing, OutgoingPolicy, ProxyRules, UnusableRoots};
use serde_json::Value;

use crate::remote::{Credential, TIMEOUT};

/// A repeated creation with the same key is answered like the first one (docs/http.md).
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A call of the API.
pub(in crate::scenarios) struct Request<'a> {
    pub(in crate::scenarios) credential: &'a Credential,
    pub(in crate::scenarios) method: Method,
    pub(in crate::scenarios) path: &'a str,
    /// `null` for none.
    pub(in crate::scenarios) body: &'a Value,
    pub(in crate::scenarios) idempotency_key: Option<&'a str>,
}

impl<'a> Request<'a> {
    pub(in crate::scenarios) fn new(
        credential: &'a Credential,
        method: Method,
        path: &'a str,
        body: &'a Value,
    ) -> Self {
        Self { credential, method, path, body, idempotency_key: None }
    }
}

/// The answer to a call.
#[derive(Debug, Default)]
pub(in crate::scenarios) struct Answer {
    /// `None` if the connection was cut.
    pub(in crate::scenarios) status: Option<u16>,
    pub(in crate::scenarios) location: Option<String>,
    pub(in crate::scenarios) headers: HeaderMap,
    pub(in crate::scenarios) text: String,
    /// The body if it is JSON, otherwise null.
    pub(in crate::scenarios) body: Value,
}

impl Answer {
    pub(in crate::scenarios) fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// The status in words, with the first error message.
    pub(in crate::scenarios) fn in_words(&self) -> String {
        let status = self.status.map_or("none".to_string(), |status| status.to_string());
        match self.body["error_messages"][0].as_str() {
            Some(message) => format!("{status} ({message})"),
            None => status,
        }
    }
}

/// Makes calls over connections that are kept alive.
pub(in crate::scenarios) struct Service {
    network: Network,
    /// Kassa's base URL.
    pub(in crate::scenarios) url: String,
}

impl Service {
    pub(in crate::scenarios) fn at(url: &str) -> Result<Self, UnusableRoots> {
        let network = Network::new(OutgoingPolicy::for_this_machine())?;
        Ok(Self { network, url: url.trim_end_matches('/').to_string() })
    }

    /// The same for a service that may be reached through the proxy of the environment.
    pub(in crate::scenarios) fn through_proxies(url: &str) -> Result<Self, UnusableRoots> {
        let network =
            Network::with_proxies(OutgoingPolicy::for_this_machine(), ProxyRules::of_environment())?;
        Ok(Self { network, url: url.trim_end_matches('/').to_string() })
    }

    /// Makes a call of the API with these headers.
    pub(in crate::scenarios) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: Vec<(&'static str, String)>,
        body: Bytes,
    ) -> Answer {
        self.call(method, format!("{}{path}", self.url), headers, body).await
    }

    /// Calls the API.
    pub(in crate::scenarios) async fn api(&self, request: Request<'_>) -> Answer {
        let mut headers = request.credential.headers();
        headers.extend(request.idempotency_key.map(|key| (IDEMPOTENCY_KEY, key.to_string())));
        let body = if request.body.is_null() { Bytes::new() } else { request.body.to_string().into() };
        self.call(request.method, format!("{}{}", self.url, request.path), headers, body).await
    }

    /// Opens a page, or sends a form to it.
    pub(in crate::scenarios) async fn browse(&self, url: &str, form: Option<String>) -> Answer {
        let method = if form.is_some() { Method::POST } else { Method::GET };
        let headers = vec![("content-type", "application/x-www-form-urlencoded".to_string())];
        self.call(method, url.to_string(), headers, form.unwrap_or_default().into()).await
    }

    async fn call(
        &self,
        method: Method,
        url: String,
        headers: Vec<(&'static str, String)>,
        body: Bytes,
    ) -> Answer {
        let call = Call {
            method,
            url,
            headers,
            body,
            timeout: TIMEOUT,
            answer_limit: LARGEST_ANSWER,
            is_repeatable: false,
        };
        let Ok(answer) = self.network.call(call).await else { return Answer::default() };
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        Answer {
            status: Some(answer.status.as_u16()),
            location: location(&answer.headers),
            headers: answer.headers,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        }
    }
}

fn location(headers: &HeaderMap) -> Option<String> {
    Some(headers.get("location")?.to_str().ok()?.to_string())
}
