//! The rules about money, checked at the end of a run.

use std::fmt::Write as _;

use http::Method;
use serde_json::Value;

use super::actors::PageSession;
use super::service::{Books, Fate};
use crate::harness::Caller;

/// A page session as it is at the end.
struct Ended {
    session: PageSession,
    status: String,
    token: Option<String>,
    order: Option<String>,
    reference: Option<String>,
    history: Value,
}

/// Checks every rule. Returns a summary, or the broken rule.
pub(super) async fn check(
    caller: &Caller,
    sessions: &[PageSession],
    books: &Books,
) -> Result<String, String> {
    let mut ended = Vec::new();
    for session in sessions {
        ended.push(read(caller, session).await?);
    }
    if let Some(fault) = books.faults.first() {
        return Err(fault.clone());
    }
    for one in &ended {
        session_is_sound(one, books)?;
    }
    for (token, (order, _)) in &books.orders {
        let owners = ended.iter().filter(|one| one.order.as_ref() == Some(order)).count();
        if owners == 0 {
            return Err(format!("{order} of {token} belongs to no page session"));
        }
    }
    for (token, given) in &books.tokens {
        let is_over = ended.iter().any(|one| one.session.payment == given.payment && one.token.is_some());
        // After a merchant got a token, Kassa cannot change what the consumer does in another tab.
        if given.fate == Fate::Usable && !is_over && books.is_usable(token) {
            let of_payment = ended.iter().filter(|one| one.session.payment == given.payment);
            let histories: Vec<String> = of_payment.map(|one| one.history.to_string()).collect();
            return Err(format!("{token} can still be used, and nobody has it: {histories:?}"));
        }
    }
    Ok(summary(&ended, books))
}

async fn read(caller: &Caller, session: &PageSession) -> Result<Ended, String> {
    let (status, history) =
        caller.call(Method::GET, &format!("/kassa/v1/sessions/{}/events", session.id), &Value::Null).await;
    if status != 200 {
        return Err(format!("{} was acknowledged, and its history is {status}", session.id));
    }
    let (status, read) =
        caller.call(Method::GET, &format!("/hpp/v1/sessions/{}", session.id), &Value::Null).await;
    let text = |name: &str| read[name].as_str().map(str::to_string);
    if status != 200 {
        return Err(format!("{} cannot be read: {status}", session.id));
    }
    Ok(Ended {
        session: session.clone(),
        status: text("status").unwrap_or_default(),
        token: text("authorization_token"),
        order: text("order_id"),
        reference: text("klarna_reference"),
        history,
    })
}

fn session_is_sound(one: &Ended, books: &Books) -> Result<(), String> {
    let id = &one.session.id;
    let payment = &books.payments[&one.session.payment];
    let operations = one.history["operations"].as_array();
    let stuck = operations.into_iter().flatten().find(|operation| operation["state"] != "DONE");
    if let Some(operation) = stuck {
        return Err(format!("{id} has an operation without an outcome: {operation}"));
    }
    if let Some(order) = &one.order
        && one.reference != Some(format!("REF-{order}"))
    {
        return Err(format!("{id} has {order} with the reference {:?}: {}", one.reference, one.history));
    }
    if one.status == "COMPLETED" {
        let has_evidence = match (&one.token, &one.order) {
            (Some(token), _) => books.tokens.get(token).is_some_and(|t| t.payment == one.session.payment),
            (None, Some(order)) => payment.order.as_ref() == Some(order),
            (None, None) => payment.order.is_some(),
        };
        return if has_evidence {
            Ok(())
        } else {
            Err(format!("{id} is COMPLETED without evidence: {}", one.history))
        };
    }
    if one.order.is_some() || one.token.is_some() {
        return Err(format!("{id} is {} with a token or an order", one.status));
    }
    if payment.order.is_some() && one.status != "DISABLED" {
        return Err(format!("{id} is {}, although its payment has an order: {}", one.status, one.history));
    }
    Ok(())
}

fn summary(ended: &[Ended], books: &Books) -> String {
    let mut summary = format!("{} tokens, {} orders:", books.tokens.len(), books.orders.len());
    for one in ended {
        write!(summary, " {}", one.status).unwrap();
    }
    summary
}
