//! Long polls: the memory and CPU of a waiting one, its latency after a change, and the cost of a read that finds no
//! change.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::time::Instant;

use crate::client::{Connection, Request};
use crate::figure::{Target, at_most, median, median_cpu, print_alone, print_ratio};
use crate::process::Process;
use crate::requests::{Seeded, charge, session_path};

const WAITING: usize = 5_000;
const ROUNDS: usize = 5;
const READS: usize = 20_000;

/// The number of changes, made one at a time while all long polls wait.
const CHANGES: usize = 500;

/// The header of a reader that knows the session as it was created.
const KNOWS_VERSION_0: &str = "if-none-match: \"0\"";

pub async fn measure() {
    let seeded = Seeded::with(READS);
    let live = Process::serve(seeded.folder()).await;
    let (mut full, mut unchanged) = (Vec::new(), Vec::new());
    let read = |number| Request::new("GET", &session_path(number), "");
    for _ in 0..ROUNDS {
        full.push(charge(&live, (0..READS).map(read).collect(), 200).await);
        let conditional = (0..READS).map(|number| read(number).with(KNOWS_VERSION_0));
        unchanged.push(charge(&live, conditional.collect(), 304).await);
    }
    print_ratio(
        "read with ETag, unchanged: CPU",
        median_cpu(&full),
        median_cpu(&unchanged),
        "us",
        at_most(1.0, 0.8),
    );
    measure_waiting(&live).await;
}

async fn measure_waiting(live: &Process) {
    let at_first = live.resident();
    let mut connections = Vec::new();
    for number in 0..WAITING {
        // One address may have a quarter of a node's connections.
        let address = Ipv4Addr::new(127, 0, 0, if number % 2 == 0 { 2 } else { 3 });
        let mut connection = Connection::from(address, &live.url()).await;
        let request = Request::new("GET", &session_path(number), "").with(KNOWS_VERSION_0);
        assert_eq!(connection.call(&request).await.0, 304);
        connections.push(connection);
    }
    let connected = live.resident();
    for (number, connection) in connections.iter_mut().enumerate() {
        let request =
            Request::new("GET", &session_path(number), "").with(KNOWS_VERSION_0).with("prefer: wait=60");
        connection.send(&request).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let kib = |bytes: u64| bytes as f64 / 1024.0 / WAITING as f64;
    print_alone("a kept connection: memory", kib(connected - at_first), "KiB", Target::None);
    print_alone(
        "5,000 waiting long polls: memory of each, beside its connection",
        kib(live.resident() - connected),
        "KiB",
        Target::None,
    );
    let (idle, begun) = (live.cpu(), Instant::now());
    tokio::time::sleep(Duration::from_secs(5)).await;
    let busy = (live.cpu() - idle).as_secs_f64() / begun.elapsed().as_secs_f64();
    let mut acting = Connection::to(&live.url()).await;
    let mut latencies = Vec::new();
    for (number, mut connection) in connections.into_iter().enumerate().take(CHANGES) {
        assert_eq!(acting.call(&Request::new("DELETE", &session_path(number), "")).await.0, 204);
        let committed = Instant::now();
        assert_eq!(connection.answer().await.0, 200);
        latencies.push(committed.elapsed().as_secs_f64() * 1e3);
    }
    latencies.sort_by(f64::total_cmp);
    print_alone(
        "5,000 waiting long polls: CPU while nothing happens",
        busy * 100.0,
        "% of a core",
        Target::None,
    );
    let p99 = latencies[latencies.len() * 99 / 100];
    print_alone("5,000 waiting long polls: commit to answer, p50", median(latencies), "ms", Target::None);
    print_alone("5,000 waiting long polls: commit to answer, p99", p99, "ms", Target::None);
}
