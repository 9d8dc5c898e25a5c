//! Two processes on one database share its callbacks. They never attempt one callback at the same time, even if one of
//! them sleeps through its lease and then continues. An endpoint that never answers delays no other endpoint.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::get;
use kassa_testkit::processes::{signal, suspend};
use kassa_testkit::{eventually, in_time, let_time_pass};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::harness::{Dev, Merchant};

#[derive(Clone, Default)]
struct Kept {
    /// The number of calls of each event.
    calls: BTreeMap<String, usize>,
    under_way: BTreeMap<String, usize>,
    faults: Vec<String>,
}

/// A slow receiver that notices two simultaneous calls of one event.
#[derive(Clone)]
struct Receiver {
    url: String,
    kept: Arc<Mutex<Kept>>,
    ended: Arc<watch::Sender<usize>>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/callbacks", listener.local_addr().unwrap());
        let receiver = Self { url, kept: Arc::default(), ended: Arc::default() };
        let router =
            Router::new().route("/", get(|| async {})).fallback(receive).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    fn kept(&self) -> Kept {
        self.kept.lock().unwrap().clone()
    }

    /// Returns the calls so far. It calls the receiver first, because calls are handled in order, so earlier calls are
    /// recorded then.
    async fn kept_by_now(&self) -> Kept {
        let address = self.url.trim_start_matches("http://").trim_end_matches("/callbacks");
        let mut caller = TcpStream::connect(address).await.unwrap();
        caller.write_all(b"GET / HTTP/1.1\r\nhost: receiver\r\nconnection: close\r\n\r\n").await.unwrap();
        caller.read_to_end(&mut Vec::new()).await.unwrap();
        self.kept()
    }

    /// Waits until this many events have arrived.
    async fn wait_for(&self, events: usize) {
        let mut ended = self.ended.subscribe();
        let all_came = ended.wait_for(|_| self.kept.lock().unwrap().calls.len() >= events);
        in_time("every event", all_came).await.unwrap();
    }
}

async fn receive(State(receiver): State<Receiver>, body: Bytes) {
    let event: Value = serde_json::from_slice(&body).unwrap();
    let event = event["event_id"].as_str().unwrap().to_string();
    {
        let mut kept = receiver.kept.lock().unwrap();
        *kept.calls.entry(event.clone()).or_default() += 1;
        let under_way = kept.under_way.entry(event.clone()).or_default();
        *under_way += 1;
        if *under_way > 1 {
            kept.faults.push(format!("two calls of {event} at once"));
        }
    }
    // A slow receiver, so that calls overlap if two processes make them.
    let_time_pass(Duration::from_millis(30)).await;
    *receiver.kept.lock().unwrap().under_way.get_mut(&event).unwrap() -= 1;
    receiver.ended.send_modify(|ended| *ended += 1);
}

/// Suspends a process while it does not have the file's write lock, which would block the other process, too.
async fn suspend_without_the_lock(process: u32, database: &Path) {
    eventually("a stop without the lock", async || {
        suspend(process).await;
        let is_free = has_free_write_lock(database);
        if !is_free {
            signal(&[process], "CONT");
        }
        is_free
    })
    .await;
}

/// Whether the write lock can be had soon. A process that runs gives it back within the second.
fn has_free_write_lock(database: &Path) -> bool {
    let file = rusqlite::Connection::open(database).unwrap();
    file.busy_timeout(Duration::from_secs(1)).unwrap();
    file.execute_batch("begin immediate; rollback").is_ok()
}

/// The events whose callback has a lease. A process that stopped between its check of the lease and its request sends
/// the request when it continues. No process can notice that.
fn events_under_way(database: &Path) -> BTreeSet<String> {
    let file = rusqlite::Connection::open(database).unwrap();
    let sql = "select status_event.event_id from callback join status_event using (page_session_id, sequence)
                where state = 'DUE' and leased_until > 0";
    let mut rows = file.prepare(sql).unwrap();
    rows.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Moves a session through four events, two by each process.
async fn purchase(merchants: [&Merchant; 2], callbacks: &str) -> String {
    let session = merchants[0].page_session(&json!({}), &json!({"status_update": callbacks})).await;
    for (index, act) in ["enter", "decline", "enter", "approve"].iter().enumerate() {
        merchants[index % 2].act(&session, act).await.expect(200);
    }
    session
}

async fn assert_all_delivered(merchant: &Merchant, sessions: &[String]) {
    for session in sessions {
        let path = format!("/kassa/v1/sessions/{session}/events");
        eventually("the delivery of every callback", async || {
            let history = merchant.get(&path).await.expect(200);
            let mut events = history.json["events"].as_array().unwrap().iter();
            if events.all(|event| event["callback"] == "DELIVERED") { Ok(()) } else { Err(history.text) }
        })
        .await;
    }
}

#[tokio::test]
async fn processes_never_attempt_one_callback_at_once_even_if_one_sleeps_through_its_lease() {
    let data = TempDir::new().unwrap();
    let (awake, sleeper) = (Dev::start_on(data.path()), Dev::start_on(data.path()));
    let (one, other) = (awake.merchant(), sleeper.merchant());
    let receiver = Receiver::start().await;
    let mut sessions = Vec::new();
    for _ in 0..30 {
        sessions.push(purchase([&one, &other], &receiver.url).await);
    }
    // The sleeping process commits these. A callback that it has claimed is attempted when the lease ends.
    for _ in 0..10 {
        sessions.push(purchase([&other, &other], &receiver.url).await);
    }
    let database = data.path().join("kassa.db");
    suspend_without_the_lock(sleeper.process_id(), &database).await;
    let under_way = events_under_way(&database);
    let before = receiver.kept_by_now().await.calls;
    receiver.wait_for(sessions.len() * 4).await;
    signal(&[sleeper.process_id()], "CONT");
    assert_all_delivered(&other, &sessions).await;

    let kept = receiver.kept();
    assert_eq!(kept.faults, [""; 0]);
    assert_eq!(kept.calls.len(), sessions.len() * 4, "no event is lost or made up");
    for (event, calls) in kept.calls.iter().filter(|(_, calls)| **calls > 1) {
        let may_be_repeated = before.contains_key(event) || under_way.contains(event);
        assert!(*calls == 2 && may_be_repeated, "{event} came {calls} times without need");
    }
}

#[tokio::test]
async fn a_dead_endpoint_delays_no_other() {
    let dev = Dev::start();
    let merchant = dev.merchant();
    // The listener never answers.
    let dead = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = format!("http://{}/callbacks", dead.local_addr().unwrap());
    let acts = (0..200).map(|_| purchase([&merchant, &merchant], &dead));
    futures_util::future::join_all(acts).await;
    let receiver = Receiver::start().await;
    for _ in 0..5 {
        purchase([&merchant, &merchant], &receiver.url).await;
    }
    receiver.wait_for(20).await;
    let metrics = merchant.get("/metrics").await.expect(200).text;
    let waiting = metrics.lines().find_map(|line| line.strip_prefix("kassa_callbacks_waiting "));
    let waiting: usize = waiting.unwrap().parse().unwrap();
    assert!(waiting >= 200, "the others did not wait for the dead one's {waiting} callbacks");
}
