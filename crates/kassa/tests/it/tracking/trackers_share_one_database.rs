//! Two trackers on one database, of which one is killed and started again, time after time: each change is told in order,
//! under one name and number, and again only where it was in flight at a kill.

use std::time::Duration;

use serde_json::json;

use super::killed_at_random::{prove, status};
use super::{Engine, Settings, eventually, on_each_engine, session};
use crate::harness::{Dev, Receiver};

on_each_engine!(with_one_of_two_killed_each_change_is_told_in_order);

const KILLS: u64 = 10;
const SESSIONS: usize = 6;

async fn with_one_of_two_killed_each_change_is_told_in_order(engine: Engine) {
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let merchant = dev.merchant();
    let settings = Settings::for_dev(&dev).on(engine).await.telling(&receiver.url).reading_eagerly();
    let lives_on = settings.start();
    let mut sessions = Vec::new();
    for _ in 0..SESSIONS {
        let id = session(&merchant, &json!({})).await;
        lives_on.register(&id).await;
        sessions.push(id);
    }
    for life in 0..KILLS {
        let dies = settings.start();
        for id in &sessions {
            merchant.act(id, if life % 2 == 0 { "enter" } else { "decline" }).await.expect(200);
        }
        // A moment that nobody chose, hence the sleep.
        tokio::time::sleep(Duration::from_millis(20 + life * 37 % 160)).await;
        drop(dies);
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
