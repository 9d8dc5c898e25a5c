//! Compares the state of a world, after a step, with the step's expectations.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::{Value, json};

use super::difference::Difference;
use super::scenario::{Act, Expect, JournalCount, Step};
use super::world::{Answer, Arrival, Callback, Outcome, World};
use crate::remote::query;

/// Returns the expectations of a step that are not met.
pub(super) async fn differences(world: &mut World, step: &Step, outcome: &Outcome) -> Vec<Difference> {
    let mut found = answered(world, step, outcome);
    if step.expect.looks_around() {
        found.extend(settle(world).await);
        // The reads come first, because a read can reveal the token that an expected visit names.
        let read = reads(world, &step.expect).await;
        found.extend(arrived(world, &step.expect));
        found.extend(read);
    }
    found
}

/// Waits until every due callback was attempted. A callback that has not arrived by then will not arrive.
async fn settle(world: &World) -> Option<Difference> {
    settled(&world.call(Method::POST, "/lab/v1/clock/advance", &json!({ "by": "PT0S" })).await)
}

fn settled(moved: &Answer) -> Option<Difference> {
    Difference::of("settled", json!(true), &moved.body["settled"])
}

/// Compares the answer of the act itself.
fn answered(world: &World, step: &Step, outcome: &Outcome) -> Vec<Difference> {
    let expect = &step.expect;
    let (answer, page) = (&outcome.answer, &outcome.page);
    let mut found = vec![status(expect, outcome)];
    if let Act::Advance(_) = step.act {
        found.push(settled(answer));
    }
    if let Some(expected) = &expect.answer {
        found.push(Difference::of("answer", world.fill(expected), &answer.body));
    }
    for (name, field) in &step.save {
        found.push(Difference::of(format!("save.{name}"), json!({ field: "*" }), &answer.body));
    }
    if let Some(expected) = &expect.page {
        let shown = page.iter().flat_map(|page| &page.test_ids);
        let seen: Vec<&String> =
            shown.filter(|id| expected.contains(id) || id.starts_with("outcome-")).collect();
        let expected: BTreeSet<&String> = expected.iter().collect();
        found.push(Difference::of("page", json!(expected), &json!(seen)));
    }
    if let Some(expected) = &expect.fired {
        found.push(Difference::of("fired", world.fill(&json!(expected)), &answer.body["fired"]));
    }
    let parts = step.parts().iter().zip(&outcome.parts);
    found
        .into_iter()
        .flatten()
        .chain(parts.flat_map(|(step, outcome)| answered(world, step, outcome)))
        .collect()
}

/// Compares the status of an answer. A step that names no status expects 2xx.
fn status(expect: &Expect, outcome: &Outcome) -> Option<Difference> {
    let answer = &outcome.answer;
    let seen = answer.status.map_or(json!("none"), |status| json!(status));
    let (is_met, expected) = match &expect.status {
        Some(expected) => (*expected == seen, expected.clone()),
        None => (answer.is_success() || !outcome.has_answer, json!("2xx")),
    };
    (!is_met).then(|| Difference { what: "status".to_string(), expected, seen: json!(answer.in_words()) })
}

/// Compares the callbacks and visits that reached the shop.
fn arrived(world: &World, expect: &Expect) -> Vec<Difference> {
    let arrivals = world.shop.arrivals();
    let mut found = Vec::new();
    if let Some(expected) = &expect.callbacks {
        found.push(Difference::of("callbacks", world.fill(&json!(expected)), &callbacks(&arrivals)));
    }
    if let Some(expected) = &expect.visits {
        let visits = arrivals.iter().filter_map(|arrival| match arrival {
            Arrival::Consumer(path) => Some(path),
            Arrival::Callback(_) => None,
        });
        found.push(Difference::of(
            "visits",
            world.fill(&json!(expected)),
            &json!(visits.collect::<Vec<_>>()),
        ));
    }
    if let Some(expected) = &expect.arrivals {
        let seen: Vec<String> = arrivals.iter().map(Arrival::in_words).collect();
        found.push(Difference::of("arrivals", json!(expected), &json!(seen)));
    }
    found.into_iter().flatten().collect()
}

fn callbacks(arrivals: &[Arrival]) -> Value {
    let came: Vec<Callback> = arrivals.iter().filter_map(callback).cloned().collect();
    came.iter().enumerate().map(|(place, callback)| callback.as_value(&came[..place])).collect()
}

fn callback(arrival: &Arrival) -> Option<&Callback> {
    match arrival {
        Arrival::Callback(callback) => Some(callback),
        Arrival::Consumer(_) => None,
    }
}

/// Compares what the merchant reads from Kassa: session, history, journal and orders.
async fn reads(world: &mut World, expect: &Expect) -> Vec<Difference> {
    let mut found = Vec::new();
    if let Some(expected) = &expect.session {
        found.extend(session(world, expected).await);
    }
    if expect.history.is_some() || expect.notes.is_some() {
        found.extend(history(world, expect).await);
    }
    for count in expect.journal.iter().flatten() {
        found.extend(journal(world, count).await);
    }
    if let Some(expected) = expect.orders {
        found.extend(Difference::of("orders", json!(expected), &orders(world).await));
    }
    found
}

async fn session(world: &mut World, expected: &Value) -> Option<Difference> {
    let read = world.call(Method::GET, "/hpp/v1/sessions/$session", &Value::Null).await;
    let seen = if expected.is_number() { json!(read.status) } else { read.body.clone() };
    world.learn(&Outcome::of(read), &BTreeMap::new());
    Difference::of("session", world.fill(expected), &seen)
}

async fn history(world: &World, expect: &Expect) -> Vec<Difference> {
    let history = world.call(Method::GET, "/kassa/v1/sessions/$session/events", &Value::Null).await.body;
    let events =
        expect.history.as_ref().map(|expected| ("history", expected, column(&history["events"], "event")));
    let notes = expect.notes.as_ref().map(|expected| ("notes", expected, column(&history["notes"], "kind")));
    let both = [events, notes].into_iter().flatten();
    both.filter_map(|(what, expected, seen)| Difference::of(what, json!(expected), &seen)).collect()
}

async fn journal(world: &World, count: &JournalCount) -> Option<Difference> {
    let path = format!("/lab/v1/journal{}", filters(world, count));
    let seen = world.call(Method::GET, &path, &Value::Null).await.body["matching"].clone();
    Difference::of(format!("journal {}", count.in_words()), json!(count.count), &seen)
}

fn column(rows: &Value, field: &str) -> Value {
    rows.as_array().into_iter().flatten().map(|row| row[field].clone()).collect()
}

fn filters(world: &World, count: &JournalCount) -> String {
    let text = |value: &Option<String>| {
        let filled = world.fill(&json!(value.as_ref()?));
        filled.as_str().map(str::to_string)
    };
    query(&[
        ("kind", text(&count.kind)),
        ("method", text(&count.method)),
        ("path", text(&count.path)),
        ("status", count.status.map(|status| status.to_string())),
        ("limit", Some("1".to_string())),
    ])
}

/// Counts the merchant's orders in an export of Kassa's tables.
async fn orders(world: &World) -> Value {
    let export = world.call(Method::GET, "/lab/v1/export", &Value::Null).await.body;
    export["tables"]["placed_order"].as_array().map_or(Value::Null, |orders| json!(orders.len()))
}
