//! `kassa dev`: the time until it is ready, and its memory.

use tempfile::TempDir;
use tokio::time::Instant;

use crate::bare::SIDE_BY_SIDE;
use crate::client::{Request, drive};
use crate::figure::{at_most, median, print_alone};
use crate::process::Process;

const STARTS: usize = 15;

pub async fn measure() {
    let mut ready_ms = Vec::new();
    let mut resident_mib = Vec::new();
    for _ in 0..STARTS {
        let data = TempDir::new().unwrap();
        let begun = Instant::now();
        let dev = Process::kassa_alone(data.path());
        ready_ms.push(begun.elapsed().as_secs_f64() * 1e3);
        resident_mib.push(dev.resident_mib());
    }
    print_alone("`kassa dev`: ready", median(ready_ms), "ms", at_most(50.0, 20.0));
    print_alone("`kassa dev`: resident when ready", median(resident_mib), "MiB", at_most(25.0, 20.0));

    let data = TempDir::new().unwrap();
    let dev = Process::kassa(data.path()).await;
    let requests = vec![Request::new("GET", "/hpp/v1/sessions/none", ""); 20_000];
    drive(&dev.url(), SIDE_BY_SIDE, requests, 404).await;
    print_alone(
        "`kassa dev`: resident after 20,000 calls on 32 connections",
        dev.resident_mib(),
        "MiB",
        at_most(60.0, 40.0),
    );
}
