//! A receiver of callbacks: a real server with scripted answers, which records every call.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use kassa_testkit::in_time;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

/// The answer to one call.
#[derive(Clone, Copy, Debug)]
pub enum Reply {
    Status(u16),
    /// Accepts the call and never answers.
    Silence,
    /// Accepts the call, and answers with 200 after [`Receiver::release`].
    WhenReleased,
}

/// One received call.
#[derive(Clone, Debug)]
pub struct Received {
    pub uri: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Whether the public implementation of the Standard Webhooks makes the same signature. Its own check would use the
    /// machine's time, which differs from the test's clock.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let webhook = standardwebhooks::Webhook::new(secret).unwrap();
        let header = |name: &str| self.headers[name].to_str().unwrap().to_string();
        let signed =
            webhook.sign(&header("webhook-id"), header("webhook-timestamp").parse().unwrap(), &self.body);
        let signed = signed.unwrap();
        header("webhook-signature").split(' ').any(|one| one == signed)
    }

    pub fn status(&self) -> String {
        self.json()["session"]["status"].as_str().unwrap().to_string()
    }
}

#[derive(Clone)]
pub struct Receiver {
    url: String,
    received: Arc<watch::Sender<Vec<Received>>>,
    script: Arc<Mutex<VecDeque<Reply>>>,
    released: Arc<Notify>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            received: Arc::new(watch::Sender::new(Vec::new())),
            script: Arc::default(),
            released: Arc::default(),
        };
        let router = Router::new().fallback(receive).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    /// Sets the answers to the next calls. Later calls get 200.
    pub fn will_reply(&self, replies: &[Reply]) {
        self.script.lock().unwrap().extend(replies);
    }

    /// Releases a call that waits for it, or the next such call.
    pub fn release(&self) {
        self.released.notify_one();
    }

    /// Waits until this many calls have arrived, and returns all.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let mut received = self.received.subscribe();
        let waiting = received.wait_for(|received| received.len() >= count);
        in_time(&format!("callback {count}"), waiting).await.unwrap().clone()
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.borrow().clone()
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn merchant_urls(&self) -> Value {
        let url = &self.url;
        let ids = "sid={{session_id}}&token={{authorization_token}}&order={{order_id}}";
        json!({
            "success": format!("{url}/success?{ids}"),
            "cancel": format!("{url}/cancel?sid={{{{session_id}}}}"),
            "back": format!("{url}/back?sid={{{{session_id}}}}"),
            "failure": format!("{url}/failure?sid={{{{session_id}}}}"),
            "error": format!("{url}/error?sid={{{{session_id}}}}"),
            "status_update": format!("{url}/callbacks?sid={{{{session_id}}}}&secret=s3cret"),
        })
    }
}

async fn receive(State(receiver): State<Receiver>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let reply = receiver.script.lock().unwrap().pop_front().unwrap_or(Reply::Status(200));
    let received = Received { uri: uri.to_string(), headers, body };
    receiver.received.send_modify(|all| all.push(received));
    match reply {
        Reply::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Reply::Silence => std::future::pending().await,
        Reply::WhenReleased => {
            receiver.released.notified().await;
            StatusCode::OK.into_response()
        }
    }
}
