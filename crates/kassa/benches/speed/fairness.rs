//! Fairness: the latency of a callback while ten thousand others are due to an endpoint that never answers.

use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};

use crate::bare;
use crate::callbacks::latencies;
use crate::figure::{at_most, median, print_ratio};
use crate::process::Process;

const ROUNDS: usize = 3;
const DUE: usize = 10_000;

pub async fn measure() {
    let (dead, _queued) = dead_endpoint().await;
    let (mut idle, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let folder = TempDir::new().unwrap();
        idle.push(latencies(&Process::kassa(folder.path()).await).await);
        let folder = TempDir::new().unwrap();
        let database = folder.path().join("kassa.db");
        bare::run(&["due-callbacks", database.to_str().unwrap(), &dead, "0", &DUE.to_string()]);
        beside.push(latencies(&Process::kassa(folder.path()).await).await);
    }
    let p50 = |all: &[crate::callbacks::Latencies]| median(all.iter().map(|one| one.p50_ms).collect());
    let p99 = |all: &[crate::callbacks::Latencies]| median(all.iter().map(|one| one.p99_ms).collect());
    print_ratio(
        "commit to first attempt beside 10,000 due to a dead endpoint: p50",
        p50(&idle),
        p50(&beside),
        "ms",
        at_most(2.0, 1.0),
    );
    print_ratio(
        "commit to first attempt beside 10,000 due to a dead endpoint: p99",
        p99(&idle),
        p99(&beside),
        "ms",
        at_most(2.0, 1.0),
    );
}

/// Opens a listener with a full queue, which accepts no connection until the returned streams are dropped.
async fn dead_endpoint() -> (String, Vec<TcpStream>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener: &'static _ = Box::leak(Box::new(socket.listen(1).unwrap()));
    let address = listener.local_addr().unwrap();
    let mut queued = Vec::new();
    let patience = std::time::Duration::from_millis(200);
    while let Ok(connected) = tokio::time::timeout(patience, TcpStream::connect(address)).await {
        queued.push(connected.unwrap());
    }
    (format!("http://{address}/"), queued)
}
