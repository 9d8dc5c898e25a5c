//! A Kassa in front of the double.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use kassa_domain::{Actor, MerchantId};
use kassa_engine::{Rates, Requester, ScriptSources, SetAccountOutcome};
use kassa_outgoing::CallAnswer;
use kassa_server::{KlarnaRules, KlarnaSetup, PaymentSetup};
use kassa_store::simulation::Database;
use kassa_wire::kassa::PaymentAccountSetting;
use serde_json::{Value, json};

use super::line::{Line, SentCall};
use crate::harness::{Answer, Site, World, cart, on_each_engine};

pub use crate::harness::{Opened, statuses};

pub use super::line::Disturbance;

/// A Kassa whose payment system is the double.
pub struct Front {
    site: Site,
    pub line: Arc<Line>,
    /// The Kassa that plays Klarna.
    pub double: World,
}

impl Deref for Front {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

/// More reads per second than a journey makes.
const ANY_READS: u32 = 1_000;

/// Runs a journey of a Kassa in front of the double, on each engine.
pub fn front_journey<F: Future<Output = ()>>(walk: impl Fn(Arc<Front>) -> F) {
    front_journey_within(Rates::NONE, ANY_READS, walk);
}

/// Runs a journey of a Kassa with rate limits.
pub fn front_journey_with<F: Future<Output = ()>>(rates: Rates, walk: impl Fn(Arc<Front>) -> F) {
    front_journey_within(rates, ANY_READS, walk);
}

/// Runs a journey of a Kassa that may read this often at the double, per second.
pub fn front_journey_reading<F: Future<Output = ()>>(reads_per_second: u32, walk: impl Fn(Arc<Front>) -> F) {
    front_journey_within(Rates::NONE, reads_per_second, walk);
}

fn front_journey_within<F: Future<Output = ()>>(
    rates: Rates,
    reads_per_second: u32,
    walk: impl Fn(Arc<Front>) -> F,
) {
    on_each_engine(async |database| {
        walk(Arc::new(Front::reading(database, rates, reads_per_second).await)).await;
    });
}

impl Front {
    pub async fn start(database: Database, rates: Rates) -> Self {
        Self::reading(database, rates, ANY_READS).await
    }

    async fn reading(database: Database, rates: Rates, reads_per_second: u32) -> Self {
        let double = World::elsewhere().await;
        let line = Arc::new(Line::new());
        let setup = PaymentSetup {
            klarna: Some(KlarnaSetup { rules: rules(&double.url, reads_per_second), outgoing: line.clone() }),
            ..PaymentSetup::default()
        };
        let site = Site::start(database, setup, rates, double.clock.clone()).await;
        let front = Self { site, line, double };
        front.set_account("merchant_user", "secret").await;
        front
    }

    /// Sets the merchant's account at the double.
    pub async fn set_account(&self, username: &str, password: &str) {
        self.set_account_at(&self.double.url, username, password).await;
    }

    /// Sets an account of the merchant at a base URL.
    pub async fn set_account_at(&self, base_url: &str, username: &str, password: &str) {
        let setting: PaymentAccountSetting =
            serde_json::from_value(json!({"base_url": base_url, "username": username, "password": password}))
                .unwrap();
        let merchant = MerchantId::new("merchant");
        let set = self
            .app
            .payment_accounts()
            .set(&merchant, &setting, &Requester::in_process(Actor::CommandLine))
            .await
            .unwrap();
        assert!(matches!(set, SetAccountOutcome::Set(_)), "{set:?}");
    }

    /// Creates a payment session at the double.
    pub async fn payment_session(&self) -> String {
        self.double.merchant.payment_session("ECOMMERCE").await
    }

    /// Creates a page session for a payment session at the double.
    pub async fn create(&self, payment: &str, options: Value) -> Answer {
        self.create_at(&self.double.url, payment, options).await
    }

    /// Creates a page session with this `place_order_mode`, and opens its page.
    pub async fn opened(&self, payment: &str, place_order_mode: &str) -> Opened {
        let created = self.create(payment, json!({"place_order_mode": place_order_mode})).await;
        self.open(&created).await
    }

    /// Opens the page of a new page session.
    pub async fn open(&self, created: &Answer) -> Opened {
        let (opened, shown) = self.page_of(created).await;
        assert!(shown.text.contains("data-testid=\"payment-form\""), "{}", shown.text);
        opened
    }

    /// The browser says that the consumer pressed Pay.
    pub async fn press_pay(&self, opened: &Opened) {
        assert_eq!(self.send(&format!("{}/started", opened.page), "").await.status, 204);
    }

    /// The browser says what the script answered. Returns the path to which the browser goes.
    pub async fn claim(&self, opened: &Opened, answer: &'static str) -> String {
        let form = match answer {
            "approved" => "answer=approved&payment_method_category=pay_later",
            "declined" => "answer=declined&payment_method_category=pay_later",
            other => panic!("no form for {other}"),
        };
        let told = self.send(&format!("{}/claim", opened.page), form).await;
        assert_eq!(told.status, 200, "{}", told.text);
        let next = told.json["next"].as_str().unwrap();
        next.strip_prefix(&opened.page).unwrap().to_string()
    }

    /// The consumer authorizes the payment in Klarna's form. Returns the token.
    pub async fn authorize(&self, payment: &str) -> String {
        let path = format!("/lab/v1/payment-sessions/{payment}/approve");
        let answer = self.double.merchant.post(&path, &json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json["authorization_token"].as_str().unwrap().to_string()
    }

    /// The payment session at the double.
    pub async fn at_the_double(&self, payment: &str) -> Value {
        self.double.merchant.get(&format!("/payments/v1/sessions/{payment}")).await.json
    }

    /// Disturbs the next calls whose method and path contain this text.
    pub fn disturb(&self, part: &str, disturbances: &[Disturbance]) {
        self.line.disturb(part, disturbances);
    }

    /// Ends all disturbances.
    pub fn calm(&self) {
        self.line.calm();
    }

    /// The bodies of the calls whose method and path contain this text.
    pub fn calls(&self, part: &str) -> Vec<String> {
        self.sent(part).iter().map(|call| String::from_utf8_lossy(&call.body).into_owned()).collect()
    }

    /// The calls whose method and path contain this text.
    pub fn sent(&self, part: &str) -> Vec<SentCall> {
        self.line.sent(part)
    }

    /// The latest answer of the double.
    pub fn latest_answer(&self) -> CallAnswer {
        self.line.latest_answer()
    }
}

/// The cart of the payment sessions, with another amount.
pub fn other_cart() -> Value {
    let mut cart = cart("ECOMMERCE");
    cart["order_amount"] = json!(9999);
    cart["order_tax_amount"] = json!(1870);
    cart["order_lines"].as_array_mut().unwrap().truncate(1);
    cart
}

fn rules(double: &str, reads_per_second: u32) -> KlarnaRules {
    KlarnaRules {
        allowed_base_urls: vec![double.parse().unwrap()],
        script_url: format!("{double}/kp/lib/v1/api.js"),
        extra_sources: ScriptSources::default(),
        read_timeout: Duration::from_secs(3),
        order_timeout: Duration::from_secs(15),
        reads_per_second,
    }
}
