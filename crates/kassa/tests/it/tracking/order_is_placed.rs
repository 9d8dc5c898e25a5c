//! The tracker places the order of a completed session exactly once, even if it is killed at that moment.

use std::collections::BTreeMap;
use std::time::Duration;

use kassa_testkit::let_time_pass;
use serde_json::{Value, json};

use super::{Engine, Settings, eventually, on_each_engine, order, session};
use crate::harness::{Dev, Receiver};

/// The number of kills.
const KILLS: u64 = 12;

/// The order in the delivered change of each completed session.
fn delivered_orders(receiver: &Receiver) -> BTreeMap<String, Value> {
    let bodies =
        receiver.received().into_iter().map(|one| serde_json::from_slice::<Value>(&one.body).unwrap());
    let completed = bodies.filter(|body| body["session"]["status"] == "COMPLETED");
    completed
        .map(|body| (body["session"]["session_id"].as_str().unwrap().to_string(), body["order"].clone()))
        .collect()
}

on_each_engine!(through_kills_the_tracker_places_one_order_per_paid_session);

async fn through_kills_the_tracker_places_one_order_per_paid_session(engine: Engine) {
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
        // The sleep chooses a random moment for the kill.
        let_time_pass(Duration::from_millis(life * 17 % 120)).await;
        drop(tracker);
    }
    let _last = settings.start();
    let orders = eventually("every order", async || {
        Some(delivered_orders(&receiver)).filter(|orders| orders.len() == sessions.len())
    });
    for (id, order) in orders.await {
        assert_eq!(order["state"], "placed", "{id}: {order}");
        // Kassa has one order for each authorization, and it is the delivered one.
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
async fn a_refused_order_is_delivered_and_shown() {
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
    let order = eventually("the end", async || delivered_orders(&receiver).remove(&id)).await;
    assert_eq!((&order["state"], &order["order_id"]), (&json!("refused"), &Value::Null));
    let view = tracker.view(&id).await;
    assert_eq!(view["verdict"], "no_order", "{view}");
    assert!(
        view["why"].as_str().unwrap().starts_with("the consumer paid, and the order was refused: 4"),
        "{view}"
    );
}

#[tokio::test]
async fn the_fraud_status_of_a_pending_order_is_delivered_and_its_end_is_notified() {
    let (dev, receiver, shop) = (Dev::start(), Receiver::start().await, Receiver::start().await);
    let merchant = dev.merchant();
    let tracker = Settings::for_dev(&dev).telling(&receiver.url).reading_eagerly().start();
    let mut order = order();
    order["merchant_urls"] = json!({"notification": format!("{}/notification", shop.url)});
    let id = session(&merchant, &json!({})).await;
    tracker.private.post("/sessions", &json!({"session_id": id, "order": order})).await.expect(201);
    merchant.act(&id, "enter").await.expect(200);
    let email = json!({"email": "customer+pend-reject-30@email.se"});
    merchant.post(&format!("/lab/v1/sessions/{id}/approve"), &email).await.expect(200);
    let placed = eventually("the order", async || delivered_orders(&receiver).remove(&id)).await;
    assert_eq!(
        (&placed["state"], &placed["fraud_status"]),
        (&json!("placed"), &json!("PENDING")),
        "{placed}"
    );
    let order_id = placed["order_id"].as_str().unwrap();
    merchant.post("/lab/v1/clock/advance", &json!({"by": "PT30M"})).await.expect(200);
    let notified = eventually("the notification", async || shop.received().pop()).await;
    let notified: Value = serde_json::from_slice(&notified.body).unwrap();
    assert_eq!(notified, json!({"order_id": order_id, "event_type": "FRAUD_RISK_REJECTED"}));
    let read = merchant.get(&format!("/ordermanagement/v1/orders/{order_id}")).await.expect(200).json;
    assert_eq!((&read["fraud_status"], &read["status"]), (&json!("REJECTED"), &json!("CANCELLED")));
}
