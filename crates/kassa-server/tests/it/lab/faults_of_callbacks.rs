//! Faults of callbacks: lost, sent several times, late, out of order, early, simultaneous, damaged.

use std::cell::Cell;
use std::time::Duration;

use serde_json::{Value, json};

use super::{advance, journal, rule, session_after, set_faults, statuses};
use crate::harness::{Page, Reply, World, journey};

async fn history(world: &World, session: &str) -> Value {
    world.merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.json
}

/// Makes a few calls, so that a callback that is not delayed would arrive meanwhile.
async fn make_other_calls(world: &World) {
    for _ in 0..5 {
        world.merchant.get("/kassa/v1/sessions").await;
    }
}

#[test]
fn rules_duplicate_the_second_callback_and_drop_the_third() {
    journey(async |world| {
        let session = world.page_session().await;
        set_faults(
            &world,
            &json!({"callbacks": [
                {"do": "duplicate", "times": 3, "session": session, "nth": 2},
                {"do": "drop", "session": session, "nth": 3}]}),
        )
        .await;
        for act in ["enter", "back", "enter"] {
            assert_eq!(world.merchant.act(&session, act).await.status, 200);
        }
        let entries = journal(&world, "kind=callback", 5).await;
        assert_eq!(statuses(&world), ["IN_PROGRESS", "BACK", "BACK", "BACK"]);
        assert_eq!(entries[1]["faults"], json!(["duplicate"]));
        assert_eq!((&entries[4]["faults"], &entries[4]["answer"]), (&json!(["drop"]), &Value::Null));
        let bodies: Vec<_> =
            world.receiver.received()[1..].iter().map(|received| received.body.clone()).collect();
        assert!(bodies.iter().all(|body| *body == bodies[0]), "a duplicate has the same bytes");
    });
}

#[test]
fn a_dropped_attempt_is_recorded_and_the_callback_is_attempted_again() {
    journey(async |world| {
        let mut lost = rule("drop", "COMPLETED");
        lost["attempt"] = json!(1);
        set_faults(&world, &json!({"callbacks": [lost]})).await;
        let session = session_after(&world, "approve").await;
        let advanced = advance(&world, "PT5S").await;
        assert_eq!(statuses(&world), ["IN_PROGRESS", "COMPLETED"]);
        assert_eq!(advanced["fired"][0]["attempt"], 2);
        let attempts = history(&world, &session).await["events"][1]["attempts"].clone();
        assert_eq!(attempts[0]["failure_kind"], "fault");
    });
}

#[test]
fn a_delayed_callback_delays_its_successors_too() {
    journey(async |world| {
        let mut delayed = rule("delay", "IN_PROGRESS");
        delayed["by"] = json!("PT10S");
        set_faults(&world, &json!({"callbacks": [delayed]})).await;
        session_after(&world, "approve").await;
        world.clock.advance(Duration::from_secs(9));
        assert!(statuses(&world).is_empty(), "ten seconds are not over");
        world.clock.advance(Duration::from_secs(1));
        world.receiver.wait_for(2).await;
        assert_eq!(statuses(&world), ["IN_PROGRESS", "COMPLETED"]);
    });
}

#[test]
fn a_reordered_callback_is_sent_after_its_successor() {
    journey(async |world| {
        set_faults(&world, &json!({"callbacks": [rule("reorder", "IN_PROGRESS")]})).await;
        session_after(&world, "approve").await;
        world.receiver.wait_for(1).await;
        world.clock.advance(Duration::from_secs(5));
        world.receiver.wait_for(2).await;
        assert_eq!(statuses(&world), ["COMPLETED", "IN_PROGRESS"]);
    });
}

#[test]
fn an_early_callback_ends_before_the_consumer_is_redirected_to_the_shop() {
    journey(async |world| {
        set_faults(&world, &json!({"callbacks": [rule("early", "COMPLETED")]})).await;
        world.receiver.will_reply(&[Reply::Status(200), Reply::WhenReleased]);
        let session = world.page_session().await;
        let mut page = Page::open(&world, &session).await;
        page.pay("customer@email.se", "123456").await;
        world.receiver.wait_for(2).await;
        let is_in_the_shop = Cell::new(false);
        let consumer = async {
            page.follow().await;
            is_in_the_shop.set(true);
        };
        let shop = async {
            make_other_calls(&world).await;
            let is_too_soon = is_in_the_shop.get();
            world.receiver.release();
            is_too_soon
        };
        let ((), is_too_soon) = tokio::join!(consumer, shop);
        assert!(!is_too_soon, "the shop had not answered the callback");
        assert!(page.location.contains("/success"), "{}", page.location);
    });
}

#[test]
fn a_callback_and_the_redirect_to_the_shop_are_sent_together() {
    journey(async |world| {
        set_faults(&world, &json!({"callbacks": [rule("together", "COMPLETED")]})).await;
        let session = world.page_session().await;
        let mut page = Page::open(&world, &session).await;
        world.receiver.wait_for(1).await;
        page.pay("customer@email.se", "123456").await;
        make_other_calls(&world).await;
        assert_eq!(statuses(&world), ["IN_PROGRESS"], "it waits for the consumer");
        page.follow().await;
        assert!(page.location.contains("/success"), "{}", page.location);
        world.receiver.wait_for(2).await;
        let entries = journal(&world, "kind=callback", 2).await;
        assert_eq!(entries[1]["faults"], json!(["together"]));
    });
}

#[test]
fn a_callback_can_arrive_damaged() {
    journey(async |world| {
        set_faults(
            &world,
            &json!({"callbacks": [rule("corrupt_signature", "IN_PROGRESS"), rule("truncate", "COMPLETED")]}),
        )
        .await;
        session_after(&world, "approve").await;
        let received = world.receiver.wait_for(2).await;
        let secret = world.merchant_callback_secret().await;
        assert!(!received[0].is_signed_with(&secret));
        assert_eq!(received[0].status(), "IN_PROGRESS", "its body is whole");
        assert!(received[1].headers.contains_key("webhook-signature"));
        assert!(serde_json::from_slice::<Value>(&received[1].body).is_err(), "half a body is no JSON");
        assert!(received[1].body.starts_with(b"{\"event_id\""));
    });
}

/// Returns which of forty sessions lose their first callback under these faults.
async fn lost(world: &World, faults: &Value) -> Vec<usize> {
    set_faults(world, faults).await;
    let mut sessions = Vec::new();
    for _ in 0..40 {
        sessions.push(world.page_session().await);
    }
    for session in sessions.iter().rev() {
        world.merchant.act(session, "enter").await;
    }
    journal(world, "kind=callback", 40).await;
    let entries = journal(world, "kind=callback&limit=1000", 40).await;
    let is_lost = |session: &String| {
        entries.iter().any(|entry| entry["session_id"] == **session && !entry["faults"].is_null())
    };
    let lost = sessions.iter().enumerate().filter(|(_, session)| is_lost(session)).map(|(place, _)| place);
    let lost = lost.collect();
    world.merchant.delete("/lab/v1/journal").await;
    lost
}

#[test]
fn random_faults_repeat_for_the_same_seed() {
    journey(async |world| {
        let faults =
            |seed: u64| json!({"seed": seed, "callbacks": [{"do": "drop", "attempt": 1, "chance": 0.3}]});
        let first = lost(&world, &faults(7)).await;
        assert!((4..=20).contains(&first.len()), "about 12 of 40: {first:?}");
        assert_eq!(lost(&world, &faults(7)).await, first, "other sessions, the same faults");
        assert_ne!(lost(&world, &faults(8)).await, first);
    });
}

#[test]
fn faults_apply_only_to_their_merchant() {
    journey(async |world| {
        world.stranger.put("/lab/v1/faults", &json!({"callbacks": [{"do": "drop"}]})).await;
        session_after(&world, "approve").await;
        world.receiver.wait_for(2).await;
        set_faults(&world, &json!({"callbacks": [{"do": "drop"}]})).await;
        assert_eq!(world.merchant.delete("/lab/v1/faults").await.status, 204);
        session_after(&world, "approve").await;
        world.receiver.wait_for(4).await;
    });
}
