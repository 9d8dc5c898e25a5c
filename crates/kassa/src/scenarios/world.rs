//! The world in which one scenario is played: a merchant made for it, a shop, a consumer, and what they know so far.

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
use crate::remote::{Credential, segment};
use bodies::{cart, changed, page_session};
use page::Page;
use service::Request;

pub(super) use service::{Answer, Service};
pub(super) use shop::{Arrival, Callback, Shop};

/// When every scenario begins. The clock stands until a step moves it.
const BEGINNING: &str = "2026-01-01T08:00:00Z";

/// Everything one scenario touches.
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

/// A merchant made for one scenario.
struct TestMerchant {
    id: String,
    credential: Credential,
}

/// What came of an act.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Whether it is an act that is answered at all.
    pub(super) has_answer: bool,
    pub(super) answer: Answer,
    /// The page that the consumer saw last.
    pub(super) page: Option<Page>,
    /// Of what happened at once: the outcome of each.
    pub(super) parts: Vec<Outcome>,
    names: Vec<(&'static str, String)>,
    cart: Option<Map<String, Value>>,
}

impl Outcome {
    /// The outcome of an act that was answered like this.
    pub(super) fn of(answer: Answer) -> Self {
        Self { has_answer: true, answer, ..Self::default() }
    }
}

impl World {
    /// Makes a world at Kassa's `service`: a fresh merchant whose clock stands, and a shop at `address`.
    pub(super) async fn make(service: Service, maker: &Credential, address: IpAddr) -> anyhow::Result<Self> {
        let (merchant, secret) = TestMerchant::make(&service, maker).await?;
        let (stranger, _) = TestMerchant::make(&service, maker).await?;
        let shop = Shop::open(address, &secret)
            .await
            .with_context(|| format!("no shop can be opened at {address}"))?;
        let names = [("kassa", &service.url), ("shop", &shop.url)];
        let names = names.into_iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
        let maker = maker.clone();
        let world =
            Self { service, maker, merchant, stranger, shop, cart: cart(), page: Page::default(), names };
        let set =
            world.call(Method::PUT, "/lab/v1/clock", &json!({ "now": BEGINNING, "frozen": true })).await;
        if set.is_success() { Ok(world) } else { Err(anyhow!("the clock cannot be set: {}", set.told())) }
    }

    /// Throws away what was made.
    pub(super) async fn unmake(self) {
        for id in [&self.merchant.id, &self.stranger.id] {
            let path = format!("/lab/v1/merchants/{}", segment(id));
            self.service.api(Request::new(&self.maker, Method::DELETE, &path, &Value::Null)).await;
        }
    }

    /// Does what a step says. Nothing that is known changes by it: see [`World::learn`].
    pub(super) async fn act(&self, act: &Act) -> Outcome {
        match act {
            Act::Look => Outcome::default(),
            Act::Create(creation) => self.create(creation).await,
            Act::Consumer(consumer) => self.consume(consumer).await,
            Act::Call(call) => Outcome::of(self.merchant_calls(call).await),
            Act::Advance(by) => self.lab(Method::POST, "clock/advance", &json!({ "by": by })).await,
            Act::Weather(weather) => self.lab(Method::PUT, "weather", &self.fill(&json!(weather))).await,
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

    /// Takes note of what an outcome tells: the page, ids, tokens, and what the step saves.
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

    /// Puts the values of names in place of the names.
    pub(super) fn fill(&self, value: &Value) -> Value {
        fill(value, &self.names)
    }

    /// A call of the merchant, with nothing special about it.
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
    /// Makes one, with the secret that signs its callbacks.
    async fn make(service: &Service, maker: &Credential) -> anyhow::Result<(Self, String)> {
        let body = json!({ "name": "Scenario" });
        let answer = service.api(Request::new(maker, Method::POST, "/lab/v1/merchants", &body)).await;
        let word = |field: &str| answer.body[field].as_str().map(str::to_string);
        let merchant = (|| {
            let credential = Credential { username: word("username")?, password: word("password")? };
            Some((Self { id: word("merchant_id")?, credential }, word("callback_secret")?))
        })();
        merchant.ok_or_else(|| match answer.status {
            None => anyhow!("{} does not answer. Is Kassa running there? Say where with --url.", service.url),
            Some(_) => anyhow!("{} makes no merchant: {}", service.url, answer.told()),
        })
    }
}
