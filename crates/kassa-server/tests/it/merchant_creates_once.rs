//! `Idempotency-Key` on `POST /hpp/v1/sessions`.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::json;
use tokio::task::JoinSet;

use crate::harness::{Answer, Merchant, World, journey};

async fn body(world: &World) -> String {
    let payment = world.merchant.payment_session("ECOMMERCE").await;
    let url = format!("{}/payments/v1/sessions/{payment}", world.url);
    json!({"payment_session_url": url, "merchant_urls": world.receiver.merchant_urls()}).to_string()
}

async fn create(merchant: &Merchant, key: &str, body: &str) -> Answer {
    let headers = [("idempotency-key", key)];
    merchant.call(Method::POST, "/hpp/v1/sessions", &headers, Bytes::from(body.to_string())).await
}

async fn sessions(world: &World) -> usize {
    let list = world.merchant.get("/kassa/v1/sessions").await.json;
    list["sessions"].as_array().unwrap().len()
}

#[test]
fn a_repeated_call_gets_the_same_bytes() {
    journey(|world| async move {
        let body = body(&world).await;
        let first = create(&world.merchant, "key", &body).await;
        assert_eq!(first.status, 201);
        let session = first.json["session_id"].as_str().unwrap();
        world.merchant.act(session, "enter").await;
        let again = create(&world.merchant, "key", &body).await;
        assert_eq!((again.status, again.bytes), (201, first.bytes));
        assert_eq!(sessions(&world).await, 1);
        assert_ne!(create(&world.merchant, "other", &body).await.json, first.json);
    });
}

#[test]
fn another_body_under_the_same_key_is_refused() {
    journey(|world| async move {
        let first = body(&world).await;
        assert_eq!(create(&world.merchant, "key", &first).await.status, 201);
        let refused = r#"409 CONFLICT ["The Idempotency-Key was used with another body"]"#;
        assert_eq!(create(&world.merchant, "key", &body(&world).await).await.error(), refused);
        assert_eq!(create(&world.stranger, "key", &first).await.status, 404, "keys are each merchant's own");
        assert_eq!(sessions(&world).await, 1);
    });
}

#[test]
fn a_refused_call_leaves_its_key_free() {
    journey(|world| async move {
        assert_eq!(create(&world.merchant, "key", "{}").await.status, 400);
        assert_eq!(create(&world.merchant, "key", &body(&world).await).await.status, 201);
    });
}

#[test]
fn a_key_expires_after_a_day_of_the_merchants_clock() {
    journey(|world| async move {
        let body = body(&world).await;
        let first = create(&world.merchant, "key", &body).await.json;
        world.clock.advance(Duration::from_millis(24 * 3_600_000 - 1));
        assert_eq!(create(&world.merchant, "key", &body).await.json, first);
        world.clock.advance(Duration::from_millis(1));
        let second = create(&world.merchant, "key", &body).await;
        assert_eq!(second.status, 201);
        assert_ne!(second.json["session_id"], first["session_id"]);
    });
}

#[test]
fn simultaneous_equal_calls_create_one_session() {
    journey(|world| async move {
        let body = body(&world).await;
        let mut calls = JoinSet::new();
        for _ in 0..24 {
            let (merchant, body) = (world.merchant.clone(), body.clone());
            calls.spawn(async move { create(&merchant, "key", &body).await });
        }
        let mut answers = std::collections::BTreeSet::new();
        while let Some(answer) = calls.join_next().await {
            let answer = answer.unwrap();
            assert_eq!(answer.status, 201, "{}", answer.text);
            answers.insert(answer.text);
        }
        assert_eq!((answers.len(), sessions(&world).await), (1, 1));
    });
}

#[test]
fn a_key_is_bounded() {
    journey(|world| async move {
        let body = body(&world).await;
        assert_eq!(create(&world.merchant, &"k".repeat(255), &body).await.status, 201);
        for key in ["", &"k".repeat(256)] {
            let refused = r#"400 BAD_VALUE ["Bad value: Idempotency-Key"]"#;
            assert_eq!(create(&world.merchant, key, &body).await.error(), refused);
        }
    });
}
