//! The tracker places the order of a completed session: once, also where it is killed while it does.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Engine, Settings, eventually, on_each_engine, order, session};
use crate::harness::{Dev, Receiver};

/// How often the tracker is killed.
const KILLS: u64 = 12;

/// The order that was told for each session.
fn told(receiver: &Receiver) -> BTreeMap<String, Value> {
    let bodies =
        receiver.received().into_iter().map(|one| serde_json::from_slice::<Value>(&one.body).unwrap());
    let completed = bodies.filter(|body| body["session"]["status"] == "COMPLETED");
    completed
        .map(|body| (body["session"]["session_id"].as_str().unwrap().to_string(), body["order"].clone()))
        .collect()
}

on_each_engine!(each_paid_session_gets_one_order_however_often_the_tracker_is_killed);

async fn each_paid_session_gets_one_order_however_often_the_tracker_is_killed(engine: Engine) {
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let merchant = dev.merchant();
    let settings = Settings::for_dev(&dev).on(engine).await.telling(&receiver.url).reading_eagerly();
    let mut sessions = Vec::new();
    for life in 0..KILLS {
        let tracker = settings.start();
        for _ in 0..4 {
            let id = session(&merchant, &json!({})).await;
            let registration =
                json!({"session_id": id, "reference": format!("life {life}"), "order": order()});
            tracker.private.post("/sessions", &registration).await.expect(201);
            sessions.push(id);
        }
        for id in &sessions[sessions.len() - 4..] {
            for act in ["enter", "approve"] {
                merchant.act(id, act).await.expect(200);
            }
        }
        // A moment that nobody chose, hence the sleep.
        tokio::time::sleep(Duration::from_millis(life * 17 % 120)).await;
        drop(tracker);
    }
    let _last = settings.start();
    let told =
        eventually("every order", async || Some(told(&receiver)).filter(|told| told.len() == sessions.len()));
    for (id, order) in told.await {
        assert_eq!(order["state"], "placed", "{id}: {order}");
        // Kassa knows one order of an authorization, and it is the one that was told.
        let placed = merchant
            .get(&format!("/ordermanagement/v1/orders/{}", order["order_id"].as_str().unwrap()))
            .await;
        assert_eq!(placed.expect(200).json["status"], "AUTHORIZED");
        let token = merchant.read(&id).await["authorization_token"].as_str().unwrap().to_string();
        let again =
            merchant.post(&format!("/payments/v1/authorizations/{token}/order"), &super::order()).await;
        assert_eq!(again.expect(200).json["order_id"], order["order_id"]);
    }
}

#[tokio::test]
async fn an_order_that_is_refused_is_told_and_shown() {
    let (dev, receiver) = (Dev::start(), Receiver::start().await);
    let merchant = dev.merchant();
    let tracker = Settings::for_dev(&dev).telling(&receiver.url).reading_eagerly().start();
    let id = session(&merchant, &json!({})).await;
    let mut order = order();
    order["purchase_currency"] = json!("EUR");
    tracker.private.post("/sessions", &json!({"session_id": id, "order": order})).await.expect(201);
    for act in ["enter", "approve"] {
        merchant.act(&id, act).await.expect(200);
    }
    let told = eventually("the end", async || told(&receiver).remove(&id)).await;
    assert_eq!((&told["state"], &told["order_id"]), (&json!("refused"), &Value::Null));
    let view = tracker.view(&id).await;
    assert_eq!(view["verdict"], "no_order", "{view}");
    assert!(
        view["why"].as_str().unwrap().starts_with("the consumer paid, and the order was refused: 4"),
        "{view}"
    );
}
