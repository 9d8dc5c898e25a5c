//! Two trackers share one database, and one of them is killed and restarted repeatedly. Each change is delivered in
//! order, with one id and sequence, and repeated only if it was in flight at a kill.

use std::time::Duration;

use kassa_testkit::let_time_pass;
use serde_json::json;

use super::killed_at_random::{prove, status};
use super::{Engine, Settings, eventually, on_each_engine, session};
use crate::harness::{Dev, Receiver};

on_each_engine!(with_one_of_two_trackers_killed_each_change_is_delivered_in_order);

const KILLS: u64 = 10;
const SESSIONS: usize = 6;

async fn with_one_of_two_trackers_killed_each_change_is_delivered_in_order(engine: Engine) {
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let merchant = dev.merchant();
    let settings = Settings::for_dev(&dev).on(engine).await.telling(&receiver.url).reading_eagerly();
    let survivor = settings.start();
    let mut sessions = Vec::new();
    for _ in 0..SESSIONS {
        let id = session(&merchant, &json!({})).await;
        survivor.register(&id).await;
        sessions.push(id);
    }
    for life in 0..KILLS {
        let victim = settings.start();
        for id in &sessions {
            merchant.act(id, if life % 2 == 0 { "enter" } else { "decline" }).await.expect(200);
        }
        // The sleep chooses a random moment for the kill.
        let_time_pass(Duration::from_millis(20 + life * 37 % 160)).await;
        drop(victim);
    }
    for act in ["enter", "approve"] {
        for id in &sessions {
            merchant.act(id, act).await.expect(200);
        }
    }
    let ends = eventually("every end", async || {
        let received = receiver.received();
        let is_told =
            |id: &String| received.iter().any(|one| one.session_id == *id && status(one) == "COMPLETED");
        sessions.iter().all(is_told).then_some(received)
    });
    prove(&ends.await, &sessions);
}
