//! `Klarna-Idempotency-Key`: a call is executed once within 24 hours (docs/wire.md#idempotency-keys).

use std::sync::Arc;

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, World, journey};

async fn post_once(world: &World, order: &str, path: &str, key: &str, body: &Value) -> Answer {
    let path = format!("/ordermanagement/v1/orders/{order}{path}");
    let body = Bytes::from(body.to_string());
    world.merchant.call(Method::POST, &path, &[("klarna-idempotency-key", key)], body).await
}

#[test]
fn a_repeated_capture_is_made_once_and_gets_the_same_answer() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let capture = json!({"captured_amount": 100});
        let first = post_once(&world, &order, "/captures", "k", &capture).await;
        let again = post_once(&world, &order, "/captures", "k", &capture).await;
        assert_eq!((first.status, again.status), (201, 201));
        assert_eq!(first.header("capture-id"), again.header("capture-id"));
        assert_eq!(first.header("location"), again.header("location"));
        let other = post_once(&world, &order, "/captures", "l", &capture).await;
        assert_ne!(first.header("capture-id"), other.header("capture-id"));
        assert_eq!(
            world.merchant.summary(&order).await,
            "PART_CAPTURED of 22299 captured 200 refunded 0 remaining 22099"
        );
    });
}

#[test]
fn simultaneous_calls_with_one_key_are_executed_once() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let capture = json!({"captured_amount": 100});
        let calls = (0..8).map(|_| post_once(&world, &order, "/captures", "k", &capture));
        let answers = futures_util::future::join_all(calls).await;
        for answer in &answers {
            assert_eq!(answer.status, 201, "{}", answer.text);
            assert_eq!(answer.header("capture-id"), answers[0].header("capture-id"));
        }
        assert_eq!(world.merchant.order_get(&order, "/captures").await.json.as_array().unwrap().len(), 1);
    });
}

#[test]
fn calls_without_a_key_are_each_executed() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        for _ in 0..2 {
            world.merchant.order_post(&order, "/captures", &json!({"captured_amount": 100})).await;
        }
        assert_eq!(
            world.merchant.summary(&order).await,
            "PART_CAPTURED of 22299 captured 200 refunded 0 remaining 22099"
        );
    });
}

#[test]
fn a_key_expires_after_24_hours() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let capture = json!({"captured_amount": 100});
        let first = post_once(&world, &order, "/captures", "k", &capture).await;
        world.clock.advance(Duration::from_secs(86_400));
        let later = post_once(&world, &order, "/captures", "k", &capture).await;
        assert_ne!(first.header("capture-id"), later.header("capture-id"));
    });
}

#[test]
fn a_cancellation_repeated_with_its_key_succeeds() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        for _ in 0..2 {
            assert_eq!(post_once(&world, &order, "/cancel", "k", &json!({})).await.status, 204);
        }
        assert_eq!(post_once(&world, &order, "/cancel", "l", &json!({})).await.status, 403);
    });
}

#[test]
fn a_refusal_does_not_use_a_key_up() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let refund = json!({"refunded_amount": 100});
        assert_eq!(post_once(&world, &order, "/refunds", "k", &refund).await.status, 403);
        world.merchant.order_post(&order, "/captures", &json!({"captured_amount": 100})).await;
        assert_eq!(post_once(&world, &order, "/refunds", "k", &refund).await.status, 201);
    });
}

#[test]
fn a_key_that_another_call_used_is_a_conflict() {
    journey(async |world: Arc<World>| {
        let (order, _) = world.captured_order(200).await;
        post_once(&world, &order, "/captures", "k", &json!({"captured_amount": 100})).await;
        let answer = post_once(&world, &order, "/refunds", "k", &json!({"refunded_amount": 100})).await;
        insta::assert_snapshot!(answer.error(), @r#"409 CONFLICT ["The idempotency key was used for another call"]"#);
    });
}

#[test]
fn a_key_counts_for_one_of_the_two_headers() {
    journey(async |world: Arc<World>| {
        let order = world.order().await;
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        let url = format!("{}/payments/v1/sessions/{payment}", world.url);
        let creation = Bytes::from(json!({"payment_session_url": url}).to_string());
        let create = |header| {
            let call = [(header, "k")];
            let (merchant, creation) = (&world.merchant, creation.clone());
            async move { merchant.call(Method::POST, "/hpp/v1/sessions", &call, creation).await }
        };
        let session = create("idempotency-key").await;
        assert_eq!(session.status, 201, "{}", session.text);
        let capture = post_once(&world, &order, "/captures", "k", &json!({"captured_amount": 100})).await;
        assert_eq!(capture.status, 201, "{}", capture.text);
        assert_eq!(create("idempotency-key").await.text, session.text);
        assert_ne!(create("klarna-idempotency-key").await.text, session.text, "HPP has no such header");
    });
}
