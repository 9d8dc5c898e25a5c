//! Checks that updates merge, and that a payment session serializes as it was read.

use serde_json::json;

use super::*;
use crate::problems::bad_value_message;

fn recorded() -> Value {
    json!({
        "purchase_country": "SE", "purchase_currency": "SEK", "locale": "sv-SE",
        "order_amount": 22299, "order_tax_amount": 4170,
        "order_lines": [
            {"type": "physical", "name": "Shoe", "quantity": 1, "unit_price": 9999, "tax_rate": 2300,
             "total_amount": 9999, "total_discount_amount": 0, "total_tax_amount": 1870},
            {"type": "shipping_fee", "name": "Express", "quantity": 1, "unit_price": 12300, "tax_rate": 2300,
             "total_amount": 12300, "total_discount_amount": 0, "total_tax_amount": 2300}
        ],
        "merchant_urls": {"confirmation": "https://shop.example/thanks"},
        "billing_address": {"email": "customer@email.se", "country": "SE"}
    })
}

fn read(json: Value) -> PaymentSession {
    PaymentSession::read(json).expect("a good body")
}

#[test]
fn a_payment_session_serializes_as_it_was_read() {
    let written = serde_json::to_value(read(recorded())).expect("JSON");
    assert_eq!(written, recorded());
}

#[test]
fn an_update_changes_only_its_own_fields() {
    let updated = read(recorded())
        .updated_with(json!({"merchant_reference1": "M-1", "locale": null}))
        .expect("a good update");
    let expected = PaymentSession { merchant_reference1: Some("M-1".to_string()), ..read(recorded()) };
    assert_eq!(updated, expected);
}

#[test]
fn an_update_is_checked_like_a_creation() {
    let problems = read(recorded())
        .updated_with(json!({"order_amount": "one", "order_lines": [{"name": ""}]}))
        .expect_err("a bad update");
    assert_eq!(
        bad_value_message(problems.paths()),
        "Bad value: order_amount, order_lines[0].name, order_lines[0].quantity, order_lines[0].unit_price, \
         order_lines[0].total_amount"
    );
}

#[test]
fn defaults_are_those_of_the_wire() {
    let session = PaymentSession::default();
    assert_eq!(
        (session.intent(), session.locale(), session.acquiring_channel()),
        ("buy", "en-US", "ECOMMERCE".to_string())
    );
    assert!(!session.allows_customer_token());
}
