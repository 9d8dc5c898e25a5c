//! The world of a journey: a running system, a merchant that calls it, and a receiver of its callbacks.

mod caller;
mod clock;
mod contract;
mod history;
mod live;
mod log_watch;
mod merchant;
mod page;
mod receiver;
mod site;

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use kassa_engine::{AccountKeys, Random, Rates, SeededRandom, SystemClock, SystemRandom};
use kassa_outgoing::{Network, OutgoingPolicy};
use kassa_sandbox::Sandbox;
use kassa_server::{App, AppSchemes, Configuration, Mode, Server, Store, serve};
use kassa_store::simulation::Database;
use kassa_testkit::{NamedEngine, eventually};
use tempfile::TempDir;

pub use caller::Caller;
pub use clock::TestClock;
pub use contract::check as check_answer;
pub use log_watch::LogWatch;
pub use merchant::{Answer, Merchant, cart};
pub use page::{Page, decoded_qr, text};
pub use receiver::{Received, Receiver, Reply};
pub use site::{Opened, Site, on_each_engine, statuses};

/// The key that encrypts the passwords of payment accounts.
const ACCOUNT_KEY: &str = "YSBrZXkgb2YgYWNjb3VudHMgdGhhdCB0ZXN0cyB1c2U=";

/// A running system on a free port, with its own database.
pub struct World {
    pub clock: TestClock,
    pub merchant: Merchant,
    pub stranger: Merchant,
    anyone: Merchant,
    pub receiver: Receiver,
    pub url: String,
    links: Mutex<HashMap<String, String>>,
    /// The pages of the staff, by page session.
    staff_links: Mutex<HashMap<String, String>>,
    app: App,
    network: Arc<Network>,
    servers: Mutex<Vec<Server>>,
    database: Database,
    /// Deletes the database's folder with the world.
    _folder: Option<TempDir>,
    /// Searches the log for secrets at the end of the world.
    _log: LogWatch,
}

/// Whether the world has a demo shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoShop {
    Closed,
    Open,
    /// Open, but with a wrong password.
    WithoutPassword,
    /// Open, but with a wrong callback secret.
    WithoutCallbackSecret,
}

/// Runs a journey in a fresh world, on each engine. The world is shared, so every part of it exists until the journey
/// ends.
pub fn journey<F: Future<Output = ()>>(walk: impl Fn(Arc<World>) -> F) {
    journey_with(DemoShop::Closed, walk);
}

/// Runs a journey in a fresh world, with or without a demo shop.
pub fn journey_with<F: Future<Output = ()>>(shop: DemoShop, walk: impl Fn(Arc<World>) -> F) {
    journey_in(shop, Mode::Sandbox, Rates::NONE, walk);
}

/// Runs a journey in a fresh world in live mode.
pub fn live_journey<F: Future<Output = ()>>(walk: impl Fn(Arc<World>) -> F) {
    journey_in(DemoShop::Closed, Mode::Live, Rates::NONE, walk);
}

/// The same, with rate limits.
pub fn limited_journey<F: Future<Output = ()>>(rates: Rates, walk: impl Fn(Arc<World>) -> F) {
    journey_in(DemoShop::Closed, Mode::Live, rates, walk);
}

fn journey_in<F: Future<Output = ()>>(
    shop: DemoShop,
    mode: Mode,
    rates: Rates,
    walk: impl Fn(Arc<World>) -> F,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    // Snapshots are equal on every engine.
    insta::allow_duplicates! {
        runtime.block_on(async {
            let folder = TempDir::new().unwrap();
            for database in Database::on_each_engine(folder.path()).await {
                let _engine = NamedEngine(database.engine());
                let store = database.open().await;
                walk(Arc::new(World::start(shop, mode, rates, database, store).await)).await;
            }
        });
    }
}

impl World {
    /// A world on an open store of the database.
    pub async fn with_store(shop: DemoShop, mode: Mode, database: Database, store: Store) -> Self {
        Self::start(shop, mode, Rates::NONE, database, store).await
    }

    async fn start(shop: DemoShop, mode: Mode, rates: Rates, database: Database, store: Store) -> Self {
        let log = LogWatch::start();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let clock = TestClock::default();
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(7));
        let network = Arc::new(Network::new(OutgoingPolicy::for_this_machine()).unwrap());
        let configuration = Configuration {
            app_schemes: AppSchemes::Any,
            allows_http_callbacks: true,
            rates,
            account_keys: Some(AccountKeys::parse(ACCOUNT_KEY).unwrap()),
            ..Configuration::new(mode, &url)
        };
        let app = App::new(
            store,
            Arc::new(clock.clone()),
            random.clone(),
            network.clone(),
            Arc::new(Sandbox::new(random)),
            configuration,
        )
        .await
        .unwrap();
        let merchant = Merchant::join(&app, network.clone(), &url, "merchant").await;
        let stranger = Merchant::join(&app, network.clone(), &url, "stranger").await;
        let anyone = Merchant::nobody(network.clone(), &url);
        let receiver = Receiver::start().await;
        let app = with_demo_shop(app.with_lab_page("merchant"), shop).await;
        let server = serve(app.clone(), listener).unwrap();
        Self {
            clock,
            merchant,
            stranger,
            anyone,
            receiver,
            url,
            links: Mutex::default(),
            staff_links: Mutex::default(),
            app,
            network,
            servers: Mutex::new(vec![server]),
            database,
            _folder: None,
            _log: log,
        }
    }

    /// A second world, with other data and other keys.
    pub async fn elsewhere() -> Self {
        let folder = TempDir::new().unwrap();
        let database = Database::File(folder.path().join("kassa.db"));
        let store = database.open().await;
        let world = Self::with_store(DemoShop::Closed, Mode::Sandbox, database, store).await;
        Self { _folder: Some(folder), ..world }
    }

    /// Returns the merchant as a caller of a second process on the same database.
    pub async fn merchant_elsewhere(&self) -> Merchant {
        self.merchant_at_node(Some(AccountKeys::parse(ACCOUNT_KEY).unwrap())).await
    }

    /// A second node on the same database, which does not listen.
    pub async fn app_elsewhere(&self) -> App {
        self.app_with(|_| ()).await
    }

    /// The same, with a changed configuration.
    pub async fn app_with(&self, change: impl FnOnce(&mut Configuration)) -> App {
        let mut configuration = Configuration {
            account_keys: Some(AccountKeys::parse(ACCOUNT_KEY).unwrap()),
            ..Configuration::new(Mode::Sandbox, "http://127.0.0.1")
        };
        change(&mut configuration);
        self.node(configuration).await
    }

    async fn node(&self, configuration: Configuration) -> App {
        let store = self.database.open().await;
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let app = App::new(
            store,
            Arc::new(self.clock.clone()),
            random.clone(),
            self.network.clone(),
            Arc::new(Sandbox::new(random)),
            configuration,
        );
        app.await.unwrap()
    }

    /// A node on the same database with a changed configuration. Returns its URL.
    pub async fn served_with(&self, change: impl FnOnce(&mut Configuration)) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut configuration = Configuration::new(Mode::Sandbox, &url);
        configuration.account_keys = Some(AccountKeys::parse(ACCOUNT_KEY).unwrap());
        change(&mut configuration);
        let app = self.node(configuration).await;
        self.servers.lock().unwrap().push(serve(app, listener).unwrap());
        url
    }

    /// The network of every process of this world.
    pub fn network(&self) -> Arc<Network> {
        self.network.clone()
    }

    /// The same, for a process with these account keys.
    pub async fn merchant_at_node(&self, account_keys: Option<AccountKeys>) -> Merchant {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = self.node(Configuration {
            allows_http_callbacks: true,
            account_keys,
            ..Configuration::new(Mode::Sandbox, &url)
        });
        let app = app.await;
        self.servers.lock().unwrap().push(serve(app.clone(), listener).unwrap());
        Merchant::join(&app, self.network.clone(), &url, "merchant").await
    }

    /// The system itself, for the acts of commands.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The database, for tests that read or change it beside the system.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Whether nodes notify each other about commits.
    pub fn exchanges_notices(&self) -> bool {
        matches!(self.database, Database::Postgres(_))
    }

    /// Stops every server.
    pub async fn stop(&self) {
        let servers = std::mem::take(&mut *self.servers.lock().unwrap());
        for server in servers {
            server.stop().await;
        }
    }

    /// Waits until exactly this many long polls wait.
    pub async fn wait_for_long_polls(&self, count: usize) {
        self.wait_for_metric(&format!("kassa_long_polls {count}\n")).await;
    }

    /// Waits until exactly this many open pages follow their session.
    pub async fn wait_for_open_pages(&self, count: usize) {
        self.wait_for_metric(&format!("kassa_open_pages {count}\n")).await;
    }

    async fn wait_for_metric(&self, line: &str) {
        eventually(line, async || {
            let page = self.browser(http::Method::GET, "/metrics", bytes::Bytes::new()).await.text;
            if page.contains(line) { Ok(()) } else { Err(page) }
        })
        .await;
    }

    /// Creates a page session whose browser URLs and callbacks lead to the receiver.
    pub async fn page_session(&self) -> String {
        self.page_session_with(serde_json::json!({}), "ECOMMERCE").await
    }

    /// The same, with these options, in this channel.
    pub async fn page_session_with(&self, options: serde_json::Value, channel: &str) -> String {
        let payment = self.merchant.payment_session(channel).await;
        self.page_session_of(&payment, options).await
    }

    /// Creates a page session of a web shop with these merchant URLs.
    pub async fn page_session_to(&self, merchant_urls: serde_json::Value) -> String {
        let payment = self.merchant.payment_session("ECOMMERCE").await;
        self.hosted(&payment, serde_json::json!({}), merchant_urls).await
    }

    /// Creates a page session for an existing payment session.
    pub async fn page_session_of(&self, payment: &str, options: serde_json::Value) -> String {
        self.hosted(payment, options, self.receiver.merchant_urls()).await
    }

    /// Creates a page session for a payment session, with these options and merchant URLs.
    pub async fn hosted(
        &self,
        payment: &str,
        options: serde_json::Value,
        merchant_urls: serde_json::Value,
    ) -> String {
        let body = serde_json::json!({
            "payment_session_url": format!("{}/payments/v1/sessions/{payment}", self.url),
            "merchant_urls": merchant_urls,
            "options": options,
        });
        let answer = self.merchant.post("/hpp/v1/sessions", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let text = |field: &str| answer.json[field].as_str().unwrap().to_string();
        self.links.lock().unwrap().insert(text("session_id"), text("redirect_url"));
        let staff = answer.json["distribution_module"]["standalone_url"].as_str().unwrap();
        let staff = staff.split('?').next().unwrap().to_string();
        self.staff_links.lock().unwrap().insert(text("session_id"), staff);
        text("session_id")
    }

    /// The link of a session's page, from the answer to its creation.
    pub fn link_of(&self, session: &str) -> String {
        self.links.lock().unwrap()[session].clone()
    }

    /// Makes a call without credentials, as a browser does.
    pub async fn browser(&self, method: http::Method, path: &str, body: bytes::Bytes) -> Answer {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        self.anyone.call(method, path, &form, body).await
    }

    /// Reads a path with these headers, as a browser, a scanner or a preview does.
    pub async fn looks(&self, method: http::Method, path: &str, headers: &[(&'static str, &str)]) -> Answer {
        self.sends(method, path, headers, bytes::Bytes::new()).await
    }

    /// The same, with a body.
    pub async fn sends(
        &self,
        method: http::Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: bytes::Bytes,
    ) -> Answer {
        self.anyone.call(method, path, headers, body).await
    }

    /// The path of a session's page.
    pub fn page_of(&self, session: &str) -> String {
        self.link_of(session).strip_prefix(&self.url).unwrap().to_string()
    }

    /// The path of the page of the staff for a session.
    pub fn staff_page_of(&self, session: &str) -> String {
        self.staff_links.lock().unwrap()[session].strip_prefix(&self.url).unwrap().to_string()
    }

    /// A caller with this `Authorization` header.
    pub fn anyone_with(&self, authorization: &str) -> Merchant {
        let mut caller = self.anyone.clone();
        caller.authorization = authorization.to_string();
        caller
    }

    /// A caller with this credential.
    pub fn anyone_as(&self, username: &str, password: &str) -> Merchant {
        Merchant::with(self.network.clone(), &self.url, username, password)
    }

    /// The secret that signs the merchant's callbacks.
    pub async fn merchant_callback_secret(&self) -> String {
        self.app.accounts().callback_secret("merchant").await.unwrap()
    }
}

/// A system on a SQLite file in `folder`, with the machine's clock and network, for tests that serve it themselves.
pub async fn app_in(folder: &TempDir, configuration: Configuration) -> App {
    let random: Arc<dyn Random> = Arc::new(SeededRandom::new(7));
    let app = App::new(
        Store::open(&folder.path().join("kassa.db")).unwrap(),
        Arc::new(SystemClock),
        random.clone(),
        Arc::new(Network::new(OutgoingPolicy::for_this_machine()).unwrap()),
        Arc::new(Sandbox::new(random)),
        configuration,
    );
    app.await.unwrap()
}

async fn with_demo_shop(app: App, shop: DemoShop) -> App {
    if shop == DemoShop::Closed {
        return app;
    }
    let mut credential = app.accounts().add_dev_merchant().await.unwrap();
    match shop {
        DemoShop::Closed | DemoShop::Open => {}
        DemoShop::WithoutPassword => credential.password = "mistaken",
        DemoShop::WithoutCallbackSecret => credential.callback_secret = "whsec_bWlzdGFrZW4=".to_string(),
    }
    app.with_demo_shop(&credential)
}
