//! The tracker places each order once, before the token ends, and reports the order's outcome with `COMPLETED`.

use kassa_client::Timestamp;
use kassa_client::ledger::Ledger;
use kassa_client::receiver::Callback;
use kassa_client::tracker::verdict::Verdict;
use kassa_client::tracker::{OrderState, Registration, Service, Tracker, TrackerOptions};
use serde_json::{from_value, json};

use crate::service::snapshot;
use crate::world::{Engine, World, drain, on_each_engine};

on_each_engine!(
    a_completed_session_is_reported_with_its_order,
    a_callback_before_the_registration_places_the_order,
    a_failed_order_is_retried_until_the_token_ends,
    a_refused_order_is_reported_at_once_and_not_retried,
    an_order_whose_answer_was_lost_in_a_crash_is_placed_again,
    a_change_is_reported_after_the_token_ends_without_an_order,
);

const MIN: i64 = 60_000;

async fn tracker(world: &World) -> Tracker {
    let options = TrackerOptions { service: Service::Other, settle_ms: 0, ..TrackerOptions::default() };
    world.tracker(options).await
}

/// Registers the session "s" with an order.
async fn register(tracker: &Tracker) {
    let order = Some(json!({"order_amount": 9999}));
    tracker.register(Registration { order, ..Registration::of("s") }).await.unwrap();
}

async fn complete(tracker: &Tracker, at: i64) {
    let session = from_value(snapshot("s", "COMPLETED", at, 48 * 60 * MIN)).unwrap();
    let callback = Callback { event_id: "paid".to_string(), session };
    tracker.record(callback, Timestamp::from_millisecond(at).unwrap()).await.unwrap();
}

/// The tokens in the calls that place orders.
fn orders(world: &World) -> Vec<String> {
    let calls = world.service.calls().into_iter().filter(|call| call.url.ends_with("/order"));
    calls.map(|call| call.url.split('/').rev().nth(1).unwrap().to_string()).collect()
}

async fn a_completed_session_is_reported_with_its_order(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = tracker(&world).await;
    register(&tracker).await;
    complete(&tracker, 0).await;
    assert!(drain(&tracker, 0).await.is_empty(), "the change waits for its order");
    assert_eq!(tracker.place_due().await.unwrap(), 1);
    assert_eq!(tracker.place_due().await.unwrap(), 0);
    let changes = drain(&tracker, 0).await;
    let order = changes[0].1.order.clone().unwrap();
    assert_eq!((order.state, order.order_id.as_deref()), (OrderState::Placed, Some("order of token-s")));
    assert_eq!(orders(&world), ["token-s"]);
    let call = &world.service.calls()[0];
    assert_eq!(call.body, r#"{"order_amount":9999}"#);
}

async fn a_callback_before_the_registration_places_the_order(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = tracker(&world).await;
    complete(&tracker, 0).await;
    register(&tracker).await;
    assert_eq!(tracker.place_due().await.unwrap(), 1);
    assert_eq!(drain(&tracker, 0).await[0].1.order.clone().unwrap().state, OrderState::Placed);
}

async fn a_failed_order_is_retried_until_the_token_ends(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = tracker(&world).await;
    world.service.fail_during(0..2 * 60 * MIN);
    register(&tracker).await;
    complete(&tracker, 0).await;
    for minute in 0..60 {
        world.clock.reach(minute * MIN);
        tracker.place_due().await.unwrap();
        assert!(drain(&tracker, 0).await.is_empty());
        let view = tracker.session("s").await.unwrap().unwrap();
        let expected = match minute {
            0..10 => Verdict::Final,
            10..40 => Verdict::Untold,
            _ => Verdict::TokenExpiring,
        };
        assert_eq!(view.verdict, expected, "minute {minute}: {}", view.why);
    }
    let attempts = orders(&world).len();
    assert!((55..=70).contains(&attempts), "{attempts} calls in an hour");
    world.clock.reach(60 * MIN);
    tracker.place_due().await.unwrap();
    assert_eq!(orders(&world).len(), attempts, "an expired token is not used");
    assert_eq!(drain(&tracker, 0).await[0].1.order.clone().unwrap().state, OrderState::TooLate);
    let view = tracker.session("s").await.unwrap().unwrap();
    assert_eq!(view.verdict, Verdict::NoOrder);
    assert!(view.why.contains("503 TEMPORARILY_UNAVAILABLE"), "{}", view.why);
}

async fn a_refused_order_is_reported_at_once_and_not_retried(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = tracker(&world).await;
    register(&tracker).await;
    complete(&tracker, 0).await;
    world.service.answer_next(&[(400, &[])]);
    tracker.place_due().await.unwrap();
    let order = drain(&tracker, 0).await[0].1.order.clone().unwrap();
    assert_eq!((order.state, order.order_id), (OrderState::Refused, None));
    world.clock.reach(30 * MIN);
    assert_eq!(tracker.place_due().await.unwrap(), 0);
}

async fn an_order_whose_answer_was_lost_in_a_crash_is_placed_again(engine: Engine) {
    let world = World::on(engine, 1).await;
    let first = tracker(&world).await;
    register(&first).await;
    complete(&first, 0).await;
    world.service.stay_silent();
    {
        // Poll until the call is made, and never again: this is a process that dies before it stores the answer.
        let mut placing = Box::pin(first.place_due());
        while orders(&world).is_empty() {
            let _ = futures_util::poll!(&mut placing);
            tokio::task::yield_now().await;
        }
    }
    let second = tracker(&world).await;
    assert_eq!(second.place_due().await.unwrap(), 0, "the lease of the first tracker is valid");
    world.clock.reach(MIN);
    assert_eq!(second.place_due().await.unwrap(), 1);
    assert_eq!(orders(&world), ["token-s", "token-s"]);
    assert_eq!(drain(&second, 0).await[0].1.order.clone().unwrap().state, OrderState::Placed);
}

async fn a_change_is_reported_after_the_token_ends_without_an_order(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = tracker(&world).await;
    register(&tracker).await;
    complete(&tracker, 0).await;
    world.clock.reach(60 * MIN);
    assert_eq!(drain(&tracker, 0).await[0].1.order.clone().unwrap().state, OrderState::Intended);
}
