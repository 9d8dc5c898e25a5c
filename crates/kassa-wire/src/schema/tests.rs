use serde_json::{Value, json};

use super::*;
use crate::customer_tokens::{CustomerTokenCreation, TokenOrderCreation, TokenStatusUpdate};
use crate::hpp::{Distribution, SessionCreation};
use crate::kassa::{
    CallbackSettings, MerchantCreation, PaymentAccountSetting, PaymentSettings, StuckOperation,
};
use crate::lab::{ClockAdvance, ClockSetting, Export, FaultRules, RateLimitSetting, TestMerchantCreation};
use crate::order_management::{
    AuthorizationUpdate, CaptureCreation, CustomerDetailsUpdate, DueDateExtension, MerchantReferencesUpdate,
    RefundCreation, ShippingInfoAddition,
};
use crate::payments::{OrderCreation, PaymentSession};
use crate::shape::checked_alone;

/// Values around the limits of all rules.
fn values() -> Vec<Value> {
    let sizes =
        [20, 21, 64, 70, 71, 99, 100, 101, 200, 201, 255, 256, 750, 1024, 1025, 2000, 2001, 6000, 6001];
    let texts = [
        "",
        " ",
        "x",
        "SE",
        "se",
        "S1",
        "SEK",
        "sek",
        "sv-SE",
        "sv_SE",
        "sv-SE-",
        "2020-02-03",
        "2020-02-30",
        "1234",
        "12345",
        "123456789",
        "#aabbcc",
        "#aabbcg",
        "https://a.example/b",
        "HTTP://a.example",
        "https://",
        "ftp://a.example",
        "app://x",
        "app:// x",
        "{}",
        "[1",
        "true",
        "1",
        "physical",
        "PHYSICAL",
        "buy",
        "drop",
        "Drop",
        "after",
        "slow",
        "DAY",
        "Home",
        "person",
        "SUBSCRIPTION",
        "CANCELLED",
        "å",
        "\n",
    ];
    let numbers =
        [i64::MIN, -1, 0, 1, 2, 499, 10_000, 10_001, 65_535, 65_536, 200_000_000, 200_000_001, i64::MAX];
    let lists = [0, 1, 500, 501, 1000, 1001].map(|size| json!(vec!["x"; size]));
    let others = [json!(null), json!(true), json!(1.5), json!({}), json!({"x": 1}), json!([[]])];
    let long = sizes.into_iter().map(|size| json!("å".repeat(size)));
    let texts = texts.into_iter().map(|text| json!(text));
    long.chain(texts).chain(numbers.map(|number| json!(number))).chain(lists).chain(others).collect()
}

/// Checks that the schema of each field says what its rule does.
fn check_fields(shape: Shape, seen: &mut usize) {
    for field in shape.fields {
        check_rule(&format!("{}.{}", shape.name, field.wire_name()), field.rule, seen);
    }
}

fn check_rule(path: &str, rule: Rule, seen: &mut usize) {
    if let Rule::Object(shape) | Rule::TextOr(shape) = rule {
        return check_fields(shape, seen);
    }
    if let Rule::List { of, .. } = rule {
        check_rule(path, *of, seen);
    }
    let schema = Schemas::default().rule(rule, &Value::Null);
    let Ok(validator) = jsonschema::draft202012::new(&schema) else { return };
    for value in values() {
        *seen += 1;
        let checked = checked_alone(value.clone(), rule);
        // The checker writes tolerated forms in the form of the schema.
        if let Some(kept) = &checked {
            assert!(validator.is_valid(kept), "{path} accepts {value} as {kept}, which is not in {schema}");
        }
        // A pattern may match more than the rule accepts, such as a date that no calendar has.
        let is_exact =
            !matches!(rule, Rule::Matching(_)) && !matches!(rule, Rule::List { of: Rule::Object(_), .. });
        if is_exact && validator.is_valid(&value) {
            assert!(checked.is_some(), "{path} refuses {value}, which is in {schema}");
        }
    }
}

#[test]
fn the_schema_of_a_request_says_what_its_table_checks() {
    let shapes = [
        SessionCreation::SHAPE,
        Distribution::SHAPE,
        PaymentSession::SHAPE,
        OrderCreation::SHAPE,
        CustomerTokenCreation::SHAPE,
        TokenOrderCreation::SHAPE,
        TokenStatusUpdate::SHAPE,
        CaptureCreation::SHAPE,
        RefundCreation::SHAPE,
        AuthorizationUpdate::SHAPE,
        CustomerDetailsUpdate::SHAPE,
        MerchantReferencesUpdate::SHAPE,
        ShippingInfoAddition::SHAPE,
        DueDateExtension::SHAPE,
        CallbackSettings::SHAPE,
        PaymentSettings::SHAPE,
        StuckOperation::SHAPE,
        MerchantCreation::SHAPE,
        PaymentAccountSetting::SHAPE,
        ClockSetting::SHAPE,
        ClockAdvance::SHAPE,
        FaultRules::SHAPE,
        RateLimitSetting::SHAPE,
        TestMerchantCreation::SHAPE,
        Export::SHAPE,
    ];
    let mut seen = 0;
    shapes.into_iter().for_each(|shape| check_fields(shape, &mut seen));
    assert!(seen > 10_000, "{seen}");
}

#[test]
fn the_schema_of_an_object_has_its_required_fields_and_says_if_it_refuses_others() {
    let mut schemas = Schemas::default();
    let reference = schemas.request::<CaptureCreation>();
    let update = schemas.update::<PaymentSession>();
    schemas.request::<MerchantCreation>();
    let mut document = json!({"components": {}});
    schemas.write_into(&mut document);
    let schemas = &document["components"]["schemas"];
    assert_eq!(reference, json!({"$ref": "#/components/schemas/CaptureCreation"}));
    assert_eq!(schemas["CaptureCreation"]["required"], json!(["captured_amount"]));
    assert_eq!(schemas["CaptureCreation"].get("additionalProperties"), None);
    assert_eq!(schemas["MerchantCreation"]["additionalProperties"], json!(false));
    assert_eq!(update, json!({"$ref": "#/components/schemas/PaymentSessionUpdate"}));
    assert_eq!(schemas["PaymentSessionUpdate"].get("required"), None);
    assert_eq!(
        schemas["CaptureCreation"]["properties"]["order_lines"]["items"]["$ref"],
        "#/components/schemas/ManagedOrderLine"
    );
    let name = &schemas["ManagedOrderLine"]["properties"]["name"];
    assert_eq!(name, &json!({"type": "string", "maxLength": 255, "description": "The name of the article."}));
}

#[test]
fn an_answer_that_differs_from_the_request_of_the_same_name_gets_a_name_of_its_own() {
    let mut schemas = Schemas::default();
    schemas.request::<RateLimitSetting>();
    let answer = schemas.answer::<RateLimitSetting>();
    let mut document = json!({"components": {}, "answer": answer});
    schemas.write_into(&mut document);
    assert_eq!(document["answer"], json!({"$ref": "#/components/schemas/RateLimitSettingRead"}));
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["RateLimitSetting"]["properties"]["creations"]["type"], "integer");
    assert_eq!(
        schemas["RateLimitSettingRead"]["properties"]["creations"]["type"],
        json!(["integer", "null"])
    );
}

#[test]
fn a_field_that_is_omitted_is_never_null() {
    let mut schemas = Schemas::default();
    schemas.answer::<crate::kassa::HistoryOperation>();
    let mut document = json!({"components": {}});
    schemas.write_into(&mut document);
    let operation = &document["components"]["schemas"]["HistoryOperation"];
    assert_eq!(operation["properties"]["due_at"]["type"], "string");
    assert!(!operation["required"].as_array().expect("a list").contains(&json!("due_at")));
}
