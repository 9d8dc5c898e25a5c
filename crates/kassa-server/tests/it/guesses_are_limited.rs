//! The limits on wrong passwords, redeliveries and messages.

use std::time::Duration;

use kassa_domain::{Actor, Role};
use kassa_engine::{AccountCreation, Requester};
use serde_json::json;

use crate::harness::{Answer, Merchant, World, journey, live_journey};

const OWN: &str = "/kassa/v1/credentials";
const MERCHANTS: &str = "/kassa/v1/merchants";

/// Guesses this many times, each time with another username. Returns the statuses.
async fn guess(world: &World, path: &str, times: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for number in 0..times {
        statuses.push(world.anyone_as(&format!("guess_{number}"), "mistaken").get(path).await.status);
    }
    statuses
}

fn assert_is_paused(answer: &Answer, message: &str) {
    assert_eq!(answer.error(), format!("429 TOO_MANY_REQUESTS [\"{message}: try again later\"]"));
    assert!((1..=60).contains(&answer.header("retry-after").parse::<i64>().unwrap()));
}

#[test]
fn an_address_that_guesses_is_paused_and_its_known_callers_are_not() {
    journey(|world| async move {
        assert_eq!(world.merchant.get(OWN).await.status, 200);
        let statuses = guess(&world, OWN, 30).await;
        assert_eq!((&statuses[..20], &statuses[20..]), ([401; 20].as_slice(), [429; 10].as_slice()));
        // A paused guesser gets the same answer to a right password.
        assert_is_paused(&world.stranger.get(OWN).await, "Too many failed logins");
        assert_eq!(world.merchant.get(OWN).await.status, 200, "it logged in within the last hour");
        assert_eq!(world.anyone_with("").get(OWN).await.status, 401, "no password is no guess");
        world.clock.advance(Duration::from_secs(2));
        assert_eq!(world.stranger.get(OWN).await.status, 200);
        let metrics = world.stranger.get("/metrics").await.text;
        for (answer, count) in [("401", 20), ("429", 11)] {
            let labels = format!("audience=\"merchants\",answer=\"{answer}\"");
            let line = format!("kassa_authentication_failures_total{{{labels}}} {count}\n");
            assert!(metrics.contains(&line), "{line} in {metrics}");
        }
    });
}

#[test]
fn guesses_at_operators_count_and_an_operators_calls_do_not() {
    journey(|world| async move {
        let AccountCreation::New(made) = world
            .app()
            .accounts()
            .create_operator("deployments", Role::Admin, &Requester::in_process(Actor::CommandLine))
            .await
            .unwrap()
        else {
            panic!("it is new")
        };
        let operator = world.anyone_as(&made.username, &made.password);
        for _ in 0..30 {
            assert_eq!(operator.get(MERCHANTS).await.status, 200);
        }
        assert_eq!(world.merchant.get(OWN).await.status, 200, "nobody guessed");
        let statuses = guess(&world, MERCHANTS, 21).await;
        assert_eq!((&statuses[..20], statuses[20]), ([401; 20].as_slice(), 429));
        assert_eq!(operator.get(MERCHANTS).await.status, 200, "it logged in within the last hour");
    });
}

#[test]
fn a_revoked_credential_that_goes_on_calling_blocks_no_other_caller() {
    journey(|world| async move {
        let made = world.merchant.post(OWN, &json!({})).await.json;
        let [username, password] = ["username", "password"].map(|field| made[field].as_str().unwrap());
        let job = world.anyone_as(username, password);
        assert_eq!(world.merchant.delete(&format!("{OWN}/{username}")).await.status, 204);
        for call in 0..100 {
            assert_eq!(job.get(OWN).await.status, if call < 10 { 401 } else { 429 });
        }
        assert_eq!(world.stranger.get(OWN).await.status, 200, "it had not called before");
    });
}

#[test]
fn redeliveries_of_one_event_are_limited() {
    journey(|world| async move {
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        world.receiver.wait_for(1).await;
        let events = world.merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.json;
        let path =
            format!("/kassa/v1/events/{}/redeliver", events["events"][0]["event_id"].as_str().unwrap());
        for _ in 0..10 {
            assert_eq!(world.merchant.post(&path, &json!({})).await.status, 202);
        }
        assert_is_paused(&world.merchant.post(&path, &json!({})).await, "Too many redeliveries");
        let session = format!("/kassa/v1/sessions/{session}/redeliver");
        assert_eq!(world.merchant.post(&session, &json!({})).await.status, 202, "that is another");
        world.clock.advance(Duration::from_secs(10));
        assert_eq!(world.merchant.post(&path, &json!({})).await.status, 202);
        for _ in 0..10 {
            assert_eq!(since(&world.merchant).await.status, 202);
        }
        assert_is_paused(&since(&world.merchant).await, "Too many redeliveries");
        assert_eq!(since(&world.stranger).await.status, 202);
    });
}

async fn since(merchant: &Merchant) -> Answer {
    merchant.post("/kassa/v1/events/redeliver", &json!({"since": "2026-01-01T00:00:00Z"})).await
}

async fn send(world: &World, session: &str, email: &str) -> Answer {
    let body = json!({"method": "email", "contact_information": {"email": email}});
    world.merchant.post(&format!("/hpp/v1/sessions/{session}/distribution"), &body).await
}

const TOO_MANY_MESSAGES: &str = "Too many messages about this session or to this recipient";

#[test]
fn messages_about_one_session_are_limited() {
    journey(|world| async move {
        let session = world.page_session().await;
        for number in 0..10 {
            assert_eq!(send(&world, &session, &format!("one{number}@example.com")).await.status, 201);
        }
        assert_is_paused(&send(&world, &session, "other@example.com").await, TOO_MANY_MESSAGES);
        let other = world.page_session().await;
        assert_eq!(send(&world, &other, "other@example.com").await.status, 201);
        world.clock.advance(Duration::from_secs(60));
        assert_eq!(send(&world, &session, "other@example.com").await.status, 201);
    });
}

#[test]
fn messages_to_one_recipient_are_limited_in_live_mode() {
    live_journey(|world| async move {
        for number in 0..20 {
            let session = world.page_session().await;
            let email = if number % 2 == 0 { "Erika@Example.com" } else { "erika@example.com" };
            assert_eq!(send(&world, &session, email).await.status, 201);
        }
        let session = world.page_session().await;
        let refused = send(&world, &session, "erika@example.com").await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, "1800"));
        assert_eq!(send(&world, &session, "max@example.com").await.status, 201);
    });
}
