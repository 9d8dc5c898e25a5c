//! A running Kassa with a remote payment system, a merchant that calls it, and a receiver of its callbacks.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use kassa_domain::merchant::MerchantState;
use kassa_domain::{Actor, MerchantId};
use kassa_engine::{AccountKeys, Rates, Requester, SeededRandom};
use kassa_outgoing::{Network, OutgoingPolicy};
use kassa_server::{App, AppSchemes, Configuration, Mode, PaymentSetup, Server, serve};
use kassa_store::simulation::Database;
use kassa_testkit::{NamedEngine, eventually};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Answer, Merchant, Receiver, TestClock};

/// The key of a file of account keys: 32 bytes.
const KEY: &str = "a2V5LWtleS1rZXkta2V5LWtleS1rZXkta2V5LWtleTE=";

/// A running Kassa with a remote payment system.
pub struct Site {
    pub app: App,
    pub merchant: Merchant,
    pub anyone: Merchant,
    pub receiver: Receiver,
    pub url: String,
    pub clock: TestClock,
    servers: Mutex<Vec<Server>>,
}

/// Runs a journey on each engine.
pub fn on_each_engine(walk: impl AsyncFn(Database)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = TempDir::new().unwrap();
        for database in Database::on_each_engine(folder.path()).await {
            let _engine = NamedEngine(database.engine());
            walk(database).await;
        }
    });
}

impl Site {
    pub async fn start(database: Database, setup: PaymentSetup, rates: Rates, clock: TestClock) -> Self {
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
        let random = Arc::new(SeededRandom::new(9));
        let store = database.open().await;
        let app = App::new(store, Arc::new(clock.clone()), random, network.clone(), setup, configuration);
        let app = app.await.unwrap();
        let merchant = Merchant::join(&app, network.clone(), &url, "merchant").await;
        let anyone = Merchant::nobody(network, &url);
        let servers = Mutex::new(vec![serve(app.clone(), listener).unwrap()]);
        let receiver = Receiver::start().await;
        Self { app, merchant, anyone, receiver, url, clock, servers }
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
            self.clock.advance(step);
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

    /// Suspends the merchant.
    pub async fn suspend_merchant(&self) {
        let (merchant, by) = (MerchantId::new("merchant"), Requester::in_process(Actor::CommandLine));
        let suspended =
            self.app.accounts().set_merchant_state(&merchant, MerchantState::Suspended, &by).await;
        assert!(suspended.unwrap());
    }

    /// Stops the servers.
    pub async fn stop(&self) {
        let servers = std::mem::take(&mut *self.servers.lock().unwrap());
        for server in servers {
            server.stop().await;
        }
    }

    /// The page of a new page session, with its path.
    pub async fn page_of(&self, created: &Answer) -> (Opened, Answer) {
        assert_eq!(created.status, 201, "{}", created.text);
        let text = |field: &str| created.json[field].as_str().unwrap().to_string();
        let page = text("redirect_url").strip_prefix(&self.url).unwrap().to_string();
        let opened = Opened { session: text("session_id"), page };
        let shown = self.look(&opened.page).await;
        assert_eq!(shown.status, 200, "{}", shown.text);
        (opened, shown)
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
