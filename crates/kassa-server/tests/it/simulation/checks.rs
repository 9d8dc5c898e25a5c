//! Checks the promises at the end of a run, against the answers that merchants got and the callbacks that arrived.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use kassa_wire::signature::sign;
use serde_json::Value;
use tokio::time::Instant;

use super::actors::Answers;
use super::receiver::{Arrival, Receiver};
use super::remote::Books;
use crate::harness::Caller;

/// Maximum number of attempts: the default, and one more for each kill of the process.
const ATTEMPTS: usize = 4 + 3;

/// What was seen of the system during a run.
pub(super) struct Evidence<'a> {
    pub(super) answers: &'a Answers,
    pub(super) receiver: &'a Receiver,
    pub(super) kills: &'a [Instant],
    pub(super) secret: &'a str,
}

/// Checks every promise. Returns a summary, which is equal for equal seeds. `books` are those of the remote payment
/// system, if there is one.
pub(super) async fn check(
    caller: &Caller,
    evidence: &Evidence<'_>,
    books: Option<&Books>,
) -> Result<String, String> {
    let Evidence { answers, receiver, kills, secret } = *evidence;
    let arrivals = receiver.arrivals();
    if let Some(fault) = receiver.faults().first() {
        return Err(fault.clone());
    }
    let mut summary = Vec::new();
    for (session, payment) in &answers.sessions {
        let (_, read) = caller.call(Method::GET, &format!("/hpp/v1/sessions/{session}"), &Value::Null).await;
        let path = format!("/kassa/v1/sessions/{session}/events");
        let (_, history) = caller.call(Method::GET, &path, &Value::Null).await;
        let own: Vec<&Arrival> = arrivals.iter().filter(|arrival| arrival.session == *session).collect();
        check_answers(answers, &read, &history)?;
        check_money(caller, payment, &read, &history, books).await?;
        check_events(&read, &history, &own)?;
        check_order(&history, &own)?;
        check_payments_callbacks(answers, &read, &history, &arrivals, books.is_some())?;
        if let Some(books) = books {
            check_books(books, &read, &history)?;
        }
        summary.push(format!("{session} {} {}", read["status"], own.len()));
    }
    check_bytes_and_signatures(&arrivals, secret)?;
    check_repeats(&arrivals, kills)?;
    check_orders(answers)?;
    Ok(summary.join("\n"))
}

fn events(history: &Value) -> &[Value] {
    history["events"].as_array().map_or(&[], Vec::as_slice)
}

fn ensure(holds: bool, broken: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(broken()) }
}

/// Every answer that a merchant got is in the history, and a final status has stayed.
fn check_answers(answers: &Answers, read: &Value, history: &Value) -> Result<(), String> {
    for snapshot in answers.snapshots.iter().filter(|snapshot| snapshot["session_id"] == read["session_id"]) {
        let is_it = |event: &&Value| {
            event["status"] == snapshot["status"] && event["occurred_at"] == snapshot["updated_at"]
        };
        let is_known = snapshot["status"] == "WAITING" || events(history).iter().any(|event| is_it(&event));
        ensure(is_known, || format!("the answer was {snapshot}, but the history is {history}"))?;
        if ["COMPLETED", "CANCELLED", "DISABLED"].contains(&snapshot["status"].as_str().unwrap()) {
            ensure(snapshot == read, || format!("a final status changed: {snapshot} to {read}"))?;
        }
    }
    Ok(())
}

/// A COMPLETED session has an authorization, only a COMPLETED session has an order, and that order can be read.
async fn check_money(
    caller: &Caller,
    payment: &str,
    read: &Value,
    history: &Value,
    books: Option<&Books>,
) -> Result<(), String> {
    let (token, order) = (read["authorization_token"].as_str(), read["order_id"].as_str());
    let is_completed = read["status"] == "COMPLETED";
    ensure(is_completed == (token.is_some() || order.is_some()), || format!("no authorization: {read}"))?;
    let last = events(history).last().map_or("WAITING", |event| event["status"].as_str().unwrap());
    ensure(read["status"] == last, || format!("the session is {read}, its last event {last}"))?;
    if let Some(order) = order {
        let path = format!("/ordermanagement/v1/orders/{order}");
        let (status, _) = caller.call(Method::GET, &path, &Value::Null).await;
        // The records of a remote payment system are not in this database.
        ensure(status == 200 || books.is_some(), || format!("order {order} is not there: {read}"))?;
        let path = format!("/payments/v1/sessions/{payment}");
        let (_, paid) = caller.call(Method::GET, &path, &Value::Null).await;
        ensure(paid["status"] == "complete", || format!("{read} has an order, but its payment is {paid}"))?;
    }
    if let Some(token) = token {
        let path = format!("/payments/v1/authorizations/{token}/order");
        let (status, answer) = caller.call(Method::POST, &path, &Value::Object(serde_json::Map::new())).await;
        let is_known = status != 404 || answer["error_code"] == "SESSION_COMPLETED";
        ensure(is_known, || format!("the authorization of {read} is not there: {answer}"))?;
    }
    Ok(())
}

/// The orders of the payment system are those of the COMPLETED sessions, every operation ended, and every authorization
/// whose order was refused was released if it could still be used.
fn check_books(books: &Books, read: &Value, history: &Value) -> Result<(), String> {
    if let Some(fault) = books.faults.first() {
        return Err(fault.clone());
    }
    let own: Vec<_> =
        books.orders.iter().filter(|(_, order)| read["session_id"] == *order.page_session).collect();
    ensure(own.len() <= 1, || format!("two orders of {read}"))?;
    for (token, order) in &own {
        let is_shown =
            read["status"] == "COMPLETED" && read["order_id"] == *order.reference.order_id.as_str();
        ensure(is_shown, || format!("order {} belongs to {read}: {history}", order.reference.order_id))?;
        ensure(!books.released.contains(*token), || format!("an order of {read} was released"))?;
    }
    if let Some(order) = read["order_id"].as_str() {
        let is_there = books.orders.values().any(|there| there.reference.order_id.as_str() == order);
        ensure(is_there, || format!("no order {order} at the payment system: {read}"))?;
    }
    for operation in history["operations"].as_array().map_or(&[][..], Vec::as_slice) {
        ensure(operation["state"] == "DONE", || format!("{operation} of {read} did not end"))?;
    }
    let kept = books.refused.iter().find(|(token, is_dead)| !**is_dead && !books.released.contains(*token));
    ensure(kept.is_none(), || "an authorization without an order was not released".to_string())
}

/// Each change that sends a callback has one. It is delivered, or given up after all its attempts, and none has more
/// attempts than allowed.
fn check_events(read: &Value, history: &Value, own: &[&Arrival]) -> Result<(), String> {
    for (index, event) in events(history).iter().enumerate() {
        ensure(event["sequence"] == index + 1, || format!("a gap in {history}"))?;
        let calls: Vec<_> = own.iter().filter(|arrival| arrival.event_id == event["event_id"]).collect();
        let was_answered = |status: u16| calls.iter().any(|call| call.status == Some(status));
        let was_delivered = was_answered(200) || was_answered(204);
        ensure(calls.len() <= ATTEMPTS, || format!("{} attempts of {event}", calls.len()))?;
        let is_kept = match event["callback"].as_str() {
            Some("DELIVERED") => was_delivered,
            Some("GIVEN_UP") => was_answered(410) || calls.len() >= 4,
            None => event["status"] == "DISABLED",
            Some(_) => false,
        };
        ensure(is_kept, || format!("a callback was lost: {event} of {read}"))?;
    }
    Ok(())
}

/// An authorization is announced, and an order is pushed: each once, until it is delivered or given up.
fn check_payments_callbacks(
    answers: &Answers,
    read: &Value,
    history: &Value,
    arrivals: &[Arrival],
    is_remote: bool,
) -> Result<(), String> {
    let callbacks = history["payments_callbacks"].as_array().map_or(&[][..], Vec::as_slice);
    for callback in callbacks {
        let calls: Vec<_> =
            arrivals.iter().filter(|arrival| arrival.event_id == callback["event_id"]).collect();
        let was_answered = |status: u16| calls.iter().any(|call| call.status == Some(status));
        let is_kept = match callback["callback"].as_str() {
            Some("DELIVERED") => was_answered(200) || was_answered(204),
            Some("GIVEN_UP") => was_answered(410) || calls.len() >= 3,
            Some(_) | None => false,
        };
        ensure(is_kept && calls.len() <= ATTEMPTS, || format!("a callback was lost: {callback} of {read}"))?;
    }
    let is_ordered = answers.orders.iter().any(|(token, _)| read["authorization_token"] == *token);
    let was_authorized = events(history).iter().any(|event| event["event"] == "PaymentAuthorized");
    let mut expected = Vec::new();
    if was_authorized {
        expected.push("authorization");
        // An order may have been placed without an acknowledgement.
        let has_push = callbacks.iter().any(|callback| callback["kind"] == "push");
        if is_ordered || has_push || (read["order_id"].is_string() && !is_remote) {
            expected.push("push");
        }
    }
    let kinds: Vec<_> = callbacks.iter().filter_map(|callback| callback["kind"].as_str()).collect();
    ensure(kinds == expected, || format!("callbacks {kinds:?} instead of {expected:?}: {history}"))
}

/// The first attempt of an event begins only after the first attempt of its predecessor has ended.
fn check_order(history: &Value, own: &[&Arrival]) -> Result<(), String> {
    let first = |event: &Value| own.iter().find(|arrival| arrival.event_id == event["event_id"]);
    let firsts: Vec<_> = events(history).iter().filter_map(first).collect();
    for pair in firsts.windows(2) {
        let is_in_order = pair[0].ended_at.is_some_and(|ended_at| ended_at <= pair[1].begun_at);
        ensure(is_in_order, || format!("out of order: {pair:?}"))?;
    }
    Ok(())
}

/// Every attempt of an event has the same bytes, and a signature for its own instant.
fn check_bytes_and_signatures(arrivals: &[Arrival], secret: &str) -> Result<(), String> {
    let mut bodies = BTreeMap::new();
    for arrival in arrivals {
        let first = bodies.entry(&arrival.event_id).or_insert(&arrival.body);
        ensure(**first == arrival.body, || format!("other bytes of {}", arrival.event_id))?;
        let at_s = arrival.headers["webhook-timestamp"].parse().unwrap();
        let signature = sign(&[secret.to_string()], &arrival.event_id, at_s, &arrival.body);
        ensure(arrival.headers["webhook-signature"] == signature, || "a wrong signature".to_string())?;
    }
    Ok(())
}

/// A callback that got 2xx is sent again only if the answer was lost because the process was killed.
fn check_repeats(arrivals: &[Arrival], kills: &[Instant]) -> Result<(), String> {
    for (index, arrival) in arrivals.iter().enumerate() {
        let Some(ended_at) = arrival.ended_at.filter(|_| matches!(arrival.status, Some(200 | 204))) else {
            continue;
        };
        let was_lost = kills.contains(&ended_at);
        let is_repeated = arrivals[index + 1..].iter().any(|later| later.event_id == arrival.event_id);
        ensure(was_lost || !is_repeated, || format!("{} was sent again in vain", arrival.event_id))?;
    }
    Ok(())
}

/// One authorization became at most one order, in all answers of all merchants.
fn check_orders(answers: &Answers) -> Result<(), String> {
    let mut orders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (token, order) in &answers.orders {
        orders.entry(token).or_default().insert(order);
    }
    let doubled = orders.values().find(|orders| orders.len() > 1);
    ensure(doubled.is_none(), || format!("two orders for one authorization: {doubled:?}"))
}
