//! Where the service is Kassa, one held call of the feed tells what happens to every session; where it is not, nothing
//! but the vendor's wire is used.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Settings, Track, eventually, session};
use crate::harness::{Between, Dev, Gate, Received, Receiver};

fn body(received: &Received) -> Value {
    serde_json::from_slice(&received.body).unwrap()
}

/// Status and source of each change that was told of a session, be it twice.
fn told(receiver: &Receiver, session: &str) -> Vec<(String, String)> {
    let mut names = BTreeSet::new();
    let received = receiver.received().into_iter().filter(|one| one.session_id == session);
    let own = received.filter(|one| names.insert(one.event_id.clone()));
    let word = |value: &Value| value.as_str().unwrap().to_string();
    own.map(|one| (word(&body(&one)["session"]["status"]), word(&body(&one)["source"]))).collect()
}

async fn until_told(receiver: &Receiver, session: &str, count: usize) -> Vec<(String, String)> {
    let enough = async || Some(told(receiver, session)).filter(|told| told.len() >= count);
    eventually("the change", enough).await
}

async fn until_held(tracker: &Track, is_held: i64) {
    let held = async || (tracker.metric("kassa_track_feed_held").await == is_held).then_some(());
    eventually("the feed", held).await;
}

fn by(source: &str, statuses: &[&str]) -> Vec<(String, String)> {
    statuses.iter().map(|status| ((*status).to_string(), source.to_string())).collect()
}

#[tokio::test]
async fn a_kassa_is_found_out_by_its_tags_and_its_feed_tells_every_change_without_a_read() {
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let between = Between::start(dev.url(), Gate::Open).await;
    let merchant = dev.merchant();
    let tracker = Settings::for_service(&between.url, &dev).telling(&receiver.url).reading_once().start();
    // The read of the first one shows that this is Kassa.
    tracker.register(&session(&merchant, &json!({})).await).await;
    until_held(&tracker, 1).await;
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
        let told = until_told(&receiver, id, 4).await;
        assert_eq!(told, by("feed", &["IN_PROGRESS", "FAILED", "IN_PROGRESS", "COMPLETED"]));
    }
    assert!(sessions.iter().all(|id| reads(id) == 1), "no session was read again");
    println!("{} calls of the feed told {} changes", between.count("/kassa/v1/events"), sessions.len() * 4);
}

#[tokio::test]
async fn the_feed_goes_on_behind_its_cursor_in_the_next_life() {
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let between = Between::start(dev.url(), Gate::Open).await;
    let merchant = dev.merchant();
    let settings = Settings::for_service(&between.url, &dev).telling(&receiver.url).reading_once();
    let id = session(&merchant, &json!({})).await;
    let first = settings.start();
    first.register(&id).await;
    until_held(&first, 1).await;
    merchant.act(&id, "enter").await.expect(200);
    until_told(&receiver, &id, 1).await;
    drop(first);
    for act in ["decline", "enter", "back"] {
        merchant.act(&id, act).await.expect(200);
    }
    let _second = settings.start();
    // A read could show the last of them alone.
    let told = until_told(&receiver, &id, 4).await;
    assert_eq!(told[1..], by("feed", &["FAILED", "IN_PROGRESS", "BACK"]));
    let asked: Vec<_> =
        between.passed().into_iter().filter(|call| call.path.starts_with("/kassa/")).collect();
    assert!(!asked[0].path.contains("after=") && asked.last().unwrap().path.contains("after="));
}

#[tokio::test]
async fn what_was_acknowledged_here_is_not_asked_for_again() {
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let between = Between::start(dev.url(), Gate::Open).await;
    let merchant = dev.merchant();
    let settings = Settings::for_service(&between.url, &dev).with_callbacks(&dev).telling(&receiver.url);
    let tracker = settings.reading_once().start();
    let id = session(&merchant, &json!({"status_update": tracker.callbacks})).await;
    tracker.register(&id).await;
    until_held(&tracker, 1).await;
    for act in ["enter", "approve"] {
        merchant.act(&id, act).await.expect(200);
    }
    let told: Vec<_> = until_told(&receiver, &id, 2).await.into_iter().map(|(status, _)| status).collect();
    assert_eq!(told, ["IN_PROGRESS", "COMPLETED"], "whichever way was faster, each is told once");
    let asked = between.passed().into_iter().filter(|call| call.path.starts_with("/kassa/"));
    assert!(asked.last().unwrap().path.contains("acknowledged=false"));
    let heard = async || (tracker.view(&id).await["why"].as_str()?.contains("callback")).then_some(());
    eventually("the callback", heard).await;
}

#[tokio::test]
async fn a_lost_feed_is_read_around_until_it_is_back() {
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let between = Between::start(dev.url(), Gate::Open).await;
    let merchant = dev.merchant();
    let settings = Settings::for_service(&between.url, &dev).telling(&receiver.url);
    let tracker = settings.with("[tracker]\nservice = \"kassa\"\nfeed_wait_s = 1\nsettle_ms = 0").start();
    let id = session(&merchant, &json!({})).await;
    tracker.register(&id).await;
    until_held(&tracker, 1).await;
    between.set(Gate::FeedFails);
    until_held(&tracker, 0).await;
    merchant.act(&id, "enter").await.expect(200);
    assert_eq!(until_told(&receiver, &id, 1).await, by("read", &["IN_PROGRESS"]));
    between.set(Gate::Open);
    until_held(&tracker, 1).await;
    merchant.act(&id, "approve").await.expect(200);
    assert_eq!(until_told(&receiver, &id, 2).await[1].0, "COMPLETED");
}

#[tokio::test]
async fn what_one_life_left_to_the_feed_the_next_reads_where_the_feed_is_gone() {
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let between = Between::start(dev.url(), Gate::Open).await;
    let merchant = dev.merchant();
    let settings = Settings::for_service(&between.url, &dev).telling(&receiver.url).reading_once();
    let first = settings.start();
    let id = session(&merchant, &json!({})).await;
    first.register(&id).await;
    until_held(&first, 1).await;
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
    assert_eq!(until_told(&receiver, &id, 1).await, by("read", &["IN_PROGRESS"]));
}

#[tokio::test]
async fn against_the_vendor_s_service_nothing_but_the_vendor_s_wire_is_used() {
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let between = Between::start(dev.url(), Gate::WireOnly).await;
    let merchant = dev.merchant();
    let settings = Settings::for_service(&between.url, &dev).telling(&receiver.url);
    let tracker = settings.with("[tracker.pace]\nshortest_ms = 20\nexpecting_ms = 20").start();
    let id = session(&merchant, &json!({})).await;
    tracker.register(&id).await;
    for (count, act) in [(1, "enter"), (2, "approve")] {
        merchant.act(&id, act).await.expect(200);
        until_told(&receiver, &id, count).await;
    }
    assert_eq!(told(&receiver, &id), by("read", &["IN_PROGRESS", "COMPLETED"]));
    let passed = between.passed();
    assert!(passed.len() > 2);
    for call in passed {
        assert_eq!(call.path, format!("/hpp/v1/sessions/{id}"));
        assert!(!call.headers.contains_key("if-none-match") && !call.headers.contains_key("prefer"));
    }
}
