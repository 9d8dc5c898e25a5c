//! Checks which values the tables refuse, and the paths that they report.

use serde_json::json;

use super::*;
use crate::cart::OrderLine;
use crate::order_management::{CaptureCreation, CustomerDetailsUpdate};
use crate::payments::{OrderCreation, PaymentSession};

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
    assert_eq!(problems.paths().collect::<Vec<_>>(), expected);
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
    for value in [
        json!("one"),
        json!(""),
        json!(1.5),
        json!("1.5"),
        json!(1e300),
        json!(true),
        json!([]),
        json!({}),
        json!(9_223_372_036_854_775_808_u64),
    ] {
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
        ("customer.date_of_birth", json!("1990-02-30")),
        ("customer.date_of_birth", json!("2023-02-29")),
        ("customer.date_of_birth", json!("1990-13-01")),
        ("customer.date_of_birth", json!("0000-01-01")),
        ("customer.date_of_birth", json!("1990-1-1")),
        ("customer.date_of_birth", json!("01-02-1990")),
        ("customer.date_of_birth", json!("19900102")),
        ("customer.date_of_birth", json!("1990-01-02T00:00:00Z")),
        ("customer.date_of_birth", json!(19_900_102)),
        ("customer.type", json!("robot")),
        ("customer.organization_entity_type", json!("CLUB")),
        ("merchant_urls.confirmation", json!("x".repeat(2001))),
        ("merchant_urls.confirmation", json!("thanks")),
        ("merchant_urls.confirmation", json!("https://")),
        ("merchant_urls.notification", json!("://shop.example")),
        ("merchant_urls.push", json!("https://shop.example/a b")),
        ("merchant_urls.authorization", json!("https://shop.example/\n")),
        ("merchant_urls.app_return_url", json!("app")),
        ("merchant_urls.app_return_url", json!("")),
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
        ("total_discount_amount", json!(200_000_001)),
        ("total_tax_amount", json!(200_000_001)),
        ("tax_rate", json!(10_001.5)),
        ("tax_rate", json!("high")),
        ("quantity", json!(0.5)),
        ("quantity", json!("1e400")),
        ("product_url", json!(format!("https://shop.example/{}", "x".repeat(1004)))),
        ("product_url", json!("")),
        ("product_url", json!("shoe")),
        ("product_url", json!("/shoe")),
        ("product_url", json!("ftp://shop.example/shoe")),
        ("image_url", json!("")),
        ("image_url", json!("//shop.example/shoe.png")),
        ("image_url", json!("shop.example/shoe.png")),
        ("image_url", json!("https://")),
        ("image_url", json!("https:shop.example")),
        ("image_url", json!("javascript:alert(1)")),
        ("image_url", json!("https://shop example/shoe.png")),
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
    assert_eq!(problems.paths().count(), 100);
}

fn read_session(with: Value) -> Value {
    let session = PaymentSession::read(session(with)).expect("a good body");
    serde_json::to_value(session).expect("JSON")
}

#[test]
fn a_number_is_kept_as_a_text_where_a_text_is_expected() {
    let given = json!({
        "merchant_reference1": 1042, "merchant_reference2": -16, "merchant_data": 1,
        "billing_address": {"postal_code": 11122, "phone": 46_701_234_567_i64, "street_address2": 3},
        "customer": {"last_four_ssn": 1234, "organization_registration_id": 5_560_001},
        "custom_payment_method_ids": [1, "2"],
        "order_lines": [{"name": 501, "reference": 7, "quantity": 1, "unit_price": 100, "total_amount": 100}],
    });
    let kept = read_session(given);
    for (path, expected) in [
        ("/merchant_reference1", "1042"),
        ("/merchant_reference2", "-16"),
        ("/merchant_data", "1"),
        ("/billing_address/postal_code", "11122"),
        ("/billing_address/phone", "46701234567"),
        ("/billing_address/street_address2", "3"),
        ("/customer/last_four_ssn", "1234"),
        ("/customer/organization_registration_id", "5560001"),
        ("/custom_payment_method_ids/0", "1"),
        ("/order_lines/0/name", "501"),
        ("/order_lines/0/reference", "7"),
    ] {
        assert_eq!(kept.pointer(path), Some(&json!(expected)), "{path}");
    }
    check_body::<PaymentSession>(
        session(json!({"billing_address": {"postal_code": 12_345_678_901_i64}})),
        &["billing_address.postal_code"],
    );
}

#[test]
fn a_whole_number_and_a_flag_may_have_another_form() {
    for form in [json!(100), json!("100"), json!(100.0), json!("1e2"), json!("100.0")] {
        let line = json!({"name": "Shoe", "quantity": "1.0", "unit_price": form, "total_amount": form});
        let kept =
            read_session(json!({"order_amount": form, "order_tax_amount": "0", "order_lines": [line]}));
        assert_eq!(kept["order_amount"], json!(100), "{form}");
        assert_eq!(kept["order_tax_amount"], json!(0), "{form}");
        let line = json!({"name": "Shoe", "quantity": 1, "unit_price": 100, "total_amount": 100});
        assert_eq!(kept["order_lines"][0], line, "{form}");
    }
    for (rate, expected) in
        [(json!(887.5), 887), (json!(1_960.000_000_000_000_2), 1960), (json!("2500"), 2500)]
    {
        let line = json!({"name": "S", "quantity": 1, "unit_price": 1, "total_amount": 1, "tax_rate": rate});
        let read = OrderLine::read(line).expect("a good line");
        assert_eq!(read.tax_rate, Some(expected), "{rate}");
    }
    for (flag, expected) in [(json!("true"), true), (json!("FALSE"), false), (json!(true), true)] {
        let mut body = session(json!({}));
        body["auto_capture"] = flag.clone();
        assert_eq!(OrderCreation::read(body).expect("a good body").auto_capture, Some(expected), "{flag}");
    }
}

#[test]
fn codes_are_kept_in_upper_case_and_words_in_the_case_of_the_wire() {
    let kept = read_session(json!({
        "purchase_country": "se", "purchase_currency": "Sek", "intent": "BUY_AND_TOKENIZE",
        "acquiring_channel": "in_store", "billing_address": {"country": "no"},
        "customer": {"type": "PERSON"},
        "order_lines": [
            {"name": "Shoe", "quantity": 1, "unit_price": 100, "total_amount": 100, "type": "Physical"},
        ],
    }));
    for (path, expected) in [
        ("/purchase_country", "SE"),
        ("/purchase_currency", "SEK"),
        ("/intent", "buy_and_tokenize"),
        ("/acquiring_channel", "IN_STORE"),
        ("/billing_address/country", "NO"),
        ("/customer/type", "person"),
        ("/order_lines/0/type", "physical"),
    ] {
        assert_eq!(kept.pointer(path), Some(&json!(expected)), "{path}");
    }
}

#[test]
fn a_problem_is_worded_like_bean_validation() {
    let body = json!({
        "captured_amount": -1, "reference": "x".repeat(256), "shipping_delay": "soon",
        "shipping_info": [{"shipping_method": "Owl", "tracking_number": []}], "order_lines": [7, {"name": "x"}],
    });
    let problems = CaptureCreation::read(body).expect_err("bad fields");
    let methods = "PickUpStore|Home|BoxReg|BoxUnreg|PickUpPoint|Own|Postal|DHLPackstation|Digital|Undefined|\
                   PickUpWarehouse|ClickCollect|PalletDelivery";
    assert_eq!(
        problems.validation_messages(),
        [
            "'captured_amount' must be greater than or equal to 0".to_string(),
            "'reference' size must be between 0 and 255".to_string(),
            "'order_lines[0]' must be an object".to_string(),
            "'order_lines[1].quantity' must not be null".to_string(),
            "'order_lines[1].unit_price' must not be null".to_string(),
            "'order_lines[1].total_amount' must not be null".to_string(),
            format!("'shipping_info[0].shipping_method' must match \"{methods}\""),
            "'shipping_info[0].tracking_number' must be a text".to_string(),
            "'shipping_delay' must be a whole number".to_string(),
        ]
    );
    let problems = CaptureCreation::read(json!({})).expect_err("a missing field");
    assert_eq!(problems.validation_messages(), ["'captured_amount' must not be null"]);
    let problems = CaptureCreation::read(json!({"captured_amount": 200_000_001})).expect_err("too much");
    assert_eq!(problems.validation_messages(), ["'captured_amount' must be less than or equal to 200000000"]);
}

#[test]
fn order_management_allows_more_than_kp_does() {
    let sizes = [
        ("attention", 255),
        ("city", 200),
        ("email", 100),
        ("family_name", 100),
        ("given_name", 100),
        ("organization_name", 255),
        ("phone", 100),
        ("postal_code", 10),
        ("region", 200),
        ("street_address", 100),
        ("street_address2", 100),
        ("title", 20),
    ];
    for (field, size) in sizes {
        let path = format!("shipping_address.{field}");
        let body = |size| json!({"shipping_address": {field: "å".repeat(size)}});
        check_body::<CustomerDetailsUpdate>(body(size), &[]);
        check_body::<CustomerDetailsUpdate>(body(size + 1), &[&path]);
    }
    check_body::<CustomerDetailsUpdate>(json!({"shipping_address": {"country": ""}}), &[]);
    let lines = [
        (json!({"name": ""}), None),
        (json!({"quantity_unit": ""}), None),
        (json!({"quantity_unit": "kilometers"}), None),
        (json!({"quantity_unit": "kilometers2"}), Some("quantity_unit")),
        (json!({"tax_rate": 12_000}), None),
        (json!({"tax_rate": -1}), Some("tax_rate")),
        (json!({"image_url": ""}), None),
        (json!({"total_discount_amount": 200_000_001}), Some("total_discount_amount")),
    ];
    for (with, bad) in lines {
        let mut line = json!({"name": "Shoe", "quantity": 1, "unit_price": 100, "total_amount": 100});
        line.as_object_mut().expect("an object").extend(with.as_object().expect("an object").clone());
        let body = json!({"captured_amount": 100, "order_lines": [line]});
        let path = bad.map(|field| format!("order_lines[0].{field}"));
        check_body::<CaptureCreation>(body, path.as_deref().as_slice());
    }
}
