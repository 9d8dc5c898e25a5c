//! Callbacks: which changes send one, its content, and its retries.

use std::time::Duration;

use kassa_wire::signature::sign;
use serde_json::Value;

use crate::harness::{Reply, journey};

#[test]
fn each_change_calls_back_with_the_session_as_read() {
    journey(|world| async move {
        let session = world.page_session().await;
        for act in ["enter", "decline", "enter", "approve"] {
            world.merchant.act(&session, act).await;
        }
        let received = world.receiver.wait_for(4).await;
        let statuses: Vec<_> = received.iter().map(crate::harness::Received::status).collect();
        assert_eq!(statuses, ["IN_PROGRESS", "FAILED", "IN_PROGRESS", "COMPLETED"]);
        let last = &received[3];
        assert_eq!(last.uri, format!("/callbacks?sid={session}&secret=s3cret"));
        assert_eq!(last.json()["session"], world.merchant.read(&session).await);
        let ids: std::collections::BTreeSet<_> =
            received.iter().map(|call| call.json()["event_id"].to_string()).collect();
        assert_eq!(ids.len(), 4);
    });
}

#[test]
fn a_callback_is_signed_by_the_published_standard() {
    journey(|world| async move {
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        let call = world.receiver.wait_for(1).await.remove(0);
        let header = |name: &str| call.headers[name].to_str().unwrap().to_string();
        assert_eq!(header("webhook-id"), call.json()["event_id"].as_str().unwrap());
        assert_eq!(header("content-type"), "application/json");
        let at: i64 = header("webhook-timestamp").parse().unwrap();
        let secrets = [world.merchant_callback_secret().await];
        assert_eq!(header("webhook-signature"), sign(&secrets, &header("webhook-id"), at, &call.body));
    });
}

#[test]
fn a_failed_callback_is_repeated_three_times_byte_for_byte_and_then_given_up() {
    journey(|world| async move {
        world.receiver.will_reply(&[
            Reply::Status(500),
            Reply::Status(302),
            Reply::Status(404),
            Reply::Status(503),
        ]);
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        for attempt in 1..=4 {
            world.receiver.wait_for(attempt).await;
            let made =
                |history: &Value| history["events"][0]["attempts"].as_array().unwrap().len() == attempt;
            world.history_when(&session, "the attempts", made).await;
            world.clock.advance(Duration::from_secs(5));
        }
        let history = world
            .history_when(&session, "the last attempt", |h| h["events"][0]["callback"] == "GIVEN_UP")
            .await;
        let statuses: Vec<_> = history["events"][0]["attempts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| a["status"].as_i64())
            .collect();
        assert_eq!(statuses, [Some(500), Some(302), Some(404), Some(503)]);
        world.clock.advance(Duration::from_secs(3600));
        let received = world.receiver.received();
        assert_eq!(received.len(), 4);
        assert!(received.iter().all(|call| call.body == received[0].body));
        let secondwise = |call: &crate::harness::Received| call.headers["webhook-timestamp"].clone();
        assert_ne!(secondwise(&received[0]), secondwise(&received[3]));
    });
}

#[test]
fn an_acknowledged_retry_ends_the_callback() {
    journey(|world| async move {
        world.receiver.will_reply(&[Reply::Status(500), Reply::Status(204)]);
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        world.attempted(&session, 1).await;
        world.clock.advance(Duration::from_secs(5));
        let history =
            world.history_when(&session, "a delivery", |h| h["events"][0]["callback"] == "DELIVERED").await;
        assert_eq!(history["events"][0]["attempts"].as_array().unwrap().len(), 2);
    });
}

#[test]
fn a_silent_receiver_fails_after_three_seconds_and_the_page_never_waits() {
    journey(|world| async move {
        world.receiver.will_reply(&[Reply::Silence]);
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        world.receiver.wait_for(1).await;
        let answer = world.merchant.act(&session, "approve").await;
        assert_eq!(answer.json["status"], "COMPLETED", "answered while the callback hangs");
        let received = world.receiver.wait_for(2).await;
        assert_eq!(received[1].status(), "COMPLETED", "the next event follows the first attempt's end");
        let history =
            world.history_when(&session, "an attempt", |h| h["events"][0]["attempts"][0].is_object()).await;
        assert_eq!(history["events"][0]["attempts"][0]["failure"], "no answer within 3000 ms");
    });
}

#[test]
fn without_a_status_update_url_no_callback_is_sent() {
    journey(|world| async move {
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        let url = format!("{}/payments/v1/sessions/{payment}", world.url);
        let body = serde_json::json!({"payment_session_url": url});
        let created = world.merchant.post("/hpp/v1/sessions", &body).await.json;
        let session = created["session_id"].as_str().unwrap();
        world.merchant.act(session, "enter").await;
        let event = &world.history(session).await["events"][0];
        assert_eq!((event["status"].as_str(), event.get("callback")), (Some("IN_PROGRESS"), None));
    });
}
