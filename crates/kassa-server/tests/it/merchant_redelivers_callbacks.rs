//! Redelivers callbacks, and shows one event with every attempt.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Reply, World, journey};

const GONE: Reply = Reply::Status(410);

async fn events(world: &World, session: &str) -> Vec<Value> {
    world.history(session).await["events"].as_array().unwrap().clone()
}

/// Waits until the callbacks of a session have these states. Returns its events.
async fn settled(world: &World, session: &str, states: &[&str]) -> Vec<Value> {
    let have_them = |history: &Value| {
        let events = history["events"].as_array().unwrap().iter();
        events.map(|event| event["callback"].as_str().unwrap_or("")).eq(states.iter().copied())
    };
    world.history_when(session, &format!("{states:?}"), have_them).await;
    events(world, session).await
}

#[test]
fn an_event_is_shown_with_every_attempt() {
    journey(|world| async move {
        world.receiver.will_reply(&[Reply::Status(500)]);
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        world.attempted(&session, 1).await;
        world.clock.advance(Duration::from_secs(5));
        let history = settled(&world, &session, &["DELIVERED"]).await.remove(0);
        let path = format!("/kassa/v1/events/{}", history["event_id"].as_str().unwrap());
        let event = world.merchant.get(&path).await.json;
        assert_eq!(event["attempts"], history["attempts"]);
        assert_eq!(event["attempts"][0]["status"], 500);
        assert_eq!((&event["acknowledged"], &event["session_id"]), (&true.into(), &session.into()));
        let absent = r#"404 NOT_FOUND ["The event does not exist"]"#;
        assert_eq!(world.stranger.get(&path).await.error(), absent);
        assert_eq!(world.stranger.post(&format!("{path}/redeliver"), &json!({})).await.error(), absent);
    });
}

#[test]
fn one_event_is_sent_again_with_the_same_bytes_and_its_whole_schedule() {
    journey(|world| async move {
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        let event = settled(&world, &session, &["DELIVERED"]).await.remove(0);
        world.receiver.will_reply(&[Reply::Status(500)]);
        let path = format!("/kassa/v1/events/{}/redeliver", event["event_id"].as_str().unwrap());
        let answer = world.merchant.post(&path, &json!({})).await;
        assert_eq!((answer.status, &answer.json["event_id"]), (202, &event["event_id"]));
        assert_eq!(answer.json["attempts"].as_array().unwrap().len(), 1);
        world.attempted(&session, 2).await;
        world.clock.advance(Duration::from_secs(5));
        settled(&world, &session, &["DELIVERED"]).await;
        let received = world.receiver.wait_for(3).await;
        assert!(received.iter().all(|call| call.body == received[0].body));
        assert!(received.iter().all(|call| call.headers["webhook-id"] == received[0].headers["webhook-id"]));
    });
}

#[test]
fn a_redelivery_does_not_start_beside_an_attempt_in_flight() {
    journey(|world| async move {
        world.receiver.will_reply(&[Reply::Silence]);
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        world.receiver.wait_for(1).await;
        let event = events(&world, &session).await.remove(0);
        let path = format!("/kassa/v1/events/{}/redeliver", event["event_id"].as_str().unwrap());
        assert_eq!(world.merchant.post(&path, &json!({})).await.status, 202);
        // If the redelivery were due now, it would be attempted beside the attempt that hangs.
        world.merchant.act(&world.page_session().await, "enter").await;
        let received = world.receiver.wait_for(2).await;
        assert_ne!(received[0].body, received[1].body);
    });
}

#[test]
fn an_event_without_a_callback_cannot_be_redelivered() {
    journey(|world| async move {
        let session = world.page_session().await;
        world.merchant.delete(&format!("/hpp/v1/sessions/{session}")).await;
        let event = events(&world, &session).await.remove(0);
        let path = format!("/kassa/v1/events/{}/redeliver", event["event_id"].as_str().unwrap());
        let refused = r#"409 CONFLICT ["The event calls nobody back"]"#;
        assert_eq!(world.merchant.post(&path, &json!({})).await.error(), refused);
    });
}

#[test]
fn the_given_up_callbacks_of_a_session_are_sent_again_in_order() {
    journey(|world| async move {
        world.receiver.will_reply(&[GONE, GONE, Reply::Status(200), GONE]);
        let session = world.page_session().await;
        for act in ["enter", "back", "enter", "decline"] {
            world.merchant.act(&session, act).await;
        }
        settled(&world, &session, &["GIVEN_UP", "GIVEN_UP", "DELIVERED", "GIVEN_UP"]).await;
        let path = format!("/kassa/v1/sessions/{session}/redeliver");
        assert_eq!(world.stranger.post(&path, &json!({})).await.status, 404);
        let answer = world.merchant.post(&path, &json!({})).await;
        assert_eq!((answer.status, answer.json), (202, json!({"redelivered": 3})));
        settled(&world, &session, &["DELIVERED"; 4]).await;
        let received = world.receiver.wait_for(7).await;
        let bodies: Vec<_> = received[4..].iter().map(|call| &call.body).collect();
        assert_eq!(bodies, [&received[0].body, &received[1].body, &received[3].body]);
        assert_eq!(world.merchant.post(&path, &json!({})).await.json, json!({"redelivered": 0}));
    });
}

#[test]
fn the_given_up_callbacks_since_an_instant_are_sent_again() {
    journey(|world| async move {
        world.receiver.will_reply(&[GONE, GONE]);
        let early = world.page_session().await;
        world.merchant.act(&early, "enter").await;
        settled(&world, &early, &["GIVEN_UP"]).await;
        world.clock.advance(Duration::from_secs(60));
        let late = world.page_session().await;
        world.merchant.act(&late, "enter").await;
        settled(&world, &late, &["GIVEN_UP"]).await;
        let path = "/kassa/v1/events/redeliver";
        let since = json!({"since": "2026-01-01T00:01:00Z"});
        assert_eq!(world.stranger.post(path, &since).await.json, json!({"redelivered": 0}));
        let answer = world.merchant.post(path, &since).await;
        assert_eq!((answer.status, answer.json), (202, json!({"redelivered": 1})));
        settled(&world, &late, &["DELIVERED"]).await;
        settled(&world, &early, &["GIVEN_UP"]).await;
        for body in [json!({}), json!({"since": "yesterday"})] {
            assert_eq!(
                world.merchant.post(path, &body).await.error(),
                r#"400 BAD_VALUE ["Bad value: since"]"#
            );
        }
    });
}
