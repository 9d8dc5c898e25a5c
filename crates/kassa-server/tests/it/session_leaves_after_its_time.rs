//! Retention deletes a page session when its time is over, and keeps its order.

use std::time::Duration;

use kassa_testkit::eventually;
use serde_json::json;

use crate::harness::{World, cart, journey};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The maximum number of hours that a test may advance. More hours could reach another retention time.
const HOURS: usize = 2_000;

/// Moves the clock hour by hour, so that retention runs again and again, until `is_so`.
async fn until(world: &World, is_so: impl AsyncFn() -> bool) {
    let mut hours = 0;
    eventually("the end of retention", async || {
        if hours < HOURS {
            hours += 1;
            world.clock.advance(Duration::from_secs(3600));
        }
        is_so().await
    })
    .await;
}

#[test]
fn expired_sessions_are_deleted_and_their_orders_are_kept() {
    journey(|world| async move {
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        let paid = world.merchant.act(&session, "approve").await;
        let token = paid.json["authorization_token"].as_str().unwrap();
        let path = format!("/payments/v1/authorizations/{token}/order");
        let mut order = cart("ECOMMERCE");
        order.as_object_mut().unwrap().remove("acquiring_channel");
        let placed = world.merchant.post(&path, &order).await;
        assert_eq!(placed.status, 200, "{}", placed.text);
        let order = format!("/ordermanagement/v1/orders/{}", placed.json["order_id"].as_str().unwrap());
        let history = format!("/kassa/v1/sessions/{session}/events");
        let is_told = || async {
            let events = world.merchant.get(&history).await.json["events"].clone();
            events.as_array().unwrap().iter().all(|event| event["callback"] == "DELIVERED")
        };
        until(&world, is_told).await;

        world.clock.advance(80 * DAY);
        assert_eq!(world.merchant.get(&history).await.status, 200, "its time is not over");
        world.clock.advance(20 * DAY);
        until(&world, || async { world.merchant.get(&history).await.status == 404 }).await;
        assert_eq!(world.merchant.get(&order).await.status, 200, "money may still move on it");
        let metrics = world.merchant.get("/metrics").await.text;
        assert!(metrics.contains("kassa_sessions_removed_total 1\n"), "{metrics}");
    });
}

#[test]
fn retention_uses_the_merchants_own_clock() {
    journey(|world| async move {
        let now = json!({"now": "2020-01-01T00:00:00Z", "frozen": true});
        assert_eq!(world.stranger.put("/lab/v1/clock", &now).await.status, 200);
        let payment = world.stranger.payment_session("ECOMMERCE").await;
        let old = world.page_session().await;
        world.clock.advance(100 * DAY);
        let history = format!("/kassa/v1/sessions/{old}/events");
        until(&world, || async { world.merchant.get(&history).await.status == 404 }).await;
        let kept = world.stranger.get(&format!("/payments/v1/sessions/{payment}")).await;
        assert_eq!(kept.status, 200, "{}", kept.text);
    });
}

#[test]
fn messages_requests_and_answers_are_deleted_before_their_page_session() {
    journey(|world| async move {
        let session = world.page_session().await;
        let body = json!({"contact_information": {"email": "ada@example.se"}, "method": "email",
            "template": "INSTORE_PURCHASE"});
        let sent = world.merchant.post(&format!("/hpp/v1/sessions/{session}/distribution"), &body).await;
        assert!(sent.status < 300, "{}", sent.text);
        world.merchant.act(&session, "enter").await;
        world.merchant.act(&session, "cancel").await;
        let path = format!("/kassa/v1/sessions/{session}/events");
        let history = async || world.merchant.get(&path).await.json;
        let attempts = |history: &serde_json::Value| -> Vec<serde_json::Value> {
            let events = history["events"].as_array().unwrap().iter();
            events.flat_map(|event| event["attempts"].as_array().cloned().unwrap_or_default()).collect()
        };
        let are_answered = |history: &serde_json::Value| {
            attempts(history).iter().filter(|one| one["status"] == 200).count() == 2
        };
        world.history_when(&session, "two answered callbacks", are_answered).await;
        let inbox = async || world.merchant.get("/lab/v1/inbox").await.text;
        assert!(inbox().await.contains("ada@example.se"));
        let before = history().await;
        assert!(before.to_string().contains("/distribution"), "{before}");

        world.clock.advance(29 * DAY);
        until_retention_ran(&world).await;
        assert!(inbox().await.contains("ada@example.se"), "its time is not over");
        world.clock.advance(2 * DAY);
        until(&world, async || !inbox().await.contains("ada@example.se")).await;
        until(&world, async || !history().await.to_string().contains("/distribution")).await;
        until(&world, async || {
            attempts(&history().await).iter().all(|attempt| attempt["answer_headers"].is_null())
        })
        .await;
        let after = history().await;
        assert_eq!(attempts(&after).len(), 2, "the attempts stay");
        assert_eq!(after["events"].as_array().unwrap().len(), 2);
        let metrics = world.merchant.get("/metrics").await.text;
        assert!(metrics.contains("kassa_retention_removed_total{class=\"messages\"} 1\n"), "{metrics}");
    });
}

/// Waits until retention ran once more, by the time of its last whole run.
async fn until_retention_ran(world: &World) {
    let completed = async || {
        let metrics = world.merchant.get("/metrics").await.text;
        let line = metrics
            .lines()
            .find_map(|line| line.strip_prefix("kassa_retention_completed_timestamp_seconds "));
        line.unwrap().parse::<i64>().unwrap()
    };
    let before = completed().await;
    until(world, async || completed().await > before).await;
}
