//! Kills the process while orders have unknown outcomes: each order that was recorded is placed, once.

use std::time::Duration;

use kassa_testkit::{eventually, let_time_pass};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::harness::{Dev, Merchant, Signal, cart};

/// The number of kills: after the click, before and after the record, and between the attempts.
const KILLS: u64 = 8;

/// The number of consumers who pay in each life of the process.
const CONSUMERS: u64 = 4;

/// Creates a page session that places its order. Returns its id and the path of its page.
async fn page_session(merchant: &Merchant) -> (String, String) {
    let options = json!({"place_order_mode": "PLACE_ORDER"});
    let created = merchant.page_session_for(&cart("ECOMMERCE"), &options, &json!({})).await;
    let path = created.word("redirect_url").split("/pay/").last().unwrap().to_string();
    (created.word("session_id").to_string(), format!("/pay/{path}"))
}

/// Opens the page and pays. The payment system gives no answer to the first attempts. The process may end meanwhile.
async fn pay(merchant: Merchant, page: String, unknown: u64) {
    let form = format!(
        "email=customer%2Border-unknown-{unknown}%40email.se&one_time_code=123456&payment_method_category=pay_later"
    );
    let _ = merchant.browse(&page, None).await;
    let _ = merchant.browse(&format!("{page}/pay"), Some(&form)).await;
}

async fn history(merchant: &Merchant, session: &str) -> Value {
    merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.expect(200).json
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_recorded_order_is_placed_once() {
    let data = TempDir::new().unwrap();
    let mut sessions = Vec::new();
    for life in 0..KILLS {
        let dev = Dev::start_on(data.path());
        let mut payments = JoinSet::new();
        for consumer in 0..CONSUMERS {
            let (session, page) = page_session(&dev.merchant()).await;
            sessions.push(session);
            payments.spawn(pay(dev.merchant(), page, consumer % 3));
        }
        let_time_pass(Duration::from_millis(life * life * 20)).await;
        dev.kill();
        while payments.join_next().await.is_some() {}
    }

    let dev = Dev::start_on(data.path());
    let mut recorded = 0;
    for session in &sessions {
        let merchant = dev.merchant();
        let settled = eventually("the outcome of each order", async || {
            let history = history(&merchant, session).await;
            let operations = history["operations"].as_array().cloned().unwrap_or_default();
            operations
                .iter()
                .all(|operation| operation["state"] == "DONE")
                .then_some((history, operations.len()))
        });
        let (history, operations) = settled.await;
        let read = dev.merchant().read(session).await;
        let statuses: Vec<&Value> =
            history["events"].as_array().unwrap().iter().map(|event| &event["status"]).collect();
        match operations {
            0 => {}
            1 => assert_eq!(statuses, ["IN_PROGRESS", "COMPLETED"], "{history}"),
            _ => panic!("two operations: {history}"),
        }
        assert_eq!(read["status"] == "COMPLETED", read["order_id"].is_string(), "{read}");
        recorded += operations;
    }
    assert!(recorded > 0, "no kill came after an order was recorded");
    println!("{} page sessions, {KILLS} kills, {recorded} recorded orders", sessions.len());
    assert_eq!(dev.stop(Signal::Terminate).code, Some(0));
}
