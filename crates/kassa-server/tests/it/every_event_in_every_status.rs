//! The matrix: raises each event in each status through HTTP, and compares the result with the lifecycle table.

use kassa_domain::lifecycle::{Event, Status, Transition, transition};
use serde_json::{Value, json};

use crate::harness::{World, journey};

/// Returns the actions that bring a new in-store session into a status.
fn way_to(status: Status) -> &'static [&'static str] {
    match status {
        Status::Waiting => &[],
        Status::InProgress => &["enter"],
        Status::Back => &["enter", "back"],
        Status::Failed => &["enter", "decline"],
        Status::Error => &["enter", "error"],
        Status::ManualIdCheck => &["enter", "request-id-check"],
        Status::Timeout => &["enter", "time-out"],
        Status::Completed => &["enter", "approve"],
        Status::Cancelled => &["enter", "cancel"],
        Status::Disabled => &["disable"],
    }
}

/// Returns the action that raises an event.
fn act_of(event: Event) -> &'static str {
    match event {
        Event::ConsumerEntered => "enter",
        Event::ConsumerWentBack => "back",
        Event::ConsumerCancelled => "cancel",
        Event::IdCheckRequested => "request-id-check",
        Event::IdCheckExpired => "expire-id-check",
        Event::ConsumerTimedOut => "time-out",
        Event::PaymentAuthorized => "approve",
        Event::PaymentDeclined => "decline",
        Event::PaymentErrored => "error",
        Event::PaymentSessionCompleted => "sibling pays",
        Event::MerchantDisabled => "disable",
    }
}

/// Performs the action and returns the HTTP status of its answer.
async fn raise(world: &World, payment: &str, session: &str, act: &str) -> u16 {
    match act {
        "disable" => world.merchant.delete(&format!("/hpp/v1/sessions/{session}")).await.status,
        "sibling pays" => {
            let sibling = world.page_session_of(payment, json!({"place_order_mode": "PLACE_ORDER"})).await;
            world.merchant.act(&sibling, "enter").await;
            world.merchant.act(&sibling, "approve").await.status
        }
        act => world.merchant.act(session, act).await.status,
    }
}

/// The actor of an event in this test: the lab acts as the consumer.
fn actor_of(event: Event) -> Value {
    match event {
        Event::ConsumerEntered
        | Event::ConsumerWentBack
        | Event::ConsumerCancelled
        | Event::IdCheckRequested
        | Event::IdCheckExpired
        | Event::ConsumerTimedOut
        | Event::PaymentAuthorized
        | Event::PaymentDeclined
        | Event::PaymentErrored => json!({"kind": "lab"}),
        Event::PaymentSessionCompleted => json!({"kind": "system"}),
        Event::MerchantDisabled => json!({"kind": "merchant", "name": "merchant_user"}),
    }
}

/// Checks that the history names the actor of each event and note of a session.
async fn check_actors(world: &World, session: &str) {
    let history = world.merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.json;
    for shown in history["events"].as_array().unwrap() {
        let event = Event::ALL.iter().find(|event| shown["event"] == event.name()).unwrap();
        assert_eq!(shown["actor"], actor_of(*event), "{event:?}");
    }
    for note in history["notes"].as_array().unwrap() {
        assert_eq!(note["actor"], json!({"kind": "lab"}), "{note}");
    }
}

async fn check(world: &World, status: Status, event: Event) {
    let payment = world.merchant.payment_session("IN_STORE").await;
    let session = world.page_session_of(&payment, json!({})).await;
    for act in way_to(status) {
        raise(world, &payment, &session, act).await;
    }
    let before = world.merchant.read(&session).await;
    assert_eq!(before["status"], status.as_str(), "the way to {status} leads elsewhere");
    let answer = raise(world, &payment, &session, act_of(event)).await;
    let after = world.merchant.read(&session).await;
    match transition(status, event) {
        Transition::To(target) => {
            assert_eq!(after["status"], target.as_str(), "{event:?} in {status}");
            assert!(after["updated_at"].as_str() > before["updated_at"].as_str());
        }
        Transition::Stays | Transition::Refused => assert_eq!(after, before, "{event:?} in {status}"),
    }
    check_actors(world, &session).await;
    let is_refused = transition(status, event) == Transition::Refused;
    let expected = match (event, status) {
        (Event::PaymentSessionCompleted, _) => 200,
        (Event::MerchantDisabled, Status::Disabled) => 204,
        (Event::MerchantDisabled, _) => {
            if is_refused {
                400
            } else {
                204
            }
        }
        (_, _) => {
            if is_refused {
                409
            } else {
                200
            }
        }
    };
    assert_eq!(answer, expected, "{event:?} in {status}");
}

#[test]
fn each_event_in_each_status_has_the_tables_result() {
    journey(|world| async move {
        for status in Status::ALL {
            for event in Event::ALL {
                check(&world, *status, *event).await;
            }
        }
    });
}

#[test]
fn cancel_is_back_in_a_web_shop() {
    journey(|world| async move {
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        let answer = world.merchant.act(&session, "cancel").await;
        assert_eq!((answer.status, answer.json["status"].as_str()), (200, Some("BACK")));
    });
}
