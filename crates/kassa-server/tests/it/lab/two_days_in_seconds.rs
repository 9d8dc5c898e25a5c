//! Two thousand sessions live for two days by the lab's clock: half of them are paid, callbacks are lost and come late,
//! the rest expires. The same seed lives the same life, byte for byte.

use http::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::in_process::{InProcess, act, advance, call, freeze, page_session};

const SESSIONS: usize = 2_000;

/// How long sessions go on being created, in hours.
const HOURS: usize = 20;

/// What is left of a life: the rows of the history, what fired, and what the receiver got.
#[derive(PartialEq)]
struct Life {
    tables: Value,
    fired: Vec<Value>,
    received: Vec<String>,
}

/// What the consumer of the n-th session does.
fn acts(number: usize) -> &'static [&'static str] {
    match number % 10 {
        0..=4 => &["enter", "approve"],
        5 => &["enter", "decline", "enter", "back"],
        6 => &["enter", "error"],
        7 => &["enter", "back"],
        _ => &[],
    }
}

/// A life of so many sessions. The weather follows from the seed, and so do all ids.
fn live(seed: u64, sessions: usize) -> Life {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async move {
        let world = InProcess::start(seed).await;
        let merchant = &world.merchant;
        freeze(merchant, "2030-01-01T00:00:00Z").await;
        let weather = json!({"seed": seed, "callbacks": [
            {"do": "drop", "chance": 0.3},
            {"do": "duplicate", "chance": 0.1},
            {"do": "reorder", "chance": 0.05},
            {"do": "delay", "by": "PT7S", "chance": 0.05}]});
        call(merchant, Method::PUT, "/lab/v1/weather", weather, 200).await;
        let mut fired = Vec::new();
        for number in 0..sessions {
            let session = page_session(merchant, "https://shop.example").await;
            act(merchant, &session, acts(number)).await;
            if (number + 1) % (sessions / HOURS) == 0 {
                fired.extend(advance(merchant, "PT1H").await);
            }
        }
        fired.extend(advance(merchant, "P2D").await);
        let export = call(merchant, Method::GET, "/lab/v1/export", Value::Null, 200).await;
        let received = world.receiver.received_at("https://shop.example");
        Life { tables: export["tables"].clone(), fired, received }
    })
}

/// So many rows of a table hold this word in this column.
fn count(life: &Life, table: &str, column: &str, word: &str) -> usize {
    life.tables[table].as_array().unwrap().iter().filter(|row| row[column] == word).count()
}

fn fired(life: &Life, what: &str) -> usize {
    life.fired.iter().filter(|fired| fired["what"] == what).count()
}

#[test]
fn two_thousand_sessions_live_the_same_two_days_for_the_same_seed() {
    let began = Instant::now();
    let life = live(7, SESSIONS);
    println!("{SESSIONS} sessions lived two days in {:?}", began.elapsed());
    check(&life);
    let again = live(7, SESSIONS);
    assert!(life.tables == again.tables, "the histories differ");
    assert!(life.fired == again.fired, "what fired differs");
    assert!(life.received == again.received, "what the receiver got differs");
}

#[test]
fn another_seed_lives_another_life() {
    let (life, other) = (live(7, 100), live(8, 100));
    assert!(life.tables != other.tables && life.received != other.received);
}

/// Everything that is due in two days has happened.
fn check(life: &Life) {
    assert_eq!(count(life, "page_session", "status", "COMPLETED"), 1_000);
    assert_eq!(fired(life, "session_expired"), 1_000, "what was not paid expires");
    assert_eq!(fired(life, "authorization_expired"), 1_000, "no order was placed");
    let callbacks = life.tables["callback"].as_array().unwrap().len();
    let given_up = count(life, "callback", "state", "GIVEN_UP");
    assert_eq!(callbacks, 2 * 1_000 + 4 * 200 + 2 * 200 + 2 * 200);
    assert_eq!(count(life, "callback", "state", "DELIVERED") + given_up, callbacks, "none is under way");
    assert!((10..=60).contains(&given_up), "{given_up} of {callbacks} lost each of four attempts, at 0.3");
    assert!(life.received.len() > callbacks, "duplicates outnumber what was given up");
}
