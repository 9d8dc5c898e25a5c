//! A merchant changes or cancels a whole order (docs/wire.md#order-management).

use std::sync::Arc;

use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::harness::{World, journey};

const DAY: Duration = Duration::from_secs(86_400);

#[test]
fn an_order_is_cancelled_without_a_body() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let path = format!("/ordermanagement/v1/orders/{order}/cancel");
        let answer = world.merchant.call(Method::POST, &path, &[], "".into()).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        assert_eq!(
            world.merchant.summary(&order).await,
            "CANCELLED of 22299 captured 0 refunded 0 remaining 0"
        );
    });
}

#[test]
fn an_updated_authorization_keeps_its_original_amount() {
    journey(async |world: Arc<World>| {
        let (order, _) = world.captured_order(10000).await;
        let line = json!({"name": "Shoe", "quantity": 1, "unit_price": 15000, "total_amount": 15000});
        let update = json!({"order_amount": 15000, "order_lines": [line], "description": "Less"});
        let answer = world.merchant.order_patch(&order, "/authorization", &update).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        assert_eq!(
            world.merchant.summary(&order).await,
            "PART_CAPTURED of 15000 captured 10000 refunded 0 remaining 5000"
        );
        let read = world.merchant.order_get(&order, "").await.json;
        assert_eq!((&read["original_order_amount"], &read["order_lines"]), (&json!(22299), &json!([line])));
    });
}

#[test]
fn an_update_overwrites_only_the_given_references_and_addresses() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let first = json!({"merchant_reference1": "A", "merchant_reference2": "B"});
        for update in [first, json!({"merchant_reference2": "C"})] {
            let answer = world.merchant.order_patch(&order, "/merchant-references", &update).await;
            assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        }
        let details = json!({"shipping_address": {"city": "Oslo", "country": "NO"}});
        let answer = world.merchant.order_patch(&order, "/customer-details", &details).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));

        let read = world.merchant.order_get(&order, "").await.json;
        assert_eq!((&read["merchant_reference1"], &read["merchant_reference2"]), (&json!("A"), &json!("C")));
        assert_eq!(read["shipping_address"], details["shipping_address"]);
        assert_eq!(read.get("billing_address"), None);
    });
}

#[test]
fn shipping_info_is_appended_to_an_order() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let info = json!({"shipping_info": [{"shipping_method": "PickUpStore"}]});
        let answer = world.merchant.order_post(&order, "/shipping-info", &info).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        let read = world.merchant.order_get(&order, "").await.json;
        assert_eq!(read["shipping_info"], info["shipping_info"]);
    });
}

#[test]
fn an_order_is_acknowledged() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let answer = world.merchant.order_post(&order, "/acknowledge", &json!({})).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    });
}

#[test]
fn an_authorization_expires_unless_it_is_extended() {
    journey(async |world: Arc<World>| {
        let (expiring, extended) = (world.order().await, world.order().await);
        world.clock.advance(10 * DAY);
        let answer = world.merchant.order_post(&extended, "/extend-authorization-time", &json!({})).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        let read = world.merchant.order_get(&extended, "").await.json;
        assert_eq!(read["expires_at"], "2026-02-08T00:00:00.000Z");

        world.clock.advance(18 * DAY);
        assert_eq!(
            world.merchant.summary(&expiring).await,
            "EXPIRED of 22299 captured 0 refunded 0 remaining 0"
        );
        assert_eq!(
            world.merchant.summary(&extended).await,
            "AUTHORIZED of 22299 captured 0 refunded 0 remaining 22299"
        );
    });
}
