//! `kassa listen` and `kassa track` as processes, beside a running `kassa dev`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Dev, Merchant, Received, Receiver, cart, kassa};

/// How often the tracker is killed.
const KILLS: u64 = 30;

/// A process that dies with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn track(config: &Path) -> Running {
    let mut command = kassa();
    command.args(["track", "--config", config.to_str().unwrap()]);
    Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

/// A settings file for a tracker that reads eagerly and tells `outlet`.
fn config(folder: &Path, dev: &Dev, outlet: &str) -> PathBuf {
    let word = |name: &str| dev.announced[name].as_str().unwrap();
    let (url, username, password) = (word("url"), word("username"), word("password"));
    let state = folder.join("tracker.db");
    let text = format!(
        "service = \"{url}\"\nusername = \"{username}\"\npassword = \"{password}\"\nstate = \"{}\"\n\
         [outlet]\nurl = \"{outlet}\"\n\
         [tracker]\nreads_per_second = 200\nsettle_ms = 0\nlease_ms = 500\nread_timeout_ms = 1000\nservice = \"other\"\n\
         [tracker.pace]\nshortest_ms = 40\nguarding_ms = 40\nlongest_ms = 200\n",
        state.display()
    );
    let path = folder.join("track.toml");
    std::fs::write(&path, text).unwrap();
    path
}

async fn session(merchant: &Merchant, urls: &Value) -> String {
    let answer = merchant.page_session_for(&cart("ECOMMERCE"), &json!({}), urls).await;
    answer.word("session_id").to_string()
}

/// Makes sessions known to the tracker's file, by the batch: their record is behind the service's.
fn reconcile(folder: &Path, config: &Path, records: &[(String, &str)], expected_code: i32) -> Value {
    let lines: Vec<String> = records.iter().map(|(id, status)| format!("{id},{status}")).collect();
    let file = folder.join("records.csv");
    std::fs::write(&file, lines.join("\n")).unwrap();
    let mut command = kassa();
    command.args(["track", "reconcile", "--json", "--config", config.to_str().unwrap()]);
    let output = command.args(["--from", file.to_str().unwrap()]).output().unwrap();
    assert_eq!(output.status.code(), Some(expected_code), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_thirty_times_the_tracker_tells_each_change_once_and_in_order() {
    let (dev, folder, receiver) = (Dev::start(), TempDir::new().unwrap(), Receiver::start().await);
    let merchant = dev.merchant();
    let config = config(folder.path(), &dev, &receiver.url);
    let mut sessions = Vec::new();
    for _ in 0..6 {
        let id = session(&merchant, &json!({})).await;
        merchant.act(&id, "enter").await.expect(200);
        sessions.push(id);
    }
    let records: Vec<_> = sessions.iter().map(|id| (id.clone(), "WAITING")).collect();
    reconcile(folder.path(), &config, &records, 0);
    for life in 0..KILLS {
        let tracker = track(&config);
        for id in &sessions {
            merchant.act(id, if life % 2 == 0 { "decline" } else { "enter" }).await.expect(200);
        }
        // A moment that nobody chose, hence the sleep.
        tokio::time::sleep(Duration::from_millis(40 + life * 37 % 160)).await;
        drop(tracker);
    }
    for id in &sessions {
        merchant.act(id, "approve").await.expect(200);
    }
    let _last = track(&config);
    let received = all_completed(&receiver, &sessions).await;
    prove(&received, &sessions);
}

async fn all_completed(receiver: &Receiver, sessions: &[String]) -> Vec<Received> {
    for _ in 0..2_000 {
        let received = receiver.received();
        let is_completed =
            |id: &String| received.iter().any(|one| one.session_id == *id && status(one) == "COMPLETED");
        if sessions.iter().all(is_completed) {
            return received;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not every end was told: {:?}", receiver.received().len());
}

fn status(received: &Received) -> String {
    let body: Value = serde_json::from_slice(&received.body).unwrap();
    body["session"]["status"].as_str().unwrap().to_string()
}

/// Each session's numbers grow by one; what comes twice was the one in flight at a kill, and comes twice in a row.
fn prove(received: &[Received], sessions: &[String]) {
    let mut numbers: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    let mut names: BTreeMap<String, i64> = BTreeMap::new();
    for one in received {
        let body: Value = serde_json::from_slice(&one.body).unwrap();
        let sequence = body["sequence"].as_i64().unwrap();
        assert_eq!(*names.entry(one.event_id.clone()).or_insert(sequence), sequence);
        numbers.entry(&one.session_id).or_default().push(sequence);
    }
    for id in sessions {
        let own = &numbers[id.as_str()];
        for pair in own.windows(2) {
            assert!(pair[1] == pair[0] || pair[1] == pair[0] + 1, "{id}: {own:?}");
        }
        assert_eq!(own[0], 1);
    }
    println!("{} calls for {} changes, {KILLS} kills", received.len(), names.len());
}

#[tokio::test]
async fn a_batch_repairs_what_nobody_knew_and_names_what_was_told_before() {
    let (dev, folder) = (Dev::start(), TempDir::new().unwrap());
    let merchant = dev.merchant();
    let config = config(folder.path(), &dev, "http://127.0.0.1:1");
    let (open, ended) = (session(&merchant, &json!({})).await, session(&merchant, &json!({})).await);
    for act in ["enter", "approve"] {
        merchant.act(&ended, act).await.expect(200);
    }
    let records = [(open, "WAITING"), (ended.clone(), "IN_PROGRESS")];
    let report = reconcile(folder.path(), &config, &records, 0);
    assert_eq!((&report["in_step"], &report["repaired"]), (&json!(1), &json!(1)));
    let report = reconcile(folder.path(), &config, &records, 1);
    assert_eq!(report["mismatched"], 1);
    assert_eq!(report["findings"][0]["session_id"], ended);
    let report = reconcile(folder.path(), &config, &[("unknown".to_string(), "BACK")], 1);
    assert_eq!(report["unreadable"], 1);
}

#[tokio::test]
async fn the_listener_verifies_and_prints_what_kassa_sends() {
    let dev = Dev::start();
    let secret = dev.announced["callback_secret"].as_str().unwrap();
    let mut command = kassa();
    command.args(["listen", "--listen", "127.0.0.1:0", "--json", "--secret", secret]);
    let mut listening = Running(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(listening.0.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    let url = next()["url"].as_str().unwrap().to_string();
    let merchant = dev.merchant();
    let id = session(&merchant, &json!({ "status_update": format!("{url}/cb") })).await;
    merchant.act(&id, "enter").await.expect(200);
    let seen = next();
    assert_eq!(seen["session"]["status"], "IN_PROGRESS");
    assert_eq!((&seen["outcome"], &seen["answered"]), (&json!("new"), &json!(204)));
}

#[test]
fn a_listener_that_would_take_anything_is_wrong_usage() {
    let output = kassa().args(["listen", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("secret"));
}
