//! `/kassa/v1/callbacks`: the retry schedule, and the rotation of secrets. A public implementation of the Standard
//! Webhooks verifies the signatures.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tokio::task::JoinSet;

use crate::harness::{Answer, World, journey};

const SECRETS: &str = "/kassa/v1/callbacks/secrets";

async fn put(world: &World, settings: &Value) -> Answer {
    let body = Bytes::from(settings.to_string());
    world.merchant.call(Method::PUT, "/kassa/v1/callbacks/settings", &[], body).await
}

#[test]
fn the_public_implementation_reads_our_headers() {
    journey(|world| async move {
        let now = std::time::UNIX_EPOCH.elapsed().unwrap();
        world.clock.advance(now.saturating_sub(Duration::from_secs(1_767_225_600)));
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        let call = world.receiver.wait_for(1).await.remove(0);
        let webhook = Webhook::new(&world.merchant_callback_secret().await).unwrap();
        let mut headers = HeaderMap::new();
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            headers.insert(name, call.headers[name].clone());
        }
        webhook.verify(&call.body, &headers).unwrap();
        assert!(webhook.verify(b"{}", &headers).is_err());
    });
}

#[test]
fn both_secrets_of_a_rotation_sign_and_a_third_drops_the_oldest() {
    journey(|world| async move {
        let mut secrets = vec![world.merchant_callback_secret().await];
        for _ in 0..2 {
            let answer = world.merchant.post(SECRETS, &json!({})).await;
            assert_eq!(answer.status, 201);
            secrets.push(answer.json["secret"].as_str().unwrap().to_string());
            let session = world.page_session().await;
            world.merchant.act(&session, "enter").await;
            let call = world.receiver.wait_for(secrets.len() - 1).await.pop().unwrap();
            let live: Vec<bool> = secrets.iter().map(|secret| call.is_signed_with(secret)).collect();
            assert_eq!(live, if secrets.len() == 2 { vec![true, true] } else { vec![false, true, true] });
        }
        let list = world.merchant.get(SECRETS).await;
        let listed = list.json["secrets"].as_array().unwrap();
        assert_eq!(listed.len(), 2);
        assert!(secrets[2].ends_with(listed[0]["ends_with"].as_str().unwrap()), "newest first");
        assert!(secrets.iter().all(|secret| !list.text.contains(secret)), "shown in full but once");
    });
}

#[test]
fn a_revoked_secret_no_longer_signs_and_the_last_one_stays() {
    journey(|world| async move {
        let old = world.merchant_callback_secret().await;
        let new = world.merchant.post(SECRETS, &json!({})).await.json;
        let list = world.merchant.get(SECRETS).await.json;
        let path = |secret: &Value| format!("{SECRETS}/{}", secret["id"].as_str().unwrap());
        assert_eq!(world.stranger.delete(&path(&new)).await.status, 404);
        assert_eq!(world.merchant.delete(&path(&list["secrets"][1])).await.status, 204);
        assert_eq!(world.merchant.delete(&path(&list["secrets"][1])).await.status, 404);
        let refused = r#"409 CONFLICT ["The last secret cannot be revoked: make a new one first"]"#;
        assert_eq!(world.merchant.delete(&path(&new)).await.error(), refused);
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        let call = world.receiver.wait_for(1).await.remove(0);
        assert!(call.is_signed_with(new["secret"].as_str().unwrap()) && !call.is_signed_with(&old));
    });
}

#[test]
fn settings_are_answered_as_they_were_put() {
    journey(|world| async move {
        let before = world.merchant.get("/kassa/v1/callbacks/settings").await.json;
        assert_eq!(before, json!({"retry_schedule": "vendor", "disabled_calls_back": false}));
        let own = json!({"waits_ms": [1000], "timeout_ms": 500, "jitter_percent": 0});
        for schedule in [json!("durable"), own, json!("vendor")] {
            let settings = json!({"retry_schedule": schedule, "disabled_calls_back": true});
            let answer = put(&world, &settings).await;
            assert_eq!((answer.status, &answer.json), (200, &settings));
            assert_eq!(world.merchant.get("/kassa/v1/callbacks/settings").await.json, settings);
        }
        let session = world.page_session().await;
        world.merchant.delete(&format!("/hpp/v1/sessions/{session}")).await;
        assert_eq!(world.receiver.wait_for(1).await[0].status(), "DISABLED");
    });
}

#[test]
fn an_invalid_setting_is_refused_with_its_field() {
    journey(|world| async move {
        let own = |waits: Value, timeout: i64, jitter: i64| {
            let schedule = json!({"waits_ms": waits, "timeout_ms": timeout, "jitter_percent": jitter});
            json!({"retry_schedule": schedule})
        };
        for (settings, field) in [
            (own(json!([-1]), 3000, 0), "retry_schedule.waits_ms"),
            (own(json!([1]), 10_001, 0), "retry_schedule.timeout_ms"),
            (own(json!([1]), 3000, 101), "retry_schedule.jitter_percent"),
            (json!({"retry_schedule": "often"}), "retry_schedule"),
            (json!({"retry_schedule": {"waits_ms": []}}), "retry_schedule.timeout_ms"),
            (json!({"retry_schedule": {"waits_ms": [1.5], "timeout_ms": 1}}), "retry_schedule"),
            (json!({"disabled_calls_back": "yes"}), "disabled_calls_back"),
            (json!({"retries": 3}), "retries"),
        ] {
            let answer = put(&world, &settings).await;
            assert_eq!(answer.error(), format!(r#"400 BAD_VALUE ["Bad value: {field}"]"#), "{settings}");
        }
    });
}

#[test]
fn simultaneous_changes_do_not_undo_each_other() {
    journey(|world| async move {
        let mut changes = JoinSet::new();
        for _ in 0..10 {
            let (one, other) = (world.clone(), world.clone());
            changes.spawn(async move { one.merchant.post(SECRETS, &json!({})).await.status });
            changes.spawn(async move { put(&other, &json!({"disabled_calls_back": true})).await.status });
        }
        while let Some(status) = changes.join_next().await {
            assert!([200, 201].contains(&status.unwrap()));
        }
        let settings = world.merchant.get("/kassa/v1/callbacks/settings").await.json;
        assert_eq!(settings["disabled_calls_back"], true);
        assert_eq!(world.merchant.get(SECRETS).await.json["secrets"].as_array().unwrap().len(), 2);
    });
}
