//! A receiver of callbacks. It runs in the test, so it survives a kill of the process that calls it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::time::Instant;

/// A received call.
#[derive(Clone, Debug)]
pub struct Received {
    pub event_id: String,
    pub session_id: String,
    pub body: Bytes,
    pub at: Instant,
    /// Whether it was answered with 2xx.
    pub is_acknowledged: bool,
}

/// Refuses the first call of one event in eight, so that Kassa repeats it. Acknowledges every other call.
#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    received: Vec<Received>,
    seen: HashSet<String>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/callbacks", listener.local_addr().unwrap());
        let receiver = Self { url, kept: Arc::default() };
        let router = Router::new().fallback(receive).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    /// All received calls, oldest first.
    pub fn received(&self) -> Vec<Received> {
        self.kept.lock().unwrap().received.clone()
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let json: Value = serde_json::from_slice(&body).unwrap();
    let word = |value: &Value| value.as_str().unwrap().to_string();
    let (event_id, session_id) = match json.get("session") {
        Some(session) => (word(&json["event_id"]), word(&session["session_id"])),
        // A callback to a payment session's own URL.
        None => (headers["webhook-id"].to_str().unwrap().to_string(), String::new()),
    };
    let mut kept = receiver.kept.lock().unwrap();
    let is_first = kept.seen.insert(event_id.clone());
    let is_refused = is_first && event_id.ends_with(['0', '8']);
    kept.received.push(Received {
        event_id,
        session_id,
        body,
        at: Instant::now(),
        is_acknowledged: !is_refused,
    });
    if is_refused { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK }
}
