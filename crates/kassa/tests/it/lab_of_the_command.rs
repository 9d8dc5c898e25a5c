//! The lab of a running `kassa dev`: a whole suite of purchases, the same ids for the same seed, and a clock that is
//! kept with the data.

use std::collections::HashSet;

use http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::harness::{Dev, Merchant, Receiver, cart, kassa};

const PURCHASES: usize = 100;

/// The number of tests that run in parallel, each with its own merchant.
const SIDE_BY_SIDE: usize = 4;

/// The merchant of one test.
async fn merchant_for_a_test(dev: &Merchant) -> Merchant {
    let made = dev.post("/lab/v1/merchants", &json!({})).await.expect(201);
    Merchant::new(&dev.url, made.word("username"), made.word("password"))
}

/// One test of a suite: a consumer buys, the shop receives the callback and places the order.
async fn buy(merchant: &Merchant, urls: &Value) {
    let session = merchant.page_session(&json!({}), urls).await;
    merchant.act(&session, "enter").await.expect(200);
    let token = merchant.act(&session, "approve").await.expect(200).word("authorization_token").to_string();
    let heard = format!("/lab/v1/journal?kind=callback&session={session}&count=2&wait=10");
    let heard = merchant.get(&heard).await.expect(200).json;
    assert_eq!(heard["entries"][1]["request"]["body"]["session"]["status"], "COMPLETED", "{heard}");
    let order = format!("/payments/v1/authorizations/{token}/order");
    merchant.post(&order, &cart("ECOMMERCE")).await.expect(200);
    assert!(merchant.read(&session).await["authorization_token"].is_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suite_of_a_hundred_purchases_runs_from_a_cold_start() {
    let receiver = Receiver::start().await;
    let urls = json!({"status_update": receiver.url});
    let began = Instant::now();
    let dev = Dev::start();
    let mut tests = tokio::task::JoinSet::new();
    for _ in 0..SIDE_BY_SIDE {
        let (dev, urls) = (dev.merchant(), urls.clone());
        tests.spawn(async move {
            let merchant = merchant_for_a_test(&dev).await;
            for _ in 0..PURCHASES / SIDE_BY_SIDE {
                buy(&merchant, &urls).await;
            }
        });
    }
    while let Some(test) = tests.join_next().await {
        test.unwrap();
    }
    println!("{PURCHASES} purchases in {:?}, cold start included", began.elapsed());
    let heard: HashSet<_> = receiver.received().into_iter().map(|received| received.event_id).collect();
    assert_eq!(heard.len(), 2 * PURCHASES);
}

/// The ids, tokens and times that a test with a frozen clock gets under a seed.
async fn told(seed: &str) -> Vec<Value> {
    let dev = Dev::launch(kassa(), &["--seed", seed]);
    let merchant = dev.merchant();
    let noon = json!({"now": "2030-01-01T12:00:00Z", "frozen": true});
    merchant.call(Method::PUT, "/lab/v1/clock", &noon).await.unwrap().expect(200);
    let payment = merchant.payment_session("ECOMMERCE").await;
    let created = merchant.host(&payment, &json!({}), &json!({})).await.json;
    let session = created["session_id"].as_str().unwrap();
    let link = created["redirect_url"].as_str().unwrap().strip_prefix(dev.url()).unwrap();
    merchant.act(session, "enter").await.expect(200);
    let approved = merchant.act(session, "approve").await.expect(200).json;
    let path = format!("/kassa/v1/sessions/{session}/events");
    let mut history = merchant.get(&path).await.expect(200).json;
    // No seed decides how long a request took.
    let timeline = history["timeline"].as_array_mut().unwrap();
    timeline.retain(|entry| entry["kind"] != "request");
    let other = merchant.post("/lab/v1/merchants", &json!({})).await.expect(201).json;
    vec![dev.announced["callback_secret"].clone(), json!(payment), json!(link), approved, history, other]
}

#[tokio::test]
async fn ids_tokens_and_times_are_the_same_for_the_same_seed() {
    let first = told("7").await;
    assert_eq!(first, told("7").await);
    let other = told("8").await;
    for (told, other) in first.iter().zip(&other) {
        assert_ne!(told, other, "everything follows from the seed");
    }
}

#[tokio::test]
async fn a_merchants_clock_is_kept_with_its_data() {
    let data = TempDir::new().unwrap();
    let dev = Dev::start_on(data.path());
    let set = json!({"now": "2030-01-01T12:00:00Z", "frozen": true});
    dev.merchant().call(Method::PUT, "/lab/v1/clock", &set).await.unwrap().expect(200);
    dev.kill();
    let dev = Dev::start_on(data.path());
    let kept = dev.merchant().get("/lab/v1/clock").await.expect(200).json;
    assert_eq!(kept, json!({"now": "2030-01-01T12:00:00.000Z", "frozen": true}));
}
