//! Compares the recorded purchases with Kassa after crashes: histories, sessions, callbacks and orders.

use std::collections::{BTreeMap, HashMap};

use kassa_domain::lifecycle::{CallbackRule, Event, Status, Transition, rule, transition};
use kassa_testkit::eventually;
use serde_json::Value;

use super::buyer::cart_to_order;
use super::purchase::Purchase;
use crate::harness::{Merchant, Received};

/// The events of each session, by its id.
pub type Histories = BTreeMap<String, Vec<Value>>;

/// Reads the histories until no callback is due.
pub async fn all_callbacks_have_ended(merchant: &Merchant, purchases: &[Purchase]) -> Histories {
    let mut histories = Histories::new();
    for purchase in purchases {
        let session = purchase.session.as_str();
        let ended = eventually("the end of every callback", async || {
            let events = events(merchant, session).await;
            let is_open = |event: &Value| event["callback"] == "DUE" || event["callback"] == "BLOCKED";
            if events.iter().any(is_open) { Err(format!("{session}: {events:?}")) } else { Ok(events) }
        });
        histories.insert(session.to_string(), ended.await);
    }
    histories
}

async fn events(merchant: &Merchant, session: &str) -> Vec<Value> {
    let answer = merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.expect(200);
    answer.json["events"].as_array().unwrap().clone()
}

/// Compares every purchase with its history, its session as read, its order and its callbacks.
pub async fn prove(
    merchant: &Merchant,
    purchases: &[Purchase],
    histories: &Histories,
    received: &[Received],
) {
    let mut by_session: HashMap<&str, Vec<&Received>> = HashMap::new();
    for call in received {
        by_session.entry(&call.session_id).or_default().push(call);
    }
    let mut repeats = 0;
    for purchase in purchases {
        let session = purchase.session.as_str();
        let events = &histories[session];
        let read = merchant.read(session).await;
        assert_history_is_lawful(session, events, &read);
        assert_every_answer_is_in_the_history(purchase, events, &read);
        let calls = by_session.remove(session).unwrap_or_default();
        assert_callbacks_came(session, events, &calls);
        repeats += calls.len() - events.iter().filter(|event| !event["callback"].is_null()).count();
        assert_order_stands(merchant, purchase).await;
    }
    println!("{} callbacks received, {repeats} of them repeats", received.len());
    assert!(repeats > 0, "the receiver refused some, so some must have come again");
}

/// Asserts that the events follow the lifecycle table and end at the session's status.
fn assert_history_is_lawful(session: &str, events: &[Value], read: &Value) {
    let mut status = Status::Waiting;
    for (index, event) in events.iter().enumerate() {
        assert_eq!(event["sequence"], index + 1, "{session}: {events:?}");
        let kind = Event::ALL.iter().find(|kind| event["event"] == kind.name()).unwrap();
        let next = Status::parse(event["status"].as_str().unwrap()).unwrap();
        assert_eq!(transition(status, *kind), Transition::To(next), "{session}: {events:?}");
        status = next;
        let callback =
            if rule(status).callback == CallbackRule::Always { "DELIVERED".into() } else { Value::Null };
        assert_eq!(event["callback"], callback, "{session}: {events:?}");
    }
    assert_eq!(read["status"], status.as_str(), "{session}: {events:?}");
    let has_authorization = !read["authorization_token"].is_null() || !read["order_id"].is_null();
    assert_eq!(has_authorization, status == Status::Completed, "{session}: {read}");
}

/// Asserts that the history contains every answered change with its time, and that a final answer is still true.
fn assert_every_answer_is_in_the_history(purchase: &Purchase, events: &[Value], read: &Value) {
    for answer in purchase.answers.iter().filter(|answer| answer["status"] != "WAITING") {
        let is_recorded = events
            .iter()
            .any(|event| event["status"] == answer["status"] && event["occurred_at"] == answer["updated_at"]);
        assert!(is_recorded, "answered {answer}, recorded {events:?}");
    }
    if purchase.was_disabled {
        assert_eq!(read["status"], "DISABLED");
    } else if purchase.is_final() {
        assert_eq!(Some(read), purchase.last());
    }
}

/// Asserts that each event with a callback arrived at least once, first in the order of the history, and with the same
/// bytes every time.
fn assert_callbacks_came(session: &str, events: &[Value], calls: &[&Received]) {
    let mut firsts: Vec<&Received> = Vec::new();
    for call in calls {
        match firsts.iter().find(|first| first.event_id == call.event_id) {
            Some(first) => assert_eq!(first.body, call.body, "{session}: one event, one body"),
            None => firsts.push(call),
        }
    }
    let came: Vec<&str> = firsts.iter().map(|call| call.event_id.as_str()).collect();
    let marked = events.iter().filter(|event| !event["callback"].is_null());
    let marked: Vec<&str> = marked.map(|event| event["event_id"].as_str().unwrap()).collect();
    assert_eq!(came, marked, "{session}: {events:?}");
}

/// Asserts that an acknowledged order exists, and that its token gives the same order again.
async fn assert_order_stands(merchant: &Merchant, purchase: &Purchase) {
    let Some(order) = &purchase.order else { return };
    let read = merchant.get(&format!("/ordermanagement/v1/orders/{order}")).await.expect(200);
    assert_eq!(read.word("order_id"), order);
    let path = format!("/payments/v1/authorizations/{}/order", purchase.token().unwrap());
    let again = merchant.post(&path, &cart_to_order()).await.expect(200);
    assert_eq!(again.word("order_id"), order);
}
