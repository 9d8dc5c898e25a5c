//! Two thousand sessions within two days of the lab's clock: half of them are paid, the others expire, and some
//! callbacks are lost or late. The same seed gives the same history, byte for byte.

use http::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::in_process::{InProcess, act, advance, call, freeze, page_session};

const SESSIONS: usize = 2_000;

/// Period in which sessions are created, in hours.
const HOURS: usize = 20;

/// The results of a run: the rows of the history, the due events, and the received callbacks.
#[derive(PartialEq)]
struct History {
    tables: Value,
    fired: Vec<Value>,
    received: Vec<String>,
}

/// Returns the actions of the n-th session's consumer.
fn acts(number: usize) -> &'static [&'static str] {
    match number % 10 {
        0..=4 => &["enter", "approve"],
        5 => &["enter", "decline", "enter", "back"],
        6 => &["enter", "error"],
        7 => &["enter", "back"],
        _ => &[],
    }
}

/// Runs this many sessions. Faults and ids follow from the seed.
fn run(seed: u64, sessions: usize) -> History {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async move {
        let world = InProcess::start(seed).await;
        let merchant = &world.merchant;
        freeze(merchant, "2030-01-01T00:00:00Z").await;
        let faults = json!({"seed": seed, "callbacks": [
            {"do": "drop", "chance": 0.3},
            {"do": "duplicate", "chance": 0.1},
            {"do": "reorder", "chance": 0.05},
            {"do": "delay", "by": "PT7S", "chance": 0.05}]});
        call(merchant, Method::PUT, "/lab/v1/faults", faults, 200).await;
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
        let mut tables = export["tables"].clone();
        // Recorded requests have real durations, and correlation ids that no seed repeats.
        tables.as_object_mut().unwrap().remove("recorded_request").unwrap();
        History { tables, fired, received }
    })
}

/// Counts the rows of a table with this word in this column.
fn count(history: &History, table: &str, column: &str, word: &str) -> usize {
    history.tables[table].as_array().unwrap().iter().filter(|row| row[column] == word).count()
}

fn fired(history: &History, what: &str) -> usize {
    history.fired.iter().filter(|fired| fired["what"] == what).count()
}

#[test]
fn two_thousand_sessions_have_the_same_history_for_the_same_seed() {
    let began = Instant::now();
    let history = run(7, SESSIONS);
    println!("{SESSIONS} sessions ran for two days in {:?}", began.elapsed());
    check(&history);
    let again = run(7, SESSIONS);
    assert!(history.tables == again.tables, "the histories differ");
    assert!(history.fired == again.fired, "the due events differ");
    assert!(history.received == again.received, "the received callbacks differ");
}

#[test]
fn another_seed_gives_another_history() {
    let (history, other) = (run(7, 100), run(8, 100));
    assert!(history.tables != other.tables && history.received != other.received);
}

/// Checks that everything that was due within two days has happened.
fn check(history: &History) {
    assert_eq!(count(history, "page_session", "status", "COMPLETED"), 1_000);
    assert_eq!(fired(history, "session_expired"), 1_000, "unpaid sessions expire");
    assert_eq!(fired(history, "authorization_expired"), 1_000, "no order was placed");
    let callbacks = history.tables["callback"].as_array().unwrap().len();
    let given_up = count(history, "callback", "state", "GIVEN_UP");
    assert_eq!(callbacks, 2 * 1_000 + 4 * 200 + 2 * 200 + 2 * 200);
    assert_eq!(count(history, "callback", "state", "DELIVERED") + given_up, callbacks, "none is under way");
    assert!((10..=60).contains(&given_up), "{given_up} of {callbacks} lost each of four attempts, at 0.3");
    assert!(history.received.len() > callbacks, "there are more duplicates than callbacks given up");
}
