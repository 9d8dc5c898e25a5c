//! A fraud check makes an order pending. It is accepted or rejected later, and the merchant is notified
//! (docs/wire.md#fraud-status).

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::cart_with;
use crate::harness::{Page, Receiver, World, journey};

const MINUTE: Duration = Duration::from_secs(60);

/// A pending order: its id, the answer that placed it, and the receiver of its notification.
struct Pending {
    order: String,
    placed: Value,
    session: String,
    receiver: Receiver,
}

/// The consumer with this tag pays on the page, and the merchant places the order.
async fn order_of(world: &World, tag: &str) -> Pending {
    let receiver = Receiver::start().await;
    let notification = format!("{}/notification?o={{order.id}}", receiver.url());
    let cart = cart_with(json!({"merchant_urls": {"notification": notification}}));
    let payment = world.merchant.post("/payments/v1/sessions", &cart).await;
    let payment = payment.json["session_id"].as_str().unwrap().to_string();
    let session = world.page_session_of(&payment, json!({})).await;
    let mut page = Page::open(world, &session).await;
    page.pay(&format!("customer+{tag}@email.se"), "123456").await;
    let read = world.merchant.read(&session).await;
    let token = read["authorization_token"].as_str().unwrap_or_else(|| panic!("{read}")).to_string();
    let placed = world.merchant.place(&token, &cart).await;
    assert_eq!(placed.status, 200, "{}", placed.text);
    let order = placed.json["order_id"].as_str().unwrap().to_string();
    Pending { order, placed: placed.json, session, receiver }
}

/// The order's fraud status and status, as Order Management shows them.
async fn statuses(world: &World, order: &str) -> String {
    let read = world.merchant.order_get(order, "").await.json;
    format!("{} {}", read["fraud_status"].as_str().unwrap(), read["status"].as_str().unwrap())
}

async fn capture(world: &World, order: &str) -> String {
    let captured = world.merchant.order_post(order, "/captures", &json!({"captured_amount": 22299})).await;
    if captured.status == 201 { "201".to_string() } else { captured.error() }
}

#[test]
fn a_pending_order_is_accepted_after_its_minutes_and_the_merchant_is_notified() {
    journey(async |world: Arc<World>| {
        let pending = order_of(&world, "pend-accept-5").await;
        assert_eq!(pending.placed["fraud_status"], "PENDING");
        world.clock.advance(5 * MINUTE - Duration::from_secs(3));
        assert_eq!(statuses(&world, &pending.order).await, "PENDING AUTHORIZED");
        let refused = r#"403 CAPTURE_NOT_ALLOWED ["Order is pending. Capture not possible."]"#;
        assert_eq!(capture(&world, &pending.order).await, refused);
        assert!(pending.receiver.received().is_empty(), "nothing is decided yet");
        world.clock.advance(Duration::from_secs(3));
        let call = pending.receiver.wait_for(1).await.remove(0);
        assert_eq!(call.uri, format!("/notification?o={}", pending.order));
        assert_eq!(call.json(), json!({"order_id": pending.order, "event_type": "FRAUD_RISK_ACCEPTED"}));
        assert_eq!(statuses(&world, &pending.order).await, "ACCEPTED AUTHORIZED");
        assert_eq!(capture(&world, &pending.order).await, "201");
    });
}

#[test]
fn a_rejected_order_is_cancelled() {
    journey(async |world: Arc<World>| {
        let pending = order_of(&world, "pend-reject-2").await;
        world.clock.advance(2 * MINUTE);
        let call = pending.receiver.wait_for(1).await.remove(0);
        assert_eq!(call.json()["event_type"], "FRAUD_RISK_REJECTED");
        assert_eq!(statuses(&world, &pending.order).await, "REJECTED CANCELLED");
        let refused = r#"403 CAPTURE_NOT_ALLOWED ["Order is cancelled. Capture not possible."]"#;
        assert_eq!(capture(&world, &pending.order).await, refused);
        let read = world.merchant.order_get(&pending.order, "").await.json;
        assert_eq!(read["remaining_authorized_amount"], 0);
    });
}

#[test]
fn an_advance_of_the_merchants_own_clock_fires_the_notification() {
    journey(async |world: Arc<World>| {
        let pending = order_of(&world, "pend-accept-30").await;
        let advanced = world.merchant.post("/lab/v1/clock/advance", &json!({"by": "PT29M"})).await;
        assert_eq!(
            (statuses(&world, &pending.order).await.as_str(), &advanced.json["fired"]),
            ("PENDING AUTHORIZED", &json!([]))
        );
        let advanced = world.merchant.post("/lab/v1/clock/advance", &json!({"by": "PT1M"})).await;
        let fired = &advanced.json["fired"][0];
        assert_eq!(
            (&fired["callback"], &fired["answer_status"], &fired["sequence"]),
            (&json!("notification"), &json!(200), &json!(0)),
            "{}",
            advanced.text
        );
        assert_eq!(pending.receiver.received().len(), 1);
        assert_eq!(statuses(&world, &pending.order).await, "ACCEPTED AUTHORIZED");
    });
}

#[test]
fn the_lab_decides_at_once_and_only_once() {
    journey(async |world: Arc<World>| {
        let pending = order_of(&world, "pend-accept-600").await;
        let path = |verdict: &str| format!("/lab/v1/orders/{}/{verdict}", pending.order);
        let strange = world.stranger.post(&path("reject"), &json!({})).await;
        assert_eq!(strange.status, 404);
        let decided = world.merchant.post(&path("reject"), &json!({})).await;
        assert_eq!(
            decided.json,
            json!({"order_id": pending.order, "fraud_status": "REJECTED"}),
            "{}",
            decided.text
        );
        let call = pending.receiver.wait_for(1).await.remove(0);
        assert_eq!(call.json(), json!({"order_id": pending.order, "event_type": "FRAUD_RISK_REJECTED"}));
        assert_eq!(statuses(&world, &pending.order).await, "REJECTED CANCELLED");
        let again = world.merchant.post(&path("accept"), &json!({})).await;
        let conflict = format!(r#"409 CONFLICT ["Order {} is not pending"]"#, pending.order);
        assert_eq!(again.error(), conflict);
        assert_eq!(world.merchant.post(&path("ponder"), &json!({})).await.status, 404);
        assert_eq!(world.merchant.post("/lab/v1/orders/unknown/accept", &json!({})).await.status, 404);
        // The advance ends every lease, and a notification without a record would be repeated.
        let is_recorded = |history: &Value| history["payments_callbacks"][0]["callback"] == "DELIVERED";
        world.history_when(&pending.session, "the record of the notification", is_recorded).await;
        world.clock.advance(700 * MINUTE);
        assert_eq!(statuses(&world, &pending.order).await, "REJECTED CANCELLED");
        let history =
            world.merchant.get(&format!("/kassa/v1/sessions/{}/events", pending.session)).await.json;
        assert_eq!(history["payments_callbacks"].as_array().unwrap().len(), 1);
        assert_eq!(pending.receiver.received().len(), 1);
    });
}

#[test]
fn an_order_of_the_page_is_not_captured_while_it_is_pending() {
    journey(async |world: Arc<World>| {
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        let session = world.page_session_of(&payment, json!({"place_order_mode": "CAPTURE_ORDER"})).await;
        world.merchant.act(&session, "enter").await;
        let path = format!("/lab/v1/sessions/{session}/approve");
        let declined = world.merchant.post(&path, &json!({"email": "customer+denied@email.se"})).await;
        assert_eq!(declined.status, 400, "{}", declined.text);
        let email = "customer+pend-accept-1@email.se";
        let approved = world.merchant.post(&path, &json!({ "email": email })).await;
        let order = approved.json["order_id"].as_str().unwrap_or_else(|| panic!("{}", approved.text));
        assert_eq!(statuses(&world, order).await, "PENDING AUTHORIZED");
        world.clock.advance(MINUTE);
        assert_eq!(statuses(&world, order).await, "ACCEPTED AUTHORIZED", "without a URL, nobody is notified");
        assert_eq!(capture(&world, order).await, "201");
    });
}

#[test]
fn the_address_of_the_merchants_cart_counts_if_the_consumer_entered_none() {
    journey(async |world: Arc<World>| {
        let address = json!({"billing_address": {"email": "customer+pend-reject-1@email.se"}});
        let cart = cart_with(address);
        let (_, token) = world.authorized_with(&cart).await;
        let placed = world.merchant.place(&token, &cart).await;
        assert_eq!(placed.json["fraud_status"], "PENDING", "{}", placed.text);
        world.clock.advance(MINUTE);
        let again = world.merchant.place(&token, &cart).await;
        assert_eq!(again.json["fraud_status"], "REJECTED", "a repeated call shows how the order stands");
    });
}
