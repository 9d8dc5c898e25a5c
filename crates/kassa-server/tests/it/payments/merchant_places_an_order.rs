//! An authorization becomes an order, once (docs/wire.md#place-an-order).

use std::sync::Arc;

use std::time::Duration;

use bytes::Bytes;
use http::Method;
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
                "redirect_url": format!("{}/kp/v1/sessions/{payment}/redirect", world.url),
                "fraud_status": "ACCEPTED",
                "authorized_payment_method": {
                    "type": "invoice", "number_of_days": 30, "number_of_installments": 1,
                },
            })
        );
    });
}

#[test]
fn the_redirect_url_leads_a_browser_to_the_confirmation_url() {
    journey(async |world: Arc<World>| {
        let path = |payment: &str| format!("/kp/v1/sessions/{payment}/redirect");
        let visit = async |payment: &str| {
            let headers = [
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
            ];
            world.anyone_with("").call(Method::GET, &path(payment), &headers, Bytes::new()).await
        };
        let confirmation =
            "https://shop.example/tack så mycket?s={session.id}&o={order.id}".replace(' ', "-");
        let urls = json!({"merchant_urls": {"confirmation": confirmation}});
        let (payment, token) = world.authorized_with(&cart_with(urls)).await;
        assert_eq!(visit(&payment).await.status, 404, "there is no order yet");
        let placed = world.merchant.place(&token, &cart("ECOMMERCE")).await;
        let order = placed.json["order_id"].as_str().unwrap();
        let answer = visit(&payment).await;
        let expected = format!("https://shop.example/tack-s%C3%A5-mycket?s={payment}&o={order}");
        assert_eq!((answer.status, answer.header("location")), (302, expected.as_str()));

        let urls = json!({"merchant_urls": {"confirmation": "javascript://%0aalert(1)"}});
        let (payment, token) = world.authorized_with(&cart_with(urls)).await;
        assert_eq!(world.merchant.place(&token, &cart("ECOMMERCE")).await.status, 200);
        assert_eq!(visit(&payment).await.status, 404, "no browser may be sent there");
        assert_eq!(visit("nothing").await.status, 404);
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

/// Places an order whose merchant sent a part of the address only, and reads it.
async fn read_order(world: &World) -> Value {
    let (_, token) = world.authorized().await;
    let body = cart_with(json!({
        "merchant_reference1": "M-1",
        "billing_address": {"given_name": "Jo", "family_name": "Doe", "country": "SE"},
    }));
    let placed = world.merchant.place(&token, &body).await;
    let read = world.merchant.order_get(placed.json["order_id"].as_str().unwrap(), "").await;
    assert_eq!(read.status, 200);
    read.json
}

#[test]
fn the_order_is_read_as_recorded() {
    journey(async |world: Arc<World>| {
        insta::assert_json_snapshot!(read_order(&world).await, {
            ".order_id" => "[id]", ".klarna_reference" => "[reference]",
            ".order_lines" => "[lines]", ".billing_address" => "[address]",
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
          "order_lines": "[lines]",
          "merchant_reference1": "M-1",
          "klarna_reference": "[reference]",
          "customer": {
            "date_of_birth": "1970-01-01",
            "type": "person"
          },
          "billing_address": "[address]",
          "created_at": "2026-01-01T00:00:00.000Z",
          "purchase_country": "SE",
          "expires_at": "2026-01-29T00:00:00.000Z",
          "captures": [],
          "refunds": [],
          "initial_payment_method": {
            "type": "INVOICE",
            "description": "Pay later"
          }
        }
        "#);
    });
}

#[test]
fn lines_and_addresses_of_an_order_have_every_field() {
    journey(async |world: Arc<World>| {
        let order = read_order(&world).await;
        insta::assert_json_snapshot!([&order["order_lines"], &order["billing_address"]], @r#"
        [
          [
            {
              "name": "Running shoe",
              "quantity": 1,
              "unit_price": 9999,
              "total_amount": 9999,
              "reference": "",
              "quantity_unit": "",
              "tax_rate": 2300,
              "total_discount_amount": 0,
              "total_tax_amount": 1870
            },
            {
              "name": "Jacket",
              "quantity": 1,
              "unit_price": 12300,
              "total_amount": 12300,
              "reference": "",
              "quantity_unit": "",
              "tax_rate": 2300,
              "total_discount_amount": 0,
              "total_tax_amount": 2300
            }
          ],
          {
            "city": "Stockholm",
            "country": "SE",
            "email": "customer@email.se",
            "family_name": "Doe",
            "given_name": "Jo",
            "postal_code": "111 22",
            "region": "",
            "street_address": "Provgatan 1",
            "street_address2": "",
            "title": ""
          }
        ]
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
fn a_later_authorization_makes_the_earlier_one_invalid() {
    journey(async |world: Arc<World>| {
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        let (earlier, later) = (world.authorize(&payment).await, world.authorize(&payment).await);
        let invalid = r#"404 NOT_FOUND ["Invalid authorization token"]"#;
        assert_eq!(world.merchant.place(&earlier, &cart("ECOMMERCE")).await.error(), invalid);
        assert_eq!(world.merchant.place(&later, &cart("ECOMMERCE")).await.status, 200);
        let answer = world.merchant.place(&earlier, &cart("ECOMMERCE")).await;
        insta::assert_snapshot!(answer.error(), @r#"404 SESSION_COMPLETED ["Session has already been completed"]"#);
    });
}

#[test]
fn a_changed_cart_makes_every_authorization_invalid_even_if_it_is_changed_back() {
    journey(async |world: Arc<World>| {
        let (payment, token) = world.authorized_with(&cart_with(json!({"intent": "buy_and_tokenize"}))).await;
        let path = format!("/payments/v1/sessions/{payment}");
        let change = async |update: Value| {
            let answer = world.merchant.post(&path, &update).await;
            assert_eq!(answer.status, 204, "{}", answer.text);
        };
        change(json!({"merchant_reference1": "M-1"})).await;
        assert_eq!(world.merchant.get(&path).await.json["authorization_token"], json!(token));
        let mut other = cart("ECOMMERCE");
        other["order_lines"][0]["name"] = json!("Boot");
        change(json!({"order_lines": other["order_lines"]})).await;
        change(json!({"order_lines": cart("ECOMMERCE")["order_lines"]})).await;
        assert_eq!(world.merchant.get(&path).await.json.get("authorization_token"), None);

        let invalid = r#"404 NOT_FOUND ["Invalid authorization token"]"#;
        assert_eq!(world.merchant.place(&token, &cart("ECOMMERCE")).await.error(), invalid);
        let creation = json!({"description": "A box", "intended_use": "SUBSCRIPTION"});
        let customer_token = format!("/payments/v1/authorizations/{token}/customer-token");
        assert_eq!(world.merchant.post(&customer_token, &creation).await.error(), invalid);
        let fresh = world.authorize(&payment).await;
        assert_eq!(world.merchant.place(&fresh, &cart("ECOMMERCE")).await.status, 200);
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
