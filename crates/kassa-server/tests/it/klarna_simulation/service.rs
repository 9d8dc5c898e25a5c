//! Klarna's service: it survives the process, keeps its own books, and answers as the real one does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, StatusCode};
use kassa_outgoing::{Call, CallAnswer, CallError, CallErrorKind, Outgoing};
use kassa_wire::time::format_ms;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::simulation::Dice;

/// The instant at which each run begins.
pub(super) const START_MS: i64 = 1_767_225_600_000;

/// The time for which a token can be used.
const TOKEN_LIFETIME: Duration = Duration::from_secs(3_600);

/// The time for which a payment session exists.
pub(super) const SESSION_LIFETIME: Duration = Duration::from_secs(48 * 3_600);

/// The end of an authorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Usable,
    Ordered,
    Released,
    /// Another cart, or a newer authorization, made it invalid.
    Replaced,
}

/// An authorization.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) payment: String,
    pub(super) fate: Fate,
    pub(super) given_at: Instant,
}

/// A payment session.
#[derive(Clone, Debug)]
pub(super) struct Payment {
    pub(super) amount: i64,
    pub(super) token: Option<String>,
    pub(super) order: Option<String>,
    created_at: Instant,
}

/// The books.
#[derive(Clone, Debug, Default)]
pub(super) struct Books {
    pub(super) payments: BTreeMap<String, Payment>,
    pub(super) tokens: BTreeMap<String, Token>,
    /// The order of each token, with the request that placed it.
    pub(super) orders: BTreeMap<String, (String, String)>,
    pub(super) faults: Vec<String>,
}

/// A clone shares the same books.
#[derive(Clone)]
pub(super) struct Service {
    books: Arc<Mutex<Books>>,
    dice: Arc<Dice>,
    started_at: Instant,
    is_healthy: Arc<Mutex<bool>>,
}

impl Service {
    pub(super) fn new(seed: u64, started_at: Instant) -> Self {
        Self {
            books: Arc::default(),
            dice: Arc::new(Dice::new(seed)),
            started_at,
            is_healthy: Arc::default(),
        }
    }

    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    /// From now on it answers every call at once.
    pub(super) fn heal(&self) {
        *self.is_healthy.lock().unwrap() = true;
    }

    /// The merchant creates a payment session.
    pub(super) fn create(&self) -> String {
        let mut books = self.books();
        let id = format!("kp-{}", books.payments.len());
        let payment = Payment { amount: 100, token: None, order: None, created_at: Instant::now() };
        books.payments.insert(id.clone(), payment);
        id
    }

    /// The merchant changes the order. This ends the authorization.
    pub(super) fn change(&self, id: &str) {
        let mut books = self.books();
        let payment = books.payments.get_mut(id).unwrap();
        if payment.order.is_some() {
            return;
        }
        payment.amount += 1;
        let token = payment.token.take();
        books.end(token, Fate::Replaced);
    }

    /// The consumer authorizes the payment in Klarna's form.
    pub(super) fn authorize(&self, id: &str) {
        let mut books = self.books();
        let token = format!("token-{}", books.tokens.len());
        let payment = books.payments.get_mut(id).unwrap();
        if payment.order.is_some() {
            return;
        }
        let older = payment.token.replace(token.clone());
        books.end(older, Fate::Replaced);
        let given = Token { payment: id.to_string(), fate: Fate::Usable, given_at: Instant::now() };
        books.tokens.insert(token, given);
    }

    fn answer(&self, call: &Call) -> (u16, Value) {
        let path = url::Url::parse(&call.url).unwrap().path().to_string();
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match (&call.method, &parts[..]) {
            (&Method::GET, ["payments", "v1", "sessions", id]) => self.session(id),
            (&Method::POST, ["payments", "v1", "authorizations", token, "order"]) => {
                self.books().order(token, &String::from_utf8_lossy(&call.body))
            }
            (&Method::DELETE, ["payments", "v1", "authorizations", token]) => self.books().release(token),
            (&Method::GET, ["ordermanagement", "v1", "orders", id]) => {
                (200, json!({"order_id": id, "klarna_reference": format!("REF-{id}")}))
            }
            _ => panic!("an unknown call: {} {path}", call.method),
        }
    }

    fn session(&self, id: &str) -> (u16, Value) {
        let books = self.books();
        let Some(payment) = books.payments.get(id) else { return error(404, "NOT_FOUND") };
        if payment.created_at.elapsed() >= SESSION_LIFETIME {
            return error(404, "NOT_FOUND");
        }
        let since_start = payment.created_at.duration_since(self.started_at) + SESSION_LIFETIME;
        let expires_at = START_MS + i64::try_from(since_start.as_millis()).unwrap();
        let mut read = json!({
            "purchase_country": "SE", "purchase_currency": "SEK", "order_amount": payment.amount,
            "order_lines": [{"name": "Shoe", "quantity": 1, "unit_price": payment.amount,
                             "total_amount": payment.amount}],
            "client_token": "a.b.c",
            "payment_method_categories": [{"identifier": "klarna", "name": "Klarna"}],
            "expires_at": format_ms(expires_at),
            "status": if payment.order.is_some() { "complete" } else { "incomplete" },
        });
        let usable = payment.token.as_ref().filter(|token| books.is_usable(token));
        if let (Some(token), None) = (usable, &payment.order) {
            read["authorization_token"] = json!(token);
        }
        (200, read)
    }
}

impl Books {
    fn end(&mut self, token: Option<String>, fate: Fate) {
        if let Some(token) = token.and_then(|token| self.tokens.get_mut(&token))
            && token.fate == Fate::Usable
        {
            token.fate = fate;
        }
    }

    pub(super) fn is_usable(&self, token: &str) -> bool {
        self.tokens
            .get(token)
            .is_some_and(|token| token.fate == Fate::Usable && token.given_at.elapsed() < TOKEN_LIFETIME)
    }

    fn order(&mut self, token: &str, request: &str) -> (u16, Value) {
        if let Some((order, first)) = self.orders.get(token) {
            if first != request {
                self.faults.push(format!("the order of {token} was repeated with other bytes"));
            }
            return (200, json!({"order_id": order, "fraud_status": "ACCEPTED"}));
        }
        if !self.is_usable(token) {
            return error(404, "NOT_FOUND");
        }
        let id = self.tokens[token].payment.clone();
        let amount = serde_json::from_str::<Value>(request).unwrap()["order_amount"].as_i64();
        if amount != Some(self.payments[&id].amount) {
            self.faults.push(format!("the order of {token} has another amount than was authorized"));
            return error(409, "BAD_VALUE");
        }
        let order = format!("order-{}", self.orders.len());
        self.orders.insert(token.to_string(), (order.clone(), request.to_string()));
        self.tokens.get_mut(token).unwrap().fate = Fate::Ordered;
        self.payments.get_mut(&id).unwrap().order = Some(order.clone());
        (200, json!({"order_id": order, "fraud_status": "ACCEPTED"}))
    }

    fn release(&mut self, token: &str) -> (u16, Value) {
        match self.tokens.get(token).map(|token| token.fate) {
            Some(Fate::Ordered) => {
                self.faults.push(format!("{token} has an order, and was to be released"));
                error(403, "INVALID_OPERATION")
            }
            Some(Fate::Usable) => {
                self.end(Some(token.to_string()), Fate::Released);
                let id = self.tokens[token].payment.clone();
                self.payments.get_mut(&id).unwrap().token = None;
                (204, Value::Null)
            }
            Some(Fate::Released | Fate::Replaced) | None => error(404, "NOT_FOUND"),
        }
    }
}

fn error(status: u16, code: &str) -> (u16, Value) {
    (status, json!({"error_code": code, "error_messages": [], "correlation_id": "c"}))
}

impl Outgoing for Service {
    fn call_with_headers(
        &self,
        call: Call,
        _more: HeaderMap,
    ) -> BoxFuture<'_, Result<CallAnswer, CallError>> {
        Box::pin(async move {
            let is_healthy = *self.is_healthy.lock().unwrap();
            let fate = if is_healthy { 99 } else { self.dice.below(20) };
            if !is_healthy {
                sleep(Duration::from_millis(self.dice.below(80))).await;
            }
            match fate {
                0 => return Err(CallError::new(CallErrorKind::ConnectFailed, "no connection")),
                1 => return Err(CallError::new(CallErrorKind::ConnectionLost, "the call was lost")),
                2 => return Ok(answered(503, &Value::Null)),
                3 => return Ok(answered(429, &Value::Null)),
                _ => {}
            }
            let (status, body) = self.answer(&call);
            match fate {
                4 => return Err(CallError::new(CallErrorKind::ConnectionLost, "the answer was cut")),
                5 => sleep(Duration::from_secs(20)).await,
                _ => {}
            }
            Ok(answered(status, &body))
        })
    }
}

fn answered(status: u16, body: &Value) -> CallAnswer {
    CallAnswer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::new(),
        body: if body.is_null() { Bytes::new() } else { body.to_string().into() },
        is_whole: true,
        connected_after_ms: None,
        head_after_ms: 1,
    }
}
