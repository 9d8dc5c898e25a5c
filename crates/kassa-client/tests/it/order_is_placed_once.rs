//! The tracker places each order once, and reports the order's outcome with `COMPLETED`. The service decides whether a
//! token is too old.

use kassa_client::Timestamp;
use kassa_client::fraud_status::FraudStatus;
use kassa_client::ledger::Ledger;
use kassa_client::tracker::verdict::Verdict;
use kassa_client::tracker::{OrderState, Registration, Service, Tracker, TrackerOptions};
use kassa_wire::callback::StatusUpdate;
use serde_json::{Value, from_value, json};

use crate::each_engine::{Engine, on_each_engine};
use crate::service::{SessionPlan, snapshot};
use crate::world::{World, drain};

on_each_engine!(
    a_completed_session_is_reported_with_its_order,
    a_callback_before_the_registration_places_the_order,
    the_fraud_status_is_reported_with_the_order,
    a_failed_order_is_retried_for_the_lifetime_of_a_token,
    a_final_refusal_is_reported_at_once_and_not_retried,
    a_refusal_of_the_account_is_retried,
    a_session_with_neither_token_nor_order_is_reported_at_once,
    a_token_that_the_callback_left_out_is_read,
    an_order_that_the_service_placed_is_reported_with_its_fraud_status,
    an_order_whose_answer_was_lost_in_a_crash_is_placed_again,
    a_clock_that_is_ahead_does_not_lose_the_order,
    a_clock_that_jumps_ahead_does_not_lose_the_order,
    a_tracker_that_stopped_for_hours_asks_the_service,
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
    receive(tracker, snapshot("s", "COMPLETED", at, 48 * 60 * MIN), at).await;
}

/// Receives a callback at this time of the tracker's clock.
async fn receive(tracker: &Tracker, session: Value, at: i64) {
    let callback = StatusUpdate { event_id: "paid".to_string(), session: from_value(session).unwrap() };
    tracker.record(callback, Timestamp::from_millisecond(at).unwrap()).await.unwrap();
}

/// A completed session whose callback has no token.
fn without_token() -> Value {
    let mut session = snapshot("s", "COMPLETED", 0, 48 * 60 * MIN);
    session.as_object_mut().unwrap().remove("authorization_token");
    session
}

/// Places the due orders, and returns the reported outcome.
async fn outcome(tracker: &Tracker) -> OrderState {
    tracker.place_due().await.unwrap();
    drain(tracker, 0).await[0].1.order.clone().unwrap()
}

fn placed(order_id: &str, fraud_status: Option<FraudStatus>) -> OrderState {
    OrderState::Placed { order_id: order_id.to_string(), fraud_status }
}

const fn is_placed(order: &OrderState) -> bool {
    matches!(order, OrderState::Placed { .. })
}

async fn verdict(tracker: &Tracker) -> Verdict {
    tracker.session("s").await.unwrap().unwrap().verdict
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
    assert_eq!(order, placed("order of token-s", None));
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
    assert!(is_placed(drain(&tracker, 0).await[0].1.order.as_ref().unwrap()));
}

async fn the_fraud_status_is_reported_with_the_order(engine: Engine) {
    for (word, status, expected) in [
        ("ACCEPTED", FraudStatus::Accepted, Verdict::Final),
        ("PENDING", FraudStatus::Pending, Verdict::Final),
        ("REJECTED", FraudStatus::Rejected, Verdict::OrderRejected),
    ] {
        let world = World::on(engine, 1).await;
        let tracker = tracker(&world).await;
        register(&tracker).await;
        complete(&tracker, 0).await;
        world.service.answer_orders(200, json!({"order_id": "o-1", "fraud_status": word}));
        assert_eq!(outcome(&tracker).await, placed("o-1", Some(status)));
        assert_eq!(verdict(&tracker).await, expected, "{word}");
    }
}

async fn a_failed_order_is_retried_for_the_lifetime_of_a_token(engine: Engine) {
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
            10..40 => Verdict::Unacknowledged,
            _ => Verdict::TokenExpiring,
        };
        assert_eq!(view.verdict, expected, "minute {minute}: {}", view.why);
    }
    let attempts = orders(&world).len();
    assert!((55..=70).contains(&attempts), "{attempts} calls in an hour");
    world.clock.reach(61 * MIN);
    assert!(matches!(outcome(&tracker).await, OrderState::TooLate { .. }));
    assert_eq!(orders(&world).len(), attempts + 1, "the service is asked a last time");
    let view = tracker.session("s").await.unwrap().unwrap();
    assert_eq!(view.verdict, Verdict::NoOrder);
    assert!(view.why.contains("503 TEMPORARILY_UNAVAILABLE"), "{}", view.why);
}

async fn a_final_refusal_is_reported_at_once_and_not_retried(engine: Engine) {
    for (status, code) in [(400, "BAD_VALUE"), (403, "INVALID_OPERATION"), (404, "NOT_FOUND")] {
        let world = World::on(engine, 1).await;
        let tracker = tracker(&world).await;
        register(&tracker).await;
        complete(&tracker, 0).await;
        let messages = ["Authorization token already consumed"];
        let body = json!({"error_code": code, "error_messages": messages, "correlation_id": "c"});
        world.service.answer_orders(status, body);
        let OrderState::Refused { why } = outcome(&tracker).await else { panic!("{status} {code}") };
        assert!(why.contains(code));
        assert_eq!(verdict(&tracker).await, Verdict::NoOrder);
        world.clock.reach(30 * MIN);
        assert_eq!(tracker.place_due().await.unwrap(), 0);
    }
}

async fn a_refusal_of_the_account_is_retried(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = tracker(&world).await;
    register(&tracker).await;
    complete(&tracker, 0).await;
    world.service.answer_orders(403, json!({"error_code": "MERCHANT_INACTIVE"}));
    tracker.place_due().await.unwrap();
    assert!(drain(&tracker, 0).await.is_empty());
    world.clock.reach(5 * MIN);
    world.service.answer_orders(200, json!({"order_id": "o-1"}));
    assert!(is_placed(&outcome(&tracker).await));
}

async fn a_session_with_neither_token_nor_order_is_reported_at_once(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = tracker(&world).await;
    world.service.issue_no_tokens();
    world.service.open("s", SessionPlan { expires_at: 48 * 60 * MIN, steps: vec![(0, "COMPLETED")] });
    receive(&tracker, without_token(), 0).await;
    assert_eq!(verdict(&tracker).await, Verdict::NoOrder, "also if the merchant places the order");
    register(&tracker).await;
    assert!(matches!(outcome(&tracker).await, OrderState::NoToken { .. }));
    assert_eq!(verdict(&tracker).await, Verdict::NoOrder);
    assert!(orders(&world).is_empty());
    let metrics = tracker.metrics().await.unwrap();
    for line in ["orders_total{outcome=\"no_token\"} 1", "sessions{verdict=\"no_order\"} 1"] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
}

async fn a_token_that_the_callback_left_out_is_read(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = tracker(&world).await;
    world.service.open("s", SessionPlan { expires_at: 48 * 60 * MIN, steps: vec![(0, "COMPLETED")] });
    register(&tracker).await;
    receive(&tracker, without_token(), 0).await;
    assert!(is_placed(&outcome(&tracker).await));
    assert_eq!(orders(&world), ["token-s"]);
    assert_eq!(verdict(&tracker).await, Verdict::Final);
}

async fn an_order_that_the_service_placed_is_reported_with_its_fraud_status(engine: Engine) {
    for (is_reachable, expected) in [(true, Some(FraudStatus::Pending)), (false, None)] {
        let world = World::on(engine, 1).await;
        let tracker = tracker(&world).await;
        register(&tracker).await;
        let mut session = without_token();
        session["order_id"] = json!("o-1");
        receive(&tracker, session, 0).await;
        if !is_reachable {
            world.service.fail_during(0..MIN);
        }
        assert_eq!(outcome(&tracker).await, placed("o-1", expected));
        assert!(orders(&world).is_empty(), "no second order is placed");
        assert_eq!(verdict(&tracker).await, Verdict::Final);
    }
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
    assert!(is_placed(drain(&second, 0).await[0].1.order.as_ref().unwrap()));
}

async fn a_clock_that_is_ahead_does_not_lose_the_order(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = tracker(&world).await;
    world.clock.reach(61 * MIN);
    register(&tracker).await;
    receive(&tracker, snapshot("s", "COMPLETED", 0, 48 * 60 * MIN), 61 * MIN).await;
    assert!(drain(&tracker, 0).await.is_empty(), "the change waits for its order");
    assert!(is_placed(&outcome(&tracker).await));
}

async fn a_clock_that_jumps_ahead_does_not_lose_the_order(engine: Engine) {
    let world = World::on(engine, 1).await;
    let tracker = tracker(&world).await;
    register(&tracker).await;
    complete(&tracker, 0).await;
    world.service.fail_during(0..3 * 60 * MIN);
    for hour in 0..3 {
        world.clock.reach(hour * 60 * MIN);
        tracker.place_due().await.unwrap();
        assert!(drain(&tracker, 0).await.is_empty(), "the change waits for its order");
    }
    world.clock.reach(3 * 60 * MIN);
    assert!(is_placed(&outcome(&tracker).await));
}

async fn a_tracker_that_stopped_for_hours_asks_the_service(engine: Engine) {
    let world = World::on(engine, 1).await;
    let first = tracker(&world).await;
    register(&first).await;
    complete(&first, 0).await;
    drop(first);
    world.clock.reach(5 * 60 * MIN);
    let second = tracker(&world).await;
    assert!(drain(&second, 0).await.is_empty(), "the change waits for its order");
    world.service.answer_orders(404, json!({"error_code": "NOT_FOUND"}));
    assert!(matches!(outcome(&second).await, OrderState::Refused { .. }));
    assert_eq!(orders(&world), ["token-s"]);
}
