//! `GET /kassa/v1/events`: the feed has every event of the merchant once, in one order, during all other events.

use std::sync::Arc;
use std::time::Duration;

use kassa_testkit::eventually;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::harness::{Merchant, Reply, World, journey};

async fn feed(merchant: &Merchant, query: &str) -> Value {
    let answer = merchant.get(&format!("/kassa/v1/events?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json
}

fn seen(feed: &Value) -> Vec<(String, i64)> {
    let events = feed["events"].as_array().unwrap().iter();
    events
        .map(|event| (event["session_id"].as_str().unwrap().into(), event["sequence"].as_i64().unwrap()))
        .collect()
}

fn cursor(feed: &Value) -> &str {
    feed["cursor"].as_str().unwrap()
}

/// Reads the feed until a condition is true, because callbacks are settled after they arrive.
async fn feed_when(world: &World, query: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    eventually("the events", async || {
        let feed = feed(&world.merchant, query).await;
        if is_so(&feed) { Ok(feed) } else { Err(feed) }
    })
    .await
}

#[test]
fn an_event_contains_the_session_at_its_time() {
    journey(|world| async move {
        let session = world.page_session().await;
        let entered = world.merchant.act(&session, "enter").await.json;
        world.merchant.act(&session, "approve").await;
        let received = world.receiver.wait_for(2).await;
        let feed = feed_when(&world, "acknowledged=true", |feed| seen(feed).len() == 2).await;
        let event = &feed["events"][0];
        let fields: Vec<_> = event.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = [
            "event_id",
            "session_id",
            "sequence",
            "event",
            "status",
            "occurred_at",
            "acknowledged",
            "callback",
            "session",
        ];
        assert_eq!(fields, expected);
        assert_eq!(event["event_id"], received[0].json()["event_id"]);
        assert_eq!((&event["event"], &event["status"]), (&"ConsumerEntered".into(), &"IN_PROGRESS".into()));
        assert_eq!((&event["acknowledged"], &event["callback"]), (&true.into(), &"DELIVERED".into()));
        assert_eq!(event["session"], entered, "as it was, not as it is");
        assert_eq!(event["occurred_at"], entered["updated_at"]);
        assert_eq!(feed["events"][1]["session"]["status"], "COMPLETED");
    });
}

#[test]
fn pages_follow_each_other_without_gap_or_overlap() {
    journey(|world| async move {
        let session = world.page_session().await;
        for act in ["enter", "back", "enter", "decline", "enter"] {
            world.merchant.act(&session, act).await;
        }
        let all = seen(&feed(&world.merchant, "").await);
        assert_eq!(all.iter().map(|(_, sequence)| *sequence).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        let mut paged = Vec::new();
        let mut page = feed(&world.merchant, "limit=2").await;
        while !seen(&page).is_empty() {
            assert!(seen(&page).len() <= 2);
            paged.extend(seen(&page));
            page = feed(&world.merchant, &format!("limit=2&after={}", cursor(&page))).await;
        }
        assert_eq!(paged, all);
        assert_eq!(seen(&feed(&world.stranger, "").await), [], "another merchant's feed is its own");
    });
}

#[test]
fn acknowledged_events_are_skipped_and_the_cursor_moves() {
    journey(|world| async move {
        let delivered = world.page_session().await;
        world.merchant.act(&delivered, "enter").await;
        feed_when(&world, "acknowledged=true", |feed| seen(feed).len() == 1).await;
        let nothing = feed(&world.merchant, "acknowledged=false").await;
        assert_eq!(seen(&nothing), []);
        assert_ne!(cursor(&nothing), cursor(&feed(&world.stranger, "").await), "it moved");
        world.receiver.will_reply(&[Reply::Status(410)]);
        let refused = world.page_session().await;
        world.merchant.act(&refused, "enter").await;
        let query = format!("acknowledged=false&after={}", cursor(&nothing));
        let left = feed_when(&world, &query, |feed| feed["events"][0]["callback"] == "GIVEN_UP").await;
        assert_eq!(seen(&left), [(refused.clone(), 1)]);
        world.merchant.delete(&format!("/hpp/v1/sessions/{refused}")).await;
        let silent = feed(&world.merchant, &format!("acknowledged=false&after={}", cursor(&left))).await;
        assert_eq!(
            silent["events"][0]["callback"],
            Value::Null,
            "DISABLED sends no callback, but the feed has it"
        );
        assert_eq!(seen(&silent), [(refused, 2)]);
    });
}

#[test]
fn a_long_poll_is_answered_at_the_first_event_or_at_its_time_limit() {
    journey(|world| async move {
        let session = world.page_session().await;
        let hold = |query: &'static str| {
            let merchant = world.merchant.clone();
            tokio::spawn(async move { feed(&merchant, query).await })
        };
        let held = hold("wait=30");
        world.wait_for_long_polls(1).await;
        world.merchant.act(&session, "enter").await;
        assert_eq!(seen(&held.await.unwrap()), [(session, 1)]);
        let held = hold("wait=30&acknowledged=false&after=ZTE");
        world.wait_for_long_polls(1).await;
        world.clock.advance(Duration::from_secs(30));
        assert_eq!(seen(&held.await.unwrap()), []);
    });
}

#[test]
fn a_parameter_that_cannot_be_read_is_named() {
    journey(|world| async move {
        for (query, name) in [
            ("after=x", "after"),
            ("after=ZTE", "after"),
            ("acknowledged=maybe", "acknowledged"),
            ("limit=0", "limit"),
            ("limit=many", "limit"),
            ("wait=-1", "wait"),
        ] {
            let answer = world.merchant.get(&format!("/kassa/v1/events?{query}")).await;
            assert_eq!(answer.error(), format!(r#"400 BAD_VALUE ["Bad value: {name}"]"#), "{query}");
        }
        assert_eq!(world.anyone_with("").get("/kassa/v1/events?limit=0").await.status, 401);
    });
}

/// The clock is frozen, so only commits wake the readers.
#[test]
fn events_of_concurrent_writers_are_read_once_and_in_order_per_session() {
    journey(|world| async move {
        let elsewhere = world.merchant_elsewhere().await;
        let mut everybody = JoinSet::new();
        for (name, limit) in [("all", 3), ("all", 1000)] {
            everybody.spawn(follow(world.clone(), name, limit, 16 * 5));
        }
        for number in 0..16 {
            let session = world.page_session().await;
            let merchant = if number % 2 == 0 { world.merchant.clone() } else { elsewhere.clone() };
            everybody.spawn(async move {
                for act in ["enter", "back", "enter", "decline", "enter"] {
                    assert_eq!(merchant.act(&session, act).await.status, 200);
                }
            });
        }
        let mut ticking = tokio::time::interval(Duration::from_millis(20));
        while !everybody.is_empty() {
            tokio::select! {
                Some(done) = everybody.join_next() => done.unwrap(),
                _ = ticking.tick() => world.clock.advance(Duration::from_millis(500)),
            }
        }
    });
}

async fn follow(world: Arc<World>, name: &str, limit: usize, expected: usize) {
    let mut told: Vec<(String, i64)> = Vec::new();
    let mut after = String::new();
    while told.len() < expected {
        let page = feed(&world.merchant, &format!("limit={limit}&wait=20&after={after}")).await;
        told.extend(seen(&page));
        after = cursor(&page).to_string();
    }
    let mut last = std::collections::HashMap::new();
    for (session, sequence) in told {
        let before = last.insert(session.clone(), sequence).unwrap_or(0);
        assert_eq!(sequence, before + 1, "{name}: {session} skipped, repeated or out of order");
    }
}
