//! Fifty merchants in one process, each in its own time and weather: each lives as if it were alone.

use http::Method;
use serde_json::{Value, json};

use super::in_process::{InProcess, act, advance, call, freeze, page_session};
use crate::harness::Caller;

const MERCHANTS: usize = 50;

/// The weather over the n-th merchant.
fn weather(number: usize) -> Value {
    let rules = match number % 5 {
        0 => json!([]),
        1 => json!([{"do": "drop", "attempt": 1}]),
        2 => json!([{"do": "duplicate", "times": 3}]),
        3 => json!([{"do": "reorder", "status": "IN_PROGRESS"}]),
        _ => json!([{"do": "delay", "by": "PT1M"}, {"do": "drop", "chance": 0.5}]),
    };
    let fails = json!([{"do": "fail", "status": 503, "path": "/kassa/v1/sessions", "nth": number + 1}]);
    json!({"seed": number, "callbacks": rules, "calls": fails})
}

/// The life of the n-th merchant, told without ids.
async fn live(world: &InProcess, number: usize) -> Vec<String> {
    let made = call(&world.merchant, Method::POST, "/lab/v1/merchants", Value::Null, 201).await;
    let merchant =
        world.merchant.with(made["username"].as_str().unwrap(), made["password"].as_str().unwrap());
    freeze(&merchant, &format!("20{}-01-01T00:00:00Z", 30 + number)).await;
    call(&merchant, Method::PUT, "/lab/v1/weather", weather(number), 200).await;
    let shop = format!("https://shop-{number}.example");
    let mut sessions = Vec::new();
    for acts in [["enter", "approve"], ["enter", "decline"], ["enter", "back"], ["enter", "error"]] {
        let session = page_session(&merchant, &shop).await;
        act(&merchant, &session, &acts).await;
        sessions.push(session);
    }
    let mut life = vec![format!("{} fired", advance(&merchant, "P2D").await.len())];
    for session in &sessions {
        life.extend(history(&merchant, session).await);
    }
    for _ in 0..=number {
        let (status, _) = merchant.call(Method::GET, "/kassa/v1/sessions", &Value::Null).await;
        life.push(status.to_string());
    }
    life.push(format!("{} received", world.receiver.received_at(&shop).len()));
    life
}

async fn history(merchant: &Caller, session: &str) -> Vec<String> {
    let path = format!("/kassa/v1/sessions/{session}/events");
    let history = call(merchant, Method::GET, &path, Value::Null, 200).await;
    let told = |event: &Value| {
        let attempts = event["attempts"].as_array().unwrap().iter();
        let attempts: Vec<_> =
            attempts.map(|attempt| format!("{} {}", attempt["started_at"], attempt["status"])).collect();
        format!("{} {} {} {attempts:?}", event["status"], event["occurred_at"], event["callback"])
    };
    history["events"].as_array().unwrap().iter().map(told).collect()
}

async fn live_together() -> Vec<Vec<String>> {
    let world = std::sync::Arc::new(InProcess::start(1).await);
    let lives: Vec<_> = (0..MERCHANTS)
        .map(|number| {
            let world = world.clone();
            tokio::spawn(async move { live(&world, number).await })
        })
        .collect();
    let mut told = Vec::new();
    for life in lives {
        told.push(life.await.unwrap());
    }
    told
}

#[test]
fn each_merchant_lives_as_if_it_were_alone() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let together = live_together().await;
        for (number, life) in together.iter().enumerate() {
            let alone = live(&InProcess::start(1).await, number).await;
            assert_eq!(*life, alone, "merchant {number}");
            let own_year = format!("\"20{}-01-01", 30 + number);
            assert!(life[1].contains(&own_year), "{}", life[1]);
            let failed: Vec<_> = life.iter().filter(|told| *told == "503").collect();
            assert_eq!(failed.len(), 1, "the one call that its weather names");
        }
    });
}
