//! A payment system of a platform's own: a real server that follows the protocol, and finds breaches of it by Kassa.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use kassa_wire::signature::secret_text;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The secret of requests, and that of notifications.
pub const SECRETS: [&[u8]; 2] = [b"the secret of requests", b"the secret of notifications"];

/// The origin of the pages on which consumers pay. Nothing is there: tests act for the consumer.
pub const PAGES: &str = "https://secure.acme.example";

/// A running payment system.
#[derive(Clone)]
pub struct System {
    pub url: String,
    state: Arc<Mutex<Records>>,
}

#[derive(Default)]
struct Records {
    payments: Vec<Payment>,
    /// The request and the answer of each key.
    answers: HashMap<String, (Bytes, Value)>,
    /// Rules that Kassa broke.
    breaches: Vec<String>,
}

/// A started payment.
#[derive(Clone, Debug)]
pub struct Payment {
    pub reference: String,
    pub key: String,
    /// The request that started it.
    pub request: Value,
    pub standing: Standing,
    /// Whether the order was captured when it was placed.
    pub is_captured: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Open,
    Authorized,
    Declined,
    Cancelled,
    Ordered,
    Released,
}

impl Payment {
    pub fn id(&self) -> &str {
        self.request["payment"]["id"].as_str().unwrap()
    }
}

impl System {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/kassa", listener.local_addr().unwrap());
        let system = Self { url, state: Arc::default() };
        let router = Router::new().route("/kassa", post(answer)).with_state(system.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        system
    }

    /// The payments that were started, oldest first.
    pub fn payments(&self) -> Vec<Payment> {
        self.state.lock().unwrap().payments.clone()
    }

    /// The payments that were started for a payment session.
    pub fn payments_of(&self, payment: &str) -> Vec<Payment> {
        self.payments().into_iter().filter(|one| one.id() == payment).collect()
    }

    /// The number of orders of a payment session.
    pub fn orders_of(&self, payment: &str) -> usize {
        self.payments_of(payment).iter().filter(|one| one.standing == Standing::Ordered).count()
    }

    /// Changes the latest payment of a payment session, as its consumer does on the page.
    pub fn set(&self, payment: &str, standing: Standing) {
        let mut state = self.state.lock().unwrap();
        let latest = state.payments.iter_mut().rev().find(|one| one.id() == payment);
        latest.expect("a payment was started").standing = standing;
    }

    /// The rules that Kassa broke.
    pub fn breaches(&self) -> Vec<String> {
        self.state.lock().unwrap().breaches.clone()
    }
}

async fn answer(State(system): State<System>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap()).to_string();
    if !is_signed(&header, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let request: Value = serde_json::from_slice(&body).unwrap();
    let mut state = system.state.lock().unwrap();
    let Some(key) = request["key"].as_str().map(str::to_string) else {
        return axum::Json(state.read(&request)).into_response();
    };
    if header("webhook-id") != key {
        state.breaches.push(format!("the webhook-id of {request} is not its key"));
    }
    if let Some((known, answer)) = state.answers.get(&key).cloned() {
        if known != body {
            state.breaches.push(format!("{key} has other bytes: {known:?} and {body:?}"));
        }
        return axum::Json(answer).into_response();
    }
    let answer = state.carry_out(&request);
    state.answers.insert(key, (body, answer.clone()));
    axum::Json(answer).into_response()
}

fn is_signed(header: &impl Fn(&str) -> String, body: &[u8]) -> bool {
    let Ok(at_s) = header("webhook-timestamp").parse() else { return false };
    let webhook = standardwebhooks::Webhook::new(&secret_text(SECRETS[0])).unwrap();
    let signed = webhook.sign(&header("webhook-id"), at_s, body).unwrap();
    header("webhook-signature").split(' ').any(|one| one == signed)
}

impl Records {
    fn read(&mut self, request: &Value) -> Value {
        let started = &request["read"];
        let Some(payment) = self.payments.iter().find(|one| started["start_key"] == one.key) else {
            return json!({"outcome": "gone"});
        };
        if !started["payment_reference"].is_null() && started["payment_reference"] != payment.reference {
            self.breaches.push(format!("{request} has the reference of another payment"));
        }
        match payment.standing {
            Standing::Open => json!({"outcome": "open"}),
            Standing::Authorized => {
                json!({"outcome": "authorized", "authorization": format!("a-{}", payment.reference)})
            }
            Standing::Declined => json!({"outcome": "declined", "reason": "insufficient funds"}),
            Standing::Cancelled => json!({"outcome": "cancelled"}),
            // It does not know who ended the payment.
            Standing::Released => json!({"outcome": "declined", "reason": "the payment was ended"}),
            Standing::Ordered => {
                json!({"outcome": "completed", "order_id": format!("o-{}", payment.reference)})
            }
        }
    }

    fn carry_out(&mut self, request: &Value) -> Value {
        match request["operation"].as_str().unwrap() {
            "start" => self.start(request),
            "place_order" => self.place_order(request),
            "release" => self.release(request),
            other => {
                self.breaches.push(format!("the operation {other} has a key"));
                json!({"outcome": "unknown"})
            }
        }
    }

    fn start(&mut self, request: &Value) -> Value {
        let reference = format!("p-{}", self.payments.len() + 1);
        self.payments.push(Payment {
            reference: reference.clone(),
            key: request["key"].as_str().unwrap().to_string(),
            request: request.clone(),
            standing: Standing::Open,
            is_captured: false,
        });
        json!({"outcome": "started", "payment_reference": reference, "redirect_url": format!("{PAGES}/{reference}")})
    }

    fn place_order(&mut self, request: &Value) -> Value {
        let authorization = request["place_order"]["authorization"].as_str().unwrap();
        let wanted = |one: &&mut Payment| authorization == format!("a-{}", one.reference);
        match self.payments.iter_mut().find(wanted) {
            Some(payment) if payment.standing == Standing::Authorized => {
                if payment.request["payment"] != request["payment"] {
                    self.breaches.push(format!("the order {request} is not for what was started"));
                }
                payment.standing = Standing::Ordered;
                payment.is_captured = request["place_order"]["capture"] == true;
                json!({"outcome": "ordered", "order_id": format!("o-{}", payment.reference),
                       "order_reference": format!("R{}", payment.reference)})
            }
            Some(_) | None => {
                json!({"outcome": "refused", "reason": "no such authorization", "authorization_is_void": true})
            }
        }
    }

    fn release(&mut self, request: &Value) -> Value {
        let released = &request["release"];
        let wanted = |one: &&mut Payment| {
            released["start_key"] == one.key
                || released["authorization"].as_str() == Some(&format!("a-{}", one.reference))
        };
        match self.payments.iter_mut().find(wanted) {
            Some(payment) if payment.standing == Standing::Ordered => {
                json!({"outcome": "refused", "reason": "the money was collected"})
            }
            Some(payment) => {
                payment.standing = Standing::Released;
                json!({"outcome": "released"})
            }
            None => json!({"outcome": "released"}),
        }
    }
}
