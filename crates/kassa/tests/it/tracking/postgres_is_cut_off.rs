//! Cuts the tracker's connections to PostgreSQL under load. Acknowledged callbacks are delivered, others are answered with
//! 503, and the tracker recovers by itself.

use std::time::Duration;

use serde_json::json;

use super::load::{Load, Table};
use super::relay::Relay;
use super::{Engine, Settings, eventually, session};
use crate::harness::{Dev, Receiver};

const CALLBACKS: usize = 600;
const CUTS: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_callback_is_lost_when_database_connections_are_cut() {
    let Some(relay) = Relay::start().await else { return };
    let (dev, table) = (Dev::start(), Table::on(Engine::Postgres).await);
    let tracker = Settings::for_service("http://127.0.0.1:1", &dev)
        .keeping_state_in(&relay.url)
        .with_callbacks(&dev)
        .with(&format!("[sink]\ntable = \"{}\"", table.place()))
        .with("[tracker]\nsettle_ms = 0\nlease_ms = 2000\n[tracker.pace]\nguarding_ms = 3600000")
        .start();
    let load = Load::new(CALLBACKS, &dev, &tracker.callbacks);
    let senders = load.begin();
    for cut in 1..=CUTS {
        load.until(cut, CUTS + 2).await;
        // An acknowledgement follows a commit. The sleep chooses a random moment after it for the cut.
        tokio::time::sleep(Duration::from_millis(cut as u64 * 7 % 40)).await;
        relay.cut();
    }
    load.until(CUTS + 1, CUTS + 2).await;
    relay.close();
    let seen = load.refused();
    eventually("a refusal", async || (load.refused() > seen).then_some(())).await;
    relay.open();
    senders.join_all().await;
    load.prove(&table).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_during_a_database_outage_are_delivered_after_it() {
    let Some(relay) = Relay::start().await else { return };
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let settings = Settings::for_dev(&dev).keeping_state_in(&relay.url).telling(&receiver.url);
    let tracker = settings.reading_eagerly().start();
    let merchant = dev.merchant();
    let id = session(&merchant, &json!({})).await;
    tracker.register(&id).await;
    relay.close();
    let is_out = async || (tracker.private.get("/metrics").await.status == 503).then_some(());
    eventually("the outage", is_out).await;
    let refused = tracker.private.post("/sessions", &json!({"session_id": "another"})).await.expect(503);
    assert!(refused.word("error").starts_with("the database is unavailable: "), "{}", refused.text);
    for act in ["enter", "approve"] {
        merchant.act(&id, act).await.expect(200);
    }
    relay.open();
    let arrived = async || receiver.received().iter().any(|one| one.session_id == id).then_some(());
    eventually("the change", arrived).await;
    assert_eq!(tracker.view(&id).await["status"], "COMPLETED");
}
