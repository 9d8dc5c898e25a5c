//! Kills the tracker thirty times at random. Each change is delivered in order, and repeated only if it was in flight.

use std::collections::BTreeMap;
use std::time::Duration;

use kassa_testkit::let_time_pass;
use serde_json::{Value, json};

use super::{Engine, Settings, eventually, on_each_engine, session};
use crate::harness::{Dev, Received, Receiver};

/// The number of kills.
const KILLS: u64 = 30;

on_each_engine!(through_thirty_kills_each_change_is_delivered_in_order);

async fn through_thirty_kills_each_change_is_delivered_in_order(engine: Engine) {
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let merchant = dev.merchant();
    let settings = Settings::for_dev(&dev).on(engine).await.telling(&receiver.url).reading_eagerly();
    let first = settings.start();
    let mut sessions = Vec::new();
    for _ in 0..6 {
        let id = session(&merchant, &json!({})).await;
        merchant.act(&id, "enter").await.expect(200);
        first.register(&id).await;
        sessions.push(id);
    }
    drop(first);
    for life in 0..KILLS {
        let tracker = settings.start();
        for id in &sessions {
            merchant.act(id, if life % 2 == 0 { "decline" } else { "enter" }).await.expect(200);
        }
        // The sleep chooses a random moment for the kill.
        let_time_pass(Duration::from_millis(40 + life * 37 % 160)).await;
        drop(tracker);
    }
    for id in &sessions {
        merchant.act(id, "approve").await.expect(200);
    }
    let _last = settings.start();
    let received = eventually("every end", async || {
        let received = receiver.received();
        let is_told =
            |id: &String| received.iter().any(|one| one.session_id == *id && status(one) == "COMPLETED");
        sessions.iter().all(is_told).then_some(received)
    });
    prove(&received.await, &sessions);
}

pub(super) fn status(received: &Received) -> String {
    let body: Value = serde_json::from_slice(&received.body).unwrap();
    body["session"]["status"].as_str().unwrap().to_string()
}

/// Asserts that the sequence of each session grows by one, and that only a change in flight at a kill was repeated.
pub(super) fn prove(received: &[Received], sessions: &[String]) {
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
    println!("{} calls for {} changes", received.len(), names.len());
}
