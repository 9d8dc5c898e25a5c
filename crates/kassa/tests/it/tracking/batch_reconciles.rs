//! The batch: what the merchant has on record, held against the service.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Settings, session};
use crate::harness::{Dev, Merchant};

/// Writes records as lines of `session_id,status`; answers with the file's path.
fn records(settings: &Settings, records: &[(&str, &str)]) -> String {
    let lines: Vec<String> = records.iter().map(|(id, status)| format!("{id},{status}")).collect();
    let file = settings.folder.path().join("records.csv");
    std::fs::write(&file, lines.join("\n")).unwrap();
    file.to_str().unwrap().to_string()
}

async fn paid(merchant: &Merchant) -> String {
    let id = session(merchant, &json!({})).await;
    for act in ["enter", "approve"] {
        merchant.act(&id, act).await.expect(200);
    }
    id
}

#[tokio::test]
async fn a_batch_repairs_what_nobody_knew_and_names_what_was_told_before() {
    let dev = Dev::start();
    let merchant = dev.merchant();
    let settings = Settings::for_dev(&dev).with("[outlet]\njson = true");
    let (open, ended) = (session(&merchant, &json!({})).await, paid(&merchant).await);
    let file = records(&settings, &[(&open, "WAITING"), (&ended, "IN_PROGRESS")]);
    let (code, report) = settings.reconcile(&["--from", &file]);
    assert_eq!((code, &report["in_step"], &report["repaired"]), (Some(0), &json!(1), &json!(1)));
    assert_eq!(report["findings"][0]["session_id"], ended);
    // Nobody has taken it from the outlet yet.
    let (code, report) = settings.reconcile(&["--from", &file]);
    assert_eq!((code, &report["on_its_way"]), (Some(0), &json!(1)));

    let mut tracker = settings.start();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut tracker.lines, &mut line).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["session"]["session_id"], ended);
    while tracker.metric("kassa_track_unacknowledged_changes").await > 0 {}
    let (code, report) = settings.reconcile(&["--from", &file]);
    assert_eq!((code, &report["mismatched"]), (Some(1), &json!(1)));
    let why = report["findings"][0]["why"].as_str().unwrap();
    assert!(
        why.contains("the service says COMPLETED") && why.ends_with("the outlet acknowledged that"),
        "{why}"
    );
}

#[tokio::test]
async fn what_the_service_does_not_know_and_what_is_behind_it_is_a_mismatch() {
    let dev = Dev::start();
    let settings = Settings::for_dev(&dev);
    let open = session(&dev.merchant(), &json!({})).await;
    let file = records(&settings, &[("unknown", "BACK"), ("unknown-too", "COMPLETED"), (&open, "FAILED")]);
    let (code, report) = settings.reconcile(&["--from", &file]);
    assert_eq!((code, &report["mismatched"], &report["in_step"]), (Some(1), &json!(2), &json!(1)));
    let (code, complaint) = settings.reconcile(&["--from", "missing.csv"]);
    assert_eq!(code, Some(2), "{complaint}");
}

#[tokio::test]
async fn records_come_from_a_query_of_the_merchant_s_own_database() {
    let dev = Dev::start();
    let settings = Settings::for_dev(&dev);
    let ended = paid(&dev.merchant()).await;
    let database = settings.folder.path().join("shop.db");
    let shop = rusqlite::Connection::open(&database).unwrap();
    shop.execute_batch("create table purchase (page text, state text)").unwrap();
    shop.execute("insert into purchase values (?1, 'IN_PROGRESS')", [&ended]).unwrap();
    let database = database.to_str().unwrap();
    let query = "select page, state from purchase where state <> 'COMPLETED'";
    let (code, report) = settings.reconcile(&["--database", database, "--from", query]);
    assert_eq!((code, &report["repaired"]), (Some(0), &json!(1)));
    for wrong in ["select page from purchase", "delete from purchase returning page, state", "select"] {
        let (code, complaint) = settings.reconcile(&["--database", database, "--from", wrong]);
        assert_eq!(code, Some(2), "{wrong}: {complaint}");
    }
    assert_eq!(shop.query_row("select count(*) from purchase", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_batches_at_once_and_a_tracker_beside_them_tell_each_change_once() {
    let dev = Dev::start();
    let merchant = dev.merchant();
    let settings = Settings::for_dev(&dev).with("[outlet]\njson = true\n[tracker]\nreads_per_second = 500");
    let mut sessions = BTreeSet::new();
    for _ in 0..40 {
        sessions.insert(paid(&merchant).await);
    }
    let on_record: Vec<_> = sessions.iter().map(|id| (id.as_str(), "IN_PROGRESS")).collect();
    let file = records(&settings, &on_record);
    let tracker = settings.start();
    let batch = || settings.reconcile(&["--from", &file]).1;
    let (one, other) = std::thread::scope(|threads| {
        let (one, other) = (threads.spawn(batch), threads.spawn(batch));
        (one.join().unwrap(), other.join().unwrap())
    });
    let count = |report: &Value, name: &str| report[name].as_i64().unwrap();
    assert_eq!(count(&one, "repaired") + count(&other, "repaired"), 40, "{one} {other}");
    let told = std::io::BufRead::lines(tracker.lines).take(40).map(|line| {
        let told: Value = serde_json::from_str(&line.unwrap()).unwrap();
        told["session"]["session_id"].as_str().unwrap().to_string()
    });
    assert_eq!(told.collect::<BTreeSet<_>>(), sessions);
}
