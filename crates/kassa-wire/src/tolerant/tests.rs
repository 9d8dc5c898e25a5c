//! Checks the forms in which a value is accepted, and that no number is too large to be refused.

use serde_json::json;

use super::*;

#[test]
fn a_whole_number_has_many_forms() {
    let forms = [
        ("100", Some(WholeNumber::Exact(100))),
        ("100.0", Some(WholeNumber::Exact(100))),
        ("100.000000000000000000000000", Some(WholeNumber::Exact(100))),
        ("1e2", Some(WholeNumber::Exact(100))),
        ("1E+2", Some(WholeNumber::Exact(100))),
        ("10000e-2", Some(WholeNumber::Exact(100))),
        ("1.5e3", Some(WholeNumber::Exact(1500))),
        ("-4.2e1", Some(WholeNumber::Exact(-42))),
        ("007", Some(WholeNumber::Exact(7))),
        ("-0.0", Some(WholeNumber::Exact(0))),
        ("0e999999999999999999999999", Some(WholeNumber::Exact(0))),
        ("9223372036854775807", Some(WholeNumber::Exact(i64::MAX))),
        ("-9223372036854775808", Some(WholeNumber::Exact(i64::MIN))),
        ("0.000000000000000000009223372036854775807e39", Some(WholeNumber::Exact(i64::MAX))),
        ("887.5", Some(WholeNumber::Truncated(887))),
        ("-887.5", Some(WholeNumber::Truncated(-887))),
        ("1960.0000000000002", Some(WholeNumber::Truncated(1960))),
        ("0.5", Some(WholeNumber::Truncated(0))),
        ("1e-400", Some(WholeNumber::Truncated(0))),
        ("1e-99999999999999999999999", Some(WholeNumber::Truncated(0))),
        ("9223372036854775807.5", Some(WholeNumber::Truncated(i64::MAX))),
        ("9223372036854775808", None),
        ("-9223372036854775809", None),
        ("1e19", None),
        ("1e400", None),
        ("-1e400", None),
        ("1e99999999999999999999999", None),
        ("0.1e9223372036854775807", None),
        ("", None),
        ("-", None),
        (".5", None),
        ("5.", None),
        ("1e", None),
        ("1e+", None),
        ("--1", None),
        ("+1", None),
        ("0x10", None),
        ("1_000", None),
        ("1,000", None),
        ("1 000", None),
        ("NaN", None),
        ("Infinity", None),
        ("١٠٠", None),
    ];
    for (text, expected) in forms {
        assert_eq!(WholeNumber::of(text), expected, "{text}");
        assert_eq!(as_integer(&json!(text)), expected, "{text:?} as a text");
        if let Ok(value) = parse(text.as_bytes()) {
            assert_eq!(as_integer(&value), expected, "{text} as a number");
        }
    }
    assert_eq!(as_integer(&json!(" 100 ")), Some(WholeNumber::Exact(100)));
    for other in [json!(null), json!(true), json!([1]), json!({"a": 1})] {
        assert_eq!(as_integer(&other), None, "{other}");
    }
}

#[test]
fn a_number_keeps_every_digit_as_a_text() {
    for number in
        ["16", "-7", "16.50", "1e2", "1E400", "9400110200881234567890", "0.10", "9223372036854775808"]
    {
        let value = parse(format!(r#"{{"tracking_number": {number} }}"#).as_bytes()).expect("JSON");
        assert_eq!(as_text(&value["tracking_number"]).as_deref(), Some(number));
    }
    for other in [json!(null), json!(true), json!([1]), json!({"a": 1})] {
        assert_eq!(as_text(&other), None, "{other}");
    }
}

#[test]
fn numbers_within_texts_and_broken_json_stay_as_they_are() {
    let text = r#"{"a": "1.5e3 \" 2.5 \\", "b\"1.5": [1.5], "c": -1}"#;
    let value = parse(text.as_bytes()).expect("JSON");
    assert_eq!(value, json!({"a": "1.5e3 \" 2.5 \\", "b\"1.5": ["1.5"], "c": -1}));
    for broken in
        ["", "1.", "-", "{\"a\": 1.}", "[1.5e]", "01.5", "1.5.5", "\"1.5", "\"\\", "{\"a\" 1.5}", "[+1.5]"]
    {
        assert!(parse(broken.as_bytes()).is_err(), "{broken}");
    }
}

#[test]
fn a_flag_may_be_a_text() {
    for (value, expected) in [
        (json!(true), Some(true)),
        (json!("true"), Some(true)),
        (json!("FALSE"), Some(false)),
        (json!("False"), Some(false)),
        (json!("yes"), None),
        (json!(""), None),
        (json!(1), None),
        (json!(null), None),
    ] {
        assert_eq!(as_flag(&value), expected, "{value}");
    }
}

#[test]
fn a_decimal_has_many_forms() {
    for (value, expected) in [
        (json!(1.5), Some(1.5)),
        (json!(2), Some(2.0)),
        (json!(" 1.5 "), Some(1.5)),
        (json!("1e-1"), Some(0.1)),
        (json!("NaN"), None),
        (json!("inf"), None),
        (json!("1e400"), None),
        (json!(""), None),
        (json!(true), None),
        (json!([1]), None),
    ] {
        assert_eq!(as_decimal(&value), expected, "{value}");
    }
}
