//! Three nodes in front of the double share one order whose answers are silent, cut or errors. Two nodes are killed
//! while the outcome is unknown: the last one repeats the same request, and one order exists.

use std::time::Duration;

use kassa_testkit::{eventually, let_time_pass};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::postgres::Postgres;
use crate::harness::Merchant;
use crate::klarna::front::Front;

/// The requests for the order at the double.
const REQUESTS: &str = "/lab/v1/journal?kind=call&method=POST&path=/payments/v1/authorizations/*";

/// When the second node is killed after the first attempt of another node, in milliseconds. Each is a run of its own.
fn killed_after_ms() -> &'static [u64] {
    if std::env::var_os("KASSA_LONG_PROOFS").is_some() { &[0, 300, 1_000, 2_500, 5_000] } else { &[300] }
}

/// The first answers are silent or lost after the order was placed, or the request is refused before.
fn disturbances() -> Value {
    let of = |nth: u32, fault: Value| {
        let mut rule = json!({"method": "POST", "path": "/payments/v1/authorizations/*", "nth": nth});
        rule.as_object_mut().unwrap().extend(fault.as_object().unwrap().clone());
        rule
    };
    json!({"calls": [
        of(1, json!({"do": "slow", "by": "PT30S"})),
        of(2, json!({"do": "cut", "when": "after"})),
        of(3, json!({"do": "cut"})),
        of(4, json!({"do": "slow", "by": "PT5S"})),
        of(5, json!({"do": "fail", "status": 503})),
    ]})
}

/// The journal of the double.
#[derive(Deserialize)]
struct Journal {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    path: String,
    request: Request,
}

/// A request as it arrived, byte for byte.
#[derive(Deserialize)]
struct Request {
    headers: Box<RawValue>,
    body: Box<RawValue>,
}

async fn requests(double: &Merchant) -> Vec<Entry> {
    let text = double.get(REQUESTS).await.expect(200).text;
    serde_json::from_str::<Journal>(&text).unwrap().entries
}

/// Each request has the path, the headers and the bytes of the first.
fn assert_same_bytes(requests: &[Entry]) {
    assert!(requests.len() > 1, "an outcome was unknown, so the request was repeated");
    let [first, later @ ..] = requests else { panic!("no request") };
    let token = first.path.strip_prefix("/payments/v1/authorizations/").unwrap();
    assert!(token.ends_with("/order"), "{token}");
    for one in later {
        assert_eq!(one.path, first.path);
        assert_eq!(one.request.headers.get(), first.request.headers.get());
        assert_eq!(one.request.body.get(), first.request.body.get());
    }
}

async fn one_order_survives(front: &Front, second_is_killed_after_ms: u64) {
    let first = front.node();
    let nodes = [front.further_node(), front.further_node()];
    let session = front.page_session(&json!({"place_order_mode": "CAPTURE_ORDER"}), &json!({})).await;
    front.browser().browse(&session.path, None).await.unwrap().expect(200);
    front.authorize(&session.payment).await;
    let double = front.double.merchant();
    double.call(http::Method::PUT, "/lab/v1/faults", &disturbances()).await.unwrap().expect(200);
    let (browser, path) = (front.browser(), format!("{}/claim", session.path));
    let form = "answer=approved&payment_method_category=pay_later";
    let claim = tokio::spawn(async move { browser.browse(&path, Some(form)).await });

    let [second, third] = nodes;
    let merchant = front.merchant_at(&third);
    let history = format!("/kassa/v1/sessions/{}/events", session.id);
    eventually("the record of the order", async || {
        let told = merchant.get(&history).await.json;
        if told["operations"].is_array() { Ok(()) } else { Err(told) }
    })
    .await;
    let_time_pass(Duration::from_millis(200)).await;
    drop(first);
    // The answer to the consumer is lost with the node, or it says that the payment is being confirmed.
    let _ = claim.await.unwrap();
    eventually("an attempt of another node", async || {
        let told = merchant.get(&history).await.json;
        if told["operations"][0]["attempts"].as_i64() > Some(0) { Ok(()) } else { Err(told) }
    })
    .await;
    let_time_pass(Duration::from_millis(second_is_killed_after_ms)).await;
    drop(second);

    let read = eventually("the order", async || {
        let read = merchant.read(&session.id).await;
        if read["status"] == "COMPLETED" { Ok(read) } else { Err(read) }
    })
    .await;
    let told = merchant.get(&history).await.json;
    let events = told["events"].as_array().unwrap();
    let statuses: Vec<&Value> = events.iter().map(|event| &event["status"]).collect();
    assert_eq!(statuses, ["IN_PROGRESS", "COMPLETED"], "never FAILED, and completed once");
    assert_same_bytes(&requests(&double).await);
    let export = double.get("/lab/v1/export").await.expect(200).json;
    let orders = export["tables"]["placed_order"].as_array().unwrap();
    let of_payment = |order: &&Value| order["payment_session_id"] == session.payment.as_str();
    let orders: Vec<&Value> = orders.iter().filter(of_payment).map(|order| &order["order_id"]).collect();
    assert_eq!(orders, [&read["order_id"]], "one order exists");
    println!("{} requests, {} attempts", requests(&double).await.len(), told["operations"][0]["attempts"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_take_over_an_order_send_the_same_bytes() {
    let postgres = Postgres::start();
    let front = Front::start_on(&postgres.url(), "order_timeout_ms = 3000");
    for killed_after_ms in killed_after_ms() {
        one_order_survives(&front, *killed_after_ms).await;
        let double = front.double.merchant();
        double.call(http::Method::DELETE, "/lab/v1/faults", &Value::Null).await.unwrap().expect(204);
        double.call(http::Method::DELETE, "/lab/v1/journal", &Value::Null).await.unwrap();
    }
}
