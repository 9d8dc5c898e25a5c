//! The client waits where the service asks it to, in simulated time.

use http::Method;
use kassa_client::client::ClientError;
use kassa_client::tracker::{Registration, TrackerOptions};
use kassa_wire::hpp::SessionCreation;

use crate::service::Fate;
use crate::world::World;

#[tokio::test]
async fn a_refusal_for_rate_is_repeated_after_what_the_service_asks() {
    let world = World::new(1);
    world.service.open("s", Fate { expires_at: 1_000_000, steps: vec![] });
    world.service.will_answer(&[(429, &[("retry-after", "3")])]);
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
    assert_eq!(reading.await.unwrap().unwrap().status.as_str(), "WAITING");
    assert_eq!(world.service.calls().len(), 2);
}

#[tokio::test]
async fn a_used_up_allowance_holds_up_every_clone() {
    let world = World::new(1);
    world.service.open("s", Fate { expires_at: 1_000_000, steps: vec![] });
    let used_up: &[_] = &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1")];
    world.service.will_answer(&[(404, used_up)]);
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
async fn a_creation_that_may_have_happened_is_not_repeated() {
    let world = World::new(1);
    world.service.will_answer(&[(500, &[("klarna-correlation-id", "c-1")])]);
    let error = world.client().create_session(&SessionCreation::default()).await.unwrap_err();
    assert!(matches!(error, ClientError::Refused { status: 500, .. }));
    assert_eq!(error.correlation_id(), Some("c-1"));
    let calls = world.service.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].method, Method::POST);
    assert_eq!(calls[0].body, "{}");
}

#[tokio::test]
async fn a_tracker_leaves_the_service_alone_for_as_long_as_it_asks() {
    let world = World::new(1);
    let tracker = world.tracker(TrackerOptions::default()).await;
    for session in ["first", "second"] {
        world.service.open(session, Fate { expires_at: 1_000_000, steps: vec![] });
    }
    tracker.register(Registration::of("first")).await.unwrap();
    world.clock.reach(10_000);
    world.service.will_answer(&[(429, &[("retry-after", "60")])]);
    assert_eq!(tracker.read_due().await.unwrap(), 1);
    tracker.register(Registration::of("second")).await.unwrap();
    world.clock.reach(69_999);
    assert_eq!(tracker.read_due().await.unwrap(), 0);
    assert_eq!(world.service.calls().len(), 1);
    world.clock.reach(70_000);
    assert_eq!(tracker.read_due().await.unwrap(), 2);
}
