//! Plays every scenario of the library with the example shop as the merchant. At the end each paid session has one order,
//! no other session has one, and the shop and Kassa report the same status of each session.
//!
//! The scenario controls the consumer, the clock, the faults, and other users of the merchant's account. The shop itself
//! creates sessions, reads them and places orders. If a scenario's shop answers a callback with a failure, the test kills
//! the example shop, and starts it again before the clock moves. The clock moves only when the shop is in step with Kassa,
//! because the shop uses the machine's clock and an hour of the lab passes in a moment.
//!
//! Some scenarios depend on things that this shop, which sells one pair of shoes, does not do:
//! `order-placed-by-the-page` (an option), `recurring-token` (a subscription), `sibling-sessions` (a link by message),
//! `cart-changed-on-open-page` and `order-refused-first` (another cart), `placeholders` (other URLs), `wire-as-documented`
//! (names of fields), `token-expired` (a queue) and `wrong-credentials` (other callers). They are played all the same.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::thread::JoinHandle;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::iter;
use http::Method;
use kassa_client::client::{Client, Dependencies, Environment};
use kassa_client::tracker::verdict::Verdict;
use kassa_client::tracker::{OrderState, SessionView, Tracker, TrackerOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use toml::Table;

use super::shop;
use crate::harness::{Answer, Dev, Merchant};
use crate::tracking::eventually;
use crate::workspace::{files, text};

/// The number of scenarios that are played in parallel. They mostly wait.
const SIDE_BY_SIDE: usize = 4;

/// The number of orders at the end of each scenario.
const ORDERS: [(&str, usize); 28] = [
    ("callback-before-redirect", 1),
    ("callback-redirected", 0),
    ("callback-times-out", 0),
    ("callback-with-redirect", 1),
    ("cart-changed-on-open-page", 1),
    ("consumer-never-returns", 1),
    ("creation-fails", 0),
    ("disabled-while-paying", 1),
    ("duplicate-callback", 1),
    ("expired-session", 0),
    ("expired-while-paying", 0),
    ("first-callback-fails", 0),
    ("forged-callback", 1),
    ("lost-completed", 1),
    ("news-comes-later", 1),
    ("order-placed-by-the-page", 1),
    ("order-placed-twice", 1),
    ("order-refused-first", 2),
    ("out-of-order", 1),
    ("pay-pressed-twice", 1),
    ("placeholders", 1),
    ("recurring-token", 1),
    ("redirect-before-callback", 1),
    ("shop-down-for-good", 0),
    ("sibling-sessions", 1),
    ("token-expired", 1),
    ("wire-as-documented", 1),
    ("wrong-credentials", 0),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_every_scenario_the_example_shop_places_one_order_per_paid_session() {
    let library = files(&["crates/kassa/scenarios"], &["toml"]);
    let name = |path: &PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    assert!(library.iter().map(name).eq(ORDERS.map(|(name, _)| name.to_string())));
    let plays = library.iter().zip(ORDERS).map(|(path, (name, orders))| async move {
        let mut play = Play::begin(name).await;
        let scenario: Table = text(path).parse().unwrap();
        for step in scenario["step"].as_array().unwrap() {
            play.step(step.as_table().unwrap()).await;
        }
        play.prove(orders).await;
    });
    iter(plays).buffer_unordered(SIDE_BY_SIDE).collect::<()>().await;
}

/// The example shop in a thread with its own runtime, so that it can be killed like a process.
struct Shop {
    kassa: String,
    secret: String,
    file: PathBuf,
    address: SocketAddr,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Shop {
    fn start(&mut self) {
        let socket = TcpListener::bind(self.address).unwrap();
        self.address = socket.local_addr().unwrap();
        let (kassa, secret, file) = (self.kassa.clone(), self.secret.clone(), self.file.clone());
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    ended = shop::open(socket, &kassa, secret, &file) => ended.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        self.running = Some((stop, thread));
    }

    async fn kill(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            tokio::task::spawn_blocking(|| thread.join().unwrap()).await.unwrap();
        }
    }
}

struct Play {
    name: &'static str,
    dev: Dev,
    merchant: Merchant,
    shop: Shop,
    /// Whether the shop is started again before the clock moves.
    restarts: bool,
    /// A tracker on the shop's state, which only reads it.
    reader: Tracker,
    /// The sessions that the shop created.
    sessions: Vec<String>,
    /// The path of the last session's page.
    page: String,
    order_seen: String,
    names: BTreeMap<String, String>,
    _folder: TempDir,
}

impl Play {
    async fn begin(name: &'static str) -> Self {
        let (dev, folder) = (Dev::start(), TempDir::new().unwrap());
        let file = folder.path().join("shop.db");
        let secret = dev.announced["callback_secret"].as_str().unwrap().to_string();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut shop =
            Shop { kassa: dev.url().to_string(), secret, file: file.clone(), address, running: None };
        shop.start();
        let dependencies = Dependencies::system().unwrap();
        let client = Client::with(dependencies.clone(), &Environment::At(dev.url().to_string()), "", "");
        let reader = Tracker::open(&file, client, dependencies, TrackerOptions::default()).unwrap();
        Self {
            name,
            merchant: dev.merchant(),
            dev,
            shop,
            restarts: true,
            reader,
            sessions: Vec::new(),
            page: String::new(),
            order_seen: String::new(),
            names: BTreeMap::new(),
            _folder: folder,
        }
    }

    async fn step(&mut self, step: &Table) {
        if let Some(steps) = step.get("at_once") {
            let steps = steps.as_array().unwrap().iter().filter_map(|step| step.get("consumer"));
            join_all(steps.map(|verb| self.consumer(verb.as_str().unwrap(), step))).await;
        } else if let Some(verb) = step.get("consumer") {
            if let Some(order_seen) = self.consumer(verb.as_str().unwrap(), step).await {
                self.order_seen = order_seen;
            }
        } else if step.contains_key("create") {
            self.buy().await;
            for (name, _) in step.get("save").into_iter().flat_map(|save| save.as_table().unwrap()) {
                self.names.insert(format!("${name}"), self.sessions.last().unwrap().clone());
            }
        } else if let Some(call) = step.get("call") {
            self.call(call.as_str().unwrap(), step).await;
        } else if let Some(by) = step.get("advance") {
            self.restart();
            if self.shop.running.is_some() {
                self.until_in_step().await;
            }
            self.merchant.post("/lab/v1/clock/advance", &json!({ "by": by })).await.expect(200);
        } else if let Some(faults) = step.get("faults") {
            let put = self.merchant.call(Method::PUT, "/lab/v1/faults", &json!(faults)).await;
            put.unwrap().expect(200);
        } else {
            self.shop_answers(step["shop"].as_array().unwrap()).await;
        }
    }

    async fn buy(&mut self) {
        let shop = Merchant::new(&format!("http://{}", self.shop.address), "", "");
        let bought = shop.call(Method::POST, "/buy", &Value::Null).await.unwrap();
        if bought.status == 502 {
            // An injected fault: the consumer sees an error, and presses Buy again.
            return;
        }
        let page = bought.expect(303).header("location").to_string();
        self.page = page.strip_prefix(self.dev.url()).unwrap().to_string();
        let list = self.merchant.get("/kassa/v1/sessions?limit=1").await.expect(200);
        let id = list.json["sessions"][0]["session_id"].as_str().unwrap().to_string();
        self.names.insert("$session".to_string(), id.clone());
        self.sessions.push(id);
    }

    /// Carries out an act of the consumer, even if the page refuses it. Returns the order that the page shows, if any.
    async fn consumer(&self, verb: &str, step: &Table) -> Option<String> {
        let word = |name: &str| step.get(name).and_then(|word| word.as_str());
        let page = match verb {
            "open" => self.browse("", None).await,
            "pay" => {
                let email = word("email").unwrap_or("customer@email.se").replace('+', "%2B");
                let form = format!(
                    "order_seen={}&payment_method_category=pay_later&email={email}&one_time_code=123456",
                    self.order_seen
                );
                self.browse("/pay", Some(&form)).await
            }
            act => {
                let path = format!("/lab/v1/sessions/{}/{act}", self.names["$session"]);
                self.merchant.post(&path, &json!({ "reason": word("reason") })).await
            }
        };
        if verb != "enter" && step.get("returns").is_none_or(|returns| returns.as_bool().unwrap()) {
            self.return_to_shop().await;
        }
        let (_, seen) = page.text.split_once("name=\"order_seen\" value=\"")?;
        seen.split_once('"').map(|(seen, _)| seen.to_string())
    }

    async fn browse(&self, path: &str, form: Option<&str>) -> Answer {
        let consumer = Merchant::new(self.dev.url(), "", "");
        consumer.browse(&format!("{}{path}", self.page), form).await.unwrap()
    }

    /// Follows the page's redirect, if it leads to the shop and the shop runs.
    async fn return_to_shop(&self) {
        let outcome = self.browse("/outcome", None).await;
        let shop = Merchant::new(&format!("http://{}", self.shop.address), "", "");
        if let Some(path) = outcome.header("location").strip_prefix(&shop.url)
            && self.shop.running.is_some()
        {
            shop.browse(path, None).await.unwrap().expect(200);
        }
    }

    /// Carries out a call of the scenario's merchant that manages the account. The shop makes its own calls itself.
    async fn call(&mut self, call: &str, step: &Table) {
        let (method, path) = call.split_once(' ').unwrap();
        let is_of_the_account = method == "DELETE"
            || path.ends_with("/redeliver")
            || ["/lab/", "/kassa/v1/callbacks/"].iter().any(|start| path.starts_with(start));
        if call == "POST /hpp/v1/sessions" {
            self.buy().await;
        } else if is_of_the_account && !step.contains_key("by") {
            let path = self.names.iter().fold(path.to_string(), |path, (name, id)| path.replace(name, id));
            let body = step.get("body").map_or(Value::Null, |body| json!(body));
            self.merchant.call(method.parse().unwrap(), &path, &body).await.unwrap();
        }
    }

    async fn shop_answers(&mut self, answers: &[toml::Value]) {
        let is_success = |answer: &toml::Value| answer.as_integer() == Some(200);
        self.restarts = answers.last().is_some_and(is_success);
        if !answers.first().is_some_and(is_success) {
            self.until_in_step().await;
            self.shop.kill().await;
        } else {
            self.restart();
        }
    }

    fn restart(&mut self) {
        if self.restarts && self.shop.running.is_none() {
            self.shop.start();
        }
    }

    /// Returns the status of a session and whether it was paid, from Kassa's history.
    async fn recorded(&self, session: &str) -> (String, bool) {
        let history =
            self.merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.expect(200).json;
        let events = history["events"].as_array().unwrap();
        let status = events.last().map_or("WAITING", |event| event["status"].as_str().unwrap());
        (status.to_string(), events.iter().any(|event| event["event"] == "PaymentAuthorized"))
    }

    /// Waits until the shop and Kassa report the same status of each session, and each paid session has an order.
    async fn until_in_step(&self) -> Vec<(SessionView, bool)> {
        let mut views = Vec::new();
        for id in &self.sessions {
            let (status, is_paid) = self.recorded(id).await;
            let in_step = async || {
                let view = self.reader.session(id).await.unwrap()?;
                let has_order = matches!(view.order, Some(OrderState::Placed { .. }));
                let known = view.status.as_ref().map_or("WAITING", |status| status.as_str());
                (known == status && has_order == is_paid).then_some(view)
            };
            let view = eventually(&format!("{}: {status}, paid: {is_paid},", self.name), in_step).await;
            views.push((view, is_paid));
        }
        views
    }

    async fn prove(mut self, orders: usize) {
        self.restart();
        let views = self.until_in_step().await;
        let export = self.merchant.get("/lab/v1/export").await.expect(200).json;
        let placed = &export["tables"]["placed_order"];
        assert_eq!(placed.as_array().unwrap().len(), orders, "{}", self.name);
        assert_eq!(views.iter().filter(|(_, is_paid)| *is_paid).count(), orders, "{}", self.name);
        for (view, is_paid) in views {
            if is_paid {
                assert_eq!(view.verdict, Verdict::Final, "{}: {}", self.name, view.why);
                let order_id = view.order.unwrap().order_id().unwrap().to_string();
                assert!(placed.to_string().contains(&order_id), "{}: {placed}", self.name);
            }
        }
        self.shop.kill().await;
    }
}
