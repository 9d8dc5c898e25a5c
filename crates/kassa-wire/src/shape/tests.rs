//! Checks which values the tables refuse, and the paths that they report.

use serde_json::json;

use super::*;
use crate::cart::OrderLine;
use crate::order_management::CaptureCreation;
use crate::payments::PaymentSession;

fn session(with: Value) -> Value {
    let line = json!({"name": "Shoe", "quantity": 1, "unit_price": 100, "total_amount": 100});
    let mut body = json!({
        "purchase_country": "SE", "purchase_currency": "SEK", "order_amount": 100, "order_lines": [line],
    });
    let Value::Object(with) = with else { unreachable!("the sample is an object") };
    body.as_object_mut().expect("an object").extend(with);
    body
}

#[track_caller]
fn check_body<T: Shaped + std::fmt::Debug>(body: Value, expected: &[&str]) {
    let problems = T::read(body).err().unwrap_or_default();
    assert_eq!(problems.paths(), expected);
}

#[test]
fn a_minimal_session_is_accepted() {
    check_body::<PaymentSession>(session(json!({})), &[]);
}

#[test]
fn all_missing_fields_are_reported_together() {
    check_body::<PaymentSession>(
        json!({}),
        &["purchase_country", "purchase_currency", "order_amount", "order_lines"],
    );
    check_body::<PaymentSession>(
        session(json!({"order_lines": [{"quantity": 1}, {"name": "x", "subscription": {}}]})),
        &[
            "order_lines[0].name",
            "order_lines[0].unit_price",
            "order_lines[0].total_amount",
            "order_lines[1].quantity",
            "order_lines[1].unit_price",
            "order_lines[1].total_amount",
            "order_lines[1].subscription.name",
            "order_lines[1].subscription.interval",
            "order_lines[1].subscription.interval_count",
        ],
    );
}

#[test]
fn a_value_of_the_wrong_type_is_reported_by_its_path() {
    for value in
        [json!("1"), json!(1.5), json!(true), json!([]), json!({}), json!(9_223_372_036_854_775_808_u64)]
    {
        check_body::<PaymentSession>(session(json!({"order_amount": value})), &["order_amount"]);
    }
    check_body::<PaymentSession>(session(json!({"order_lines": {}})), &["order_lines"]);
    check_body::<PaymentSession>(session(json!({"order_lines": [7]})), &["order_lines[0]"]);
    check_body::<PaymentSession>(session(json!({"customer": "me"})), &["customer"]);
    check_body::<PaymentSession>(json!([]), &["body"]);
}

#[test]
fn null_counts_as_absent_at_every_level() {
    let line = json!({
        "name": "Shoe", "quantity": 1, "unit_price": 100, "total_amount": 100, "reference": null, "tax_rate": null,
    });
    let body = session(json!({"locale": null, "billing_address": {"city": null}, "order_lines": [line]}));
    check_body::<PaymentSession>(body, &[]);
    check_body::<PaymentSession>(session(json!({"order_amount": null})), &["order_amount"]);
}

#[test]
fn unknown_fields_are_ignored() {
    check_body::<PaymentSession>(session(json!({"endpoint": "x", "client_token": 7})), &[]);
}

#[test]
fn lengths_are_counted_in_characters() {
    let reference = |length| json!({"merchant_reference1": "å".repeat(length)});
    check_body::<PaymentSession>(session(reference(255)), &[]);
    check_body::<PaymentSession>(session(reference(256)), &["merchant_reference1"]);
}

#[test]
fn a_payment_session_outside_the_limits_of_the_wire_is_refused() {
    let bad = [
        ("purchase_country", json!("SWE")),
        ("purchase_country", json!("S1")),
        ("purchase_currency", json!("kr")),
        ("order_amount", json!(-1)),
        ("order_tax_amount", json!(-1)),
        ("order_lines", json!([])),
        ("locale", json!("english")),
        ("locale", json!("en_US")),
        ("intent", json!("sell")),
        ("acquiring_channel", json!("MOON")),
        ("merchant_data", json!("x".repeat(6001))),
        ("billing_address.postal_code", json!("12345678901")),
        ("billing_address.country", json!("Sweden")),
        ("shipping_address.title", json!("x".repeat(21))),
        ("shipping_address.email", json!("x".repeat(100))),
        ("customer.last_four_ssn", json!("12345")),
        ("customer.type", json!("robot")),
        ("customer.organization_entity_type", json!("CLUB")),
        ("merchant_urls.confirmation", json!("x".repeat(2001))),
        ("merchant_urls.app_return_url", json!("app")),
        ("options.color_text", json!("red")),
        ("options.color_text", json!("#12345")),
    ];
    for (path, value) in bad {
        let body = match path.split_once('.') {
            Some((parent, child)) => json!({parent: {child: value}}),
            None => json!({path: value}),
        };
        check_body::<PaymentSession>(session(body), &[path]);
    }
    let attachment = json!({"attachment": {"body": "{", "content_type": "application/json"}});
    check_body::<PaymentSession>(session(attachment), &["attachment.body"]);
}

#[test]
fn an_order_line_outside_the_limits_of_the_wire_is_refused() {
    let bad = [
        ("name", json!("")),
        ("name", json!("x".repeat(256))),
        ("quantity", json!(-1)),
        ("unit_price", json!(200_000_001)),
        ("total_amount", json!(200_000_001)),
        ("type", json!("gift")),
        ("reference", json!("x".repeat(256))),
        ("quantity_unit", json!("")),
        ("quantity_unit", json!("kilograms")),
        ("tax_rate", json!(-1)),
        ("tax_rate", json!(10_001)),
        ("total_discount_amount", json!(-1)),
        ("product_url", json!("x".repeat(1025))),
        ("image_url", json!("x".repeat(1025))),
        ("merchant_data", json!("x".repeat(1025))),
    ];
    for (field, value) in bad {
        let mut line = json!({"name": "Shoe", "quantity": 1, "unit_price": 100, "total_amount": 100});
        line[field] = value;
        check_body::<OrderLine>(line, &[field]);
    }
    let line = json!({
        "name": "Rebate", "quantity": 1, "unit_price": -100, "total_amount": -100, "total_tax_amount": -20,
        "type": "discount", "tax_rate": 2500,
    });
    check_body::<OrderLine>(line, &[]);
}

#[test]
fn a_cart_has_at_most_a_thousand_lines() {
    let line = json!({"name": "Shoe", "quantity": 1, "unit_price": 1, "total_amount": 1});
    check_body::<PaymentSession>(session(json!({"order_lines": vec![line.clone(); 1000]})), &[]);
    check_body::<PaymentSession>(session(json!({"order_lines": vec![line; 1001]})), &["order_lines"]);
}

#[test]
fn a_hostile_body_gets_a_bounded_answer() {
    let problems = CaptureCreation::read(json!({"order_lines": vec![7; 10_000]})).expect_err("bad lines");
    assert_eq!(problems.paths().len(), 100);
}
