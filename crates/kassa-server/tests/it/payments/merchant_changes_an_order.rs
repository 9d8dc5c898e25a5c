//! A merchant changes or cancels a whole order (docs/wire.md#order-management).

use std::sync::Arc;

use std::time::Duration;

use http::Method;
use serde_json::json;

use super::cart_with;
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
        let line = json!({
            "name": "Shoe", "quantity": 1, "unit_price": 15000, "total_amount": 15000, "reference": "",
            "quantity_unit": "", "tax_rate": 0, "total_discount_amount": 0, "total_tax_amount": 0,
        });
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
fn an_update_overwrites_only_the_given_references_and_clears_an_empty_one() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let first = json!({"merchant_reference1": "A", "merchant_reference2": "B"});
        for update in [first, json!({"merchant_reference2": "C"})] {
            let answer = world.merchant.order_patch(&order, "/merchant-references", &update).await;
            assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        }
        let read = world.merchant.order_get(&order, "").await.json;
        assert_eq!((&read["merchant_reference1"], &read["merchant_reference2"]), (&json!("A"), &json!("C")));

        let cleared = json!({"merchant_reference1": ""});
        assert_eq!(world.merchant.order_patch(&order, "/merchant-references", &cleared).await.status, 204);
        let read = world.merchant.order_get(&order, "").await.json;
        assert_eq!((read.get("merchant_reference1"), &read["merchant_reference2"]), (None, &json!("C")));
    });
}

#[test]
fn an_update_of_an_address_keeps_what_it_does_not_name_and_clears_what_is_empty() {
    journey(async |world: Arc<World>| {
        let address = json!({
            "given_name": "Anna", "family_name": "Ek", "email": "anna@example.se", "phone": "+46701234567",
            "street_address": "Storgatan 1", "street_address2": "2 tr", "postal_code": "11122",
            "city": "Stockholm", "country": "SE", "title": "", "region": "",
        });
        let cart = cart_with(json!({"billing_address": address, "shipping_address": address}));
        let (_, token) = world.authorized_with(&cart).await;
        let placed = world.merchant.place(&token, &cart).await;
        let order = placed.json["order_id"].as_str().unwrap();
        let update = json!({
            "shipping_address": {"street_address": "Nygatan 2", "phone": "", "street_address2": "", "country": "no"},
            "billing_address": {"given_name": null, "title": "Dr"},
        });
        let answer = world.merchant.order_patch(order, "/customer-details", &update).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));

        let read = world.merchant.order_get(order, "").await.json;
        let mut expected = address.clone();
        expected["street_address"] = json!("Nygatan 2");
        expected["street_address2"] = json!("");
        expected["country"] = json!("NO");
        expected.as_object_mut().unwrap().remove("phone");
        assert_eq!(read["shipping_address"], expected);
        let moved = json!({"billing_address": {"country": "NO"}});
        assert_eq!(world.merchant.order_patch(order, "/customer-details", &moved).await.status, 204);
        let read = world.merchant.order_get(order, "").await.json;
        let countries = (&read["purchase_country"], &read["billing_address"]["country"]);
        assert_eq!(countries, (&json!("SE"), &json!("NO")), "the country of the purchase stays");
        let moved = json!({"billing_address": {"country": "SE"}});
        assert_eq!(world.merchant.order_patch(order, "/customer-details", &moved).await.status, 204);
        let read = world.merchant.order_get(order, "").await.json;
        let mut expected = address.clone();
        expected["title"] = json!("Dr");
        assert_eq!(read["billing_address"], expected);
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
