//! Callbacks: the cost from the claim to the recorded answer, and the latency from a commit to the first attempt.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use kassa_testkit::eventually;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::bare;
use crate::client::{Connection, Request};
use crate::figure::{Round, at_least, at_most, median_cpu, median_rate, print_alone, print_ratio};
use crate::process::Process;
use crate::sample::{CART, creation};

const ROUNDS: usize = 3;

/// The number of due callbacks when the process starts.
const BACKLOG: usize = 6_000;

/// The number of callbacks that are sent one at a time, to measure their latency.
const SINGLE: usize = 300;

/// The pause between two of these callbacks.
const PACE: Duration = Duration::from_millis(15);

pub async fn measure() {
    let receiver = Process::bare(&["bare-http"]);
    let (mut posts, mut commits, mut figures) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        posts.push(bare::run(&["bare-post", &receiver.url(), &BACKLOG.to_string()]));
        let folder = TempDir::new().unwrap();
        let database = folder.path().join("kassa.db");
        let database = database.to_str().unwrap();
        commits.push(bare::run(&["bare-change", database, "100000", &BACKLOG.to_string()]));
        bare::run(&["due-callbacks", database, &receiver.url(), "0", &BACKLOG.to_string()]);
        figures.push(drain(folder.path()).await);
    }
    print_alone("callback, claim to recorded 2xx: CPU", median_cpu(&figures), "us", at_most(60.0, 40.0));
    let limit = median_rate(&posts).min(median_rate(&commits));
    print_ratio(
        "callback, claim to recorded 2xx: throughput",
        limit,
        median_rate(&figures),
        "/s",
        at_least(0.5, 0.7),
    );
    measure_latency().await;
}

/// Starts on a database full of due callbacks, and waits until all are delivered.
pub async fn drain(folder: &Path) -> Round {
    let dev = Process::kassa_alone(folder);
    let database = rusqlite::Connection::open(folder.join("kassa.db")).unwrap();
    let due = || {
        let sql = "select count(*) from callback where state = 'DUE'";
        database.query_row(sql, (), |row| row.get::<_, u32>(0)).unwrap() as usize
    };
    let (begun, before, operations) = (Instant::now(), dev.cpu(), due());
    // The time is measured, so the looks have a short and steady pause.
    while due() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Round { operations, took: begun.elapsed(), cpu: dev.cpu() - before }
}

/// The time at which each session's callback arrived.
type Arrivals = Arc<Mutex<HashMap<String, Instant>>>;

async fn measure_latency() {
    let folder = TempDir::new().unwrap();
    let latencies = latencies(&Process::kassa(folder.path()).await).await;
    print_alone("commit to first attempt, low load: p50", latencies.p50_ms, "ms", at_most(0.5, 0.1));
    print_alone("commit to first attempt, low load: p99", latencies.p99_ms, "ms", at_most(2.0, 0.5));
}

/// The latencies of first attempts.
pub struct Latencies {
    pub p50_ms: f64,
    pub p99_ms: f64,
}

/// Makes changes one at a time, each with a callback to a receiver of our own.
///
/// Kassa answers a change when its commit is durable, so the time after the answer is the callback's own.
pub async fn latencies(dev: &Process) -> Latencies {
    let arrivals = Arrivals::default();
    let url = receive(arrivals.clone()).await;
    let mut connection = Connection::to(&dev.url()).await;
    let mut answered = HashMap::new();
    let mut pace = tokio::time::interval(PACE);
    for _ in 0..SINGLE {
        let payment = connection.json(&Request::new("POST", "/payments/v1/sessions", CART), 200).await;
        let body = creation(payment["session_id"].as_str().unwrap(), Some(&url));
        let page = connection.json(&Request::new("POST", "/hpp/v1/sessions", &body), 201).await;
        let session = page["session_id"].as_str().unwrap().to_string();
        pace.tick().await;
        let enter = format!("/lab/v1/sessions/{session}/enter");
        connection.json(&Request::new("POST", &enter, ""), 200).await;
        answered.insert(session, Instant::now());
    }
    eventually("every callback", async || arrivals.lock().unwrap().len() >= SINGLE).await;
    let arrivals = arrivals.lock().unwrap();
    let after = |(session, at): (&String, &Instant)| {
        arrivals[session].saturating_duration_since(*at).as_secs_f64() * 1e3
    };
    let mut latencies: Vec<f64> = answered.iter().map(after).collect();
    latencies.sort_by(f64::total_cmp);
    Latencies { p50_ms: latencies[latencies.len() / 2], p99_ms: latencies[latencies.len() * 99 / 100] }
}

async fn receive(arrivals: Arrivals) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let router = Router::new().fallback(arrived).with_state(arrivals);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

async fn arrived(State(arrivals): State<Arrivals>, axum::Json(body): axum::Json<Value>) {
    let session = body["session"]["session_id"].as_str().unwrap().to_string();
    arrivals.lock().unwrap().entry(session).or_insert_with(Instant::now);
}
