//! The lab: journal, weather, time and merchants for tests.

mod clock_is_the_merchants_own;
mod consumer_acts_and_messages;
mod exists_in_the_sandbox_alone;
mod fifty_merchants_at_once;
mod history_is_carried_elsewhere;
mod in_process;
mod journal_keeps_calls_and_callbacks;
mod merchants_for_tests;
mod page;
mod two_days_in_seconds;
mod weather_over_callbacks;
mod weather_over_calls;

use crate::harness::World;
use serde_json::{Value, json};

/// Sets the weather of the merchant.
async fn set_weather(world: &World, weather: &Value) {
    let answer = world.merchant.put("/lab/v1/weather", weather).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// Moves the merchant's clock, until all that falls due has happened.
async fn advance(world: &World, by: &str) -> Value {
    let answer = world.merchant.post("/lab/v1/clock/advance", &json!({"by": by})).await;
    assert_eq!(answer.json["settled"], true, "{}", answer.text);
    answer.json
}

/// The entries of the merchant's journal that match, once so many do.
async fn journal(world: &World, query: &str, count: usize) -> Vec<Value> {
    let answer = world.merchant.get(&format!("/lab/v1/journal?wait=20&count={count}&{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["entries"].as_array().unwrap().clone()
}

/// The statuses of the callbacks that came, in the order in which they came.
fn statuses(world: &World) -> Vec<String> {
    world.receiver.received().iter().map(crate::harness::Received::status).collect()
}

/// A page session whose consumer has entered and does this.
async fn session_after(world: &World, act: &str) -> String {
    let session = world.page_session().await;
    assert_eq!(world.merchant.act(&session, "enter").await.status, 200);
    assert_eq!(world.merchant.act(&session, act).await.status, 200);
    session
}

/// A rule for the callbacks that lead to a status.
fn rule(fault: &str, status: &str) -> Value {
    json!({"do": fault, "status": status})
}
