//! Values are accepted in the forms in which real clients write them (docs/wire.md#tolerant-in-form), and answers have
//! the headers and the fields of recorded ones.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use super::cart_with;
use crate::harness::{Page, World, cart, journey};

#[test]
fn numbers_are_kept_as_texts_in_every_body() {
    journey(async |world: Arc<World>| {
        let references = json!({"merchant_reference1": 1042, "merchant_reference2": 16});
        let (_, token) = world.authorized_with(&cart_with(references.clone())).await;
        let placed = world.merchant.place(&token, &cart_with(references)).await;
        assert_eq!(placed.status, 200, "{}", placed.text);
        let order = placed.json["order_id"].as_str().unwrap();
        let read = world.merchant.order_get(order, "").await.json;
        assert_eq!(
            (&read["merchant_reference1"], &read["merchant_reference2"]),
            (&json!("1042"), &json!("16"))
        );

        let capture = r#"{"captured_amount": 100.0, "reference": 7, "shipping_info": [
            {"tracking_number": 9400110200881234567890, "shipping_company": 3}]}"#;
        let path = format!("/ordermanagement/v1/orders/{order}/captures");
        let captured = world.merchant.call(Method::POST, &path, &[], capture.into()).await;
        assert_eq!(captured.status, 201, "{}", captured.text);
        let references = json!({"merchant_reference2": 17});
        assert_eq!(world.merchant.order_patch(order, "/merchant-references", &references).await.status, 204);
        let details = json!({"shipping_address": {"postal_code": 11122, "phone": 46_701_234_567_i64}});
        assert_eq!(world.merchant.order_patch(order, "/customer-details", &details).await.status, 204);
        let read = world.merchant.order_get(order, "").await.json;
        let capture = &read["captures"][0];
        assert_eq!((&capture["reference"], &capture["captured_amount"]), (&json!("7"), &json!(100)));
        let info = json!([{"tracking_number": "9400110200881234567890", "shipping_company": "3"}]);
        assert_eq!(capture["shipping_info"], info);
        assert_eq!(read["merchant_reference2"], json!("17"));
        assert_eq!(read["shipping_address"]["postal_code"], json!("11122"));
        assert_eq!(read["shipping_address"]["phone"], json!("46701234567"));
    });
}

#[test]
fn whole_numbers_may_have_a_fraction_of_zero_an_exponent_or_quotes() {
    journey(async |world: Arc<World>| {
        let text = cart("ECOMMERCE").to_string();
        let forms = [
            (r#""order_amount":22299"#, r#""order_amount":22299.0"#),
            (r#""order_amount":22299"#, r#""order_amount":2.2299e4"#),
            (r#""order_amount":22299"#, r#""order_amount":"22299""#),
            (r#""unit_price":9999"#, r#""unit_price":9999.00"#),
            (r#""tax_rate":2300"#, r#""tax_rate":2300.0000000000002"#),
            (r#""quantity":1"#, r#""quantity":"1.0""#),
        ];
        for (written, other) in forms {
            assert!(text.contains(written), "{text}");
            let body = text.replacen(written, other, 1);
            let answer = world.merchant.call(Method::POST, "/payments/v1/sessions", &[], body.into()).await;
            assert_eq!(answer.status, 200, "{other}: {}", answer.text);
        }
        for other in
            ["1e400", "-1e400", "1e-400", "0.5", "99999999999999999999", "1e9999999999999999999", "\"\""]
        {
            let body = text.replacen(r#""order_amount":22299"#, &format!(r#""order_amount":{other}"#), 1);
            let answer = world.merchant.call(Method::POST, "/payments/v1/sessions", &[], body.into()).await;
            assert_eq!(answer.error(), r#"400 BAD_VALUE ["Bad value: order_amount"]"#, "{other}");
        }
        for rate in [887.5, 1_960.000_000_000_000_2] {
            let (order, _) = world.captured_order(1000).await;
            let line = json!({
                "name": "Shoe", "quantity": 1, "unit_price": 100, "total_amount": 100, "tax_rate": rate,
            });
            let refund = json!({"refunded_amount": "100", "order_lines": [line]});
            let answer = world.merchant.order_post(&order, "/refunds", &refund).await;
            assert_eq!(answer.status, 201, "{rate}: {}", answer.text);
        }
    });
}

#[test]
fn a_line_may_round_its_unit_price() {
    journey(async |world: Arc<World>| {
        let body = |total: i64| {
            let line = json!({"name": "Screw", "quantity": 3, "unit_price": 33, "total_amount": total});
            json!({"purchase_country": "SE", "purchase_currency": "SEK", "order_amount": total, "order_lines": [line]})
        };
        assert_eq!(world.merchant.post("/payments/v1/sessions", &body(102)).await.status, 200);
        let answer = world.merchant.post("/payments/v1/sessions", &body(103)).await;
        assert_eq!(answer.error(), r#"400 BAD_VALUE ["Bad value: order_lines[0].total_amount"]"#);
    });
}

#[test]
fn codes_in_lower_case_mean_the_same_everywhere() {
    journey(async |world: Arc<World>| {
        let codes = json!({
            "purchase_country": "jp", "purchase_currency": "jpy", "locale": "en-US", "order_tax_amount": 0,
            "order_amount": 123_456,
            "order_lines": [{"name": "Shoe", "quantity": 1, "unit_price": 123_456, "total_amount": 123_456}],
        });
        let payment = world.merchant.post("/payments/v1/sessions", &cart_with(codes)).await.json;
        let payment = payment["session_id"].as_str().unwrap();
        let read = world.merchant.get(&format!("/payments/v1/sessions/{payment}")).await.json;
        assert_eq!((&read["purchase_country"], &read["purchase_currency"]), (&json!("JP"), &json!("JPY")));
        let page = world.page_session_of(payment, json!({})).await;
        let page = Page::open(&world, &page).await;
        assert!(page.html.contains("¥123,456"), "{}", page.html);
    });
}

#[test]
fn the_tag_of_a_consumer_is_read_in_any_letter_case() {
    journey(async |world: Arc<World>| {
        for (email, status) in [
            ("customer+Denied@email.se", "FAILED"),
            ("Customer+ERROR@email.se", "ERROR"),
            ("customer@Denied.se", "COMPLETED"),
        ] {
            let session = world.page_session().await;
            let mut page = Page::open(&world, &session).await;
            page.pay(email, "123456").await;
            assert_eq!(world.merchant.read(&session).await["status"], status, "{email}");
        }
    });
}

#[test]
fn a_page_offers_the_one_category_that_it_asks_for() {
    journey(async |world: Arc<World>| {
        let options = json!({"payment_method_category": "KLARNA"});
        let session = world.page_session_with(options, "ECOMMERCE").await;
        let mut page = Page::open(&world, &session).await;
        let form = page.form("customer@email.se", "123456");
        assert!(form.contains(&("payment_method_category", "klarna".to_string())), "{form:?}");
        page.post("pay", &form).await;
        assert_eq!(world.merchant.read(&session).await["status"], "COMPLETED");
        let default = Page::open(&world, &world.page_session().await).await;
        for (category, is_shown) in [("klarna", false), ("direct_debit", false), ("pay_later", true)] {
            let input = format!("value=\"{category}\"");
            assert_eq!(default.html.contains(&input), is_shown, "{category}: {}", default.html);
        }
    });
}

#[test]
fn an_order_shows_what_the_consumer_entered() {
    journey(async |world: Arc<World>| {
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        let session = world.page_session_of(&payment, json!({"place_order_mode": "PLACE_ORDER"})).await;
        let mut page = Page::open(&world, &session).await;
        let form = page.form("jo+New_User@email.se", "123456");
        page.post("pay", &form).await;
        for date_of_birth in ["2026-01-03", "1990-02-30", "0001-01-01", "1990-02-03"] {
            assert_eq!(world.merchant.read(&session).await["status"], "IN_PROGRESS");
            let sign_up = [("given_name", "Jo"), ("family_name", "Ek"), ("date_of_birth", date_of_birth)];
            let sign_up = sign_up.map(|(name, value)| (name, value.to_string()));
            page.post("pay", &[form.as_slice(), &sign_up].concat()).await;
        }
        let order = world.merchant.read(&session).await["order_id"].as_str().unwrap().to_string();
        let read = world.merchant.order_get(&order, "").await.json;
        assert_eq!(
            read["billing_address"],
            json!({
                "city": "Stockholm", "country": "SE", "email": "jo+New_User@email.se", "family_name": "Ek",
                "given_name": "Jo", "postal_code": "111 22", "region": "", "street_address": "Provgatan 1",
                "street_address2": "", "title": "",
            })
        );
        assert_eq!(read["customer"], json!({"date_of_birth": "1990-02-03", "type": "person"}));
    });
}

#[test]
fn an_order_shows_of_the_customer_no_more_than_the_vendor_does() {
    journey(async |world: Arc<World>| {
        let customer = json!({
            "date_of_birth": "1990-01-02", "gender": "female", "title": "Dr", "vat_id": "SE1",
            "last_four_ssn": "1234", "national_identification_number": "19900102-1234", "type": "organization",
        });
        let cart = cart_with(json!({"customer": customer}));
        let (_, token) = world.authorized_with(&cart).await;
        let placed = world.merchant.place(&token, &cart).await;
        let read = world.merchant.order_get(placed.json["order_id"].as_str().unwrap(), "").await.json;
        let shown = json!({
            "date_of_birth": "1990-01-02", "national_identification_number": "19900102-1234", "type": "organization",
        });
        assert_eq!(read["customer"], shown);
    });
}

#[test]
fn order_management_has_its_own_headers_and_forms() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let read = world.merchant.order_get(&order, "").await;
        assert_eq!(read.header("content-type"), "application/json");
        assert_ne!(read.header("transaction-id"), "");
        let captured = world.merchant.order_post(&order, "/captures", &json!({"captured_amount": 100})).await;
        assert_eq!((captured.status, captured.header("content-length")), (201, "0"));
        assert_ne!(captured.header("transaction-id"), "");
        let refused = world.merchant.order_post(&order, "/captures", &json!({})).await;
        assert_eq!(refused.error(), r#"422 UNPROCESSABLE_ENTITY ["'captured_amount' must not be null"]"#);
        assert_eq!(refused.header("content-type"), "application/json");
        let payment = world.merchant.post("/payments/v1/sessions", &cart("ECOMMERCE")).await;
        assert_eq!(payment.header("content-type"), "application/json;charset=utf-8");
    });
}

#[test]
fn a_capture_and_a_refund_have_the_lines_fields_of_an_order() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let line =
            json!({"name": "", "quantity": 1, "unit_price": 100, "total_amount": 100, "quantity_unit": ""});
        let body = |amount: &str| json!({amount: 100, "order_lines": [line]});
        assert_eq!(
            world.merchant.order_post(&order, "/captures", &body("captured_amount")).await.status,
            201
        );
        assert_eq!(world.merchant.order_post(&order, "/refunds", &body("refunded_amount")).await.status, 201);
        let read = world.merchant.order_get(&order, "").await.json;
        for (list, absent) in
            [("captures", vec!["reference", "shipping_info"]), ("refunds", vec!["reference"])]
        {
            let one: &Value = &read[list][0];
            assert_eq!(
                one["order_lines"][0],
                json!({
                    "name": "", "quantity": 1, "unit_price": 100, "total_amount": 100, "reference": "",
                    "quantity_unit": "", "tax_rate": 0, "total_discount_amount": 0, "total_tax_amount": 0,
                })
            );
            for field in absent {
                assert_eq!(one.get(field), None, "{list}: {field}");
            }
        }
    });
}
