//! The machine's clock is set forward or back while the system runs. Durations stay correct.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::json;

use crate::harness::{Reply, World, journey};

const HOUR_MS: i64 = 3_600_000;

#[test]
fn a_retry_waits_no_longer_when_the_clock_is_set_back() {
    journey(|world| async move {
        world.receiver.will_reply(&[Reply::Status(500); 3]);
        let (one, other) = (world.page_session().await, world.page_session().await);
        world.merchant.act(&one, "enter").await;
        world.attempted(&one, 1).await;
        world.clock.advance(Duration::from_secs(2));
        world.merchant.act(&other, "enter").await;
        world.attempted(&other, 1).await;
        world.clock.step_ms(-HOUR_MS);
        world.clock.advance(Duration::from_secs(3));
        world.attempted(&one, 2).await;
        world.clock.advance(Duration::from_secs(2));
        world.attempted(&other, 2).await;
        // A retry that is scheduled after the step waits for its whole pause.
        world.clock.advance(Duration::from_millis(2_999));
        assert_eq!(world.attempted(&one, 2).await["callback"], "DUE");
        world.clock.advance(Duration::from_millis(1));
        world.attempted(&one, 3).await;
    });
}

#[test]
fn a_clock_that_is_set_forward_makes_retries_due_within_a_second() {
    journey(|world| async move {
        let durable = json!({"retry_schedule": "durable"});
        world.merchant.put("/kassa/v1/callbacks/settings", &durable).await;
        world.receiver.will_reply(&[Reply::Status(500)]);
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        world.attempted(&session, 1).await;
        world.clock.step_ms(HOUR_MS);
        world.clock.advance(Duration::from_secs(1));
        world.attempted(&session, 2).await;
    });
}

#[test]
fn a_long_poll_ends_at_its_time_limit_when_the_clock_is_set_back() {
    journey(|world| async move {
        let session = world.page_session().await;
        let (merchant, path) = (world.merchant.clone(), format!("/hpp/v1/sessions/{session}"));
        let held = tokio::spawn(async move {
            let headers = [("if-none-match", "\"0\""), ("prefer", "wait=5")];
            merchant.call(Method::GET, &path, &headers, Bytes::new()).await
        });
        world.wait_for_long_polls(1).await;
        world.clock.step_ms(-HOUR_MS);
        world.clock.advance(Duration::from_secs(5));
        assert_eq!(held.await.unwrap().status, 304);
    });
}

#[test]
fn a_credential_revoked_on_another_node_is_refused_within_a_second_when_the_clock_is_set_back() {
    journey(|world| async move {
        let elsewhere = world.merchant_elsewhere().await;
        let own = "/kassa/v1/credentials";
        let made = elsewhere.post(own, &json!({})).await.json;
        let [username, password] = ["username", "password"].map(|field| made[field].as_str().unwrap());
        let renewed = world.anyone_as(username, password);
        assert_eq!(renewed.get(own).await.status, 200);
        world.clock.step_ms(-HOUR_MS);
        assert_eq!(elsewhere.delete(&format!("{own}/{username}")).await.status, 204);
        world.clock.advance(Duration::from_secs(1));
        assert_eq!(renewed.get(own).await.status, 401);
    });
}

/// Delivers a new callback, so that the worker has looked for due callbacks meanwhile.
async fn deliver_another(world: &Arc<World>) {
    let session = world.page_session().await;
    world.merchant.act(&session, "enter").await;
    world.attempted(&session, 1).await;
}

#[test]
fn an_attempt_in_flight_is_not_repeated_when_the_clock_is_set_forward() {
    journey(|world| async move {
        let patient = json!({"retry_schedule": {"waits_ms": [], "timeout_ms": 10_000, "jitter_percent": 0}});
        assert_eq!(world.merchant.put("/kassa/v1/callbacks/settings", &patient).await.status, 200);
        world.receiver.will_reply(&[Reply::WhenReleased]);
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        world.receiver.wait_for(1).await;
        world.clock.step_ms(HOUR_MS);
        world.clock.advance(Duration::from_secs(1));
        deliver_another(&world).await;
        deliver_another(&world).await;
        world.receiver.release();
        world.attempted(&session, 1).await;
        assert_eq!(world.receiver.received().len(), 3, "each event came once");
    });
}
