//! The sinks: each change is delivered at least once with a stable id, in order per session, also while the tracker stops.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use kassa_client::Timestamp;
use kassa_client::receiver::{CallbackRequest, Receiver, SignatureRule, UrlSecret};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::load::Table;
use super::{Engine, Settings, Track, eventually, on_each_engine, session};
use crate::harness::process::full_pipe;
use crate::harness::{Dev, Merchant};

on_each_engine!(
    two_trackers_on_one_database_deliver_each_change_once_in_order,
    a_table_sink_gets_one_row_per_change_through_a_kill,
);

const SECRET: &str = "whsec_b3V0bGV0IHNlY3JldCBvZiB0aGUgc2hvcA==";
const LIFE: [&str; 4] = ["IN_PROGRESS", "FAILED", "IN_PROGRESS", "COMPLETED"];

/// The merchant's endpoint. It verifies calls, refuses the first call of each change, and takes a permit for each answer.
#[derive(Clone)]
struct Shop {
    url: String,
    calls: Arc<Mutex<Vec<(String, u16)>>>,
    may_answer: Arc<Semaphore>,
}

impl Shop {
    async fn start(may_answer: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/changes", listener.local_addr().unwrap());
        let shop = Self { url, calls: Arc::default(), may_answer: Arc::new(Semaphore::new(may_answer)) };
        let router = Router::new().fallback(take).with_state(shop.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        shop
    }

    fn calls(&self) -> Vec<(String, u16)> {
        self.calls.lock().unwrap().clone()
    }
}

async fn take(State(shop): State<Shop>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let rule = SignatureRule::Required(vec![SECRET.to_string()]);
    let receiver = Receiver::new(UrlSecret::Unused, rule).unwrap();
    let at = headers["webhook-timestamp"].to_str().unwrap().parse().unwrap();
    let delivery = CallbackRequest { query: "", headers: &headers, body: &body };
    receiver.verify(&delivery, Timestamp::from_second(at).unwrap()).unwrap();
    let name = headers["webhook-id"].to_str().unwrap().to_string();
    let is_first = shop.calls().iter().all(|(known, _)| *known != name);
    let status = if is_first { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::NO_CONTENT };
    shop.calls.lock().unwrap().push((name, status.as_u16()));
    shop.may_answer.acquire().await.unwrap().forget();
    status
}

fn settings(dev: &Dev, sink: &str, lease_ms: u32) -> Settings {
    let tracker = format!("[tracker]\nservice = \"kassa\"\nsettle_ms = 0\nlease_ms = {lease_ms}");
    Settings::for_dev(dev).with(sink).with(&tracker)
}

fn endpoint(shop: &Shop) -> String {
    format!("[sink]\nurl = \"{}\"\nsecrets = [\"{SECRET}\"]", shop.url)
}

/// Creates sessions, registers them with `tracker`, and moves them through [`LIFE`]. Returns their ids.
async fn sessions_after_life(merchant: &Merchant, tracker: &Track, count: usize) -> Vec<String> {
    let mut sessions = Vec::new();
    for _ in 0..count {
        let id = session(merchant, &json!({})).await;
        tracker.register(&id).await;
        sessions.push(id);
    }
    // The tracker learns earlier changes from its first reads, and later ones from the feed.
    eventually("the feed", async || (tracker.metric("kassa_track_feed_held").await == 1).then_some(())).await;
    for act in ["enter", "decline", "enter", "approve"] {
        for id in &sessions {
            merchant.act(id, act).await.expect(200);
        }
    }
    sessions
}

/// The statuses of each session, in the order of their delivery.
fn by_session(names: impl Iterator<Item = String>) -> BTreeMap<String, Vec<String>> {
    let mut delivered: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in names {
        let [session, _, status] = name.split('/').collect::<Vec<_>>()[..] else { panic!("{name}") };
        delivered.entry(session.to_string()).or_default().push(status.to_string());
    }
    delivered
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standard_output_that_nobody_reads_does_not_stop_the_tracker() {
    let dev = Dev::start();
    let (_unread, full) = full_pipe();
    let tracker = settings(&dev, "[sink]\njson = true", 5_000).start_with_stdout(full);
    for id in sessions_after_life(&dev.merchant(), &tracker, 3).await {
        let last = async || (tracker.view(&id).await["status"] == LIFE[3]).then_some(());
        eventually("the last change", last).await;
    }
    tracker.process.ask_to_stop();
    assert_eq!(tracker.process.ended(), Some(0));
}

#[tokio::test]
async fn an_endpoint_sink_gets_signed_calls_in_order_until_it_answers_2xx() {
    let (dev, shop) = (Dev::start(), Shop::start(1_000).await);
    let tracker = settings(&dev, &endpoint(&shop), 5_000).start();
    let sessions = sessions_after_life(&dev.merchant(), &tracker, 5).await;
    let all = async || Some(shop.calls()).filter(|calls| calls.len() >= 2 * LIFE.len() * sessions.len());
    let calls = eventually("every change", all).await;
    let changes = i64::try_from(LIFE.len() * sessions.len()).unwrap();
    for outcome in ["failed", "taken"] {
        // The tracker counts a delivery after the shop has received it.
        let metric = format!("kassa_track_deliveries_total{{outcome=\"{outcome}\"}}");
        let counted = async || (tracker.metric(&metric).await >= changes).then_some(());
        eventually(outcome, counted).await;
        assert_eq!(tracker.metric(&metric).await, changes);
    }
    tracker.says("the sink did not accept a change; the tracker delivers it again").await;
    tracker.says("why=\"the endpoint answered 500\"").await;
    let taken = calls.iter().filter(|(_, status)| *status == 204).map(|(name, _)| name.clone());
    for (session, statuses) in by_session(taken) {
        assert_eq!(statuses, LIFE, "{session}");
    }
    // The second call of a change comes before the first call of the next change.
    for session in &sessions {
        let own: Vec<_> = calls.iter().filter(|(name, _)| name.starts_with(session)).collect();
        assert!(own.chunks(2).all(|pair| pair[0].0 == pair[1].0), "{own:?}");
    }
}

async fn two_trackers_on_one_database_deliver_each_change_once_in_order(engine: Engine) {
    let (dev, shop) = (Dev::start(), Shop::start(1_000).await);
    let settings = settings(&dev, &endpoint(&shop), 60_000).on(engine).await;
    let (one, other) = (settings.start(), settings.start());
    let sessions = sessions_after_life(&dev.merchant(), &one, 6).await;
    let all_taken = async || {
        let taken: Vec<_> = shop.calls().into_iter().filter(|(_, status)| *status == 204).collect();
        (taken.len() >= LIFE.len() * sessions.len()).then_some(taken)
    };
    let taken = eventually("every change", all_taken).await;
    let delivered = by_session(taken.into_iter().map(|(name, _)| name));
    assert_eq!(delivered.len(), sessions.len());
    assert!(delivered.values().all(|statuses| *statuses == LIFE), "{delivered:?}");
    assert_eq!(other.metric("kassa_track_sessions{verdict=\"final\"}").await, 6);
}

#[tokio::test]
async fn an_unreachable_sink_is_shown_on_the_status_page() {
    let dev = Dev::start();
    let unused_address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let tracker = settings(&dev, &format!("[sink]\nurl = \"http://{unused_address}/\""), 5_000).start();
    let merchant = dev.merchant();
    let id = session(&merchant, &json!({})).await;
    tracker.register(&id).await;
    merchant.act(&id, "enter").await.expect(200);
    tracker.says("the sink did not accept a change").await;
    let page = tracker.private.get("/").await.expect(200).text;
    assert!(
        page.contains("Unacknowledged changes: 1. The sink did not accept the last one: not sent: "),
        "{page}"
    );
    assert!(tracker.metric("kassa_track_oldest_unacknowledged_age_ms").await > 0);
}

#[tokio::test]
async fn a_stop_waits_for_the_delivery_in_flight_which_is_not_repeated() {
    let (dev, shop) = (Dev::start(), Shop::start(1).await);
    // The lease is longer than the test, so only an acknowledgement by the first tracker can end the wait below.
    let settings = settings(&dev, &endpoint(&shop), 600_000);
    let tracker = settings.start();
    let merchant = dev.merchant();
    let id = session(&merchant, &json!({})).await;
    tracker.register(&id).await;
    merchant.act(&id, "enter").await.expect(200);
    eventually("the second call", async || (shop.calls().len() == 2).then_some(())).await;
    // The process is asked to stop before the endpoint answers: it accepts no more calls, and waits for the answer.
    tracker.process.ask_to_stop();
    let is_closed = async || tracker.private.call(Method::GET, "/healthz", &Value::Null).await.err();
    eventually("the end of listening", is_closed).await;
    shop.may_answer.add_permits(100);
    // The endpoint runs on this thread too, so the wait must not block it.
    let process = tracker.process;
    assert_eq!(tokio::task::spawn_blocking(|| process.ended()).await.unwrap(), Some(0));
    let next = settings.start();
    eventually("the acknowledgement", async || {
        (next.metric("kassa_track_unacknowledged_changes").await == 0).then_some(())
    })
    .await;
    assert_eq!(shop.calls().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_standard_output_sink_prints_one_json_line_per_change() {
    let dev = Dev::start();
    let tracker = settings(&dev, "[sink]\njson = true", 5_000).start();
    let sessions = sessions_after_life(&dev.merchant(), &tracker, 3).await;
    let lines = tracker.lines.lines().take(LIFE.len() * sessions.len());
    let names = lines.map(|line| {
        let change: Value = serde_json::from_str(&line.unwrap()).unwrap();
        change["event_id"].as_str().unwrap().to_string()
    });
    let delivered = by_session(names);
    assert_eq!(delivered.len(), 3);
    assert!(delivered.values().all(|statuses| *statuses == LIFE), "{delivered:?}");
}

async fn a_table_sink_gets_one_row_per_change_through_a_kill(engine: Engine) {
    let dev = Dev::start();
    let shop = Table::on(engine).await;
    let settings = settings(&dev, &format!("[sink]\ntable = \"{}\"", shop.place()), 200).on(engine).await;
    let tracker = settings.start();
    let merchant = dev.merchant();
    let sessions = sessions_after_life(&merchant, &tracker, 3).await;
    drop(tracker);
    let _next = settings.start();
    let all = async || Some(shop.rows().await).filter(|rows| rows.len() == LIFE.len() * sessions.len());
    let rows = eventually("every row", all).await;
    for (session, statuses) in by_session(rows.iter().map(|row| row.change_id.clone())) {
        assert_eq!(statuses, LIFE, "{session}");
    }
    let own: Vec<_> = rows.iter().filter(|row| row.session_id == sessions[0]).collect();
    assert_eq!(own.iter().map(|row| row.sequence).collect::<Vec<_>>(), [1, 2, 3, 4]);
    for row in own {
        let body: Value = serde_json::from_str(&row.body).unwrap();
        assert_eq!(
            (&body["event_id"], &body["session"]["status"]),
            (&json!(row.change_id), &json!(row.status))
        );
    }
}
