//! Copies the SQLite file while the system writes to it: the copy is complete, and a node can serve it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use kassa_testkit::eventually;
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::harness::{Dev, Merchant};

const WRITERS: usize = 4;

/// The number of sessions that are acknowledged before the copy begins.
const BEFORE: usize = 60;

/// The backup with `sqlite3`, as docs/operations.md describes it.
fn back_up(data: &Path, to: &Path) {
    let file = Connection::open(data.join("kassa.db")).unwrap();
    file.execute("vacuum into ?1", [to.join("kassa.db").to_str().unwrap()]).unwrap();
}

fn is_whole(data: &Path) -> bool {
    let file = Connection::open(data.join("kassa.db")).unwrap();
    file.query_row("pragma integrity_check", (), |row| row.get::<_, String>(0)).unwrap() == "ok"
}

/// The sessions, as they were read when they were acknowledged.
type Acknowledged = Arc<Mutex<Vec<Value>>>;

async fn write(merchant: Merchant, acknowledged: Acknowledged, is_over: Arc<AtomicBool>) {
    while !is_over.load(Ordering::Relaxed) {
        let session = merchant.page_session(&json!({}), &json!({})).await;
        let entered = merchant.act(&session, "enter").await.expect(200).json;
        acknowledged.lock().unwrap().push(entered);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_made_under_load_has_every_session_acknowledged_before_it() {
    let (data, copied) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let dev = Dev::start_on(data.path());
    let (acknowledged, is_over) = (Acknowledged::default(), Arc::<AtomicBool>::default());
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        writers.spawn(write(dev.merchant(), acknowledged.clone(), is_over.clone()));
    }
    eventually("enough sessions", async || acknowledged.lock().unwrap().len() >= BEFORE).await;
    let before = acknowledged.lock().unwrap().clone();
    back_up(data.path(), copied.path());
    is_over.store(true, Ordering::Relaxed);
    writers.join_all().await;

    assert!(is_whole(copied.path()));
    let restored = Dev::start_on(copied.path());
    for session in &before {
        assert_eq!(restored.merchant().read(session["session_id"].as_str().unwrap()).await, *session);
    }
    let session = before[0]["session_id"].as_str().unwrap();
    let paid = restored.merchant().act(session, "approve").await.expect(200).json;
    assert_eq!(paid["status"], "COMPLETED", "life goes on in the copy");
}

/// A receiver that records the events, and acknowledges them once it is open.
async fn receiver(is_open: Arc<AtomicBool>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/callbacks", listener.local_addr().unwrap());
    let came = Arc::<Mutex<Vec<String>>>::default();
    let notes = came.clone();
    let receive = move |body: axum::body::Bytes| async move {
        let callback: Value = serde_json::from_slice(&body).unwrap();
        notes.lock().unwrap().push(callback["event_id"].as_str().unwrap().to_string());
        if is_open.load(Ordering::Relaxed) { StatusCode::NO_CONTENT } else { StatusCode::SERVICE_UNAVAILABLE }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(receive)).await.unwrap() });
    (url, came)
}

/// Advances the merchant's clock to the next attempt, and waits until the callback is delivered.
async fn deliver(merchant: &Merchant, session: &str) {
    let path = format!("/kassa/v1/sessions/{session}/events");
    eventually("a delivery", async || {
        merchant.post("/lab/v1/clock/advance", &json!({"by": "PT5S"})).await.expect(200);
        let history = merchant.get(&path).await.expect(200);
        if history.json["events"][0]["callback"] == "DELIVERED" { Ok(()) } else { Err(history.text) }
    })
    .await;
}

#[tokio::test]
async fn a_callback_that_was_due_at_the_copy_is_delivered_again_with_the_same_id() {
    let (data, copied) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let is_open = Arc::<AtomicBool>::default();
    let (url, came) = receiver(is_open.clone()).await;
    let dev = Dev::start_on(data.path());
    let session = dev.merchant().page_session(&json!({}), &json!({"status_update": url})).await;
    dev.merchant().act(&session, "enter").await.expect(200);
    let path = format!("/kassa/v1/sessions/{session}/events");
    let (merchant, none) = (dev.merchant(), json!([]));
    let is_attempted = async || merchant.get(&path).await.json["events"][0]["attempts"] != none;
    eventually("an attempt", is_attempted).await;
    back_up(data.path(), copied.path());
    is_open.store(true, Ordering::Relaxed);
    deliver(&dev.merchant(), &session).await;
    let by_the_original = came.lock().unwrap().clone();
    dev.kill();
    deliver(&Dev::start_on(copied.path()).merchant(), &session).await;

    let came = came.lock().unwrap();
    assert!(came.len() > by_the_original.len(), "the copy does not know that it was delivered");
    assert!(came.iter().all(|event_id| *event_id == came[0]), "{came:?}");
}
