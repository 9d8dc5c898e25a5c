//! If the service is Kassa, the tracker learns every change from one long poll of the feed. For any other service it
//! uses only the vendor's wire.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Settings, Track, eventually, session};
use crate::harness::{Dev, Gate, Received, Receiver, RecordingProxy};

fn body(received: &Received) -> Value {
    serde_json::from_slice(&received.body).unwrap()
}

/// Status and source of each change of a session that the sink received, without repetitions.
fn delivered(receiver: &Receiver, session: &str) -> Vec<(String, String)> {
    let mut names = BTreeSet::new();
    let received = receiver.received().into_iter().filter(|one| one.session_id == session);
    let own = received.filter(|one| names.insert(one.event_id.clone()));
    let word = |value: &Value| value.as_str().unwrap().to_string();
    own.map(|one| (word(&body(&one)["session"]["status"]), word(&body(&one)["source"]))).collect()
}

async fn until_delivered(receiver: &Receiver, session: &str, count: usize) -> Vec<(String, String)> {
    let enough = async || Some(delivered(receiver, session)).filter(|changes| changes.len() >= count);
    eventually("the change", enough).await
}

async fn until_polling(tracker: &Track, is_polling: i64) {
    let as_expected = async || tracker.metric("kassa_track_feed_held").await == is_polling;
    eventually("the feed", as_expected).await;
}

fn by(source: &str, statuses: &[&str]) -> Vec<(String, String)> {
    statuses.iter().map(|status| ((*status).to_string(), source.to_string())).collect()
}

#[tokio::test]
async fn a_kassa_is_recognized_by_its_entity_tags_and_its_feed_replaces_reads() {
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let between = RecordingProxy::start(dev.url(), Gate::Open).await;
    let merchant = dev.merchant();
    let tracker = Settings::for_service(&between.url, &dev).telling(&receiver.url).reading_once().start();
    // The first read has an entity tag, so the service is Kassa.
    tracker.register(&session(&merchant, &json!({})).await).await;
    until_polling(&tracker, 1).await;
    let mut sessions = Vec::new();
    for _ in 0..20 {
        let id = session(&merchant, &json!({})).await;
        tracker.register(&id).await;
        sessions.push(id);
    }
    let reads = |id: &String| between.count(&format!("/hpp/v1/sessions/{id}"));
    let all_read = async || sessions.iter().all(|id| reads(id) == 1).then_some(());
    eventually("the read of each", all_read).await;
    for id in &sessions {
        for act in ["enter", "decline", "enter", "approve"] {
            merchant.act(id, act).await.expect(200);
        }
    }
    for id in &sessions {
        let changes = until_delivered(&receiver, id, 4).await;
        assert_eq!(changes, by("feed", &["IN_PROGRESS", "FAILED", "IN_PROGRESS", "COMPLETED"]));
    }
    assert!(sessions.iter().all(|id| reads(id) == 1), "no session was read again");
    println!(
        "{} calls of the feed returned {} changes",
        between.count("/kassa/v1/events"),
        sessions.len() * 4
    );
}

#[tokio::test]
async fn after_a_restart_the_feed_continues_at_its_cursor() {
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let between = RecordingProxy::start(dev.url(), Gate::Open).await;
    let merchant = dev.merchant();
    let settings = Settings::for_service(&between.url, &dev).telling(&receiver.url).reading_once();
    let id = session(&merchant, &json!({})).await;
    let first = settings.start();
    first.register(&id).await;
    until_polling(&first, 1).await;
    merchant.act(&id, "enter").await.expect(200);
    until_delivered(&receiver, &id, 1).await;
    drop(first);
    for act in ["decline", "enter", "back"] {
        merchant.act(&id, act).await.expect(200);
    }
    let _second = settings.start();
    // A read could show only the last of them.
    let changes = until_delivered(&receiver, &id, 4).await;
    assert_eq!(changes[1..], by("feed", &["FAILED", "IN_PROGRESS", "BACK"]));
    let asked: Vec<_> =
        between.passed().into_iter().filter(|call| call.path.starts_with("/kassa/")).collect();
    assert!(!asked[0].path.contains("after=") && asked.last().unwrap().path.contains("after="));
}

#[tokio::test]
async fn with_callbacks_the_feed_is_asked_only_for_unacknowledged_events() {
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let between = RecordingProxy::start(dev.url(), Gate::Open).await;
    let merchant = dev.merchant();
    let settings = Settings::for_service(&between.url, &dev).with_callbacks(&dev).telling(&receiver.url);
    let tracker = settings.reading_once().start();
    let id = session(&merchant, &json!({"status_update": tracker.callbacks})).await;
    tracker.register(&id).await;
    until_polling(&tracker, 1).await;
    for act in ["enter", "approve"] {
        merchant.act(&id, act).await.expect(200);
    }
    let statuses: Vec<_> =
        until_delivered(&receiver, &id, 2).await.into_iter().map(|(status, _)| status).collect();
    assert_eq!(
        statuses,
        ["IN_PROGRESS", "COMPLETED"],
        "each change is delivered once, from the faster of callback and feed"
    );
    let asked = between.passed().into_iter().filter(|call| call.path.starts_with("/kassa/"));
    assert!(asked.last().unwrap().path.contains("acknowledged=false"));
    let heard = async || tracker.view(&id).await["why"].as_str().unwrap_or_default().contains("callback");
    eventually("the callback", heard).await;
}

#[tokio::test]
async fn sessions_are_read_while_the_feed_fails() {
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let between = RecordingProxy::start(dev.url(), Gate::Open).await;
    let merchant = dev.merchant();
    let settings = Settings::for_service(&between.url, &dev).telling(&receiver.url);
    let tracker = settings.with("[tracker]\nservice = \"kassa\"\nfeed_wait_s = 1\nsettle_ms = 0").start();
    let id = session(&merchant, &json!({})).await;
    tracker.register(&id).await;
    until_polling(&tracker, 1).await;
    between.set(Gate::FeedFails);
    until_polling(&tracker, 0).await;
    merchant.act(&id, "enter").await.expect(200);
    assert_eq!(until_delivered(&receiver, &id, 1).await, by("read", &["IN_PROGRESS"]));
    between.set(Gate::Open);
    until_polling(&tracker, 1).await;
    merchant.act(&id, "approve").await.expect(200);
    assert_eq!(until_delivered(&receiver, &id, 2).await[1].0, "COMPLETED");
}

#[tokio::test]
async fn after_a_restart_without_the_feed_its_sessions_are_read() {
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let between = RecordingProxy::start(dev.url(), Gate::Open).await;
    let merchant = dev.merchant();
    let settings = Settings::for_service(&between.url, &dev).telling(&receiver.url).reading_once();
    let first = settings.start();
    let id = session(&merchant, &json!({})).await;
    first.register(&id).await;
    until_polling(&first, 1).await;
    let state = rusqlite::Connection::open(settings.folder.path().join("tracker.db")).unwrap();
    let is_left_to_the_feed = async || {
        let sql = "select coalesce(next_read_at - last_read_at, 0) from sessions";
        let pause_ms: i64 = state.query_row(sql, [], |row| row.get(0)).unwrap();
        (pause_ms > 2 * 3_600_000).then_some(())
    };
    eventually("the read after the registration", is_left_to_the_feed).await;
    drop(first);
    between.set(Gate::FeedFails);
    merchant.act(&id, "enter").await.expect(200);
    let _second = settings.start();
    assert_eq!(until_delivered(&receiver, &id, 1).await, by("read", &["IN_PROGRESS"]));
}

#[tokio::test]
async fn with_another_service_only_the_vendors_wire_is_used() {
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let between = RecordingProxy::start(dev.url(), Gate::WireOnly).await;
    let merchant = dev.merchant();
    let settings = Settings::for_service(&between.url, &dev).telling(&receiver.url);
    let tracker = settings.with("[tracker.pace]\nshortest_ms = 20\nexpecting_ms = 20").start();
    let id = session(&merchant, &json!({})).await;
    tracker.register(&id).await;
    for (count, act) in [(1, "enter"), (2, "approve")] {
        merchant.act(&id, act).await.expect(200);
        until_delivered(&receiver, &id, count).await;
    }
    assert_eq!(delivered(&receiver, &id), by("read", &["IN_PROGRESS", "COMPLETED"]));
    let passed = between.passed();
    assert!(passed.len() > 2);
    for call in passed {
        assert_eq!(call.path, format!("/hpp/v1/sessions/{id}"));
        assert!(!call.headers.contains_key("if-none-match") && !call.headers.contains_key("prefer"));
    }
}
