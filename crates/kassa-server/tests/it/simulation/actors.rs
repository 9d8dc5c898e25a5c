//! Merchants and consumers: each drives sessions through the real router, and records the answers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::dice::Dice;
use crate::harness::{Caller, cart};

/// The answers that callers got. Each must stay true for ever.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers {
    /// Sessions whose creation was acknowledged, each with its payment session.
    pub(super) sessions: Vec<(String, String)>,
    /// Sessions as a read or an action returned them.
    pub(super) snapshots: Vec<Value>,
    /// Acknowledged orders: authorization token and order id.
    pub(super) orders: Vec<(String, String)>,
}

pub(super) type Memory = Arc<Mutex<Answers>>;

/// Who places orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Orders {
    /// The page, and merchants with their tokens.
    OfAnybody,
    /// The page alone.
    OfThePage,
}

/// Drives sessions one after the other until the system is killed.
pub(super) async fn act(caller: Caller, memory: Memory, dice: Arc<Dice>, orders: Orders, sessions: u64) {
    for _ in 0..sessions {
        if let Some((payment, session)) = open(&caller, &memory, &dice).await {
            drive(&caller, &memory, (&dice, orders), &payment, &session).await;
        }
        sleep(Duration::from_millis(dice.below(50))).await;
    }
}

async fn open(caller: &Caller, memory: &Memory, dice: &Dice) -> Option<(String, String)> {
    let channel = dice.pick(&["ECOMMERCE", "IN_STORE"]);
    let mut cart = cart(channel);
    cart["merchant_urls"] = json!({
        "authorization": "https://merchant.example/authorization",
        "push": "https://merchant.example/push?order={order.id}",
    });
    let (_, payment) = caller.call(Method::POST, "/payments/v1/sessions", &cart).await;
    let payment = payment["session_id"].as_str()?.to_string();
    let session = host(caller, memory, dice, &payment).await?;
    Some((payment, session))
}

async fn host(caller: &Caller, memory: &Memory, dice: &Dice, payment: &str) -> Option<String> {
    let body = json!({
        "payment_session_url": format!("https://kassa.example/payments/v1/sessions/{payment}"),
        "merchant_urls": {"status_update": "https://merchant.example/callbacks?sid={{session_id}}"},
        "options": {"place_order_mode": dice.pick(&["NONE", "PLACE_ORDER", "CAPTURE_ORDER"])},
    });
    let (_, created) = caller.call(Method::POST, "/hpp/v1/sessions", &body).await;
    let session = created["session_id"].as_str()?.to_string();
    memory
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .sessions
        .push((session.clone(), payment.to_string()));
    Some(session)
}

async fn drive(
    caller: &Caller,
    memory: &Memory,
    (dice, orders): (&Dice, Orders),
    payment: &str,
    session: &str,
) {
    raise(caller, memory, session, "enter").await;
    for _ in 0..dice.below(5) {
        let acts = ["enter", "back", "decline", "error", "approve", "cancel", "disable", "order", "sibling"];
        let (one, other) = (dice.pick(&acts), dice.pick(&acts));
        // Beside a sibling's page, the merchant orders.
        let allowed = |act| match orders {
            Orders::OfThePage if act == "order" || (act == "sibling" && act != one) => "enter",
            Orders::OfThePage | Orders::OfAnybody => act,
        };
        let (one, other) = (allowed(one), allowed(other));
        if one == "sibling" {
            if let Some(sibling) = host(caller, memory, dice, payment).await {
                raise(caller, memory, &sibling, "enter").await;
                raise(caller, memory, &sibling, "approve").await;
            }
        } else if dice.one_in(3) {
            tokio::join!(raise(caller, memory, session, one), raise(caller, memory, session, other));
        } else {
            raise(caller, memory, session, one).await;
        }
        sleep(Duration::from_millis(dice.below(20))).await;
    }
}

async fn raise(caller: &Caller, memory: &Memory, session: &str, act: &str) {
    let read = format!("/hpp/v1/sessions/{session}");
    let (status, answer) = match act {
        "disable" => {
            let (status, _) = caller.call(Method::DELETE, &read, &Value::Null).await;
            if status == 204 {
                caller.call(Method::GET, &read, &Value::Null).await
            } else {
                (status, Value::Null)
            }
        }
        "order" | "sibling" => return order(caller, memory, &read).await,
        act => caller.call(Method::POST, &format!("/lab/v1/sessions/{session}/{act}"), &Value::Null).await,
    };
    if status == 200 {
        memory.lock().unwrap_or_else(PoisonError::into_inner).snapshots.push(answer);
    }
}

/// The merchant reads the session and places the order with its token, if there is one.
async fn order(caller: &Caller, memory: &Memory, read: &str) {
    let (_, session) = caller.call(Method::GET, read, &Value::Null).await;
    let Some(token) = session["authorization_token"].as_str() else { return };
    let path = format!("/payments/v1/authorizations/{token}/order");
    for channel in ["ECOMMERCE", "IN_STORE"] {
        let (status, answer) = caller.call(Method::POST, &path, &cart(channel)).await;
        if status == 200 {
            let order = answer["order_id"].as_str().unwrap().to_string();
            memory.lock().unwrap_or_else(PoisonError::into_inner).orders.push((token.to_string(), order));
            return;
        }
    }
}
