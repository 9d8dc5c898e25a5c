//! A Kassa in front of the double.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use kassa_domain::{Actor, MerchantId};
use kassa_engine::{AccountKeys, Rates, ScriptSources, SeededRandom, SetAccountOutcome};
use kassa_outgoing::{CallAnswer, Network, OutgoingPolicy};
use kassa_server::{
    App, AppSchemes, Configuration, KlarnaRules, KlarnaSetup, Mode, PaymentSetup, Server, serve,
};
use kassa_store::simulation::Database;
use kassa_testkit::{NamedEngine, eventually};
use kassa_wire::kassa::PaymentAccountSetting;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::line::{Line, SentCall};
use crate::harness::{Answer, Merchant, Receiver, World, cart};

pub use super::line::Disturbance;

/// The key of a file of account keys: 32 bytes.
const KEY: &str = "a2V5LWtleS1rZXkta2V5LWtleS1rZXkta2V5LWtleTE=";

/// A Kassa whose payment system is the double.
pub struct Front {
    pub app: App,
    pub merchant: Merchant,
    pub anyone: Merchant,
    pub receiver: Receiver,
    pub url: String,
    pub line: Arc<Line>,
    /// The Kassa that plays Klarna.
    pub double: World,
    servers: Mutex<Vec<Server>>,
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
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = TempDir::new().unwrap();
        for database in Database::on_each_engine(folder.path()).await {
            let _engine = NamedEngine(database.engine());
            walk(Arc::new(Front::start(database, rates, reads_per_second).await)).await;
        }
    });
}

impl Front {
    async fn start(database: Database, rates: Rates, reads_per_second: u32) -> Self {
        let double = World::elsewhere().await;
        let line = Arc::new(Line::new());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let network = Arc::new(Network::new(OutgoingPolicy::for_this_machine()).unwrap());
        let configuration = Configuration {
            app_schemes: AppSchemes::Any,
            allows_http_callbacks: true,
            account_keys: Some(AccountKeys::parse(KEY).unwrap()),
            rates,
            ..Configuration::new(Mode::Live, &url)
        };
        let setup = PaymentSetup {
            sandbox: None,
            klarna: Some(KlarnaSetup { rules: rules(&double.url, reads_per_second), outgoing: line.clone() }),
        };
        let clock = Arc::new(double.clock.clone());
        let random = Arc::new(SeededRandom::new(9));
        let store = database.open().await;
        let app = App::new(store, clock, random, network.clone(), setup, configuration).await.unwrap();
        let merchant = Merchant::join(&app, network.clone(), &url, "merchant").await;
        let anyone = Merchant::nobody(network, &url);
        let servers = Mutex::new(vec![serve(app.clone(), listener).unwrap()]);
        let receiver = Receiver::start().await;
        let front = Self { app, merchant, anyone, receiver, url, line, double, servers };
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
        let set = self.app.payment_accounts().set(&merchant, &setting, &Actor::CommandLine).await.unwrap();
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

    /// Creates a page session for a payment session that this URL names.
    pub async fn create_at(&self, base_url: &str, payment: &str, options: Value) -> Answer {
        let body = json!({
            "payment_session_url": format!("{base_url}/payments/v1/sessions/{payment}"),
            "merchant_urls": self.receiver.merchant_urls(),
            "options": options,
        });
        self.merchant.post("/hpp/v1/sessions", &body).await
    }

    /// Creates a page session with this `place_order_mode`, and opens its page.
    pub async fn opened(&self, payment: &str, place_order_mode: &str) -> Opened {
        let created = self.create(payment, json!({"place_order_mode": place_order_mode})).await;
        assert_eq!(created.status, 201, "{}", created.text);
        self.open(&created).await
    }

    /// Opens the page of a new page session.
    pub async fn open(&self, created: &Answer) -> Opened {
        let text = |field: &str| created.json[field].as_str().unwrap().to_string();
        let page = text("redirect_url").strip_prefix(&self.url).unwrap().to_string();
        let opened = Opened { session: text("session_id"), page };
        let shown = self.look(&opened.page).await;
        assert_eq!(shown.status, 200, "{}", shown.text);
        assert!(shown.text.contains("data-testid=\"payment-form\""), "{}", shown.text);
        opened
    }

    /// A caller of Kassa with this credential.
    pub fn caller(&self, username: &str, password: &str) -> Merchant {
        self.merchant.another(username, password)
    }

    /// Reads a page, as a browser does.
    pub async fn look(&self, path: &str) -> Answer {
        self.anyone.call(Method::GET, path, &[("content-type", "text/plain")], Bytes::new()).await
    }

    /// Sends a form of a page.
    pub async fn send(&self, path: &str, form: &'static str) -> Answer {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.anyone.call(Method::POST, path, &headers, Bytes::from_static(form.as_bytes())).await
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

    /// The status of a page session.
    pub async fn status(&self, opened: &Opened) -> String {
        self.merchant.read(&opened.session).await["status"].as_str().unwrap().to_string()
    }

    /// The history of a page session.
    pub async fn history(&self, opened: &Opened) -> Value {
        self.merchant.get(&format!("/kassa/v1/sessions/{}/events", opened.session)).await.json
    }

    /// Lets time pass until the history has this property.
    pub async fn until(&self, opened: &Opened, step: Duration, holds: impl Fn(&Value) -> bool) -> Value {
        eventually("such a history", async || {
            self.double.clock.advance(step);
            let history = self.history(opened).await;
            if holds(&history) { Ok(history) } else { Err(history) }
        })
        .await
    }

    /// Lets time pass until the page session has this status. Returns its history.
    pub async fn becomes(&self, opened: &Opened, status: &str) -> Value {
        let step = Duration::from_millis(1_100);
        self.until(opened, step, |history| statuses(history).last() == Some(&status)).await
    }

    /// Stops the servers.
    pub async fn stop(&self) {
        let servers = std::mem::take(&mut *self.servers.lock().unwrap());
        for server in servers {
            server.stop().await;
        }
    }
}

/// A page session whose page is open.
pub struct Opened {
    pub session: String,
    /// The path of the page.
    pub page: String,
}

/// The statuses of a history.
pub fn statuses(history: &Value) -> Vec<&str> {
    history["events"].as_array().unwrap().iter().map(|event| event["status"].as_str().unwrap()).collect()
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
