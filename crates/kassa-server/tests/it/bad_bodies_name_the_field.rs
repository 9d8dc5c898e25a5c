//! Every API names the field of a body that it cannot read: the answers to bad bodies, path by path.

use std::fmt::Write as _;

use bytes::Bytes;
use http::Method;
use kassa_domain::{Actor, Role};
use kassa_engine::{AccountCreation, Requester};

use crate::harness::{Answer, Merchant, World, journey};

/// The bodies that every path gets. The first three are no JSON object.
const OF_EVERY_PATH: [&str; 5] = ["", "{\"a\":", "[]", "7", "null"];

const SESSIONS: &[&str] = &[
    "{}",
    r#"{"payment_session_url": 7, "merchant_urls": null}"#,
    r#"{"payment_session_url": null, "unknown": 1}"#,
    r#"{"payment_session_url": true, "options": 3}"#,
    r#"{"options": 3, "payment_session_url": true}"#,
    r#"{"merchant_urls": [], "options": 3}"#,
    r#"{"merchant_urls": {"success": {}, "error": []}}"#,
    r#"{"options": {"payment_method_categories": "x"}}"#,
    r#"{"options": {"payment_method_categories": [1, null]}}"#,
    r#"{"options": {"payment_method_categories": ["KLARNA", {}], "page_title": []}}"#,
    r#"{"options": {"payment_fallback": "yes"}}"#,
    r#"{"options": {"payment_fallback": "TRUE", "logo_url": false}}"#,
    r#"{"options": {"background_images": {}}}"#,
    r#"{"options": {"background_images": [{"url": "https://a.example/b", "width": 1.5}]}}"#,
    r#"{"options": {"background_images": [{}, {"width": "9223372036854775808"}]}}"#,
    r#"{"options": {"background_images": [[]]}, "profile_id": {}}"#,
    r#"{"profile_id": [1]}"#,
    r#"{"profile_id": 1.50, "payment_session_url": "x"}"#,
];

const DISTRIBUTION: &[&str] = &[
    "{}",
    r#"{"method": 7}"#,
    r#"{"method": [], "contact_information": 7}"#,
    r#"{"method": "sms", "contact_information": {"phone": 460701740615, "phone_country": true}}"#,
    r#"{"method": "email", "contact_information": {"email": {}}}"#,
    r#"{"template": false}"#,
];

const CALLBACK_SETTINGS: &[&str] = &[
    r#"{"retry_schedule": "slow"}"#,
    r#"{"retry_schedule": 7}"#,
    r#"{"retry_schedule": null}"#,
    r#"{"retry_schedule": []}"#,
    r#"{"retry_schedule": {}}"#,
    r#"{"retry_schedule": {"waits_ms": [1000]}}"#,
    r#"{"retry_schedule": {"waits_ms": [1000], "timeout_ms": "1e3", "jitter_percent": "10"}}"#,
    r#"{"retry_schedule": {"waits_ms": [1000], "timeout_ms": 100000}}"#,
    r#"{"retry_schedule": {"waits_ms": "x", "timeout_ms": 1000}}"#,
    r#"{"retry_schedule": {"waits_ms": [1, {}], "timeout_ms": 1000}}"#,
    r#"{"retry_schedule": {"waits_ms": [1], "timeout_ms": 1000, "jitter": 1}}"#,
    r#"{"disabled_calls_back": "maybe"}"#,
    r#"{"disabled_calls_back": null}"#,
    r#"{"disabled_calls_back": 1, "retry_schedule": 7}"#,
    r#"{"disabled_calls": true}"#,
    r#"{"a": 1, "disabled_calls_back": 1}"#,
];

const PAYMENT_SETTINGS: &[&str] = &[
    r#"{"payment_method_categories": "PAY_LATER"}"#,
    r#"{"payment_method_categories": null}"#,
    r#"{"payment_method_categories": ["x", "PAY_LATER", {}]}"#,
    r#"{"payment_method_categories": ["x", 7]}"#,
    r#"{"categories": []}"#,
];

const REDELIVERY: &[&str] =
    &["{}", r#"{"since": null}"#, r#"{"since": {}}"#, r#"{"since": 7}"#, r#"{"other": 1}"#];

const MERCHANTS: &[&str] = &[
    "{}",
    r#"{"merchant_id": "x"}"#,
    r#"{"name": "x"}"#,
    r#"{"name": {}, "merchant_id": []}"#,
    r#"{"name": {}}"#,
    r#"{"merchant_id": null, "name": "x"}"#,
    r#"{"merchant_id": "x y", "name": 7}"#,
    r#"{"merchant_id": "x", "name": "x", "extra": 1}"#,
];

const TEST_MERCHANTS: &[&str] = &[r#"{"name": {}}"#, r#"{"name": ""}"#, r#"{"nam": "x"}"#];

const RATE_LIMITS: &[&str] = &[
    r#"{"creations": -1}"#,
    r#"{"creations": "x"}"#,
    r#"{"creations": 4294967296}"#,
    r#"{"creations": 1.5}"#,
    r#"{"creations": null, "other_calls": {}}"#,
    r#"{"calls": 1}"#,
];

const CLOCK: &[&str] = &[
    r#"{"now": 7}"#,
    r#"{"now": "yesterday"}"#,
    r#"{"now": {}, "frozen": []}"#,
    r#"{"frozen": [], "now": {}}"#,
    r#"{"frozen": "perhaps"}"#,
    r#"{"freeze": true}"#,
];

const ADVANCE: &[&str] = &[
    "{}",
    r#"{"by": 7}"#,
    r#"{"by": []}"#,
    r#"{"to": {}}"#,
    r#"{"by": "PT1S", "to": "x"}"#,
    r#"{"until": 1}"#,
];

const FAULTS: &[&str] = &[
    r#"{"seed": -1}"#,
    r#"{"seed": "x"}"#,
    r#"{"seed": null}"#,
    r#"{"seed": 18446744073709551615}"#,
    r#"{"callbacks": {}}"#,
    r#"{"callbacks": null}"#,
    r#"{"callbacks": [7]}"#,
    r#"{"callbacks": [[]]}"#,
    r#"{"callbacks": [{}]}"#,
    r#"{"callbacks": [{"do": "drop"}, {"times": 2}]}"#,
    r#"{"callbacks": [{"do": "DROP"}]}"#,
    r#"{"callbacks": [{"do": 7}]}"#,
    r#"{"callbacks": [{"do": null}]}"#,
    r#"{"callbacks": [{"do": []}]}"#,
    r#"{"callbacks": [{"do": "drop", "times": -1}]}"#,
    r#"{"callbacks": [{"do": "drop", "nth": "x"}]}"#,
    r#"{"callbacks": [{"do": "drop", "chance": "often"}]}"#,
    r#"{"callbacks": [{"do": "drop", "chance": 2}]}"#,
    r#"{"callbacks": [{"do": "drop", "chance": "NaN"}]}"#,
    r#"{"callbacks": [{"do": "drop", "unknown": 2}]}"#,
    r#"{"callbacks": [{"unknown": 2, "by": 7}]}"#,
    r#"{"callbacks": [{"by": {}, "unknown": 2}]}"#,
    r#"{"calls": [{"do": "fail", "status": 70000}]}"#,
    r#"{"calls": [{"do": "fail", "status": 200}]}"#,
    r#"{"calls": [{"do": "fail", "when": "later"}]}"#,
    r#"{"calls": [{"do": "cut", "nth": -1}]}"#,
    r#"{"calls": [{"do": "slow", "method": [], "path": {}}]}"#,
    r#"{"calls": [{"path": "x", "session": true}]}"#,
    r#"{"call": []}"#,
];

const ACTIONS: &[&str] = &[r#"{"reason": {}}"#, r#"{"email": []}"#, r#"{"email": "x", "reason": 7}"#];

const IMPORT: &[&str] = &[
    "{}",
    r#"{"schema": 7}"#,
    r#"{"schema": "x", "exported_at": "x", "tables": [], "journal": []}"#,
    r#"{"schema": "x", "exported_at": "x", "tables": {}, "journal": {}}"#,
    r#"{"schema": "x", "exported_at": "x", "tables": {}}"#,
    r#"{"schema": "x", "exported_at": "x", "tables": {}, "journal": [], "more": 1}"#,
    r#"{"schema": "x", "exported_at": "x", "tables": {}, "journal": [7]}"#,
    r#"{"schema": "x", "exported_at": "x", "tables": {}, "journal": [{}]}"#,
    r#"{"schema": "x", "exported_at": "x", "tables": {}, "journal": [{"number": "1"}]}"#,
    r#"{"schema": "x", "exported_at": "x", "tables": {}, "journal": [{"number": 1, "kind": "call", "at": "x",
        "duration_ms": 1, "method": "GET", "path": "/", "request": {"headers": {}}}]}"#,
    r#"{"schema": "x", "exported_at": "x", "tables": {}, "journal": [{"number": 1, "kind": "call", "at": "x",
        "duration_ms": 1, "method": "GET", "path": "/", "request": {"headers": {}, "body": 7},
        "answer": {"status": 70000, "headers": {}, "body": 1}}]}"#,
    r#"{"schema": "x", "exported_at": "x", "tables": {}, "journal": []} {}"#,
];

const PAYMENT_SESSIONS: &[&str] = &[
    "{}",
    r#"{"purchase_country": "SE", "purchase_currency": "SEK", "order_lines": [{}], "order_amount": []}"#,
    r#"{"purchase_country": "SE", "purchase_currency": "SEK", "order_lines": 7, "order_amount": 1}"#,
];

const CAPTURES: &[&str] =
    &["{}", r#"{"captured_amount": 0}"#, r#"{"captured_amount": [], "order_lines": 7}"#];

async fn operator(world: &World) -> Merchant {
    let AccountCreation::New(made) = world
        .app()
        .accounts()
        .create_operator("operator", Role::Admin, &Requester::in_process(Actor::CommandLine))
        .await
        .unwrap()
    else {
        panic!("the operator is new")
    };
    world.anyone_as(&made.username, &made.password)
}

fn outcome(answer: &Answer) -> String {
    match &answer.json["error_messages"] {
        messages if messages.is_array() => {
            format!("{} {} {messages}", answer.status, answer.json["error_code"].as_str().unwrap())
        }
        _ => answer.status.to_string(),
    }
}

#[test]
fn a_body_that_cannot_be_read_is_refused_with_its_field() {
    journey(|world| async move {
        let operator = operator(&world).await;
        let session = world.page_session().await;
        let order = world.order().await;
        let own = &world.merchant;
        let session_path = |path: &str| path.replace("{session}", &session).replace("{order}", &order);
        let paths: [(&Merchant, Method, &str, &[&str]); 15] = [
            (own, Method::POST, "/hpp/v1/sessions", SESSIONS),
            (own, Method::POST, "/hpp/v1/sessions/{session}/distribution", DISTRIBUTION),
            (own, Method::PUT, "/kassa/v1/callbacks/settings", CALLBACK_SETTINGS),
            (own, Method::PUT, "/kassa/v1/payments/settings", PAYMENT_SETTINGS),
            (own, Method::POST, "/kassa/v1/events/redeliver", REDELIVERY),
            (&operator, Method::POST, "/kassa/v1/merchants", MERCHANTS),
            (own, Method::POST, "/lab/v1/merchants", TEST_MERCHANTS),
            (own, Method::PUT, "/lab/v1/rate-limits", RATE_LIMITS),
            (own, Method::PUT, "/lab/v1/clock", CLOCK),
            (own, Method::POST, "/lab/v1/clock/advance", ADVANCE),
            (own, Method::PUT, "/lab/v1/faults", FAULTS),
            (own, Method::POST, "/lab/v1/sessions/{session}/decline", ACTIONS),
            (own, Method::POST, "/lab/v1/import", IMPORT),
            (own, Method::POST, "/payments/v1/sessions", PAYMENT_SESSIONS),
            (own, Method::POST, "/ordermanagement/v1/orders/{order}/captures", CAPTURES),
        ];
        let mut answers = String::new();
        for (caller, method, path, bodies) in paths {
            writeln!(answers, "{method} {path}").unwrap();
            for body in OF_EVERY_PATH.iter().chain(bodies) {
                let body_bytes = Bytes::from(body.to_string());
                let answer = caller.call(method.clone(), &session_path(path), &[], body_bytes).await;
                writeln!(answers, "  {} -> {}", body.replace('\n', " "), outcome(&answer)).unwrap();
                // A fault would change the next answers.
                let _ = own.delete("/lab/v1/faults").await;
            }
        }
        insta::assert_snapshot!(answers);
    });
}
