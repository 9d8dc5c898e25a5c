//! The lab: journal, faults, clock and test merchants.

mod clock_is_the_merchants_own;
mod consumer_acts_and_messages;
mod exists_only_in_the_sandbox;
mod faults_of_callbacks;
mod faults_of_calls;
mod fifty_merchants_at_once;
mod history_is_exported_and_imported;
mod in_process;
mod journal_keeps_calls_and_callbacks;
mod merchants_for_tests;
mod page;
mod rate_limits_of_one_merchant;
mod two_days_in_seconds;

use crate::harness::World;
use serde_json::{Value, json};

/// Sets the merchant's faults.
async fn set_faults(world: &World, faults: &Value) {
    let answer = world.merchant.put("/lab/v1/faults", faults).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// Advances the merchant's clock, and checks that everything that was due has happened.
async fn advance(world: &World, by: &str) -> Value {
    let answer = world.merchant.post("/lab/v1/clock/advance", &json!({"by": by})).await;
    assert_eq!(answer.json["settled"], true, "{}", answer.text);
    answer.json
}

/// Returns the matching entries of the merchant's journal, as soon as there are `count`.
async fn journal(world: &World, query: &str, count: usize) -> Vec<Value> {
    let answer = world.merchant.get(&format!("/lab/v1/journal?wait=20&count={count}&{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["entries"].as_array().unwrap().clone()
}

/// Returns the statuses of the received callbacks, in order of arrival.
fn statuses(world: &World) -> Vec<String> {
    world.receiver.received().iter().map(crate::harness::Received::status).collect()
}

/// Creates a page session; its consumer enters and then does `act`.
async fn session_after(world: &World, act: &str) -> String {
    let session = world.page_session().await;
    assert_eq!(world.merchant.act(&session, "enter").await.status, 200);
    assert_eq!(world.merchant.act(&session, act).await.status, 200);
    session
}

/// Returns a rule for the callbacks of a status.
fn rule(fault: &str, status: &str) -> Value {
    json!({"do": fault, "status": status})
}
