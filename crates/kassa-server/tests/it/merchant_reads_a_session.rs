//! `GET /hpp/v1/sessions/{session_id}`.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::json;

use crate::harness::journey;

#[test]
fn a_read_has_exactly_the_fields_that_the_vendor_documents() {
    journey(|world| async move {
        let session = world.page_session().await;
        let fields = |read: &serde_json::Value| read.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let waiting = world.merchant.read(&session).await;
        assert_eq!(fields(&waiting), ["session_id", "status", "updated_at", "expires_at"]);
        assert_eq!(waiting["status"], "WAITING");
        assert_eq!(waiting["updated_at"], "2026-01-01T00:00:00.000Z");
        assert_eq!(waiting["expires_at"], "2026-01-02T23:00:00.000Z");
        world.merchant.act(&session, "enter").await;
        let completed = world.merchant.act(&session, "approve").await.json;
        let with_token = ["session_id", "status", "authorization_token", "updated_at", "expires_at"];
        assert_eq!(fields(&completed), with_token);
        assert_eq!(world.merchant.read(&session).await, completed);
    });
}

#[test]
fn a_session_with_an_order_has_no_authorization_token() {
    journey(|world| async move {
        for mode in ["PLACE_ORDER", "CAPTURE_ORDER"] {
            let session = world.page_session_with(json!({"place_order_mode": mode}), "ECOMMERCE").await;
            world.merchant.act(&session, "enter").await;
            let read = world.merchant.act(&session, "approve").await.json;
            assert!(read.get("authorization_token").is_none());
            assert_eq!(read["klarna_reference"].as_str().unwrap().len(), 8);
            let order = read["order_id"].as_str().unwrap();
            let order = world.merchant.get(&format!("/ordermanagement/v1/orders/{order}")).await.json;
            let status = if mode == "PLACE_ORDER" { "AUTHORIZED" } else { "CAPTURED" };
            assert_eq!(order["status"], status);
        }
    });
}

#[test]
fn foreign_expired_and_unknown_sessions_are_not_found() {
    journey(|world| async move {
        let session = world.page_session().await;
        let path = format!("/hpp/v1/sessions/{session}");
        let absent = r#"404 NOT_FOUND ["The session has expired or does not exist"]"#;
        assert_eq!(world.stranger.get(&path).await.error(), absent);
        assert_eq!(world.merchant.get("/hpp/v1/sessions/none").await.error(), absent);
        world.clock.advance(Duration::from_secs(47 * 3600 - 1));
        assert_eq!(world.merchant.get(&path).await.status, 200);
        world.clock.advance(Duration::from_secs(1));
        assert_eq!(world.merchant.get(&path).await.error(), absent);
        assert_eq!(world.merchant.delete(&path).await.error(), absent);
    });
}

#[test]
fn a_trailing_slash_and_a_body_are_accepted() {
    journey(|world| async move {
        let session = world.page_session().await;
        let path = format!("/hpp/v1/sessions/{session}/");
        let answer = world.merchant.call(Method::GET, &path, &[], Bytes::from("[]")).await;
        assert_eq!(answer.status, 200, "a trailing slash and a body");
    });
}

#[test]
fn every_answer_carries_the_vendors_headers() {
    journey(|world| async move {
        let session = world.page_session().await;
        for path in [format!("/hpp/v1/sessions/{session}"), "/hpp/v1/none".to_string()] {
            let answer = world.merchant.get(&path).await;
            assert_eq!(answer.header("content-type"), "application/json;charset=utf-8");
            assert_eq!(answer.header("klarna-correlation-id").len(), 36);
            assert_eq!(answer.header("cache-control"), "no-cache, no-store, max-age=0, must-revalidate");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
        }
    });
}

#[test]
fn a_read_without_a_valid_credential_is_unauthorized() {
    journey(|world| async move {
        let session = world.page_session().await;
        let path = format!("/hpp/v1/sessions/{session}");
        for authorization in ["", "Basic", "Basic !!", "Bearer x", "Basic bWVyY2hhbnRfdXNlcjp3cm9uZw=="] {
            let answer = world.anyone_with(authorization).get(&path).await;
            assert_eq!(answer.error(), "401 UNAUTHORIZED []", "{authorization}");
            assert_eq!(answer.header("www-authenticate"), "Basic realm=\"kassa\"");
        }
    });
}
