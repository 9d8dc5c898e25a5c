//! Faults of calls: an error, a delay or no answer, before or after the change is committed.

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use super::{journal, set_faults};
use crate::harness::{World, cart, journey};

async fn create(world: &World) -> Result<u16, String> {
    let body = Bytes::from(cart("ECOMMERCE").to_string());
    let answer = world.merchant.try_call(Method::POST, "/payments/v1/sessions", &[], body).await;
    answer.map(|answer| answer.status)
}

#[test]
fn a_call_fails_with_the_status_of_the_rule() {
    journey(async |world| {
        for (status, code) in [
            (401, "UNAUTHORIZED"),
            (404, "NOT_FOUND"),
            (429, "TOO_MANY_REQUESTS"),
            (500, "INTERNAL_SERVER_ERROR"),
            (503, "TEMPORARILY_UNAVAILABLE"),
        ] {
            set_faults(&world, &json!({"calls": [{"do": "fail", "status": status}]})).await;
            let answer = world.merchant.get("/kassa/v1/sessions").await;
            assert_eq!((answer.status, answer.json["error_code"].as_str()), (status, Some(code)));
            assert!(!answer.header("klarna-correlation-id").is_empty());
            assert_eq!(answer.header("retry-after").is_empty(), ![429, 503].contains(&status));
        }
    });
}

#[test]
fn a_failure_before_the_change_prevents_it_and_a_failure_after_it_does_not() {
    journey(async |world| {
        let session = world.page_session().await;
        for (when, status) in [("before", "WAITING"), ("after", "DISABLED")] {
            let rule = json!({"do": "fail", "status": 500, "method": "DELETE", "when": when});
            set_faults(&world, &json!({"calls": [rule]})).await;
            assert_eq!(world.merchant.delete(&format!("/hpp/v1/sessions/{session}")).await.status, 500);
            assert_eq!(world.merchant.read(&session).await["status"], status, "{when}");
        }
    });
}

#[test]
fn a_truncated_answer_has_half_of_its_body_after_the_change() {
    journey(async |world| {
        let rule = json!({"do": "truncate", "method": "POST", "path": "/payments/v1/sessions"});
        set_faults(&world, &json!({"calls": [rule]})).await;
        let answer = world.merchant.post("/payments/v1/sessions", &cart("ECOMMERCE")).await;
        assert_eq!((answer.status, &answer.json), (200, &Value::Null), "{}", answer.text);
        assert!(answer.text.starts_with("{\"session_id\":\""), "{}", answer.text);
        let refused = json!({"calls": [{"do": "truncate", "when": "after"}]});
        let refused = world.merchant.put("/lab/v1/faults", &refused).await;
        assert!(refused.error().contains("calls[0].when"), "{}", refused.text);
    });
}

#[test]
fn a_cut_connection_gives_no_answer() {
    journey(async |world| {
        let session = world.page_session().await;
        for (when, status) in [("before", "WAITING"), ("after", "DISABLED")] {
            let rule = json!({"do": "cut", "method": "DELETE", "session": session, "when": when});
            set_faults(&world, &json!({"calls": [rule]})).await;
            let path = format!("/hpp/v1/sessions/{session}");
            let answer = world.merchant.try_call(Method::DELETE, &path, &[], Bytes::new()).await;
            assert_eq!(answer.err().as_deref(), Some("connection_lost"), "{when}");
            assert_eq!(world.merchant.read(&session).await["status"], status, "{when}");
        }
        let cut = journal(&world, "method=DELETE", 2).await;
        assert_eq!((&cut[0]["answer"], &cut[0]["faults"]), (&Value::Null, &json!(["cut"])));
    });
}

#[test]
fn a_rule_counts_the_calls_that_match_it() {
    journey(async |world| {
        let rule =
            json!({"do": "fail", "status": 503, "method": "POST", "path": "/payments/v1/sessions", "nth": 2});
        set_faults(&world, &json!({"calls": [rule]})).await;
        world.merchant.get("/payments/v1/sessions/unknown").await;
        assert_eq!(
            [create(&world).await, create(&world).await, create(&world).await],
            [Ok(200), Ok(503), Ok(200)]
        );
        let failed = journal(&world, "status=503", 1).await;
        assert_eq!(failed[0]["request"]["body"], cart("ECOMMERCE"), "the journal has the request body");
    });
}

#[test]
fn a_slow_answer_is_delayed() {
    journey(async |world| {
        set_faults(
            &world,
            &json!({"calls": [{"do": "slow", "by": "PT0.05S", "path": "/kassa/v1/sessions"}]}),
        )
        .await;
        assert_eq!(world.merchant.get("/kassa/v1/sessions").await.status, 200);
        assert_eq!(journal(&world, "", 1).await[0]["faults"], json!(["slow"]));
    });
}

#[test]
fn an_invalid_rule_is_refused_with_its_field() {
    journey(async |world| {
        let check = async |faults: Value, expected: &str| {
            let answer = world.merchant.put("/lab/v1/faults", &faults).await;
            assert_eq!(answer.error(), format!("400 BAD_VALUE [\"Bad value: {expected}\"]"), "{faults}");
        };
        check(json!({"callbacks": [{"do": "snow"}]}), "callbacks[0].do").await;
        check(json!({"callbacks": [{"do": "drop", "sesion": "1"}]}), "callbacks[0].sesion").await;
        check(json!({"callbacks": [{"do": "drop"}, {"do": "delay"}]}), "callbacks[1].by").await;
        check(json!({"callbacks": [{"do": "delay", "by": "P1M"}]}), "callbacks[0].by").await;
        check(json!({"callbacks": [{"do": "delay", "by": "PT1S", "attempt": 2}]}), "callbacks[0].attempt")
            .await;
        check(json!({"callbacks": [{"do": "drop", "times": 2}]}), "callbacks[0].times").await;
        check(json!({"callbacks": [{"do": "duplicate", "times": 21}]}), "callbacks[0].times").await;
        check(json!({"callbacks": [{"do": "drop", "status": "PAID"}]}), "callbacks[0].status").await;
        check(json!({"callbacks": [{"do": "drop", "chance": 1.5}]}), "callbacks[0].chance").await;
        check(json!({"calls": [{"do": "fail"}]}), "calls[0].status").await;
        check(json!({"calls": [{"do": "fail", "status": 418}]}), "calls[0].status").await;
        check(json!({"calls": [{"do": "slow", "by": "PT2M"}]}), "calls[0].by").await;
        check(json!({"calls": [{"do": "cut", "when": "later"}]}), "calls[0].when").await;
        check(json!({"calls": [{"do": "cut", "path": "/hpp/v1/*/distribution"}]}), "calls[0].path").await;
        assert_eq!(
            world.merchant.get("/lab/v1/faults").await.json,
            json!({"seed": 0, "callbacks": [], "calls": []})
        );
    });
}

#[test]
fn the_names_of_version_0_1_are_still_accepted() {
    journey(async |world| {
        let slow = json!({"seed": 0, "callbacks": [], "calls": [{"do": "slow", "by": "PT0S"}]});
        assert_eq!(world.merchant.put("/lab/v1/weather", &slow).await.status, 200);
        assert_eq!(world.merchant.get("/lab/v1/faults").await.json, slow);
        world.merchant.get("/hpp/v1/sessions/unknown").await;
        let entry = journal(&world, "", 1).await.remove(0);
        assert_eq!((&entry["faults"], &entry["weather"]), (&json!(["slow"]), &json!(["slow"])));
    });
}
