//! Every row of Order Management's error table (docs/wire.md#order-management-errors).

use std::sync::Arc;

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::json;

use crate::harness::{Merchant, World, journey};

#[test]
fn an_order_that_is_unknown_or_foreign_is_absent() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let absent = format!(r#"404 NO_SUCH_ORDER ["Order {order} cannot be found"]"#);
        let (stranger, body) = (&world.stranger, json!({}));
        for path in ["", "/captures", "/captures/x", "/captures/x/extend-due-date-options", "/refunds/x"] {
            assert_eq!(stranger.order_get(&order, path).await.error(), absent, "{path}");
        }
        for path in [
            "/acknowledge",
            "/cancel",
            "/captures",
            "/captures/x/shipping-info",
            "/captures/x/trigger-send-out",
            "/extend-authorization-time",
            "/refunds",
            "/release-remaining-authorization",
            "/shipping-info",
        ] {
            assert_eq!(stranger.order_post(&order, path, &body).await.error(), absent, "{path}");
        }
        for path in
            ["/authorization", "/captures/x/extend-due-date", "/customer-details", "/merchant-references"]
        {
            assert_eq!(stranger.order_patch(&order, path, &body).await.error(), absent, "{path}");
        }
        let answer = world.merchant.order_get("nothing", "").await;
        insta::assert_snapshot!(answer.error(), @r#"404 NO_SUCH_ORDER ["Order nothing cannot be found"]"#);
    });
}

#[test]
fn a_change_is_checked_for_login_then_key_then_order_then_body() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let nobody = world.anyone_as("nobody", "wrong");
        let call = async |caller: &Merchant, order: &str, key: &str, body: Bytes| {
            let path = format!("/ordermanagement/v1/orders/{order}/captures");
            let answer = caller.call(Method::POST, &path, &[("klarna-idempotency-key", key)], body).await;
            answer.error()
        };
        let bad = || Bytes::from_static(b"{}");
        assert_eq!(call(&nobody, "x", "", bad()).await, "401 UNAUTHORIZED []");
        let bad_key = r#"400 BAD_VALUE ["Bad value: Klarna-Idempotency-Key"]"#;
        for key in ["", &"k".repeat(256)] {
            assert_eq!(call(&world.merchant, "x", key, bad()).await, bad_key);
        }
        let absent = r#"404 NO_SUCH_ORDER ["Order x cannot be found"]"#;
        assert_eq!(call(&world.merchant, "x", &"k".repeat(255), bad()).await, absent);
        let missing = r#"422 UNPROCESSABLE_ENTITY ["'captured_amount' must not be null"]"#;
        assert_eq!(call(&world.merchant, &order, "k", bad()).await, missing);
    });
}

#[test]
fn a_capture_or_refund_that_is_unknown_is_absent() {
    journey(async |world: Arc<World>| {
        let (order, _) = world.captured_order(100).await;
        let capture = r#"404 NO_SUCH_CAPTURE ["Capture x cannot be found"]"#;
        let merchant = &world.merchant;
        assert_eq!(merchant.order_get(&order, "/captures/x").await.error(), capture);
        for path in ["/captures/x/shipping-info", "/captures/x/trigger-send-out"] {
            assert_eq!(merchant.order_post(&order, path, &json!({})).await.error(), capture, "{path}");
        }
        assert_eq!(merchant.order_get(&order, "/captures/x/extend-due-date-options").await.error(), capture);
        let refund = merchant.order_get(&order, "/refunds/x").await;
        let expected = format!(r#"404 NOT_FOUND ["Refund x cannot be found for order {order}"]"#);
        assert_eq!(refund.error(), expected);
    });
}

#[test]
fn a_capture_is_refused_beyond_what_remains() {
    journey(async |world: Arc<World>| {
        let (order, _) = world.captured_order(22000).await;
        let answer = world.merchant.order_post(&order, "/captures", &json!({"captured_amount": 300})).await;
        insta::assert_snapshot!(answer.error(), @r#"403 CAPTURE_NOT_ALLOWED ["Captured amount is higher than the remaining authorized amount. Capture not possible."]"#);
        let answer = world.merchant.order_post(&order, "/captures", &json!({"captured_amount": 0})).await;
        insta::assert_snapshot!(answer.error(), @r#"403 CAPTURE_NOT_ALLOWED ["Amount must be higher than 0. Capture not possible."]"#);
    });
}

#[test]
fn a_refund_is_refused_beyond_what_was_captured() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let refund = json!({"refunded_amount": 101});
        let answer = world.merchant.order_post(&order, "/refunds", &refund).await;
        insta::assert_snapshot!(answer.error(), @r#"403 REFUND_NOT_ALLOWED ["Order has no captures. Refund not possible"]"#);
        world.merchant.order_post(&order, "/captures", &json!({"captured_amount": 100})).await;
        let answer = world.merchant.order_post(&order, "/refunds", &refund).await;
        insta::assert_snapshot!(answer.error(), @r#"403 REFUND_NOT_ALLOWED ["Refunded amount is higher than the remaining captured amount. Refund not possible"]"#);
    });
}

#[test]
fn a_captured_order_is_not_cancelled() {
    journey(async |world: Arc<World>| {
        let (order, _) = world.captured_order(100).await;
        let answer = world.merchant.order_post(&order, "/cancel", &json!({})).await;
        insta::assert_snapshot!(answer.error(), @r#"403 CANCEL_NOT_ALLOWED ["Order has previous captures. Cancel not possible"]"#);
    });
}

#[test]
fn an_authorization_never_falls_below_what_was_captured() {
    journey(async |world: Arc<World>| {
        let (order, _) = world.captured_order(8000).await;
        let answer =
            world.merchant.order_patch(&order, "/authorization", &json!({"order_amount": 7000})).await;
        insta::assert_snapshot!(answer.error(), @r#"403 NOT_ALLOWED ["Resulting authorization amount 7000 cannot be less than the captured amount 8000 for order. Order authorization cannot be updated"]"#);
    });
}

#[test]
fn calls_about_a_capture_are_refused_for_an_order_without_captures() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let merchant = &world.merchant;
        let release = merchant.order_post(&order, "/release-remaining-authorization", &json!({})).await;
        insta::assert_snapshot!(release.error(), @r#"403 NOT_ALLOWED ["Order has no captures. Remaining authorization cannot be released"]"#);
        let info = merchant.order_post(&order, "/captures/x/shipping-info", &json!({})).await;
        insta::assert_snapshot!(info.error(), @r#"403 NOT_ALLOWED ["Order has no captures. Shipping info cannot be added"]"#);
        let send_out = merchant.order_post(&order, "/captures/x/trigger-send-out", &json!({})).await;
        insta::assert_snapshot!(send_out.error(), @r#"403 NOT_ALLOWED ["Order has no captures. Send out cannot be triggered"]"#);
        let extension = json!({"number_of_days": 7});
        let due_date = merchant.order_patch(&order, "/captures/x/extend-due-date", &extension).await;
        insta::assert_snapshot!(due_date.error(), @r#"403 NOT_ALLOWED ["Order has no captures. Due date cannot be extended"]"#);
    });
}

#[test]
fn a_cancelled_order_refuses_every_change() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let merchant = &world.merchant;
        assert_eq!(merchant.order_post(&order, "/cancel", &json!({})).await.status, 204);
        let before = merchant.order_get(&order, "").await.text;
        let posts = [
            ("/captures", json!({"captured_amount": 1}), "CAPTURE_NOT_ALLOWED"),
            ("/refunds", json!({"refunded_amount": 1}), "REFUND_NOT_ALLOWED"),
            ("/cancel", json!({}), "CANCEL_NOT_ALLOWED"),
            ("/release-remaining-authorization", json!({}), "NOT_ALLOWED"),
            ("/extend-authorization-time", json!({}), "NOT_ALLOWED"),
            ("/shipping-info", json!({"shipping_info": [{}]}), "NOT_ALLOWED"),
        ];
        for (path, body, code) in posts {
            let answer = merchant.order_post(&order, path, &body).await;
            assert_eq!((answer.status, &answer.json["error_code"]), (403, &json!(code)), "{path}");
        }
        let patches = [
            ("/authorization", json!({"order_amount": 1})),
            ("/customer-details", json!({"shipping_address": {"city": "Oslo"}})),
            ("/merchant-references", json!({"merchant_reference1": "M"})),
        ];
        for (path, body) in patches {
            let answer = merchant.order_patch(&order, path, &body).await;
            assert_eq!((answer.status, &answer.json["error_code"]), (403, &json!("NOT_ALLOWED")), "{path}");
        }
        assert_eq!(merchant.order_get(&order, "").await.text, before);
    });
}

#[test]
fn an_expired_order_is_not_captured() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        world.clock.advance(Duration::from_secs(28 * 86_400));
        let answer = world.merchant.order_post(&order, "/captures", &json!({"captured_amount": 1})).await;
        insta::assert_snapshot!(answer.error(), @r#"403 CAPTURE_NOT_ALLOWED ["Order is expired. Capture not possible."]"#);
        let answer = world.merchant.order_post(&order, "/extend-authorization-time", &json!({})).await;
        insta::assert_snapshot!(answer.error(), @r#"403 NOT_ALLOWED ["Order is expired. Authorization time cannot be extended"]"#);
    });
}

#[test]
fn bad_fields_are_named() {
    journey(async |world: Arc<World>| {
        let (order, capture) = world.captured_order(100).await;
        let merchant = &world.merchant;
        let long = "x".repeat(256);
        let answer = merchant.order_post(&order, "/captures", &json!({"reference": long})).await;
        insta::assert_snapshot!(answer.error(), @r#"422 UNPROCESSABLE_ENTITY ["'captured_amount' must not be null","'reference' size must be between 0 and 255"]"#);
        let answer = merchant.order_post(&order, "/refunds", &json!({"refunded_amount": -1})).await;
        insta::assert_snapshot!(answer.error(), @r#"422 UNPROCESSABLE_ENTITY ["'refunded_amount' must be greater than or equal to 0"]"#);
        let answer =
            merchant.order_patch(&order, "/authorization", &json!({"order_amount": 200_000_001})).await;
        insta::assert_snapshot!(answer.error(), @r#"422 UNPROCESSABLE_ENTITY ["'order_amount' must be less than or equal to 200000000"]"#);
        let info =
            json!({"shipping_info": [{"shipping_company": "x".repeat(101)}, {"shipping_method": "Owl"}]});
        for path in ["/shipping-info".to_string(), format!("/captures/{capture}/shipping-info")] {
            let answer = merchant.order_post(&order, &path, &info).await;
            assert_eq!((answer.status, &answer.json["error_code"]), (422, &json!("UNPROCESSABLE_ENTITY")));
            let messages = answer.json["error_messages"].as_array().unwrap();
            assert_eq!(messages[0], "'shipping_info[0].shipping_company' size must be between 0 and 100");
            let method = messages[1].as_str().unwrap();
            assert!(method.starts_with("'shipping_info[1].shipping_method' must match \"PickUpStore|Home|"));
        }
        let details = json!({"shipping_address": {"country": "Norway"}});
        let answer = merchant.order_patch(&order, "/customer-details", &details).await;
        insta::assert_snapshot!(answer.error(), @r#"422 INVALID_ADDRESS ["'shipping_address.country' is not valid"]"#);
    });
}
