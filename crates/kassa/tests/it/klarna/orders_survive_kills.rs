//! Kills the node while consumers pay through the double: each consumer who paid has one order, and its session is
//! COMPLETED.

use std::collections::BTreeSet;
use std::time::Duration;

use kassa_testkit::{eventually, let_time_pass};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::front::{Front, PageSession};
use crate::harness::Merchant;

/// The number of consumers who pay in each life of the node.
const CONSUMERS: usize = 3;

/// How long each call takes at the double.
const SLOW: &str = "PT0.15S";

/// The instants of the kills after the consumers pressed Pay, in milliseconds: during the read, after it, while the
/// order is on its way, after it was placed, while its reference is read, and after the commit.
const KILLED_AFTER_MS: [u64; 6] = [60, 160, 260, 340, 450, 700];

/// The number of kills at each instant.
fn kills_at_each_instant() -> u32 {
    if std::env::var_os("KASSA_LONG_PROOFS").is_some() { 20 } else { 1 }
}

/// The browser of a consumer whose payment Klarna approved. The node may end meanwhile.
async fn pay(browser: Merchant, page: String) {
    let _ = browser.browse(&format!("{page}/started"), Some("")).await;
    let form = "answer=approved&payment_method_category=pay_later";
    let _ = browser.browse(&format!("{page}/claim"), Some(form)).await;
}

/// The session and its order, when the order is known.
async fn completed(front: &Front, session: &PageSession) -> Value {
    eventually("each consumer who paid has an order", async || {
        let read = front.merchant().read(&session.id).await;
        if read["status"] == "COMPLETED" { Ok(read) } else { Err(read) }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_paid_session_has_one_order_after_kills_at_every_step() {
    let front = Front::start("");
    let slow = json!({"calls": [
        {"do": "slow", "by": SLOW, "path": "/payments/v1/sessions/*"},
        {"do": "slow", "by": SLOW, "method": "POST", "path": "/payments/v1/authorizations/*"},
        {"do": "slow", "by": SLOW, "path": "/ordermanagement/v1/orders/*"},
    ]});
    let double = front.double.merchant();
    let mut sessions = Vec::new();
    for killed_after_ms in KILLED_AFTER_MS {
        for _ in 0..kills_at_each_instant() {
            let node = front.node();
            let mut paying = JoinSet::new();
            for _ in 0..CONSUMERS {
                let options = json!({"place_order_mode": "PLACE_ORDER"});
                let session = front.page_session(&options, &json!({})).await;
                front.browser().browse(&session.path, None).await.unwrap().expect(200);
                front.authorize(&session.payment).await;
                sessions.push(session);
            }
            front
                .double
                .merchant()
                .call(http::Method::PUT, "/lab/v1/faults", &slow)
                .await
                .unwrap()
                .expect(200);
            for session in &sessions[sessions.len() - CONSUMERS..] {
                paying.spawn(pay(front.browser(), session.path.clone()));
            }
            let_time_pass(Duration::from_millis(killed_after_ms)).await;
            drop(node);
            while paying.join_next().await.is_some() {}
            double.call(http::Method::DELETE, "/lab/v1/faults", &Value::Null).await.unwrap().expect(204);
        }
    }

    let _node = front.node();
    let mut orders = BTreeSet::new();
    for session in &sessions {
        let read = completed(&front, session).await;
        let order_id = read["order_id"].as_str().unwrap_or_else(|| panic!("no order: {read}")).to_string();
        double.get(&format!("/ordermanagement/v1/orders/{order_id}")).await.expect(200);
        let payment = double.get(&format!("/payments/v1/sessions/{}", session.payment)).await;
        assert_eq!(payment.json["status"], "complete");
        let history =
            front.merchant().get(&format!("/kassa/v1/sessions/{}/events", session.id)).await.expect(200);
        let events = history.json["events"].as_array().unwrap();
        let statuses: Vec<&Value> = events.iter().map(|event| &event["status"]).collect();
        assert_eq!(statuses, ["IN_PROGRESS", "COMPLETED"], "never FAILED, and completed once");
        assert!(orders.insert(order_id), "an order belongs to one session");
    }
    println!("{} sessions, {} orders", sessions.len(), orders.len());
}
