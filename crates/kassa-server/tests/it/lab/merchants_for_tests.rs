//! A merchant for each test: one call creates it, another deletes it with all its data.

use bytes::Bytes;
use http::Method;
use kassa_engine::NAME_RULE;
use serde_json::{Value, json};

use super::{advance, session_after};
use crate::harness::{Merchant, World, journey};

async fn make(world: &World, body: &Value) -> (Value, Merchant) {
    let made = world.merchant.post("/lab/v1/merchants", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let word = |name: &str| made.json[name].as_str().unwrap().to_string();
    (made.json.clone(), world.anyone_as(&word("username"), &word("password")))
}

async fn sessions(merchant: &Merchant) -> usize {
    let answer = merchant.get("/kassa/v1/sessions").await;
    answer.json["sessions"].as_array().unwrap().len()
}

#[test]
fn a_test_merchant_shares_nothing_with_its_creator() {
    journey(async |world| {
        world.page_session().await;
        let (made, merchant) = make(&world, &json!({"name": "Shoe Shop"})).await;
        assert_eq!(made["name"], "Shoe Shop");
        assert!(made["callback_secret"].as_str().unwrap().starts_with("whsec_"));
        assert_ne!(made["callback_secret"], world.merchant_callback_secret().await);
        assert_eq!(sessions(&merchant).await, 0);
        merchant.payment_session("ECOMMERCE").await;
        let (other, _) = make(&world, &json!({})).await;
        assert_ne!(made["merchant_id"], other["merchant_id"]);
    });
}

#[test]
fn a_deleted_merchant_loses_all_its_data() {
    journey(async |world| {
        let (made, merchant) = make(&world, &json!({})).await;
        let payment = merchant.payment_session("ECOMMERCE").await;
        let path = format!("/lab/v1/merchants/{}", made["merchant_id"].as_str().unwrap());
        assert_eq!(world.stranger.delete(&path).await.status, 404, "another merchant cannot delete it");
        assert_eq!(world.merchant.delete(&path).await.status, 204);
        assert_eq!(merchant.get(&format!("/payments/v1/sessions/{payment}")).await.status, 401);
        assert_eq!(world.merchant.delete(&path).await.status, 404, "it is deleted already");
    });
}

#[test]
fn only_a_test_merchant_can_delete_itself() {
    journey(async |world| {
        let (made, merchant) = make(&world, &json!({})).await;
        let path = format!("/lab/v1/merchants/{}", made["merchant_id"].as_str().unwrap());
        assert_eq!(merchant.delete(&path).await.status, 204);
        let refused = world.merchant.delete("/lab/v1/merchants/merchant").await;
        assert!(refused.error().starts_with("403 INVALID_OPERATION"), "{}", refused.error());
        assert_eq!(world.merchant.get("/kassa/v1/sessions").await.status, 200);
    });
}

#[test]
fn a_reset_deletes_all_data_but_credential_and_secrets() {
    journey(async |world| {
        let session = session_after(&world, "approve").await;
        world.receiver.wait_for(2).await;
        let email = json!({"contact_information": {"email": "jane@example.org"}, "method": "email"});
        let waiting = world.page_session().await;
        world.merchant.post(&format!("/hpp/v1/sessions/{waiting}/distribution"), &email).await;
        advance(&world, "PT1H").await;
        world.merchant.put("/lab/v1/faults", &json!({"callbacks": [{"do": "drop"}]})).await;
        let calls_back = json!({"disabled_calls_back": true});
        world.merchant.put("/kassa/v1/callbacks/settings", &calls_back).await;
        let secret = world.merchant_callback_secret().await;

        assert_eq!(world.merchant.post("/lab/v1/reset", &Value::Null).await.status, 204);

        assert_eq!(sessions(&world.merchant).await, 0);
        assert_eq!(world.merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.status, 404);
        let get = async |path: &str| world.merchant.get(path).await.json;
        assert_eq!(get("/lab/v1/inbox").await, json!({"messages": []}));
        assert_eq!(get("/lab/v1/faults").await, json!({"seed": 0, "callbacks": [], "calls": []}));
        assert_eq!(get("/lab/v1/clock").await, json!({"now": "2026-01-01T00:00:00.000Z", "frozen": false}));
        assert_eq!(get("/kassa/v1/callbacks/settings").await["disabled_calls_back"], false);
        assert_eq!(get("/lab/v1/journal?method=POST").await["matching"], 0);
        assert_eq!(world.merchant_callback_secret().await, secret, "the callback secret stays");
        session_after(&world, "approve").await;
        world.receiver.wait_for(4).await;
    });
}

#[test]
fn a_merchants_name_has_bounds() {
    journey(async |world| {
        let long = "x".repeat(101);
        for name in ["", " ", &long, "Shoe\nShop", "Shop\u{202e}poh"] {
            let body = Bytes::from(json!({"name": name}).to_string());
            let answer = world.merchant.call(Method::POST, "/lab/v1/merchants", &[], body).await;
            let expected = json!(["Bad value: name", NAME_RULE]);
            assert_eq!((answer.status, &answer.json["error_messages"]), (400, &expected), "{name:?}");
        }
    });
}
