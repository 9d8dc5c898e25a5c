//! A proxy between a client and Kassa. It records the calls, and can make Kassa look like the vendor's service.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, ETAG, HOST, TRANSFER_ENCODING};
use kassa_outgoing::{Call, LARGEST_ANSWER, Network, Outgoing, OutgoingPolicy};
use tokio::net::TcpListener;

/// The calls that the proxy forwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// All calls.
    Open,
    /// Only the vendor's wire, without entity tags, like the vendor's service.
    WireOnly,
    /// All calls but those of `/kassa/`, which answer 503.
    FeedFails,
}

/// A call as the proxy received it.
#[derive(Clone, Debug)]
pub struct ProxiedCall {
    pub path: String,
    pub headers: HeaderMap,
}

#[derive(Clone)]
pub struct RecordingProxy {
    pub url: String,
    kassa: String,
    network: Arc<Network>,
    gate: Arc<Mutex<Gate>>,
    passed: Arc<Mutex<Vec<ProxiedCall>>>,
}

impl RecordingProxy {
    pub async fn start(kassa: &str, gate: Gate) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let between = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            kassa: kassa.to_string(),
            network: Arc::new(Network::new(OutgoingPolicy::for_this_machine()).unwrap()),
            gate: Arc::new(Mutex::new(gate)),
            passed: Arc::default(),
        };
        let router = Router::new().fallback(pass).with_state(between.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        between
    }

    pub fn set(&self, gate: Gate) {
        *self.gate.lock().unwrap() = gate;
    }

    fn gate(&self) -> Gate {
        *self.gate.lock().unwrap()
    }

    /// The calls so far, oldest first.
    pub fn passed(&self) -> Vec<ProxiedCall> {
        self.passed.lock().unwrap().clone()
    }

    /// Counts the calls whose path starts with `start`.
    pub fn count(&self, start: &str) -> usize {
        self.passed().iter().filter(|call| call.path.starts_with(start)).count()
    }

    async fn forward(&self, method: Method, path: &str, headers: &HeaderMap, body: Bytes) -> Response {
        let text =
            |name| headers.get(name).map(|value: &http::HeaderValue| value.to_str().unwrap().to_string());
        let names = ["authorization", "content-type", "if-none-match", "prefer"];
        let call = Call {
            method,
            url: format!("{}{path}", self.kassa),
            headers: names.into_iter().filter_map(|name| Some((name, text(name)?))).collect(),
            body,
            timeout: Duration::from_secs(70),
            answer_limit: LARGEST_ANSWER,
            is_repeatable: false,
        };
        let Ok(answer) = self.network.call(call).await else {
            return StatusCode::BAD_GATEWAY.into_response();
        };
        let mut headers = answer.headers;
        headers.remove(CONTENT_LENGTH);
        headers.remove(TRANSFER_ENCODING);
        if self.gate() == Gate::WireOnly {
            headers.remove(ETAG);
        }
        (answer.status, headers, answer.body).into_response()
    }
}

async fn pass(
    State(between): State<RecordingProxy>,
    method: Method,
    uri: Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    headers.remove(HOST);
    let path = uri.path_and_query().unwrap().to_string();
    between.passed.lock().unwrap().push(ProxiedCall { path: path.clone(), headers: headers.clone() });
    let is_not_on_the_wire = path.starts_with("/kassa/");
    match between.gate() {
        Gate::WireOnly if is_not_on_the_wire => StatusCode::NOT_FOUND.into_response(),
        Gate::FeedFails if is_not_on_the_wire => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Gate::Open | Gate::WireOnly | Gate::FeedFails => between.forward(method, &path, &headers, body).await,
    }
}
