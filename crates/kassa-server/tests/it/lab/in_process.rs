//! A system without sockets, for runs with many sessions: callers in the same process, and a receiver that never fails.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, StatusCode};
use kassa_domain::Actor;
use kassa_engine::SystemClock;
use kassa_engine::{Random, Requester, SeededRandom};
use kassa_outgoing::{Call, CallAnswer, CallError, Outgoing};
use kassa_sandbox::Sandbox;
use kassa_server::{App, Configuration, Mode, Store, router};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::harness::{Caller, cart};

/// Accepts every callback and keeps its URL and body.
#[derive(Clone, Default)]
pub(super) struct WellReceiver(Arc<Mutex<Vec<(String, Bytes)>>>);

impl WellReceiver {
    /// Returns the callbacks to addresses with this prefix, sorted as text.
    pub(super) fn received_at(&self, beginning: &str) -> Vec<String> {
        let received = self.0.lock().unwrap();
        let own = received.iter().filter(|(url, _)| url.starts_with(beginning));
        let mut texts: Vec<_> = own.map(|(_, body)| String::from_utf8_lossy(body).into_owned()).collect();
        texts.sort();
        texts
    }
}

impl Outgoing for WellReceiver {
    fn call_with_headers(
        &self,
        call: Call,
        _more: HeaderMap,
    ) -> BoxFuture<'_, Result<CallAnswer, CallError>> {
        Box::pin(async move {
            // Lets other tasks run in between, as a network would.
            tokio::task::yield_now().await;
            self.0.lock().unwrap().push((call.url, call.body));
            Ok(CallAnswer {
                status: StatusCode::OK,
                headers: HeaderMap::new(),
                body: Bytes::new(),
                is_whole: true,
                connected_after_ms: None,
                head_after_ms: 1,
            })
        })
    }
}

/// A running system, and its first merchant.
pub(super) struct InProcess {
    pub(super) merchant: Caller,
    pub(super) receiver: WellReceiver,
    stop: CancellationToken,
    _data: TempDir,
}

impl Drop for InProcess {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl InProcess {
    /// Starts the system. Ids, tokens and secrets follow from the seed.
    pub(super) async fn start(seed: u64) -> Self {
        let data = TempDir::new().unwrap();
        let store = Store::open_in_place(&data.path().join("kassa.db"), None).unwrap();
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(seed));
        let receiver = WellReceiver::default();
        let app = App::new(
            store,
            Arc::new(SystemClock),
            random.clone(),
            Arc::new(receiver.clone()),
            Arc::new(Sandbox::new(random)),
            // A recorded request has its duration, which no seed decides.
            Configuration {
                records_requests: false,
                ..Configuration::new(Mode::Sandbox, "https://kassa.example")
            },
        );
        let app = app.await.unwrap();
        app.accounts()
            .add_merchant(
                "merchant",
                "merchant",
                "merchant_user",
                "secret",
                &Requester::in_process(Actor::CommandLine),
            )
            .await
            .unwrap();
        let stop = CancellationToken::new();
        {
            let (engine, stop) = (app.engine().clone(), stop.clone());
            tokio::spawn(async move { engine.deliver_until(stop).await });
        }
        let merchant = Caller::new(router(&app), "merchant_user", "secret");
        Self { merchant, receiver, stop, _data: data }
    }
}

/// Makes a call and checks the answer's status.
pub(super) async fn call(caller: &Caller, method: Method, path: &str, body: Value, expected: u16) -> Value {
    let (status, answer) = caller.call(method.clone(), path, &body).await;
    assert_eq!(status, expected, "{method} {path}: {answer}");
    answer
}

/// Freezes the caller's clock at this instant.
pub(super) async fn freeze(caller: &Caller, now: &str) {
    call(caller, Method::PUT, "/lab/v1/clock", json!({"now": now, "frozen": true}), 200).await;
}

/// Advances the caller's clock and returns the due events.
pub(super) async fn advance(caller: &Caller, by: &str) -> Vec<Value> {
    let answer = call(caller, Method::POST, "/lab/v1/clock/advance", json!({"by": by}), 200).await;
    assert_eq!(answer["settled"], true, "{answer}");
    answer["fired"].as_array().unwrap().clone()
}

/// Creates a page session whose callbacks go to `shop`.
pub(super) async fn page_session(caller: &Caller, shop: &str) -> String {
    let payment = call(caller, Method::POST, "/payments/v1/sessions", cart("ECOMMERCE"), 200).await;
    let body = json!({
        "payment_session_url":
            format!("https://kassa.example/payments/v1/sessions/{}", payment["session_id"].as_str().unwrap()),
        "merchant_urls": {"status_update": format!("{shop}/callbacks")},
    });
    let created = call(caller, Method::POST, "/hpp/v1/sessions", body, 201).await;
    created["session_id"].as_str().unwrap().to_string()
}

/// Performs the consumer's actions, one after the other.
pub(super) async fn act(caller: &Caller, session: &str, acts: &[&str]) {
    for act in acts {
        call(caller, Method::POST, &format!("/lab/v1/sessions/{session}/{act}"), json!({}), 200).await;
    }
}
