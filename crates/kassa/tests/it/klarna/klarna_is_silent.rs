//! The double stops answering while an order is on its way: the session stays IN_PROGRESS, and is COMPLETED with one
//! order soon after the double answers again.

use std::time::Duration;

use kassa_testkit::processes::{signal, suspend};
use kassa_testkit::{eventually, let_time_pass};
use serde_json::{Value, json};

use super::front::Front;

/// How long the double is silent.
fn silence() -> Duration {
    let is_long = std::env::var_os("KASSA_LONG_PROOFS").is_some();
    Duration::from_secs(if is_long { 90 } else { 8 })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_survives_a_silence_of_klarna() {
    let front = Front::start("read_timeout_ms = 500\norder_timeout_ms = 1000");
    let _node = front.node();
    let session = front.page_session(&json!({"place_order_mode": "PLACE_ORDER"}), &json!({})).await;
    front.browser().browse(&session.path, None).await.unwrap().expect(200);
    front.authorize(&session.payment).await;
    let slow = json!({"calls": [
        {"do": "slow", "by": "PT3S", "method": "POST", "path": "/payments/v1/authorizations/*", "nth": 1},
    ]});
    front.double.merchant().call(http::Method::PUT, "/lab/v1/faults", &slow).await.unwrap().expect(200);
    let form = "answer=approved&payment_method_category=pay_later";
    let path = format!("{}/claim", session.path);
    let (browser, history) = (front.browser(), format!("/kassa/v1/sessions/{}/events", session.id));
    let claim = tokio::spawn(async move { browser.browse(&path, Some(form)).await });
    eventually("the record of the order", async || {
        let told = front.merchant().get(&history).await.json;
        told["operations"].is_array().then_some(())
    })
    .await;
    suspend(front.double.process_id()).await;
    let_time_pass(silence()).await;
    let told = front.merchant().get(&history).await.json;
    assert_eq!(front.merchant().read(&session.id).await["status"], "IN_PROGRESS", "{told}");
    signal(&[front.double.process_id()], "CONT");
    let read = eventually("the order", async || {
        let read = front.merchant().read(&session.id).await;
        if read["status"] == "COMPLETED" { Ok(read) } else { Err(read) }
    })
    .await;
    claim.await.unwrap().unwrap();
    let told = front.merchant().get(&history).await.json;
    let statuses: Vec<&Value> =
        told["events"].as_array().unwrap().iter().map(|event| &event["status"]).collect();
    assert_eq!(statuses, ["IN_PROGRESS", "COMPLETED"], "never FAILED");
    assert!(told["operations"][0]["attempts"].as_i64().unwrap() > 1, "{told}");
    let order = format!("/ordermanagement/v1/orders/{}", read["order_id"].as_str().unwrap());
    front.double.merchant().get(&order).await.expect(200);
}
