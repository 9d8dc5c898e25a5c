//! Kills the node while consumers pay at the simulator of PayU: each consumer who paid has one order, PayU collected it
//! once, and the session is COMPLETED.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kassa_testkit::{eventually, let_time_pass};
use serde_json::Value;
use tokio::task::JoinSet;

use super::front::{Front, PayUPages};
use crate::harness::Merchant;

/// The number of consumers who pay in each life of the node.
const CONSUMERS: usize = 3;

/// The instants of the kills after the consumers pressed Pay, in milliseconds: from the start of the payment to the
/// commit of its order.
const KILLED_AFTER_MS: [u64; 7] = [4, 12, 25, 40, 60, 90, 150];

/// The number of kills at each instant.
fn kills_at_each_instant() -> u32 {
    if std::env::var_os("KASSA_LONG_PROOFS").is_some() { 20 } else { 1 }
}

/// A page session, with the orders at PayU that its consumer was sent to.
#[derive(Clone)]
struct Purchase {
    id: String,
    page: String,
    orders: Arc<Mutex<Vec<String>>>,
}

/// The browser of a consumer, who presses Pay, approves and returns. The node may end meanwhile.
async fn pay(browser: Merchant, pages: PayUPages, purchase: Purchase) {
    let form = "payment_method_category=pay_now";
    let Ok(answer) = browser.browse(&format!("{}/pay", purchase.page), Some(form)).await else { return };
    let Some(order) = pages.order_in(answer.header("location")) else { return };
    purchase.orders.lock().unwrap().push(order.clone());
    pages.hold(&order).await;
    let _ = browser.browse(&format!("{}/returned", purchase.page), None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_consumer_who_paid_has_one_order_after_kills_at_every_step() {
    let Some(front) = Front::start() else { return };
    let pages = front.payu_pages();
    let mut purchases = Vec::new();
    for killed_after_ms in KILLED_AFTER_MS {
        for _ in 0..kills_at_each_instant() {
            let node = front.node();
            let mut paying = JoinSet::new();
            for _ in 0..CONSUMERS {
                let created = front.page_session("pl-PL", &serde_json::json!({})).await;
                let page = front.path_of(created.word("redirect_url"));
                front.browser().browse(&page, None).await.unwrap().expect(200);
                let purchase =
                    Purchase { id: created.word("session_id").to_string(), page, orders: Arc::default() };
                paying.spawn(pay(front.browser(), pages.clone(), purchase.clone()));
                purchases.push(purchase);
            }
            let_time_pass(Duration::from_millis(killed_after_ms)).await;
            drop(node);
            while paying.join_next().await.is_some() {}
        }
    }

    let _node = front.node();
    let mut collected = BTreeMap::new();
    for purchase in &purchases {
        // A consumer whose press of Pay got no answer presses again.
        let read = eventually("each consumer has an order", async || {
            let read = front.merchant().read(&purchase.id).await;
            if read["status"] == "COMPLETED" {
                return Ok(read);
            }
            pay(front.browser(), pages.clone(), purchase.clone()).await;
            Err(read)
        })
        .await;
        let orders = purchase.orders.lock().unwrap().clone();
        for order in orders.iter().collect::<std::collections::BTreeSet<_>>() {
            if pages.order(order).await["status"] == "COMPLETED" {
                let of: &mut Vec<String> = collected.entry(purchase.id.clone()).or_default();
                of.push(order.clone());
            }
        }
        let order_id: &Value = &read["order_id"];
        assert_eq!(collected[&purchase.id], [order_id.as_str().unwrap()], "collected once: {read}");
    }
    println!("{} sessions, {} orders", purchases.len(), collected.len());
}
