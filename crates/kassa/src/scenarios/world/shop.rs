//! The merchant's shop: each scenario starts its own HTTP server. Kassa `POST`s callbacks to it, and the scenario
//! decides the answers. The consumer's browser reaches it with `GET`.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::LOCATION;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use kassa_engine::{Clock, SystemClock};
use kassa_wire::signature::{SignedCallback, verify};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::scenarios::scenario::{ShopAnswer, ShopWord};

/// The largest body that the shop reads, in bytes.
const LARGEST_BODY: usize = 1_000_000;

/// A running shop. It closes when this value is dropped.
pub(in crate::scenarios) struct Shop {
    pub(in crate::scenarios) url: String,
    state: Arc<ShopState>,
    serving: JoinHandle<()>,
}

/// The state that the server's requests share.
struct ShopState {
    /// The secret that verifies callbacks.
    secret: String,
    arrivals: Mutex<Vec<Arrival>>,
    answers: Mutex<VecDeque<ShopAnswer>>,
}

/// A request that reached the shop.
#[derive(Clone, Debug)]
pub(in crate::scenarios) enum Arrival {
    Callback(Callback),
    /// The consumer, at this path and query.
    Consumer(String),
}

/// A callback as it was received.
#[derive(Clone, Debug)]
pub(in crate::scenarios) struct Callback {
    body: Bytes,
    event_id: String,
    is_signed: bool,
    answered: ShopAnswer,
}

impl Shop {
    /// Opens a shop on a free port of this address.
    pub(in crate::scenarios) async fn open(address: IpAddr, secret: &str) -> std::io::Result<Self> {
        let listener = TcpListener::bind((address, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let answers = Mutex::new(VecDeque::from([ShopAnswer::Status(200)]));
        let state = Arc::new(ShopState { secret: secret.to_string(), arrivals: Mutex::default(), answers });
        let router = Router::new().fallback(serve).with_state(state.clone());
        let serving = tokio::spawn(async move {
            // The task is aborted when the shop closes, so its result is not used.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, state, serving })
    }

    /// Sets the answers to the next callbacks, in order. The last answer is repeated.
    pub(in crate::scenarios) fn answer(&self, answers: &[ShopAnswer]) {
        *locked(&self.state.answers) = answers.iter().copied().collect();
    }

    /// All arrivals, oldest first.
    pub(in crate::scenarios) fn arrivals(&self) -> Vec<Arrival> {
        locked(&self.state.arrivals).clone()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(State(state): State<Arc<ShopState>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, LARGEST_BODY).await.unwrap_or_default();
    if parts.method != Method::POST {
        locked(&state.arrivals).push(Arrival::Consumer(parts.uri.to_string()));
        return "Welcome back.".into_response();
    }
    let answered = state.take(&parts, body);
    match answered {
        ShopAnswer::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(LOCATION, "/moved")]).into_response()
        }
        ShopAnswer::Word(ShopWord::Silence) => std::future::pending().await,
    }
}

impl ShopState {
    /// Records a callback. Returns the answer to it.
    fn take(&self, parts: &Parts, body: Bytes) -> ShopAnswer {
        let answered = {
            let mut answers = locked(&self.answers);
            let first = answers.front().copied().unwrap_or(ShopAnswer::Status(200));
            if answers.len() > 1 {
                answers.pop_front();
            }
            first
        };
        let event_id = text(&parts.headers, "webhook-id").to_string();
        let is_signed = self.is_signed(&parts.headers, &event_id, &body);
        let callback = Callback { body, event_id, is_signed, answered };
        locked(&self.arrivals).push(Arrival::Callback(callback));
        answered
    }

    fn is_signed(&self, headers: &HeaderMap, event_id: &str, body: &[u8]) -> bool {
        let signed = SignedCallback {
            event_id,
            at_s: text(headers, "webhook-timestamp").parse().unwrap_or_default(),
            body,
            signatures: text(headers, "webhook-signature"),
        };
        verify(std::slice::from_ref(&self.secret), signed, SystemClock.system_now().as_ms() / 1000).is_ok()
    }
}

impl Callback {
    /// The status in the body, or `unreadable`.
    pub(in crate::scenarios) fn status(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["session"]["status"].as_str().unwrap_or("unreadable").to_string()
    }

    /// The fields that a scenario can expect of this callback. `earlier` are the callbacks before it.
    pub(in crate::scenarios) fn as_value(&self, earlier: &[Self]) -> Value {
        let mut events: Vec<&str> = Vec::new();
        for callback in earlier.iter().chain([self]) {
            if !events.contains(&callback.event_id.as_str()) {
                events.push(&callback.event_id);
            }
        }
        let place = events.iter().position(|event_id| *event_id == self.event_id);
        let first = earlier.iter().find(|callback| callback.event_id == self.event_id);
        let bytes = first.map_or("new", |first| if first.body == self.body { "same" } else { "other" });
        json!({
            "status": self.status(),
            "event": place.map(|place| place + 1),
            "bytes": bytes,
            "signature": if self.is_signed { "valid" } else { "invalid" },
            "answered": match self.answered {
                ShopAnswer::Status(status) => json!(status),
                ShopAnswer::Word(ShopWord::Silence) => json!("silence"),
            },
            "body": serde_json::from_slice(&self.body).unwrap_or(Value::Null),
        })
    }
}

impl Arrival {
    /// The arrival in words: `callback STATUS`, or `consumer /path`.
    pub(in crate::scenarios) fn in_words(&self) -> String {
        match self {
            Self::Callback(callback) => format!("callback {}", callback.status()),
            Self::Consumer(path) => format!("consumer {}", path.split('?').next().unwrap_or_default()),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
