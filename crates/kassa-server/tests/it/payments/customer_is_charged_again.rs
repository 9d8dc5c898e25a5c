//! A merchant creates, charges and cancels a customer token (docs/wire.md#customer-tokens).

use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use super::cart_with;
use crate::harness::{Answer, World, cart, journey};
use crate::operator_makes_merchants::operator;

fn creation() -> Value {
    json!({
        "purchase_country": "SE", "purchase_currency": "SEK", "locale": "sv-SE",
        "description": "A box each month", "intended_use": "SUBSCRIPTION",
    })
}

async fn create(world: &World, token: &str, body: &Value) -> Answer {
    world.merchant.post(&format!("/payments/v1/authorizations/{token}/customer-token"), body).await
}

async fn customer_token(world: &World) -> String {
    let (_, token) = world.authorized_with(&cart_with(json!({"intent": "buy_and_tokenize"}))).await;
    let answer = create(world, &token, &creation()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["token_id"].as_str().unwrap().to_string()
}

#[test]
fn an_authorization_has_one_customer_token_and_can_still_become_an_order() {
    journey(async |world: Arc<World>| {
        let (_, token) = world.authorized_with(&cart_with(json!({"intent": "buy_and_tokenize"}))).await;
        let one = create(&world, &token, &creation()).await;
        let again = create(&world, &token, &creation()).await;
        assert_eq!((one.status, &one.json), (200, &again.json));
        assert_eq!(world.merchant.place(&token, &cart("ECOMMERCE")).await.status, 200);
        let late = create(&world, &token, &creation()).await;
        insta::assert_snapshot!(late.error(), @r#"403 INVALID_OPERATION ["Authorization token already consumed"]"#);
    });
}

#[test]
fn a_token_is_read_and_cancelled() {
    journey(async |world: Arc<World>| {
        let token = customer_token(&world).await;
        let path = format!("/customer-token/v1/tokens/{token}");
        let read = world.merchant.get(&path).await;
        assert_eq!(
            (read.status, read.json),
            (200, json!({"status": "ACTIVE", "payment_method_type": "INVOICE"}))
        );

        let answer = world.merchant.patch(&format!("{path}/status"), &json!({"status": "CANCELLED"})).await;
        assert_eq!((answer.status, answer.text.as_str()), (202, ""));
        let again = world.merchant.patch(&format!("{path}/status"), &json!({"status": "cancelled"})).await;
        assert_eq!((again.status, again.text.as_str(), again.header("content-length")), (202, "", "0"));
        assert_eq!(world.merchant.get(&path).await.json["status"], "CANCELLED");
        let answer = world.merchant.post(&format!("{path}/order"), &cart("ECOMMERCE")).await;
        insta::assert_snapshot!(answer.error(), @r#"403 TOKEN_CANCELED ["Customer token canceled"]"#);
    });
}

#[test]
fn a_suspended_merchant_charges_nobody_and_reads_its_earlier_answer() {
    journey(async |world: Arc<World>| {
        let operator = operator(&world, "desk").await;
        let path = format!("/customer-token/v1/tokens/{}/order", customer_token(&world).await);
        let body = Bytes::from(cart("ECOMMERCE").to_string());
        let charge = async |key| {
            let headers = [("klarna-idempotency-key", key)];
            world.merchant.call(Method::POST, &path, &headers, body.clone()).await
        };
        let earlier = charge("k").await;
        operator.patch("/kassa/v1/merchants/merchant", &json!({"is_suspended": true})).await;
        let refused = charge("l").await;
        assert!(refused.error().starts_with("403 MERCHANT_SUSPENDED"), "{}", refused.error());
        let again = charge("k").await;
        assert_eq!((again.status, &again.json), (200, &earlier.json));
    });
}

#[test]
fn a_token_is_charged_once_per_key() {
    journey(async |world: Arc<World>| {
        let path = format!("/customer-token/v1/tokens/{}/order", customer_token(&world).await);
        let body = Bytes::from(cart_with(json!({"auto_capture": true})).to_string());
        let charge = |key| {
            let (merchant, path, body) = (&world.merchant, &path, body.clone());
            async move { merchant.call(Method::POST, path, &[("klarna-idempotency-key", key)], body).await }
        };
        let (first, again, other) = (charge("k").await, charge("k").await, charge("l").await);
        assert_eq!((first.status, &first.json), (200, &again.json));
        assert_ne!(first.json["order_id"], other.json["order_id"]);
        let order = first.json["order_id"].as_str().unwrap();
        assert_eq!(
            world.merchant.summary(order).await,
            "CAPTURED of 22299 captured 22299 refunded 0 remaining 0"
        );
    });
}

#[test]
fn an_authorization_for_another_purpose_creates_no_customer_token() {
    journey(async |world: Arc<World>| {
        let (_, token) = world.authorized().await;
        let answer = create(&world, &token, &creation()).await;
        insta::assert_snapshot!(answer.error(), @r#"403 INVALID_OPERATION ["Not allowed to create customer token for intent buy"]"#);
        let answer = create(&world, &token, &json!({"intended_use": "FUN"})).await;
        insta::assert_snapshot!(answer.error(), @r#"400 BAD_VALUE ["Bad value: description, intended_use"]"#);
        let answer = create(&world, "nothing", &creation()).await;
        insta::assert_snapshot!(answer.error(), @r#"404 NOT_FOUND ["Invalid authorization token"]"#);
    });
}

#[test]
fn a_token_must_match_what_was_authorized() {
    journey(async |world: Arc<World>| {
        let (_, token) = world.authorized_with(&cart_with(json!({"intent": "tokenize"}))).await;
        let mut other = creation();
        other["purchase_currency"] = json!("EUR");
        let answer = create(&world, &token, &other).await;
        insta::assert_snapshot!(answer.error(), @r#"409 BAD_VALUE ["Not matching fields: [purchase_currency]"]"#);
    });
}

#[test]
fn a_token_of_another_merchant_is_absent() {
    journey(async |world: Arc<World>| {
        let path = format!("/customer-token/v1/tokens/{}", customer_token(&world).await);
        let absent = r#"404 TOKEN_NOT_FOUND ["Customer token not found"]"#;
        assert_eq!(world.stranger.get(&path).await.error(), absent);
        let order = world.stranger.post(&format!("{path}/order"), &cart("ECOMMERCE")).await;
        assert_eq!(order.error(), absent);
        let status = json!({"status": "CANCELLED"});
        assert_eq!(world.stranger.patch(&format!("{path}/status"), &status).await.error(), absent);
    });
}

#[test]
fn a_token_needs_a_description_and_a_use_and_takes_the_rest_from_the_authorization() {
    journey(async |world: Arc<World>| {
        let (_, token) = world.authorized_with(&cart_with(json!({"intent": "buy_and_tokenize"}))).await;
        let answer =
            create(&world, &token, &json!({"description": "A box", "intended_use": "subscription"})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let path = format!("/customer-token/v1/tokens/{}/order", answer.json["token_id"].as_str().unwrap());
        let placed = world.merchant.post(&path, &cart("ECOMMERCE")).await;
        assert_eq!(placed.status, 200, "{}", placed.text);
        let order = world.merchant.order_get(placed.json["order_id"].as_str().unwrap(), "").await.json;
        assert_eq!(
            (&order["purchase_country"], &order["purchase_currency"], &order["locale"]),
            (&json!("SE"), &json!("SEK"), &json!("sv-SE"))
        );
    });
}

#[test]
fn an_order_with_a_token_needs_its_tax_and_has_no_redirect_url() {
    journey(async |world: Arc<World>| {
        let path = format!("/customer-token/v1/tokens/{}/order", customer_token(&world).await);
        let without_tax = world.merchant.post(&path, &cart_with(json!({"order_tax_amount": null}))).await;
        assert_eq!(without_tax.error(), r#"400 BAD_VALUE ["Bad value: order_tax_amount"]"#);
        let urls = json!({"merchant_urls": {"confirmation": "https://shop.example/thanks"}});
        let placed = world.merchant.post(&path, &cart_with(urls)).await;
        assert_eq!((placed.status, placed.json.get("redirect_url")), (200, None));
    });
}

#[test]
fn the_intent_to_tokenize_gives_a_customer_token_and_no_order() {
    journey(async |world: Arc<World>| {
        let (_, token) = world.authorized_with(&cart_with(json!({"intent": "tokenize"}))).await;
        let refused = world.merchant.place(&token, &cart("ECOMMERCE")).await;
        assert_eq!(
            refused.error(),
            r#"403 INVALID_OPERATION ["Not allowed to create order for intent tokenize"]"#
        );
        assert_eq!(create(&world, &token, &creation()).await.status, 200);
    });
}
