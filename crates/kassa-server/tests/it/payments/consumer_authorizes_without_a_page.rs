//! A consumer authorizes a payment session in the merchant's own shop, without a page session
//! (docs/lab.md#payment-sessions).

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::cart_with;
use crate::harness::{Merchant, Receiver, Reply, World, cart, journey};

async fn payment_session(world: &World, cart: &Value) -> String {
    let answer = world.merchant.post("/payments/v1/sessions", cart).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["session_id"].as_str().unwrap().to_string()
}

async fn approve(merchant: &Merchant, payment: &str, details: Value) -> String {
    let answer = merchant.post(&format!("/lab/v1/payment-sessions/{payment}/approve"), &details).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["authorization_token"].as_str().unwrap().to_string()
}

async fn read(world: &World, payment: &str) -> Value {
    world.merchant.get(&format!("/payments/v1/sessions/{payment}")).await.json
}

/// A payment session whose own URLs lead to a receiver.
async fn called_back(world: &World) -> (Receiver, Value, String) {
    let receiver = Receiver::start().await;
    let url = |name: &str| format!("{}/{name}?s={{session.id}}", receiver.url());
    let urls = json!({
        "authorization": url("authorization"), "push": url("push"), "notification": url("notification"),
    });
    let cart = cart_with(json!({ "merchant_urls": urls }));
    let payment = payment_session(world, &cart).await;
    (receiver, cart, payment)
}

#[test]
fn the_token_is_read_announced_and_becomes_an_order() {
    journey(async |world: Arc<World>| {
        let (receiver, cart, payment) = called_back(&world).await;
        let token = approve(&world.merchant, &payment, json!({})).await;
        assert_eq!(read(&world, &payment).await["authorization_token"], token);
        let call = receiver.wait_for(1).await.remove(0);
        assert_eq!(call.uri, format!("/authorization?s={payment}"));
        assert_eq!(call.json(), json!({"authorization_token": token, "session_id": payment}));
        let placed = world.merchant.place(&token, &cart).await;
        assert_eq!(placed.status, 200, "{}", placed.text);
        let push = receiver.wait_for(2).await.remove(1);
        assert_eq!(push.json(), json!({"order_id": placed.json["order_id"]}));
        assert_eq!(read(&world, &payment).await["status"], "complete");
        let again = format!("/lab/v1/payment-sessions/{payment}/approve");
        assert_eq!(world.merchant.post(&again, &json!({})).await.status, 409, "it is complete");
    });
}

#[test]
fn each_authorization_is_announced_and_only_the_newest_token_orders() {
    journey(async |world: Arc<World>| {
        let (receiver, cart, payment) = called_back(&world).await;
        let older = approve(&world.merchant, &payment, json!({})).await;
        let newer = approve(&world.merchant, &payment, json!({"payment_method_category": "pay_now"})).await;
        assert_ne!(older, newer);
        let calls = receiver.wait_for(2).await;
        let mut tokens: Vec<_> =
            calls.iter().map(|call| call.json()["authorization_token"].clone()).collect();
        tokens.sort_by_key(ToString::to_string);
        assert_eq!(tokens, [json!(older), json!(newer)], "ids are ordered by time");
        assert_eq!(world.merchant.place(&older, &cart).await.status, 404);
        let placed = world.merchant.place(&newer, &cart).await;
        assert_eq!(placed.json["authorized_payment_method"]["type"], "card");
    });
}

#[test]
fn a_changed_cart_drops_the_token() {
    journey(async |world: Arc<World>| {
        let payment = payment_session(&world, &cart("ECOMMERCE")).await;
        let token = approve(&world.merchant, &payment, json!({})).await;
        let mut dearer = cart("ECOMMERCE");
        dearer["order_lines"][0]["name"] = json!("Other shoe");
        let updated = world.merchant.post(&format!("/payments/v1/sessions/{payment}"), &dearer).await;
        assert_eq!(updated.status, 204, "{}", updated.text);
        assert_eq!(read(&world, &payment).await.get("authorization_token"), None);
        assert_eq!(world.merchant.place(&token, &dearer).await.status, 404);
    });
}

#[test]
fn an_undelivered_announcement_is_repeated_by_the_schedule() {
    journey(async |world: Arc<World>| {
        let (receiver, _, payment) = called_back(&world).await;
        receiver.will_reply(&[Reply::Status(500), Reply::Status(500)]);
        approve(&world.merchant, &payment, json!({})).await;
        let attempts = async |count: usize| {
            let path = format!("/lab/v1/journal?wait=20&count={count}&kind=callback&session={payment}");
            world.merchant.get(&path).await.json["matching"].clone()
        };
        assert_eq!(attempts(1).await, 1);
        let advanced = world.merchant.post("/lab/v1/clock/advance", &json!({"by": "PT3S"})).await;
        let fired = advanced.json["fired"].as_array().unwrap().clone();
        assert_eq!(fired.len(), 2, "{}", advanced.text);
        assert!(fired.iter().all(|one| one["session_id"] == payment.as_str()));
        assert_eq!(receiver.received().len(), 3);
    });
}

#[test]
fn a_pending_order_is_notified() {
    journey(async |world: Arc<World>| {
        let (receiver, cart, payment) = called_back(&world).await;
        let email = json!({"email": "customer+pend-accept-5@email.se"});
        let token = approve(&world.merchant, &payment, email).await;
        let placed = world.merchant.place(&token, &cart).await;
        assert_eq!(placed.json["fraud_status"], "PENDING");
        receiver.wait_for(2).await;
        let order = placed.json["order_id"].as_str().unwrap();
        let ended = world.merchant.post(&format!("/lab/v1/orders/{order}/accept"), &json!({})).await;
        assert_eq!(ended.status, 200, "{}", ended.text);
        let call = receiver.wait_for(3).await.remove(2);
        assert_eq!(call.json(), json!({"order_id": order, "event_type": "FRAUD_RISK_ACCEPTED"}));
    });
}

#[test]
fn a_decline_authorizes_nothing() {
    journey(async |world: Arc<World>| {
        let payment = payment_session(&world, &cart("ECOMMERCE")).await;
        let path = format!("/lab/v1/payment-sessions/{payment}/decline");
        let declined = world.merchant.post(&path, &json!({})).await;
        assert_eq!((declined.status, declined.json), (200, json!({"authorization_token": null})));
        let read = read(&world, &payment).await;
        assert_eq!((read.get("authorization_token"), &read["status"]), (None, &json!("incomplete")));
    });
}

#[test]
fn wrong_calls_are_refused() {
    journey(async |world: Arc<World>| {
        let payment = payment_session(&world, &cart("ECOMMERCE")).await;
        let path = |act: &str| format!("/lab/v1/payment-sessions/{payment}/{act}");
        assert_eq!(world.stranger.post(&path("approve"), &json!({})).await.status, 404);
        assert_eq!(world.merchant.post(&path("dance"), &json!({})).await.status, 404);
        for (body, field) in [
            (json!({"email": "customer+denied@email.se"}), "email"),
            (json!({"payment_method_category": "barter"}), "payment_method_category"),
            (json!({"reason": "?"}), "reason"),
        ] {
            let refused = world.merchant.post(&path("approve"), &body).await;
            assert_eq!(refused.status, 400, "{}", refused.text);
            assert!(refused.error().contains(field), "{}", refused.text);
        }
        world.clock.advance(Duration::from_secs(48 * 60 * 60));
        assert_eq!(world.merchant.post(&path("approve"), &json!({})).await.status, 404, "it has expired");
    });
}

#[test]
fn an_export_contains_the_authorization_and_its_callback() {
    journey(async |world: Arc<World>| {
        let (receiver, cart, payment) = called_back(&world).await;
        receiver.will_reply(&[Reply::Status(410)]);
        let token = approve(&world.merchant, &payment, json!({})).await;
        let settled = world.merchant.post("/lab/v1/clock/advance", &json!({"by": "PT0S"})).await;
        assert_eq!(settled.json["settled"], true, "{}", settled.text);
        let file = world.merchant.get("/lab/v1/export").await.json;
        assert_eq!(file["tables"]["callback"].as_array().unwrap().len(), 1);
        assert_eq!(file["tables"]["callback_attempt"].as_array().unwrap().len(), 1);
        let elsewhere = World::elsewhere().await;
        let imported = elsewhere.merchant.post("/lab/v1/import", &file).await;
        assert_eq!(imported.status, 201, "{}", imported.text);
        assert_eq!(elsewhere.merchant.place(&token, &cart).await.status, 200);
    });
}

#[test]
fn a_reset_deletes_everything_of_the_payment_session() {
    journey(async |world: Arc<World>| {
        let (receiver, cart, payment) = called_back(&world).await;
        let token = approve(&world.merchant, &payment, json!({})).await;
        receiver.wait_for(1).await;
        assert_eq!(world.merchant.post("/lab/v1/reset", &json!({})).await.status, 204);
        assert_eq!(world.merchant.place(&token, &cart).await.status, 404);
        let file = world.merchant.get("/lab/v1/export").await.json;
        let is_empty = |table: &str| file["tables"][table].as_array().unwrap().is_empty();
        assert!(["callback", "callback_attempt", "payment_authorization"].into_iter().all(is_empty));
    });
}
