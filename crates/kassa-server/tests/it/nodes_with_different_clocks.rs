//! Nodes with different clocks on one database use the database's clock: no node repeats an attempt of another in
//! flight.

use std::collections::HashSet;
use std::net::TcpListener;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use kassa_domain::Timestamp;
use kassa_engine::{Clock, Monotonic, SystemClock};
use kassa_engine::{Random, SystemRandom};
use kassa_outgoing::{Network, OutgoingPolicy};
use kassa_sandbox::Sandbox;
use kassa_server::{App, Configuration, Mode, Server, Store, serve};
use kassa_testkit::fresh_postgres;
use serde_json::json;

use crate::harness::{Merchant, Receiver, Reply};

/// A machine whose clock is ahead.
struct Ahead(i64);

impl Clock for Ahead {
    fn system_now(&self) -> Timestamp {
        SystemClock.system_now().plus_ms(self.0)
    }

    fn monotonic_now(&self) -> Monotonic {
        SystemClock.monotonic_now()
    }

    fn sleep_until(&self, at: Monotonic) -> BoxFuture<'static, ()> {
        SystemClock.sleep_until(at)
    }

    fn is_machine(&self) -> bool {
        true
    }
}

struct Node {
    server: Server,
    merchant: Merchant,
    url: String,
}

impl Node {
    async fn start(database: &str, ahead_ms: i64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let network = Arc::new(Network::new(OutgoingPolicy::for_this_machine()).unwrap());
        let app = App::new(
            Store::connect(database).await.unwrap(),
            Arc::new(Ahead(ahead_ms)),
            random.clone(),
            network.clone(),
            Arc::new(Sandbox::new(random)),
            Configuration { allows_http_callbacks: true, ..Configuration::new(Mode::Sandbox, &url) },
        );
        let app = app.await.unwrap();
        let merchant = Merchant::join(&app, network, &url, "merchant").await;
        Self { server: serve(app, listener).unwrap(), merchant, url }
    }

    /// Causes one event with a callback.
    async fn call_back(&self, receiver: &Receiver) {
        let payment = self.merchant.payment_session("ECOMMERCE").await;
        let body = json!({
            "payment_session_url": format!("{}/payments/v1/sessions/{payment}", self.url),
            "merchant_urls": receiver.merchant_urls(),
        });
        let session = self.merchant.post("/hpp/v1/sessions", &body).await;
        let session = session.json["session_id"].as_str().unwrap();
        assert_eq!(self.merchant.act(session, "enter").await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_clock_is_ahead_repeats_no_attempt_in_flight() {
    let Some(database) = fresh_postgres().await else { return };
    let right = Node::start(&database, 0).await;
    let patient = json!({"retry_schedule": {"waits_ms": [], "timeout_ms": 10_000, "jitter_percent": 0}});
    right.merchant.put("/kassa/v1/callbacks/settings", &patient).await;
    let receiver = Receiver::start().await;
    receiver.will_reply(&[Reply::WhenReleased]);
    right.call_back(&receiver).await;
    receiver.wait_for(1).await;
    let ahead = Node::start(&database, 60_000).await;
    for others in 1..=3 {
        ahead.call_back(&receiver).await;
        receiver.wait_for(1 + others).await;
    }
    receiver.release();
    let metrics = ahead.merchant.get("/metrics").await.text;
    right.server.stop().await;
    ahead.server.stop().await;
    let received = receiver.received();
    let events: HashSet<_> = received.iter().map(|call| call.json()["event_id"].to_string()).collect();
    assert_eq!((received.len(), events.len()), (4, 4), "each event came once");
    let offset = metrics.lines().find_map(|line| line.strip_prefix("kassa_clock_offset_ms "));
    assert!(offset.unwrap().parse::<i64>().unwrap() > 50_000, "the node says that its clock is ahead");
}
