//! The client and the tracker wait for as long as the service asks, in simulated time.

use http::Method;
use kassa_client::client::ClientError;
use kassa_client::tracker::{Registration, TrackerOptions};
use kassa_wire::hpp::SessionCreation;

use crate::service::SessionPlan;
use crate::world::World;

#[tokio::test]
async fn a_call_that_was_answered_with_429_is_repeated_after_retry_after() {
    let world = World::new(1);
    world.service.open("s", SessionPlan { expires_at: 1_000_000, steps: vec![] });
    world.service.answer_next(&[(429, &[("retry-after", "3")])]);
    let client = world.client();
    let reading = tokio::spawn(async move { client.read_session("s").await });
    while world.service.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    world.clock.reach(2_999);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.service.calls().len(), 1);
    world.clock.reach(3_000);
    assert_eq!(reading.await.unwrap().unwrap().status().as_str(), "WAITING");
    assert_eq!(world.service.calls().len(), 2);
}

#[tokio::test]
async fn a_used_up_rate_limit_pauses_every_clone() {
    let world = World::new(1);
    world.service.open("s", SessionPlan { expires_at: 1_000_000, steps: vec![] });
    let used_up: &[_] = &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1")];
    world.service.answer_next(&[(404, used_up)]);
    let client = world.client();
    assert!(client.read_session("s").await.unwrap_err().is_not_found());
    let clone = client.clone();
    let reading = tokio::spawn(async move { clone.read_session("s").await });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.service.calls().len(), 1);
    world.clock.reach(1_000);
    assert!(reading.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_creation_that_may_have_been_executed_is_not_repeated() {
    let world = World::new(1);
    world.service.answer_next(&[(500, &[("klarna-correlation-id", "c-1")])]);
    let error = world.client().create_session(&SessionCreation::default()).await.unwrap_err();
    assert!(matches!(error, ClientError::Refused { status: 500, .. }));
    assert_eq!(error.correlation_id(), Some("c-1"));
    let calls = world.service.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].method, Method::POST);
    assert_eq!(calls[0].body, "{}");
}

#[tokio::test]
async fn the_tracker_pauses_its_reads_after_a_429() {
    let world = World::new(1);
    let tracker = world.tracker(TrackerOptions::default()).await;
    for session in ["first", "second"] {
        world.service.open(session, SessionPlan { expires_at: 1_000_000, steps: vec![] });
    }
    tracker.register(Registration::of("first")).await.unwrap();
    world.clock.reach(10_000);
    world.service.answer_next(&[(429, &[("retry-after", "60")])]);
    assert_eq!(tracker.read_due().await.unwrap(), 1);
    tracker.register(Registration::of("second")).await.unwrap();
    world.clock.reach(69_999);
    assert_eq!(tracker.read_due().await.unwrap(), 0);
    assert_eq!(world.service.calls().len(), 1);
    world.clock.reach(70_000);
    assert_eq!(tracker.read_due().await.unwrap(), 2);
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_prolong_a_pause() {
    let world = World::new(1);
    let tracker = world.tracker(TrackerOptions::default()).await;
    world.service.open("s", SessionPlan { expires_at: 1_000_000, steps: vec![] });
    tracker.register(Registration::of("s")).await.unwrap();
    world.clock.reach(10_000);
    world.service.answer_next(&[(429, &[("retry-after", "60")])]);
    assert_eq!(tracker.read_due().await.unwrap(), 1);
    world.clock.set_back(3_600_000);
    world.clock.reach(70_000);
    assert_eq!(tracker.read_due().await.unwrap(), 1);
}
