//! A merchant creates, reads and updates a payment session (docs/wire.md#payments-api).

use std::sync::Arc;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::cart_with;
use crate::harness::{World, cart, journey};

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_new_session_has_a_token_and_categories() {
    journey(async |world: Arc<World>| {
        let answer = world.merchant.post("/payments/v1/sessions", &cart("ECOMMERCE")).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "application/json;charset=utf-8");
        let base = world.url.as_str();
        let asset = |id: &str, kind: &str| format!("{base}/payments/assets/{id}/{kind}.svg");
        let category = |id: &str, name: &str| {
            json!({
                "identifier": id,
                "name": name,
                "asset_urls": {"descriptive": asset(id, "descriptive"), "standard": asset(id, "standard")},
            })
        };
        assert_eq!(
            answer.json["payment_method_categories"],
            json!([
                category("pay_later", "Pay later"),
                category("pay_over_time", "Pay over time"),
                category("pay_now", "Pay now"),
            ])
        );
    });
}

#[test]
fn the_pictures_of_categories_can_be_fetched() {
    journey(async |world: Arc<World>| {
        for path in ["pay_later/descriptive.svg", "pay_now/standard.svg"] {
            let answer = world.merchant.get(&format!("/payments/assets/{path}")).await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.header("content-type"), "image/svg+xml");
            assert!(answer.text.starts_with("<svg "));
        }
        for path in ["pay_never/standard.svg", "pay_now/other.svg"] {
            assert_eq!(world.merchant.get(&format!("/payments/assets/{path}")).await.status, 404);
        }
    });
}

#[test]
fn the_client_token_is_a_jwt_that_names_the_session() {
    journey(async |world: Arc<World>| {
        let answer = world.merchant.post("/payments/v1/sessions", &cart("ECOMMERCE")).await;
        let token = answer.json["client_token"].as_str().unwrap();
        assert!(token.len() <= 4096);
        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!(parts.len(), 3);
        let payload: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        assert_eq!(payload["session_id"], answer.json["session_id"]);
        assert_eq!(payload["session_type"], "PAYMENTS");
        assert_eq!(payload["purchase_country"], "SE");
        assert_eq!(payload["language"], "sv");
    });
}

#[test]
fn a_read_shows_the_sent_fields_and_the_defaults() {
    journey(async |world: Arc<World>| {
        let mut sent = cart_with(json!({"merchant_reference1": "M-1", "stray": true}));
        sent.as_object_mut().unwrap().retain(|field, _| field != "acquiring_channel" && field != "locale");
        let created = world.merchant.post("/payments/v1/sessions", &sent).await;
        let id = created.json["session_id"].as_str().unwrap();
        let read = world.merchant.get(&format!("/payments/v1/sessions/{id}")).await;
        assert_eq!(read.status, 200);
        assert_eq!(read.json["client_token"], created.json["client_token"]);
        insta::assert_json_snapshot!(read.json, {
            ".client_token" => "[token]",
            ".payment_method_categories" => "[categories]",
        }, @r#"
        {
          "purchase_country": "SE",
          "purchase_currency": "SEK",
          "order_amount": 22299,
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
          "order_tax_amount": 4170,
          "locale": "en-US",
          "intent": "buy",
          "acquiring_channel": "ECOMMERCE",
          "merchant_reference1": "M-1",
          "client_token": "[token]",
          "expires_at": "2026-01-03T00:00:00.000Z",
          "payment_method_categories": "[categories]",
          "status": "incomplete"
        }
        "#);
    });
}

#[test]
fn personal_data_is_read_only_after_an_authorization() {
    journey(async |world: Arc<World>| {
        let consumer = json!({
            "billing_address": {"given_name": "Jo", "country": "SE"},
            "customer": {"date_of_birth": "1990-01-01", "national_identification_number": "4103219202"},
        });
        let body = cart_with(consumer);
        let created = world.merchant.post("/payments/v1/sessions", &body).await;
        let path = format!("/payments/v1/sessions/{}", created.json["session_id"].as_str().unwrap());
        let read = world.merchant.get(&path).await.json;
        assert_eq!((&read["billing_address"], &read["customer"]), (&Value::Null, &Value::Null));
        assert_eq!(read["authorization_token"], Value::Null);

        let token = world.authorize(created.json["session_id"].as_str().unwrap()).await;
        let read = world.merchant.get(&path).await.json;
        assert_eq!(read["authorization_token"], json!(token));
        assert_eq!(read["billing_address"], body["billing_address"]);
        assert_eq!(read["customer"], json!({"date_of_birth": "1990-01-01"}));
        assert_eq!(read["status"], "incomplete");
    });
}

#[test]
fn an_update_changes_only_the_fields_that_it_gives() {
    journey(async |world: Arc<World>| {
        let id = world.merchant.payment_session("ECOMMERCE").await;
        let path = format!("/payments/v1/sessions/{id}");
        let before = world.merchant.get(&path).await.json;
        world.clock.advance(HOUR);
        let update = json!({"merchant_reference1": "M-2", "locale": null, "unknown": 1});
        let answer = world.merchant.post(&path, &update).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));

        let after = world.merchant.get(&path).await.json;
        assert_eq!(after["merchant_reference1"], "M-2");
        for field in ["locale", "order_amount", "order_lines", "expires_at"] {
            assert_eq!(after[field], before[field], "{field}");
        }
    });
}

#[test]
fn an_updated_cart_must_add_up() {
    journey(async |world: Arc<World>| {
        let path = format!("/payments/v1/sessions/{}", world.merchant.payment_session("ECOMMERCE").await);
        let answer = world.merchant.post(&path, &json!({"order_amount": 1})).await;
        insta::assert_snapshot!(answer.error(), @r#"400 BAD_VALUE ["Bad value: order_amount"]"#);
        assert_eq!(world.merchant.get(&path).await.json["order_amount"], 22299);
    });
}

#[test]
fn a_payment_session_expires_after_48_hours() {
    journey(async |world: Arc<World>| {
        let path = format!("/payments/v1/sessions/{}", world.merchant.payment_session("ECOMMERCE").await);
        world.clock.advance(48 * HOUR - Duration::from_millis(1));
        assert_eq!(world.merchant.get(&path).await.status, 200);
        world.clock.advance(Duration::from_millis(1));
        let gone = r#"404 NOT_FOUND ["Invalid session id"]"#;
        assert_eq!(world.merchant.get(&path).await.error(), gone);
        assert_eq!(world.merchant.post(&path, &json!({})).await.error(), gone);
    });
}
