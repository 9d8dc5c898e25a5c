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
