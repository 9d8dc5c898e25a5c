//! A merchant captures and refunds an order in parts (docs/wire.md#order-management).

use std::sync::Arc;

use serde_json::json;

use crate::harness::{World, journey};

#[test]
fn an_order_is_captured_in_parts_and_refunded() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let capture = json!({
            "captured_amount": 10000, "reference": "C-1", "description": "Shipped",
            "shipping_info": [{"shipping_company": "DHL", "shipping_method": "Home"}],
        });
        let answer = world.merchant.order_post(&order, "/captures", &capture).await;
        assert_eq!((answer.status, answer.text.as_str()), (201, ""));
        let capture_id = answer.header("capture-id");
        let location = format!("{}/ordermanagement/v1/orders/{order}/captures/{capture_id}", world.url);
        assert_eq!(answer.header("location"), location);
        assert_eq!(
            world.merchant.summary(&order).await,
            "PART_CAPTURED of 22299 captured 10000 refunded 0 remaining 12299"
        );

        world.merchant.order_post(&order, "/captures", &json!({"captured_amount": 12299})).await;
        let refund = json!({"refunded_amount": 11000, "description": "Returned"});
        let answer = world.merchant.order_post(&order, "/refunds", &refund).await;
        assert_eq!((answer.status, answer.text.as_str()), (201, ""));
        let refund_id = answer.header("refund-id");
        let location = format!("{}/ordermanagement/v1/orders/{order}/refunds/{refund_id}", world.url);
        assert_eq!(answer.header("location"), location);
        assert_eq!(
            world.merchant.summary(&order).await,
            "CAPTURED of 22299 captured 22299 refunded 11000 remaining 0"
        );
    });
}

#[test]
fn a_capture_is_read_as_it_was_made() {
    journey(async |world: Arc<World>| {
        let (order, capture) = world.captured_order(10000).await;
        world.merchant.order_post(&order, "/refunds", &json!({"refunded_amount": 300})).await;
        let read = world.merchant.order_get(&order, &format!("/captures/{capture}")).await;
        assert_eq!(read.status, 200);
        insta::assert_json_snapshot!(read.json, {
            ".capture_id" => "[id]", ".klarna_reference" => "[reference]",
        }, @r#"
        {
          "capture_id": "[id]",
          "klarna_reference": "[reference]",
          "captured_amount": 10000,
          "captured_at": "2026-01-01T00:00:00.000Z",
          "description": "",
          "order_lines": [],
          "refunded_amount": 300,
          "billing_address": {
            "city": "Stockholm",
            "country": "SE",
            "email": "customer@email.se",
            "family_name": "Lindgren",
            "given_name": "Alva",
            "postal_code": "111 22",
            "region": "",
            "street_address": "Provgatan 1",
            "street_address2": "",
            "title": ""
          }
        }
        "#);
        let list = world.merchant.order_get(&order, "/captures").await;
        assert_eq!((list.status, list.json), (200, json!([read.json])));
    });
}

#[test]
fn a_refund_is_read_as_it_was_made() {
    journey(async |world: Arc<World>| {
        let (order, _) = world.captured_order(10000).await;
        let refund = json!({"refunded_amount": 300, "reference": "R-1"});
        let made = world.merchant.order_post(&order, "/refunds", &refund).await;
        let path = format!("/refunds/{}", made.header("refund-id"));
        let read = world.merchant.order_get(&order, &path).await;
        assert_eq!(read.status, 200);
        insta::assert_json_snapshot!(read.json, {".refund_id" => "[id]"}, @r#"
        {
          "refund_id": "[id]",
          "refunded_amount": 300,
          "refunded_at": "2026-01-01T00:00:00.000Z",
          "description": "",
          "order_lines": [],
          "reference": "R-1",
          "credit_invoice": false
        }
        "#);
    });
}

#[test]
fn an_order_without_captures_lists_none() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let list = world.merchant.order_get(&order, "/captures").await;
        assert_eq!((list.status, list.json), (200, json!([])));
    });
}

#[test]
fn releasing_the_rest_completes_the_order() {
    journey(async |world: Arc<World>| {
        let (order, _) = world.captured_order(10000).await;
        let answer = world.merchant.order_post(&order, "/release-remaining-authorization", &json!({})).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        assert_eq!(
            world.merchant.summary(&order).await,
            "CAPTURED of 22299 captured 10000 refunded 0 remaining 0"
        );
    });
}

#[test]
fn shipping_info_is_appended_to_a_capture() {
    journey(async |world: Arc<World>| {
        let (order, capture) = world.captured_order(10000).await;
        let path = format!("/captures/{capture}/shipping-info");
        for number in ["1", "2"] {
            let info = json!({"shipping_info": [{"tracking_number": number}]});
            let answer = world.merchant.order_post(&order, &path, &info).await;
            assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        }
        let read = world.merchant.order_get(&order, &format!("/captures/{capture}")).await.json;
        assert_eq!(read["shipping_info"], json!([{"tracking_number": "1"}, {"tracking_number": "2"}]));
    });
}

#[test]
fn the_due_date_of_an_invoice_is_extended_by_an_offered_number_of_days() {
    journey(async |world: Arc<World>| {
        let (order, capture) = world.captured_order(10000).await;
        let options =
            world.merchant.order_get(&order, &format!("/captures/{capture}/extend-due-date-options")).await;
        assert_eq!(options.status, 200);
        let option = |days| json!({"amount": 0, "number_of_days": days});
        assert_eq!(options.json, json!({"currency": "SEK", "options": [option(7), option(14), option(30)]}));

        let path = format!("/captures/{capture}/extend-due-date");
        let answer = world.merchant.order_patch(&order, &path, &json!({"number_of_days": 14})).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        let answer = world.merchant.order_patch(&order, &path, &json!({"number_of_days": 15})).await;
        insta::assert_snapshot!(answer.error(), @r#"403 NOT_ALLOWED ["Due date cannot be extended by 15 days"]"#);
    });
}

#[test]
fn a_send_out_is_triggered() {
    journey(async |world: Arc<World>| {
        let (order, capture) = world.captured_order(10000).await;
        let path = format!("/captures/{capture}/trigger-send-out");
        let answer = world.merchant.order_post(&order, &path, &json!({})).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    });
}
