//! The world of one scenario: its own merchant, a shop, a consumer, and the values (ids, tokens) seen so far.

mod bodies;
mod consumer;
mod page;
mod service;
mod shop;

use std::collections::BTreeMap;
use std::net::IpAddr;

use anyhow::{Context, anyhow};
use futures_util::future::join_all;
use http::Method;
use serde_json::{Map, Value, json};

use super::scenario::{Act, By, Call, Creation, fill};
use crate::remote::{Credential, no_kassa_at, segment};
use page::Page;
use service::Request;

pub(super) use bodies::{cart, changed, page_session};
pub(super) use service::{Answer, Service};
pub(super) use shop::{Arrival, Callback, Shop};

/// The time at which every scenario begins. The clock is frozen until a step moves it.
const BEGINNING: &str = "2026-01-01T08:00:00Z";

/// The state of one scenario.
pub(super) struct World {
    service: Service,
    maker: Credential,
    merchant: TestMerchant,
    stranger: TestMerchant,
    pub(super) shop: Shop,
    cart: Map<String, Value>,
    page: Page,
    names: BTreeMap<String, String>,
}

/// A merchant that was created for one scenario.
struct TestMerchant {
    id: String,
    credential: Credential,
}

/// The outcome of an act.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Whether the act has an HTTP answer.
    pub(super) has_answer: bool,
    pub(super) answer: Answer,
    /// The page that the consumer saw last, if the act showed one.
    pub(super) page: Option<Page>,
    /// For `at_once`: the outcome of each part.
    pub(super) parts: Vec<Outcome>,
    names: Vec<(&'static str, String)>,
    cart: Option<Map<String, Value>>,
}

impl Outcome {
    /// The outcome of an act with this answer.
    pub(super) fn of(answer: Answer) -> Self {
        Self { has_answer: true, answer, ..Self::default() }
    }
}

impl World {
    /// Creates a merchant with a frozen clock at `service`, and opens a shop at `address`.
    pub(super) async fn make(service: Service, maker: &Credential, address: IpAddr) -> anyhow::Result<Self> {
        let (merchant, secret) = TestMerchant::make(&service, maker).await?;
        let (stranger, _) = TestMerchant::make(&service, maker).await?;
        let shop = Shop::open(address, &secret)
            .await
            .with_context(|| format!("cannot open the test shop at {address}"))?;
        let names = [("kassa", &service.url), ("shop", &shop.url)];
        let names = names.into_iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
        let maker = maker.clone();
        let world =
            Self { service, maker, merchant, stranger, shop, cart: cart(), page: Page::default(), names };
        let set =
            world.call(Method::PUT, "/lab/v1/clock", &json!({ "now": BEGINNING, "frozen": true })).await;
        if set.is_success() {
            Ok(world)
        } else {
            Err(anyhow!("cannot set the merchant's clock: {}", set.in_words()))
        }
    }

    /// Reads the history of each page session of the scenario's merchant, oldest first.
    pub(super) async fn histories(&self) -> Vec<Value> {
        let list = self.call(Method::GET, "/kassa/v1/sessions", &Value::Null).await.body;
        let mut histories = Vec::new();
        for session in list["sessions"].as_array().into_iter().flatten().rev() {
            let id = session["session_id"].as_str().unwrap_or_default();
            let path = format!("/kassa/v1/sessions/{id}/events");
            histories.push(self.call(Method::GET, &path, &Value::Null).await.body);
        }
        histories
    }

    /// Deletes the merchants of this scenario.
    pub(super) async fn delete_merchants(self) {
        for id in [&self.merchant.id, &self.stranger.id] {
            let path = format!("/lab/v1/merchants/{}", segment(id));
            self.service.api(Request::new(&self.maker, Method::DELETE, &path, &Value::Null)).await;
        }
    }

    /// Carries out an act. [`World::learn`] then records what the act revealed.
    pub(super) async fn act(&self, act: &Act) -> Outcome {
        match act {
            Act::Look => Outcome::default(),
            Act::Create(creation) => self.create(creation).await,
            Act::Consumer(consumer) => self.consume(consumer).await,
            Act::Call(call) => Outcome::of(self.merchant_calls(call).await),
            Act::Advance(by) => self.lab(Method::POST, "clock/advance", &json!({ "by": by })).await,
            Act::Faults(faults) => self.lab(Method::PUT, "faults", &self.fill(&json!(faults))).await,
            Act::Shop(answers) => {
                self.shop.answer(answers);
                Outcome::default()
            }
            Act::AtOnce(steps) => {
                let parts = join_all(steps.iter().map(|step| Box::pin(self.act(&step.act)))).await;
                Outcome { parts, ..Outcome::default() }
            }
        }
    }

    /// Records the page, the ids, the tokens and the saved fields of an outcome.
    pub(super) fn learn(&mut self, outcome: &Outcome, save: &BTreeMap<String, String>) {
        for part in &outcome.parts {
            self.learn(part, &BTreeMap::new());
        }
        if let Some(page) = &outcome.page {
            self.page = page.clone();
        }
        if let Some(cart) = &outcome.cart {
            self.cart = cart.clone();
        }
        self.names.extend(outcome.names.iter().map(|(name, value)| ((*name).to_string(), value.clone())));
        let body = &outcome.answer.body;
        for (name, field) in [("token", "authorization_token"), ("order", "order_id")] {
            self.keep(name, &body[field]);
        }
        for (name, field) in save {
            self.keep(name, &body[field.as_str()]);
        }
    }

    fn keep(&mut self, name: &str, value: &Value) {
        if let Some(text) = value.as_str() {
            self.names.insert(name.to_string(), text.to_string());
        }
    }

    /// Replaces each known `$name` by its value.
    pub(super) fn fill(&self, value: &Value) -> Value {
        fill(value, &self.names)
    }

    /// Calls the API with the merchant's credential.
    pub(super) async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        let path = self.filled(path);
        self.service.api(Request::new(&self.merchant.credential, method, &path, body)).await
    }

    fn filled(&self, text: &str) -> String {
        self.fill(&json!(text)).as_str().unwrap_or_default().to_string()
    }

    async fn lab(&self, method: Method, path: &str, body: &Value) -> Outcome {
        let answer = self.call(method, &format!("/lab/v1/{path}"), body).await;
        Outcome::of(answer)
    }

    async fn create(&self, creation: &Creation) -> Outcome {
        let cart = changed(&self.cart, &creation.cart);
        let payment = match &creation.hosts {
            Some(payment) => self.filled(payment),
            None => {
                let answer = self.call(Method::POST, "/payments/v1/sessions", &json!(cart)).await;
                match answer.body["session_id"].as_str() {
                    Some(id) => id.to_string(),
                    None => return Outcome::of(answer),
                }
            }
        };
        let body = changed(&page_session(&self.service.url, &self.shop.url, &payment), &creation.session);
        let answer = self.call(Method::POST, "/hpp/v1/sessions", &self.fill(&json!(body))).await;
        let mut names = vec![("payment", payment)];
        for (name, field) in [("session", "session_id"), ("page", "redirect_url")] {
            names.extend(answer.body[field].as_str().map(|value| (name, value.to_string())));
        }
        Outcome { names, cart: Some(cart), ..Outcome::of(answer) }
    }

    async fn merchant_calls(&self, call: &Call) -> Answer {
        let body = match (&call.cart, &call.body) {
            (Some(changes), _) => json!(changed(&self.cart, changes)),
            (None, Some(body)) => body.clone(),
            (None, None) => Value::Null,
        };
        let credential = match call.by {
            By::Merchant => self.merchant.credential.clone(),
            By::Stranger => self.stranger.credential.clone(),
            By::Nobody => Credential { password: "wrong".to_string(), ..self.merchant.credential.clone() },
        };
        let (path, body) = (self.filled(&call.path), self.fill(&body));
        let idempotency_key = call.idempotency_key.as_deref();
        let request = Request::new(&credential, call.method.clone(), &path, &body);
        self.service.api(Request { idempotency_key, ..request }).await
    }
}

impl TestMerchant {
    /// Creates a merchant. Returns it with the secret that signs its callbacks.
    async fn make(service: &Service, maker: &Credential) -> anyhow::Result<(Self, String)> {
        let body = json!({ "name": "Scenario" });
        let answer = service.api(Request::new(maker, Method::POST, "/lab/v1/merchants", &body)).await;
        let word = |field: &str| answer.body[field].as_str().map(str::to_string);
        let merchant = (|| {
            let credential = Credential { username: word("username")?, password: word("password")? };
            Some((Self { id: word("merchant_id")?, credential }, word("callback_secret")?))
        })();
        merchant.ok_or_else(|| match answer.status {
            None => anyhow!(no_kassa_at(&service.url)),
            Some(_) => anyhow!("{} did not create a merchant: {}", service.url, answer.in_words()),
        })
    }
}
