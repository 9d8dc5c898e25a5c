//! Fifty merchants in one process, each with its own clock and faults. Each has the same history as it has alone.

use http::Method;
use serde_json::{Value, json};

use super::in_process::{InProcess, act, advance, call, freeze, page_session};
use crate::harness::Caller;

const MERCHANTS: usize = 50;

/// Returns the faults of the n-th merchant.
fn faults(number: usize) -> Value {
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

/// Runs the n-th merchant and returns its results without ids.
async fn run(world: &InProcess, number: usize) -> Vec<String> {
    let made = call(&world.merchant, Method::POST, "/lab/v1/merchants", Value::Null, 201).await;
    let merchant =
        world.merchant.with(made["username"].as_str().unwrap(), made["password"].as_str().unwrap());
    freeze(&merchant, &format!("20{}-01-01T00:00:00Z", 30 + number)).await;
    call(&merchant, Method::PUT, "/lab/v1/faults", faults(number), 200).await;
    let shop = format!("https://shop-{number}.example");
    let mut sessions = Vec::new();
    for acts in [["enter", "approve"], ["enter", "decline"], ["enter", "back"], ["enter", "error"]] {
        let session = page_session(&merchant, &shop).await;
        act(&merchant, &session, &acts).await;
        sessions.push(session);
    }
    let mut results = vec![format!("{} fired", advance(&merchant, "P2D").await.len())];
    for session in &sessions {
        results.extend(history(&merchant, session).await);
    }
    for _ in 0..=number {
        let (status, _) = merchant.call(Method::GET, "/kassa/v1/sessions", &Value::Null).await;
        results.push(status.to_string());
    }
    results.push(format!("{} received", world.receiver.received_at(&shop).len()));
    results
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

async fn run_together() -> Vec<Vec<String>> {
    let world = std::sync::Arc::new(InProcess::start(1).await);
    let runs: Vec<_> = (0..MERCHANTS)
        .map(|number| {
            let world = world.clone();
            tokio::spawn(async move { run(&world, number).await })
        })
        .collect();
    let mut told = Vec::new();
    for results in runs {
        told.push(results.await.unwrap());
    }
    told
}

#[test]
fn each_merchant_has_the_same_history_as_it_has_alone() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let together = run_together().await;
        for (number, results) in together.iter().enumerate() {
            let alone = run(&InProcess::start(1).await, number).await;
            assert_eq!(*results, alone, "merchant {number}");
            let own_year = format!("\"20{}-01-01", 30 + number);
            assert!(results[1].contains(&own_year), "{}", results[1]);
            let failed: Vec<_> = results.iter().filter(|line| *line == "503").collect();
            assert_eq!(failed.len(), 1, "the one call that its faults name");
        }
    });
}
