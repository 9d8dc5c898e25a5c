//! A payment session's own URLs are called after an authorization and after an order
//! (docs/wire.md#payments-callbacks).

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::cart_with;
use crate::harness::{Receiver, Reply, World, journey};

/// A receiver of the payment session's own callbacks, beside that of the world.
async fn own_receiver() -> (Receiver, Value) {
    let receiver = Receiver::start().await;
    let url = |name: &str| format!("{}/{name}?s={{session.id}}&o={{order.id}}", receiver.url());
    let urls = json!({
        "authorization": url("authorization"),
        "push": url("push"),
        "notification": url("notification"),
    });
    (receiver, cart_with(json!({ "merchant_urls": urls })))
}

async fn payment_session(world: &World, cart: &Value) -> String {
    let answer = world.merchant.post("/payments/v1/sessions", cart).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["session_id"].as_str().unwrap().to_string()
}

/// A page session whose consumer has paid, and what the consumer's payment answered.
async fn paid(world: &World, payment: &str, options: Value) -> (String, Value) {
    let session = world.page_session_of(payment, options).await;
    world.merchant.act(&session, "enter").await;
    let approved = world.merchant.act(&session, "approve").await;
    assert_eq!(approved.status, 200, "{}", approved.text);
    (session, approved.json)
}

/// The callbacks to the payment session's URLs, once they fulfil a condition.
async fn callbacks_when(world: &World, session: &str, is_so: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let callbacks = |history: &Value| history["payments_callbacks"].as_array().cloned().unwrap_or_default();
    let history = world.history_when(session, "the callbacks", |history| is_so(&callbacks(history))).await;
    callbacks(&history)
}

fn has_attempts(kind: &str, count: usize) -> impl Fn(&[Value]) -> bool {
    move |callbacks| {
        let own = callbacks.iter().find(|callback| callback["kind"] == kind);
        own.is_some_and(|callback| callback["attempts"].as_array().unwrap().len() == count)
    }
}

#[test]
fn an_authorization_is_announced_with_token_and_session() {
    journey(async |world: Arc<World>| {
        let (receiver, cart) = own_receiver().await;
        let payment = payment_session(&world, &cart).await;
        let (session, read) = paid(&world, &payment, json!({})).await;
        let call = receiver.wait_for(1).await.remove(0);
        let uri = format!("/authorization?s={payment}&o={{order.id}}");
        assert_eq!(call.uri, uri, "there is no order whose id could replace the placeholder");
        let expected = json!({"authorization_token": read["authorization_token"], "session_id": payment});
        assert_eq!(call.json(), expected);
        assert!(call.is_signed_with(&world.merchant_callback_secret().await));
        let callbacks = callbacks_when(&world, &session, |all| all[0]["callback"] == "DELIVERED").await;
        assert_eq!(callbacks.len(), 1);
        assert_eq!(
            (&callbacks[0]["kind"], &callbacks[0]["attempts"][0]["status"]),
            (&json!("authorization"), &json!(200))
        );
        assert_eq!(callbacks[0]["event_id"], call.headers["webhook-id"].to_str().unwrap());
        let statuses: Vec<_> =
            world.receiver.wait_for(2).await.iter().map(crate::harness::Received::status).collect();
        assert_eq!(statuses, ["IN_PROGRESS", "COMPLETED"]);
    });
}

#[test]
fn an_order_of_the_merchant_is_pushed_once() {
    journey(async |world: Arc<World>| {
        let (receiver, cart) = own_receiver().await;
        let payment = payment_session(&world, &cart).await;
        let (session, read) = paid(&world, &payment, json!({})).await;
        receiver.wait_for(1).await;
        let token = read["authorization_token"].as_str().unwrap();
        for _ in 0..2 {
            assert_eq!(world.merchant.place(token, &cart).await.status, 200);
        }
        let placed = world.merchant.place(token, &cart).await;
        let call = receiver.wait_for(2).await.remove(1);
        let order = placed.json["order_id"].as_str().unwrap();
        assert_eq!(call.uri, format!("/push?s={payment}&o={order}"));
        assert_eq!(call.json(), json!({"order_id": order}));
        let callbacks = callbacks_when(&world, &session, |all| {
            all.len() == 2 && all.iter().all(|callback| callback["callback"] == "DELIVERED")
        });
        assert_eq!(callbacks.await[1]["kind"], "push");
        assert_eq!(receiver.received().len(), 2);
    });
}

#[test]
fn an_order_of_the_page_is_announced_and_pushed() {
    journey(async |world: Arc<World>| {
        let (receiver, cart) = own_receiver().await;
        let payment = payment_session(&world, &cart).await;
        let (_, read) = paid(&world, &payment, json!({"place_order_mode": "PLACE_ORDER"})).await;
        let calls = receiver.wait_for(2).await;
        let mut paths: Vec<_> = calls.iter().map(|call| call.uri.split('?').next().unwrap()).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["/authorization", "/push"]);
        let push = calls.iter().find(|call| call.uri.starts_with("/push")).unwrap();
        assert_eq!(push.json()["order_id"], read["order_id"]);
    });
}

#[test]
fn an_authorization_is_announced_three_times_and_then_given_up() {
    journey(async |world: Arc<World>| {
        let (receiver, cart) = own_receiver().await;
        receiver.will_reply(&[Reply::Status(500), Reply::Status(404), Reply::Status(302)]);
        let payment = payment_session(&world, &cart).await;
        let (session, _) = paid(&world, &payment, json!({})).await;
        for (attempt, pause_s) in [(1, 1), (2, 2), (3, 60)] {
            receiver.wait_for(attempt).await;
            callbacks_when(&world, &session, has_attempts("authorization", attempt)).await;
            world.clock.advance(Duration::from_millis(pause_s * 1_000 - 1));
            assert_eq!(receiver.received().len(), attempt, "the pause is not over");
            world.clock.advance(Duration::from_millis(1));
        }
        let callbacks = callbacks_when(&world, &session, |all| all[0]["callback"] == "GIVEN_UP").await;
        assert_eq!(callbacks[0].get("due_at"), None);
        let calls = receiver.received();
        assert!(
            calls.iter().all(|call| call.body == calls[0].body
                && call.headers["webhook-id"] == calls[0].headers["webhook-id"])
        );
    });
}

#[test]
fn a_hanging_status_callback_delays_no_payments_callback() {
    journey(async |world: Arc<World>| {
        let (receiver, cart) = own_receiver().await;
        world.receiver.will_reply(&[Reply::WhenReleased]);
        let payment = payment_session(&world, &cart).await;
        paid(&world, &payment, json!({})).await;
        receiver.wait_for(1).await;
        assert_eq!(world.receiver.wait_for(1).await.len(), 1, "the callback of the first event hangs");
        world.receiver.release();
        world.receiver.wait_for(2).await;
    });
}

#[test]
fn a_hanging_payments_callback_delays_no_status_callback() {
    journey(async |world: Arc<World>| {
        let (receiver, cart) = own_receiver().await;
        receiver.will_reply(&[Reply::WhenReleased]);
        let payment = payment_session(&world, &cart).await;
        paid(&world, &payment, json!({})).await;
        receiver.wait_for(1).await;
        assert_eq!(world.receiver.wait_for(2).await.len(), 2);
        receiver.release();
    });
}

#[test]
fn a_given_up_callback_is_delivered_again_on_request() {
    journey(async |world: Arc<World>| {
        let (receiver, cart) = own_receiver().await;
        receiver.will_reply(&[Reply::Status(410)]);
        let payment = payment_session(&world, &cart).await;
        let (session, _) = paid(&world, &payment, json!({})).await;
        callbacks_when(&world, &session, |all| all[0]["callback"] == "GIVEN_UP").await;
        let again = world.merchant.post(&format!("/kassa/v1/sessions/{session}/redeliver"), &json!({})).await;
        assert_eq!(again.json, json!({"redelivered": 1}), "{}", again.text);
        let calls = receiver.wait_for(2).await;
        assert_eq!(calls[0].body, calls[1].body);
    });
}

#[test]
fn faults_of_the_lab_happen_to_the_urls_that_they_name() {
    journey(async |world: Arc<World>| {
        let (receiver, cart) = own_receiver().await;
        let faults = json!({"callbacks": [
            {"do": "drop", "callback": "authorization"},
            {"do": "duplicate", "callback": "push"},
        ]});
        assert_eq!(world.merchant.put("/lab/v1/faults", &faults).await.status, 200);
        let payment = payment_session(&world, &cart).await;
        let (session, _) = paid(&world, &payment, json!({"place_order_mode": "PLACE_ORDER"})).await;
        let calls = receiver.wait_for(2).await;
        assert!(calls.iter().all(|call| call.uri.starts_with("/push")), "each push is sent twice");
        let callbacks = callbacks_when(&world, &session, has_attempts("authorization", 1)).await;
        assert_eq!(callbacks[0]["attempts"][0]["failure_kind"], "fault");
        assert_eq!(world.receiver.wait_for(2).await.len(), 2, "no rule names status_update");
        let path = format!("/lab/v1/journal?wait=20&count=5&kind=callback&session={session}");
        let entries = world.merchant.get(&path).await.json["entries"].as_array().unwrap().clone();
        let faulty = |fault: &str| entries.iter().filter(|entry| entry["faults"] == json!([fault])).count();
        assert_eq!((faulty("drop"), faulty("duplicate")), (1, 2));
        let misspelled = json!({"callbacks": [{"do": "drop", "callback": "pushed"}]});
        let refused = world.merchant.put("/lab/v1/faults", &misspelled).await;
        assert!(refused.error().contains("callbacks[0].callback"), "{}", refused.text);
    });
}

#[test]
fn an_advanced_clock_fires_the_attempts_that_are_due() {
    journey(async |world: Arc<World>| {
        let (receiver, cart) = own_receiver().await;
        receiver.will_reply(&[Reply::Status(500), Reply::Status(500)]);
        let payment = payment_session(&world, &cart).await;
        let (session, _) = paid(&world, &payment, json!({})).await;
        callbacks_when(&world, &session, has_attempts("authorization", 1)).await;
        let advanced = world.merchant.post("/lab/v1/clock/advance", &json!({"by": "PT3S"})).await;
        let fired: Vec<_> = advanced.json["fired"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                (
                    one["callback"].as_str().unwrap(),
                    one["attempt"].as_i64().unwrap(),
                    one["answer_status"].as_i64().unwrap(),
                )
            })
            .collect();
        assert_eq!(fired, [("authorization", 2, 500), ("authorization", 3, 200)], "{}", advanced.text);
    });
}

#[test]
fn an_imported_history_has_the_callbacks_and_delivers_them_on_request() {
    journey(async |world: Arc<World>| {
        let (receiver, cart) = own_receiver().await;
        receiver.will_reply(&[Reply::Status(500)]);
        let payment = payment_session(&world, &cart).await;
        let (session, _) = paid(&world, &payment, json!({})).await;
        let here = callbacks_when(&world, &session, has_attempts("authorization", 1)).await;
        let file = world.merchant.get(&format!("/lab/v1/export?session={session}")).await.json;
        let elsewhere = World::elsewhere().await;
        let imported = elsewhere.merchant.post("/lab/v1/import", &file).await;
        assert_eq!(imported.status, 201, "{}", imported.text);
        let there = callbacks_when(&elsewhere, &session, |all| !all.is_empty()).await;
        assert_eq!(there[0]["callback"], "GIVEN_UP", "an import sends nothing");
        assert_eq!(
            (&there[0]["event_id"], &there[0]["attempts"]),
            (&here[0]["event_id"], &here[0]["attempts"])
        );
        elsewhere.merchant.post(&format!("/kassa/v1/sessions/{session}/redeliver"), &json!({})).await;
        let calls = receiver.wait_for(2).await;
        assert_eq!(calls[0].body, calls[1].body);
        assert_eq!(calls[0].headers["webhook-id"], calls[1].headers["webhook-id"]);
        let mut broken = file;
        broken["tables"]["callback"][2]["kind"] = json!("pushed");
        let refused = World::elsewhere().await.merchant.post("/lab/v1/import", &broken).await;
        assert!(refused.error().contains("tables.callback[2].kind"), "{}", refused.text);
    });
}
