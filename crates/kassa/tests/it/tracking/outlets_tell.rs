//! The outlets: at least once with a name that stays, in order per session, and gently at a stop.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use kassa_client::Timestamp;
use kassa_client::receiver::{Delivery, Receiver, SignatureRule, UrlSecret};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::load::Table;
use super::{Engine, Settings, Track, eventually, on_each_engine, session};
use crate::harness::{Dev, Merchant};

on_each_engine!(
    two_trackers_on_one_database_tell_each_change_once_and_in_order,
    a_table_gets_a_row_for_each_change_also_through_a_kill,
);

const SECRET: &str = "whsec_b3V0bGV0IHNlY3JldCBvZiB0aGUgc2hvcA==";
const LIFE: [&str; 4] = ["IN_PROGRESS", "FAILED", "IN_PROGRESS", "COMPLETED"];

/// The merchant's own endpoint: verifies, refuses the first call of each change, and answers only when it may.
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
    let delivery = Delivery { query: "", headers: &headers, body: &body };
    receiver.verify(&delivery, Timestamp::from_second(at).unwrap()).unwrap();
    let name = headers["webhook-id"].to_str().unwrap().to_string();
    let is_first = shop.calls().iter().all(|(known, _)| *known != name);
    let status = if is_first { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::NO_CONTENT };
    shop.calls.lock().unwrap().push((name, status.as_u16()));
    shop.may_answer.acquire().await.unwrap().forget();
    status
}

fn settings(dev: &Dev, outlet: &str, lease_ms: u32) -> Settings {
    let tracker = format!("[tracker]\nservice = \"kassa\"\nsettle_ms = 0\nlease_ms = {lease_ms}");
    Settings::for_dev(dev).with(outlet).with(&tracker)
}

fn endpoint(shop: &Shop) -> String {
    format!("[outlet]\nurl = \"{}\"\nsecrets = [\"{SECRET}\"]", shop.url)
}

/// Lives sessions through [`LIFE`], followed by `tracker`; answers with their ids.
async fn lives(merchant: &Merchant, tracker: &Track, count: usize) -> Vec<String> {
    let mut sessions = Vec::new();
    for _ in 0..count {
        let id = session(merchant, &json!({})).await;
        tracker.register(&id).await;
        sessions.push(id);
    }
    // The feed tells of what happens once it is held, and the first reads of what happened before.
    eventually("the feed", async || (tracker.metric("kassa_track_feed_held").await == 1).then_some(())).await;
    for act in ["enter", "decline", "enter", "approve"] {
        for id in &sessions {
            merchant.act(id, act).await.expect(200);
        }
    }
    sessions
}

/// The statuses of each session, in the order in which they were told.
fn by_session(names: impl Iterator<Item = String>) -> BTreeMap<String, Vec<String>> {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in names {
        let [session, _, status] = name.split('/').collect::<Vec<_>>()[..] else { panic!("{name}") };
        told.entry(session.to_string()).or_default().push(status.to_string());
    }
    told
}

#[tokio::test]
async fn an_endpoint_is_called_signed_until_it_answers_and_in_order() {
    let (dev, shop) = (Dev::start(), Shop::start(1_000).await);
    let tracker = settings(&dev, &endpoint(&shop), 5_000).start();
    let sessions = lives(&dev.merchant(), &tracker, 5).await;
    let all = async || Some(shop.calls()).filter(|calls| calls.len() >= 2 * LIFE.len() * sessions.len());
    let calls = eventually("every change", all).await;
    let changes = i64::try_from(LIFE.len() * sessions.len()).unwrap();
    for outcome in ["failed", "taken"] {
        assert_eq!(
            tracker.metric(&format!("kassa_track_deliveries_total{{outcome=\"{outcome}\"}}")).await,
            changes
        );
    }
    tracker.says("the outlet did not take a change; it goes again").await;
    tracker.says("why=\"the endpoint answered 500\"").await;
    let taken = calls.iter().filter(|(_, status)| *status == 204).map(|(name, _)| name.clone());
    for (session, statuses) in by_session(taken) {
        assert_eq!(statuses, LIFE, "{session}");
    }
    // The second call of a change comes before the first of the next.
    for session in &sessions {
        let own: Vec<_> = calls.iter().filter(|(name, _)| name.starts_with(session)).collect();
        assert!(own.chunks(2).all(|pair| pair[0].0 == pair[1].0), "{own:?}");
    }
}

async fn two_trackers_on_one_database_tell_each_change_once_and_in_order(engine: Engine) {
    let (dev, shop) = (Dev::start(), Shop::start(1_000).await);
    let settings = settings(&dev, &endpoint(&shop), 60_000).on(engine).await;
    let (one, other) = (settings.start(), settings.start());
    let sessions = lives(&dev.merchant(), &one, 6).await;
    let all_taken = async || {
        let taken: Vec<_> = shop.calls().into_iter().filter(|(_, status)| *status == 204).collect();
        (taken.len() >= LIFE.len() * sessions.len()).then_some(taken)
    };
    let taken = eventually("every change", all_taken).await;
    let told = by_session(taken.into_iter().map(|(name, _)| name));
    assert_eq!(told.len(), sessions.len());
    assert!(told.values().all(|statuses| *statuses == LIFE), "{told:?}");
    assert_eq!(other.metric("kassa_track_sessions{verdict=\"final\"}").await, 6);
}

#[tokio::test]
async fn an_outlet_that_takes_nothing_is_shown_to_people() {
    let dev = Dev::start();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let tracker = settings(&dev, &format!("[outlet]\nurl = \"http://{nobody}/\""), 5_000).start();
    let merchant = dev.merchant();
    let id = session(&merchant, &json!({})).await;
    tracker.register(&id).await;
    merchant.act(&id, "enter").await.expect(200);
    tracker.says("the outlet did not take a change").await;
    let page = tracker.private.get("/").await.expect(200).text;
    assert!(
        page.contains("Changes that wait to be told: 1. The outlet did not take the last: not sent: "),
        "{page}"
    );
    assert!(tracker.metric("kassa_track_oldest_unacknowledged_age_ms").await > 0);
}

#[tokio::test]
async fn a_stop_lets_the_change_under_way_arrive_and_the_next_life_tells_it_no_more() {
    let (dev, shop) = (Dev::start(), Shop::start(1).await);
    // A lease that outlives the test: what is told again was told in vain.
    let settings = settings(&dev, &endpoint(&shop), 600_000);
    let tracker = settings.start();
    let merchant = dev.merchant();
    let id = session(&merchant, &json!({})).await;
    tracker.register(&id).await;
    merchant.act(&id, "enter").await.expect(200);
    eventually("the second call", async || (shop.calls().len() == 2).then_some(())).await;
    // The process is asked to stop while the endpoint thinks: it takes no more calls, and waits.
    tracker.process.ask_to_stop();
    let is_closed = async || tracker.private.call(Method::GET, "/healthz", &Value::Null).await.err();
    eventually("the end of listening", is_closed).await;
    shop.may_answer.add_permits(100);
    // This thread is the endpoint's too.
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
async fn standard_output_gets_a_line_of_json_for_each_change() {
    let dev = Dev::start();
    let tracker = settings(&dev, "[outlet]\njson = true", 5_000).start();
    let sessions = lives(&dev.merchant(), &tracker, 3).await;
    let lines = tracker.lines.lines().take(LIFE.len() * sessions.len());
    let names = lines.map(|line| {
        let told: Value = serde_json::from_str(&line.unwrap()).unwrap();
        told["event_id"].as_str().unwrap().to_string()
    });
    let told = by_session(names);
    assert_eq!(told.len(), 3);
    assert!(told.values().all(|statuses| *statuses == LIFE), "{told:?}");
}

async fn a_table_gets_a_row_for_each_change_also_through_a_kill(engine: Engine) {
    let dev = Dev::start();
    let shop = Table::on(engine).await;
    let settings = settings(&dev, &format!("[outlet]\ntable = \"{}\"", shop.place()), 200).on(engine).await;
    let tracker = settings.start();
    let merchant = dev.merchant();
    let sessions = lives(&merchant, &tracker, 3).await;
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
