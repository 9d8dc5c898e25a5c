//! An authorization becomes an order, once (docs/wire.md#place-an-order).

use std::sync::Arc;

use std::time::Duration;

use serde_json::{Value, json};

use super::cart_with;
use crate::harness::{World, cart, journey};

#[test]
fn a_new_order_is_answered_with_id_redirect_url_and_payment_method() {
    journey(async |world: Arc<World>| {
        let confirmation = "https://shop.example/thanks?s={session.id}&o={order.id}";
        let (payment, token) = world.authorized().await;
        let body = cart_with(json!({"merchant_urls": {"confirmation": confirmation}}));
        let answer = world.merchant.place(&token, &body).await;
        assert_eq!(answer.status, 200);
        let order = answer.json["order_id"].as_str().unwrap();
        assert_eq!(
            answer.json,
            json!({
                "order_id": order,
                "redirect_url": format!("https://shop.example/thanks?s={payment}&o={order}"),
                "fraud_status": "ACCEPTED",
                "authorized_payment_method": {
                    "type": "invoice", "number_of_days": 30, "number_of_installments": 1,
                },
            })
        );
    });
}

#[test]
fn without_a_confirmation_url_there_is_no_redirect_url() {
    journey(async |world: Arc<World>| {
        let (_, token) = world.authorized().await;
        let answer = world.merchant.place(&token, &cart("ECOMMERCE")).await;
        assert_eq!((answer.status, answer.json.get("redirect_url")), (200, None));
    });
}

#[test]
fn the_order_is_read_as_recorded() {
    journey(async |world: Arc<World>| {
        let (_, token) = world.authorized().await;
        let body = cart_with(json!({
            "merchant_reference1": "M-1",
            "billing_address": {"given_name": "Jo", "family_name": "Doe", "country": "SE"},
        }));
        let placed = world.merchant.place(&token, &body).await;
        let read = world.merchant.order_get(placed.json["order_id"].as_str().unwrap(), "").await;
        assert_eq!(read.status, 200);
        insta::assert_json_snapshot!(read.json, {
            ".order_id" => "[id]", ".klarna_reference" => "[reference]",
        }, @r#"
        {
          "order_id": "[id]",
          "status": "AUTHORIZED",
          "fraud_status": "ACCEPTED",
          "order_amount": 22299,
          "original_order_amount": 22299,
          "captured_amount": 0,
          "refunded_amount": 0,
          "remaining_authorized_amount": 22299,
          "purchase_currency": "SEK",
          "locale": "sv-SE",
          "order_lines": [
            {
              "name": "Running shoe",
              "quantity": 1,
              "unit_price": 9999,
              "total_amount": 9999,
              "tax_rate": 2300,
              "total_tax_amount": 1870
            },
            {
              "name": "Jacket",
              "quantity": 1,
              "unit_price": 12300,
              "total_amount": 12300,
              "tax_rate": 2300,
              "total_tax_amount": 2300
            }
          ],
          "merchant_reference1": "M-1",
          "merchant_reference2": "",
          "klarna_reference": "[reference]",
          "billing_address": {
            "country": "SE",
            "family_name": "Doe",
            "given_name": "Jo"
          },
          "created_at": "2026-01-01T00:00:00.000Z",
          "purchase_country": "SE",
          "expires_at": "2026-01-29T00:00:00.000Z",
          "captures": [],
          "refunds": [],
          "merchant_data": "",
          "initial_payment_method": {
            "type": "INVOICE",
            "description": "Pay later"
          },
          "shipping_info": []
        }
        "#);
    });
}

#[test]
fn auto_capture_captures_at_once_in_full() {
    journey(async |world: Arc<World>| {
        let (_, token) = world.authorized().await;
        let placed = world.merchant.place(&token, &cart_with(json!({"auto_capture": true}))).await;
        let order = placed.json["order_id"].as_str().unwrap();
        assert_eq!(
            world.merchant.summary(order).await,
            "CAPTURED of 22299 captured 22299 refunded 0 remaining 0"
        );
        let read = world.merchant.order_get(order, "").await.json;
        let reference = read["klarna_reference"].as_str().unwrap();
        assert_eq!(read["captures"][0]["klarna_reference"], json!(format!("{reference}-1")));
    });
}

#[test]
fn the_same_call_again_gets_the_same_answer() {
    journey(async |world: Arc<World>| {
        let (_, token) = world.authorized().await;
        let first = world.merchant.place(&token, &cart("ECOMMERCE")).await;
        world.clock.advance(Duration::from_secs(7200));
        let again = world.merchant.place(&token, &cart_with(json!({"stray": 1}))).await;
        assert_eq!((again.status, again.json), (200, first.json));

        let other = world.merchant.place(&token, &cart_with(json!({"merchant_data": "other"}))).await;
        insta::assert_snapshot!(other.error(), @r#"409 BAD_VALUE ["The order has been already completed with different request body"]"#);
    });
}

#[test]
fn simultaneous_calls_place_one_order() {
    journey(async |world: Arc<World>| {
        let (_, token) = world.authorized().await;
        let body = cart("ECOMMERCE");
        let calls = (0..8).map(|_| world.merchant.place(&token, &body));
        let answers = futures_util::future::join_all(calls).await;
        for answer in &answers {
            assert_eq!((answer.status, &answer.json), (200, &answers[0].json));
        }
    });
}

#[test]
fn of_two_authorizations_only_one_becomes_an_order() {
    journey(async |world: Arc<World>| {
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        let (one, other) = (world.authorize(&payment).await, world.authorize(&payment).await);
        assert_eq!(world.merchant.place(&one, &cart("ECOMMERCE")).await.status, 200);
        let answer = world.merchant.place(&other, &cart("ECOMMERCE")).await;
        insta::assert_snapshot!(answer.error(), @r#"404 SESSION_COMPLETED ["Session has already been completed"]"#);
    });
}

#[test]
fn page_sessions_of_the_same_payment_follow_the_order() {
    journey(async |world: Arc<World>| {
        let (payment, token) = {
            let payment = world.merchant.payment_session("ECOMMERCE").await;
            let token = world.authorize(&payment).await;
            (payment, token)
        };
        let sibling = world.page_session_of(&payment, json!({})).await;
        world.merchant.act(&sibling, "enter").await;
        let placed = world.merchant.place(&token, &cart("ECOMMERCE")).await;

        let followed = world.merchant.read(&sibling).await;
        assert_eq!(followed["status"], "COMPLETED");
        assert_eq!(followed["order_id"], placed.json["order_id"]);
    });
}

#[test]
fn the_page_places_orders_by_the_same_rules() {
    journey(async |world: Arc<World>| {
        let modes = [("PLACE_ORDER", "AUTHORIZED", 0), ("CAPTURE_ORDER", "CAPTURED", 22299)];
        for (mode, status, captured) in modes {
            let page = world.page_session_with(json!({"place_order_mode": mode}), "ECOMMERCE").await;
            world.merchant.act(&page, "enter").await;
            let approved = world.merchant.act(&page, "approve").await.json;
            assert_eq!(
                (&approved["status"], &approved["authorization_token"]),
                (&json!("COMPLETED"), &Value::Null)
            );
            let order = world.merchant.order_get(approved["order_id"].as_str().unwrap(), "").await.json;
            assert_eq!((&order["status"], &order["captured_amount"]), (&json!(status), &json!(captured)));
            assert_eq!(order["klarna_reference"], approved["klarna_reference"]);
        }
    });
}
