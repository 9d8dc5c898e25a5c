//! Every row of KP's error table (docs/wire.md#payments-errors).

use std::sync::Arc;

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::cart_with;
use crate::harness::{World, cart, journey};

async fn create_error(world: &World, body: &Value) -> String {
    world.merchant.post("/payments/v1/sessions", body).await.error()
}

#[test]
fn a_body_that_is_not_json_is_a_bad_request() {
    journey(async |world: Arc<World>| {
        for body in ["", "{", "[]", "\"text\"", "null"] {
            let answer = world
                .merchant
                .call(Method::POST, "/payments/v1/sessions", &[], body.to_string().into())
                .await;
            assert_eq!((answer.status, &answer.json["error_code"]), (400, &json!("BAD_REQUEST")), "{body}");
        }
    });
}

#[test]
fn a_body_that_is_too_large_or_too_deep_is_refused() {
    journey(async |world: Arc<World>| {
        let large = cart_with(json!({"merchant_data": "x".repeat(1_000_000)}));
        let answer = world.merchant.post("/payments/v1/sessions", &large).await;
        assert_eq!((answer.status, &answer.json["error_code"]), (413, &json!("REQUEST_TOO_LARGE")));
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        let answer = world.merchant.call(Method::POST, "/payments/v1/sessions", &[], deep.into()).await;
        assert_eq!((answer.status, &answer.json["error_code"]), (400, &json!("BAD_REQUEST")));
    });
}

#[test]
fn every_bad_field_is_named_at_once() {
    journey(async |world: Arc<World>| {
        let body = json!({
            "purchase_country": "Sweden", "purchase_currency": "SEK", "order_amount": -1,
            "order_lines": [{"name": "Shoe", "quantity": "one", "unit_price": 1}],
            "billing_address": {"postal_code": "12345678901"},
        });
        insta::assert_snapshot!(create_error(&world, &body).await, @r#"400 BAD_VALUE ["Bad value: purchase_country, order_amount, order_lines[0].quantity, order_lines[0].total_amount, billing_address.postal_code"]"#);
    });
}

#[test]
fn a_missing_country_and_currency_are_named_before_everything_else() {
    journey(async |world: Arc<World>| {
        insta::assert_snapshot!(create_error(&world, &json!({})).await, @r#"400 BAD_VALUE ["Bad value: purchase_country, purchase_currency"]"#);
        let with_country = json!({"purchase_country": "SE", "order_amount": "much"});
        insta::assert_snapshot!(create_error(&world, &with_country).await, @r#"400 BAD_VALUE ["Bad value: purchase_currency"]"#);
        let with_both = json!({"purchase_country": "SE", "purchase_currency": "SEK"});
        insta::assert_snapshot!(create_error(&world, &with_both).await, @r#"400 BAD_VALUE ["Bad value: order_amount, order_lines"]"#);
    });
}

#[test]
fn amounts_that_do_not_add_up_are_named_at_once() {
    journey(async |world: Arc<World>| {
        let mut body = cart_with(json!({"order_amount": 1, "order_tax_amount": 1}));
        body["order_lines"][0]["total_amount"] = json!(1);
        body["order_lines"][1]["total_tax_amount"] = json!(1);
        insta::assert_snapshot!(create_error(&world, &body).await, @r#"400 BAD_VALUE ["Bad value: order_lines[0].total_amount, order_lines[0].total_tax_amount, order_lines[1].total_tax_amount, order_amount, order_tax_amount"]"#);
    });
}

#[test]
fn a_call_without_credentials_is_unauthorized() {
    journey(async |world: Arc<World>| {
        let mut merchant = world.merchant.clone();
        merchant.authorization = "Basic bm9ib2R5OnNlY3JldA==".to_string();
        let calls = [
            merchant.post("/payments/v1/sessions", &cart("ECOMMERCE")).await,
            merchant.get("/payments/v1/sessions/x").await,
            merchant.post("/payments/v1/sessions/x", &json!({})).await,
            merchant.post("/payments/v1/authorizations/x/order", &json!({})).await,
            merchant.delete("/payments/v1/authorizations/x").await,
            merchant.get("/customer-token/v1/tokens/x").await,
            merchant.get("/ordermanagement/v1/orders/x").await,
            merchant.post("/ordermanagement/v1/orders/x/cancel", &json!({})).await,
        ];
        for answer in calls {
            assert_eq!(answer.error(), "401 UNAUTHORIZED []");
        }
    });
}

#[test]
fn a_session_of_another_merchant_is_absent() {
    journey(async |world: Arc<World>| {
        let path = format!("/payments/v1/sessions/{}", world.merchant.payment_session("ECOMMERCE").await);
        let absent = r#"404 NOT_FOUND ["Invalid session id"]"#;
        assert_eq!(world.stranger.get(&path).await.error(), absent);
        assert_eq!(world.stranger.post(&path, &json!({})).await.error(), absent);
        assert_eq!(world.merchant.get("/payments/v1/sessions/nothing").await.error(), absent);
    });
}

#[test]
fn a_completed_session_is_read_but_not_changed() {
    journey(async |world: Arc<World>| {
        let (payment, token) = world.authorized().await;
        assert_eq!(world.merchant.place(&token, &cart("ECOMMERCE")).await.status, 200);
        let path = format!("/payments/v1/sessions/{payment}");
        assert_eq!(world.merchant.get(&path).await.json["status"], "complete");
        let answer = world.merchant.post(&path, &json!({"locale": "en-SE"})).await;
        insta::assert_snapshot!(answer.error(), @r#"404 SESSION_COMPLETED ["Session has already been completed"]"#);
    });
}

#[test]
fn an_authorization_that_is_unknown_foreign_or_expired_is_invalid() {
    journey(async |world: Arc<World>| {
        let invalid = r#"404 NOT_FOUND ["Invalid authorization token"]"#;
        let body = cart("ECOMMERCE");
        assert_eq!(world.merchant.place("nothing", &body).await.error(), invalid);

        let (_, token) = world.authorized().await;
        assert_eq!(world.stranger.place(&token, &body).await.error(), invalid);
        let path = format!("/payments/v1/authorizations/{token}");
        assert_eq!(world.stranger.delete(&path).await.error(), invalid);

        world.clock.advance(Duration::from_secs(3600));
        assert_eq!(world.merchant.place(&token, &body).await.error(), invalid);
        let late = world.merchant.delete(&path).await;
        insta::assert_snapshot!(late.error(), @r#"404 NOT_FOUND ["Authorization cannot be deleted"]"#);
    });
}

#[test]
fn an_order_must_match_what_was_authorized_and_the_first_refusal_is_final() {
    journey(async |world: Arc<World>| {
        let (_, token) = world.authorized().await;
        let mut other = cart_with(json!({"purchase_country": "NO", "purchase_currency": "NOK"}));
        other["order_lines"][1]["name"] = json!("Boot");
        let answer = world.merchant.place(&token, &other).await;
        insta::assert_snapshot!(answer.error(), @r#"409 BAD_VALUE ["Not matching fields: [purchase_country, purchase_currency, order_lines[1].name]"]"#);
        for body in [&cart("ECOMMERCE"), &cart_with(json!({"purchase_country": "DE"})), &other] {
            assert_eq!(world.merchant.place(&token, body).await.error(), answer.error());
        }
        let unreadable = world.merchant.place(&token, &json!({})).await;
        assert_eq!((unreadable.status, &unreadable.json["error_code"]), (400, &json!("BAD_VALUE")));

        let (_, token) = world.authorized().await;
        let lower = json!({
            "purchase_country": "SE", "purchase_currency": "SEK", "order_amount": 100,
            "order_lines": [{"name": "Shoe", "quantity": 1, "unit_price": 100, "total_amount": 100}],
        });
        let answer = world.merchant.place(&token, &lower).await;
        insta::assert_snapshot!(answer.error(), @r#"409 BAD_VALUE ["Not matching fields: [Incorrect number of items in the cart. Expected: 2, Actual: 1]"]"#);
    });
}

#[test]
fn an_order_must_match_the_authorized_addresses_and_customer() {
    let authorized = json!({
        "billing_address": {"given_name": "Jo", "postal_code": "111 22", "country": "SE"},
        "shipping_address": {"city": "Stockholm"},
        "customer": {"date_of_birth": "1990-01-02"},
    });
    let changes = [
        ("billing_address", "postal_code", json!("11122"), "billing_address.postal_code"),
        ("billing_address", "given_name", json!("Joe"), "billing_address.given_name"),
        ("billing_address", "country", json!("NO"), "purchase_country, billing_address.country"),
        ("shipping_address", "city", json!("Solna"), "shipping_address.city"),
        ("customer", "date_of_birth", json!("1990-01-03"), "customer.date_of_birth"),
    ];
    for (object, field, value, paths) in changes {
        journey(async |world: Arc<World>| {
            let (_, token) = world.authorized_with(&cart_with(authorized.clone())).await;
            let mut body = cart_with(authorized.clone());
            body[object][field] = value.clone();
            let answer = world.merchant.place(&token, &body).await;
            assert_eq!(answer.error(), format!(r#"409 BAD_VALUE ["Not matching fields: [{paths}]"]"#));
        });
    }
}

#[test]
fn the_effective_country_is_compared() {
    journey(async |world: Arc<World>| {
        let authorized = cart_with(json!({"purchase_country": "DE", "billing_address": {"country": "se"}}));
        let (_, token) = world.authorized_with(&authorized).await;
        let body = cart_with(json!({"purchase_country": "SE", "billing_address": {"country": "SE"}}));
        assert_eq!(world.merchant.place(&token, &body).await.status, 200);
    });
}

#[test]
fn an_order_that_could_never_be_captured_in_full_is_refused() {
    journey(async |world: Arc<World>| {
        let large = json!({
            "purchase_country": "SE", "purchase_currency": "SEK", "order_amount": 300_000_000,
            "order_lines": [
                {"name": "Ship", "quantity": 1, "unit_price": 200_000_000, "total_amount": 200_000_000},
                {"name": "Boat", "quantity": 1, "unit_price": 100_000_000, "total_amount": 100_000_000},
            ],
        });
        let (payment, token) = world.authorized_with(&large).await;
        let answer = world.merchant.place(&token, &large).await;
        assert_eq!(answer.error(), r#"400 BAD_VALUE ["Bad value: order_amount"]"#);

        let page = json!({
            "payment_session_url": format!("{}/payments/v1/sessions/{payment}", world.url),
            "options": {"place_order_mode": "CAPTURE_ORDER"},
        });
        let answer = world.merchant.post("/hpp/v1/sessions", &page).await;
        assert_eq!(answer.error(), r#"400 BAD_VALUE ["Bad value: options.place_order_mode"]"#);
    });
}

#[test]
fn a_page_that_was_to_place_the_order_gives_the_token_if_no_order_is_allowed_any_more() {
    journey(async |world: Arc<World>| {
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        let page = world.page_session_of(&payment, json!({"place_order_mode": "PLACE_ORDER"})).await;
        let path = format!("/payments/v1/sessions/{payment}");
        assert_eq!(world.merchant.post(&path, &json!({"intent": "tokenize"})).await.status, 204);
        world.merchant.act(&page, "enter").await;
        let approved = world.merchant.act(&page, "approve").await.json;
        assert_eq!((&approved["status"], approved.get("order_id")), (&json!("COMPLETED"), None));
        assert!(approved["authorization_token"].is_string(), "{approved}");
    });
}

#[test]
fn meaningless_values_are_refused_by_every_call() {
    let discount = |amount: i64| {
        let mut body = cart("ECOMMERCE");
        let line = json!({"type": "discount", "name": "Rebate", "quantity": 1, "unit_price": amount,
                          "total_amount": amount});
        body["order_lines"].as_array_mut().unwrap().push(line);
        body["order_amount"] = json!(22299 + amount);
        body
    };
    let picture = |field: &str, url: &str| {
        let mut body = cart("ECOMMERCE");
        body["order_lines"][0][field] = json!(url);
        body
    };
    let born = |date: &str| cart_with(json!({"customer": {"date_of_birth": date}}));
    let cases = [
        (discount(1), "order_lines[2].unit_price, order_lines[2].total_amount"),
        (picture("image_url", ""), "order_lines[0].image_url"),
        (picture("image_url", "shoe.png"), "order_lines[0].image_url"),
        (picture("product_url", "n/a"), "order_lines[0].product_url"),
        (born("1990-02-30"), "customer.date_of_birth"),
        (born("2026-02-01"), "customer.date_of_birth"),
        (cart_with(json!({"merchant_urls": {"confirmation": "thanks"}})), "merchant_urls.confirmation"),
    ];
    journey(async |world: Arc<World>| {
        let (payment, token) = world.authorized().await;
        for (body, paths) in &cases {
            let expected = format!(r#"400 BAD_VALUE ["Bad value: {paths}"]"#);
            assert_eq!(create_error(&world, body).await, expected);
            let path = format!("/payments/v1/sessions/{payment}");
            assert_eq!(world.merchant.post(&path, body).await.error(), expected);
            assert_eq!(world.merchant.place(&token, body).await.error(), expected);
        }
        let answer = world.merchant.post("/payments/v1/sessions", &discount(-299)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let answer = world.merchant.post("/payments/v1/sessions", &born("")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    });
}

#[test]
fn an_order_with_bad_fields_is_not_placed() {
    journey(async |world: Arc<World>| {
        let (_, token) = world.authorized().await;
        let answer = world.merchant.place(&token, &json!({"order_amount": 1})).await;
        insta::assert_snapshot!(answer.error(), @r#"400 BAD_VALUE ["Bad value: purchase_country, purchase_currency, order_lines"]"#);
        let answer = world.merchant.place(&token, &cart_with(json!({"order_amount": 1}))).await;
        insta::assert_snapshot!(answer.error(), @r#"400 BAD_VALUE ["Bad value: order_amount"]"#);
    });
}

#[test]
fn a_token_that_the_page_used_is_already_consumed() {
    journey(async |world: Arc<World>| {
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        let page = world.page_session_of(&payment, json!({"place_order_mode": "PLACE_ORDER"})).await;
        world.merchant.act(&page, "enter").await;
        world.merchant.act(&page, "approve").await;
        let read = world.merchant.get(&format!("/payments/v1/sessions/{payment}")).await.json;
        assert_eq!(read["status"], "complete");
        let token = read["authorization_token"].as_str().unwrap();
        let answer = world.merchant.place(token, &cart("ECOMMERCE")).await;
        insta::assert_snapshot!(answer.error(), @r#"403 INVALID_OPERATION ["Authorization token already consumed"]"#);
    });
}

#[test]
fn a_cancelled_authorization_cannot_become_an_order() {
    journey(async |world: Arc<World>| {
        let (_, token) = world.authorized().await;
        let path = format!("/payments/v1/authorizations/{token}");
        let answer = world.merchant.delete(&path).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        let again = world.merchant.delete(&path).await;
        insta::assert_snapshot!(again.error(), @r#"404 NOT_FOUND ["Authorization cannot be deleted"]"#);
        let order = world.merchant.place(&token, &cart("ECOMMERCE")).await;
        insta::assert_snapshot!(order.error(), @r#"404 NOT_FOUND ["Invalid authorization token"]"#);
    });
}

#[test]
fn an_authorization_that_became_an_order_cannot_be_deleted() {
    journey(async |world: Arc<World>| {
        let (_, token) = world.authorized().await;
        assert_eq!(world.merchant.place(&token, &cart("ECOMMERCE")).await.status, 200);
        let answer = world.merchant.delete(&format!("/payments/v1/authorizations/{token}")).await;
        insta::assert_snapshot!(answer.error(), @r#"404 NOT_FOUND ["Authorization cannot be deleted"]"#);
    });
}
