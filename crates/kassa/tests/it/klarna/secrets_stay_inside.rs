//! The password of the merchant's account and the tokens of authorizations appear in no log, no page, no note and no
//! dump of the database. They stay readable while the key is replaced.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use http::Method;
use kassa_store::simulation::Database;
use kassa_testkit::{NamedEngine, eventually};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::front::{Front, PageSession};
use crate::harness::{Merchant, Node, cart, run};

const APPROVED: &str = "answer=approved&payment_method_category=pay_later";

/// The bodies that a receiver got.
type Bodies = Arc<Mutex<Vec<Bytes>>>;

/// A node in front of the double, with everything that it showed.
struct Scene {
    front: Front,
    database: Database,
    /// The merchant at the double.
    seller: Merchant,
    secrets: Vec<(&'static str, String)>,
    /// Answers to the browser, and histories of sessions whose token the merchant does not get.
    seen: Vec<String>,
    callbacks: Bodies,
    urls: Value,
    log: PathBuf,
}

/// A receiver that repeats each body in its answer. Returns its URL.
async fn echo(bodies: Bodies) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/callbacks", listener.local_addr().unwrap());
    let answer = move |body: Bytes| {
        bodies.lock().unwrap().push(body.clone());
        async move { body }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await.unwrap() });
    url
}

impl Scene {
    /// A node on this database. Everything is logged.
    async fn start(database: Database) -> (Self, Node) {
        let named = match &database {
            Database::File(path) => path.display().to_string(),
            Database::Postgres(url) => url.clone(),
        };
        let front = Front::start_on(&named, "");
        let account = front.double.merchant().post("/lab/v1/merchants", &json!({})).await.expect(201).json;
        let word = |name: &str| account[name].as_str().unwrap().to_string();
        front.set_account_of(&word("username"), &word("password"));
        let seller = Merchant::of(front.double.url(), &account);
        let callbacks = Bodies::default();
        let urls = json!({"status_update": echo(callbacks.clone()).await});
        let secrets = vec![
            ("the password of the account", word("password")),
            ("the credentials of the account", seller.credentials()),
            ("the merchant's credentials for Kassa", front.merchant().credentials()),
        ];
        let log = front.configuration.folder().join("log");
        let node = node(&front, &log);
        (Self { front, database, seller, secrets, seen: Vec::new(), callbacks, urls, log }, node)
    }

    /// Opens the page of a new page session.
    async fn open(&mut self, place_order_mode: &str) -> PageSession {
        let payment = self.seller.payment_session("ECOMMERCE").await;
        let options = json!({ "place_order_mode": place_order_mode });
        let session = self.front.page_session_of(&payment, &options, &self.urls).await;
        self.browse(&session, "", None).await;
        self.browse(&session, "/started", Some("")).await;
        session
    }

    async fn browse(&mut self, session: &PageSession, step: &str, form: Option<&str>) {
        let path = format!("{}{step}", session.path);
        let answer = self.front.browser().browse(&path, form).await.unwrap();
        assert!(answer.status < 400, "{path}: {} {}", answer.status, answer.text);
        self.seen.push(format!("{path}: {:?}\n{}", answer.headers, answer.text));
    }

    /// The consumer authorizes the payment in Klarna's form. Returns the token.
    async fn authorize(&mut self, what: &'static str, payment: &str) -> String {
        let path = format!("/lab/v1/payment-sessions/{payment}/approve");
        let answer = self.seller.post(&path, &json!({})).await.expect(200);
        let token = answer.word("authorization_token").to_string();
        self.secrets.push((what, token.clone()));
        token
    }

    /// Waits until the history of a session has this property, and reads the session.
    async fn until(&self, session: &PageSession, holds: impl Fn(&Value) -> bool) -> (Value, Value) {
        let path = format!("/kassa/v1/sessions/{}/events", session.id);
        let history = eventually("such a history", async || {
            let history = self.front.merchant().get(&path).await.json;
            if holds(&history) { Ok(history) } else { Err(history) }
        })
        .await;
        (history, self.front.merchant().read(&session.id).await)
    }

    /// The merchant gets the token.
    async fn sell_by_token(&mut self) -> (PageSession, String) {
        let session = self.open("NONE").await;
        let token = self.authorize("the token that the merchant gets", &session.payment).await;
        self.browse(&session, "/claim", Some(APPROVED)).await;
        let (history, read) = self.until(&session, is_answered).await;
        assert_eq!((&read["status"], &read["authorization_token"]), (&json!("COMPLETED"), &json!(token)));
        self.seen.push(history["notes"].to_string());
        self.browse(&session, "/outcome", None).await;
        (session, token)
    }

    /// Kassa places the order. The first request meets an error of the double.
    async fn sell_with_order(&mut self) {
        let session = self.open("PLACE_ORDER").await;
        self.authorize("the token that Kassa spends", &session.payment).await;
        let fault = json!({"calls": [{
            "do": "fail", "status": 503, "method": "POST", "path": "/payments/v1/authorizations/*", "nth": 1,
        }]});
        self.seller.call(Method::PUT, "/lab/v1/faults", &fault).await.unwrap().expect(200);
        self.browse(&session, "/claim", Some(APPROVED)).await;
        let (history, _) = self.until(&session, |history| status(history) == "COMPLETED").await;
        assert!(history["operations"][0]["attempts"].as_i64().unwrap() > 1, "{history}");
        self.seen.push(history.to_string());
        self.browse(&session, "/outcome", None).await;
    }

    /// The double refuses the order, because the merchant tried another cart before, and Kassa releases the token.
    async fn release(&mut self) {
        let session = self.open("PLACE_ORDER").await;
        let token = self.authorize("the token that Kassa releases", &session.payment).await;
        let path = format!("/payments/v1/authorizations/{token}/order");
        self.seller.post(&path, &other_cart()).await.expect(409);
        self.browse(&session, "/claim", Some(APPROVED)).await;
        let (history, _) = self.until(&session, is_released).await;
        assert_eq!(status(&history), "FAILED", "{history}");
        self.seen.push(history.to_string());
        self.browse(&session, "/outcome", None).await;
    }

    /// The consumer goes back and pays all the same. Kassa finds the payment later, and releases the token.
    async fn go_back(&mut self) {
        let session = self.open("PLACE_ORDER").await;
        self.browse(&session, "/back", Some("")).await;
        self.authorize("the token of a consumer who went back", &session.payment).await;
        let (history, _) = self.until(&session, is_released).await;
        assert_eq!(history["notes"][0]["kind"], "AuthorizationReleased", "{history}");
        self.seen.push(history.to_string());
    }

    /// The merchant pays and orders with the node's base URL alone. At the end the double refuses the account, so that
    /// the node logs this, too.
    async fn order_through_the_node(&mut self) {
        let merchant = self.front.merchant();
        let payment = merchant.payment_session("ECOMMERCE").await;
        let token = self.authorize("the token of the order that was passed on", &payment).await;
        let path = format!("/payments/v1/authorizations/{token}/order");
        merchant.post(&path, &cart("ECOMMERCE")).await.expect(200);
        self.front.set_account_password("mistaken");
        eventually("a refused account", async || {
            let answer = merchant.post(&path, &cart("ECOMMERCE")).await;
            if answer.status == 401 { Ok(()) } else { Err(answer.status) }
        })
        .await;
    }

    /// Searches everything that the node wrote and showed.
    async fn assert_no_secret_is_shown(&self) {
        let log = String::from_utf8_lossy(&std::fs::read(&self.log).unwrap()).into_owned();
        assert!(
            log.contains("TRACE") && log.contains("Klarna refuses the credentials"),
            "the log is written"
        );
        assert!(log.contains("503 "), "the log has the reason of the first attempt");
        let dump = self.database.dump().await;
        for (what, secret) in &self.secrets {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{what} is in the log");
            let line = dump.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{what} is in the database");
            for seen in &self.seen {
                assert!(!seen.contains(secret), "{what} was shown: {seen}");
            }
        }
        assert!(dump.matches("sealed:").count() > 5, "the dump has the tokens");
    }
}

/// A cart with another amount.
fn other_cart() -> Value {
    let mut cart = cart("ECOMMERCE");
    let line = json!({
        "name": "Sock", "quantity": 1, "unit_price": 1230, "tax_rate": 2300, "total_amount": 1230,
        "total_tax_amount": 230,
    });
    cart["order_amount"] = json!(1230);
    cart["order_tax_amount"] = json!(230);
    cart["order_lines"] = json!([line]);
    cart
}

/// Starts the node. It appends to the log.
fn node(front: &Front, log: &Path) -> Node {
    let log = File::options().create(true).append(true).open(log).unwrap();
    let mut command = front.command();
    command.env("KASSA_LOG", "trace").stderr(log);
    Node::announced(command)
}

fn status(history: &Value) -> &str {
    history["events"].as_array().unwrap().last().unwrap()["status"].as_str().unwrap()
}

/// Whether the callback about the payment has an answer.
fn is_answered(history: &Value) -> bool {
    let callbacks = history["events"].as_array().unwrap().last().unwrap();
    status(history) == "COMPLETED" && callbacks.to_string().contains("\"DELIVERED\"")
}

fn is_released(history: &Value) -> bool {
    let operations = history["operations"].as_array();
    operations.into_iter().flatten().any(|one| one["operation"] == "RELEASE" && one["state"] == "DONE")
}

/// A database of each engine.
async fn databases() -> (TempDir, Vec<Database>) {
    let folder = TempDir::new().unwrap();
    let databases = Database::on_each_engine(folder.path()).await;
    (folder, databases)
}

#[tokio::test]
async fn passwords_and_tokens_are_in_no_log_page_history_or_database() {
    let (_folder, databases) = databases().await;
    for database in databases {
        let _engine = NamedEngine(database.engine());
        let (mut scene, mut node) = Scene::start(database).await;
        scene.sell_by_token().await;
        scene.sell_with_order().await;
        scene.release().await;
        scene.go_back().await;
        scene.order_through_the_node().await;
        scene.assert_no_secret_is_shown().await;
        node.signal("TERM");
        assert_eq!(node.ended(), Some(0));
        scene.assert_no_secret_is_shown().await;
    }
}

#[tokio::test]
async fn a_rotation_of_the_key_keeps_tokens_readable_and_callbacks_the_same() {
    let (_folder, databases) = databases().await;
    for database in databases {
        let _engine = NamedEngine(database.engine());
        let (mut scene, mut node) = Scene::start(database).await;
        let (session, token) = scene.sell_by_token().await;
        let keys = scene.front.configuration.folder().join("account-key");
        let old = std::fs::read_to_string(&keys).unwrap();
        let new = String::from_utf8(run(&["payment-account", "new-key"]).stdout).unwrap();
        let mut deliveries = scene.callbacks.lock().unwrap().len();
        for keys_of_step in [format!("{old}{new}"), format!("{new}{old}"), new] {
            node.signal("TERM");
            assert_eq!(node.ended(), Some(0));
            let is_last = !keys_of_step.contains(old.trim());
            if is_last {
                let done = scene.front.configuration.ask(&["payment-account", "reencrypt"]);
                assert!(done["reencrypted_texts"].as_i64().unwrap() > 3, "{done}");
            }
            std::fs::write(&keys, keys_of_step).unwrap();
            node = self::node(&scene.front, &scene.log);
            assert_eq!(scene.front.merchant().read(&session.id).await["authorization_token"], json!(token));
            redeliver(&scene, &session).await;
            deliveries += 1;
            let bodies = eventually("the callback", async || {
                let bodies = scene.callbacks.lock().unwrap().clone();
                if bodies.len() >= deliveries { Ok(bodies) } else { Err(bodies.len()) }
            })
            .await;
            assert_eq!(bodies.last(), bodies.get(deliveries - 2), "the bytes are the same");
        }
    }
}

#[tokio::test]
async fn a_node_without_the_key_of_a_token_is_refused_until_the_key_is_forgotten() {
    let (_folder, databases) = databases().await;
    for database in databases {
        let _engine = NamedEngine(database.engine());
        let (mut scene, mut node) = Scene::start(database).await;
        let (session, _) = scene.sell_by_token().await;
        node.signal("TERM");
        assert_eq!(node.ended(), Some(0));
        let configuration = &scene.front.configuration;
        std::fs::write(
            configuration.folder().join("account-key"),
            run(&["payment-account", "new-key"]).stdout,
        )
        .unwrap();
        let refused = scene.front.command().output().unwrap();
        let error = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{error}");
        let lost = error.split("are encrypted with the key ").nth(1).unwrap().split(',').next().unwrap();
        assert!(
            error.contains("which is not in account_key_file: add that key as the second line"),
            "{error}"
        );

        let reencrypt = configuration.command(&["payment-account", "reencrypt"]).output().unwrap();
        let error = String::from_utf8(reencrypt.stderr).unwrap();
        assert_eq!(reencrypt.status.code(), Some(1), "{error}");
        let line = format!("an authorization token in the database is encrypted with the key {lost}");
        assert!(error.contains(&line) && error.contains(" times: "), "{error}");

        let forget = ["payment-account", "reencrypt", "--forget", lost];
        let forgotten = configuration.command(&forget).output().unwrap();
        let error = String::from_utf8(forgotten.stderr).unwrap();
        assert!(!error.contains("authorization token"), "{error}");
        assert!(
            error.contains("the password is encrypted with the key"),
            "accounts must be set again: {error}"
        );
        let _node = self::node(&scene.front, &scene.log);
        let read = scene.front.merchant().get(&format!("/hpp/v1/sessions/{}", session.id)).await;
        assert_eq!(read.status, 500, "{}", read.text);
        eventually("the name of the key in the log", async || {
            let log = std::fs::read_to_string(&scene.log).unwrap();
            if log.contains(&line) { Ok(()) } else { Err(log) }
        })
        .await;
    }
}

/// Makes the callback about the payment due again.
async fn redeliver(scene: &Scene, session: &PageSession) {
    let (history, _) = scene.until(session, is_answered).await;
    let event =
        history["events"].as_array().unwrap().last().unwrap()["event_id"].as_str().unwrap().to_string();
    let path = format!("/kassa/v1/events/{event}/redeliver");
    let answer = scene.front.merchant().post(&path, &json!({})).await;
    assert!(answer.status < 300, "{} {}", answer.status, answer.text);
}
