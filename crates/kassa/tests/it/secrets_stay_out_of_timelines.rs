//! A full run: a merchant sells, and a consumer pays. No secret and no address of the consumer that the run used is in
//! the log, in the recorded requests or in the timeline. A secret that is logged on purpose checks the search itself.

use std::fs::File;
use std::path::PathBuf;

use http::Method;
use kassa_store::simulation::Database;
use kassa_testkit::eventually;
use serde_json::{Value, json};

use crate::harness::{Configuration, Merchant, Node, Receiver, cart};

const EMAIL: &str = "jane.roe+private@example.org";
const PHONE: &str = "0701740615";
const FAMILY_NAME: &str = "Roe-Smythington";
const URL_SECRET: &str = "s3cret-of-the-url";

/// A run with everything that it used and showed.
struct Run {
    configuration: Configuration,
    node: Node,
    log: PathBuf,
    operator: Merchant,
    merchant: Merchant,
    secrets: Vec<(&'static str, String)>,
    timelines: Vec<String>,
}

impl Run {
    /// A node that logs everything in this format.
    async fn start(format: &str) -> Self {
        let configuration = Configuration::with("FOLDER/kassa.db", "").overriding("KASSA_LOG_FORMAT", format);
        let operator = configuration.ask(&["operator", "add", "deployments"]);
        let log = configuration.folder().join("log");
        let mut command = configuration.command(&["serve"]);
        command.env("KASSA_LOG", "trace").stderr(File::create(&log).unwrap());
        let node = Node::announced(command);
        let operator_calls = Merchant::of(&node.url, &operator);
        let asked = json!({"merchant_id": "PK9", "name": "Shoe Shop"});
        let made = operator_calls.post("/kassa/v1/merchants", &asked).await.expect(201).json;
        let merchant = Merchant::of(&node.url, &made);
        let word = |json: &Value, name: &str| json[name].as_str().unwrap().to_string();
        let secrets = vec![
            ("the operator's password", word(&operator, "password")),
            ("the operator's credentials", operator_calls.credentials()),
            ("the merchant's password", word(&made, "password")),
            ("the merchant's credentials", merchant.credentials()),
            ("the merchant's callback secret", word(&made, "callback_secret")),
            ("the secret of the merchant's URL", URL_SECRET.to_string()),
            ("the consumer's address", EMAIL.to_string()),
            ("the consumer's number", PHONE.to_string()),
            ("the consumer's name", FAMILY_NAME.to_string()),
        ];
        Self { configuration, node, log, operator: operator_calls, merchant, secrets, timelines: Vec::new() }
    }

    /// Sells once. Returns the page session.
    async fn sell(&mut self, receiver: &Receiver, mode: &str) -> String {
        let mut cart = cart("ECOMMERCE");
        cart["billing_address"] = json!({"email": EMAIL, "family_name": FAMILY_NAME, "phone": PHONE});
        cart["intent"] = json!("buy_and_tokenize");
        let created = self.merchant.post("/payments/v1/sessions", &cart).await.expect(200);
        self.secrets.push(("the client token", created.word("client_token").to_string()));
        let callbacks = format!("{}?secret={URL_SECRET}", receiver.url);
        let urls = json!({"status_update": callbacks});
        let options = json!({"place_order_mode": mode});
        let hosted = self.merchant.host(created.word("session_id"), &options, &urls).await;
        let (session, page) = (hosted.word("session_id").to_string(), hosted.word("redirect_url"));
        let token = page.rsplit('/').next().unwrap().to_string();
        self.secrets.push(("the token of the page", token.clone()));
        self.distribute(&session).await;
        self.pay(&token).await;
        self.refuse(&session, &token).await;
        session
    }

    async fn distribute(&self, session: &str) {
        let path = format!("/hpp/v1/sessions/{session}/distribution");
        let contact = json!({"email": EMAIL, "phone": PHONE, "phone_country": "SE"});
        for method in ["email", "sms"] {
            let body = json!({"contact_information": contact, "method": method});
            self.merchant.post(&path, &body).await.expect(201);
        }
    }

    async fn pay(&self, token: &str) {
        let form = |email: &str| {
            format!(
                "email={email}&one_time_code=123456&payment_method_category=pay_later&family_name={FAMILY_NAME}"
            )
        };
        let email = EMAIL.replace('+', "%2B");
        self.merchant.browse(&format!("/pay/{token}"), None).await.unwrap().expect(200);
        let answer = self.merchant.browse(&format!("/pay/{token}/pay"), Some(&form(&email))).await.unwrap();
        assert!(answer.status < 400, "{}", answer.text);
    }

    /// Requests that Kassa refuses, with a consumer's data in unexpected places.
    async fn refuse(&self, session: &str, token: &str) {
        let path = format!("/hpp/v1/sessions/{session}");
        self.merchant.call(Method::DELETE, &path, &Value::Null).await.unwrap();
        let unknown = json!({"contact_information": {"email": EMAIL, EMAIL: 1}, "method": EMAIL});
        self.merchant.post(&format!("{path}/distribution"), &unknown).await;
        self.merchant.send(&format!("{path}/distribution"), &[], "application/json", EMAIL).await;
        self.merchant.browse(&format!("/pay/{token}/{EMAIL}"), None).await.unwrap();
        let mistaken = Merchant::new(&self.node.url, "PK9", "a-mistaken-password");
        mistaken.get(&path).await.expect(401);
    }

    /// The merchant uses its token, or manages the order that the page placed.
    async fn settle(&mut self, session: &str) {
        let read = self.merchant.read(session).await;
        let order = match read["authorization_token"].as_str() {
            Some(token) => {
                let token = token.to_string();
                let path = format!("/payments/v1/authorizations/{token}");
                let customer = json!({
                    "purchase_country": "SE", "purchase_currency": "SEK", "locale": "sv-SE",
                    "description": "Shoes", "intended_use": "SUBSCRIPTION",
                });
                let made = self.merchant.post(&format!("{path}/customer-token"), &customer).await.expect(200);
                self.secrets.push(("the customer token", made.word("token_id").to_string()));
                let mut cart = cart("ECOMMERCE");
                cart["billing_address"] = json!({"email": EMAIL, "family_name": FAMILY_NAME, "phone": PHONE});
                let placed = self.merchant.post(&format!("{path}/order"), &cart).await;
                self.secrets.push(("the authorization token", token));
                placed.json["order_id"].as_str().map(str::to_string)
            }
            None => read["order_id"].as_str().map(str::to_string),
        };
        if let Some(order) = order {
            let path = format!("/ordermanagement/v1/orders/{order}");
            for (step, body) in [
                ("captures", json!({"captured_amount": 3000, "description": EMAIL})),
                ("refunds", json!({"refunded_amount": 1000, "description": FAMILY_NAME})),
            ] {
                self.merchant.post(&format!("{path}/{step}"), &body).await.expect(201);
            }
        }
    }

    /// Reads the timeline as the API and as the command show it.
    async fn read_timeline(&mut self, session: &str) {
        let path = format!("/kassa/v1/sessions/{session}/events");
        let history = eventually("delivered callbacks", async || {
            let history = self.merchant.get(&path).await.json;
            let is_over =
                history["events"].as_array().unwrap().iter().all(|event| event["callback"] == "DELIVERED");
            if is_over { Ok(history) } else { Err(history) }
        })
        .await;
        assert!(history["timeline"].as_array().unwrap().len() > 8, "{history}");
        self.timelines.push(history["timeline"].to_string());
        let mut command = crate::harness::kassa();
        command.args(["session", "show", session, "--url", &self.node.url]);
        let password = &self.secrets.iter().find(|(what, _)| *what == "the merchant's password").unwrap().1;
        let made = self.merchant.get("/kassa/v1/credentials").await.json;
        let username = made["credentials"][0]["username"].as_str().unwrap();
        let shown = command.args(["--username", username, "--password", password]).output().unwrap();
        assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
        self.timelines.push(String::from_utf8(shown.stdout).unwrap());
    }

    /// The places where a secret was found.
    async fn findings(&mut self) -> Vec<String> {
        self.node.signal("TERM");
        assert_eq!(self.node.ended(), Some(0));
        let log = String::from_utf8_lossy(&std::fs::read(&self.log).unwrap()).into_owned();
        assert!(log.contains("/hpp/v1/sessions") && log.contains("TRACE"), "the log is written");
        let dump = Database::File(self.configuration.folder().join("kassa.db")).dump().await;
        let requests: Vec<&str> = dump.lines().filter(|line| line.contains("recorded_request")).collect();
        assert!(requests.len() > 10, "requests are recorded: {dump}");
        let mut found = Vec::new();
        for (what, secret) in &self.secrets {
            let places =
                log.lines().chain(requests.iter().copied()).chain(self.timelines.iter().map(String::as_str));
            found.extend(
                places.filter(|place| place.contains(secret)).map(|place| format!("{what}: {place}")),
            );
        }
        found
    }
}

async fn full_run(format: &str) -> Run {
    let receiver = Receiver::start().await;
    let mut run = Run::start(format).await;
    for mode in ["NONE", "PLACE_ORDER"] {
        let session = run.sell(&receiver, mode).await;
        run.settle(&session).await;
        run.read_timeline(&session).await;
    }
    let secret = run.merchant.post("/kassa/v1/callbacks/secrets", &json!({})).await.expect(201);
    run.secrets.push(("the second callback secret", secret.word("secret").to_string()));
    run
}

#[tokio::test]
async fn a_full_run_shows_no_secret_in_log_requests_and_timelines() {
    for format in ["text", "json"] {
        let mut run = full_run(format).await;
        let found = run.findings().await;
        assert!(found.is_empty(), "{format}: {}", found.join("\n"));
    }
}

#[tokio::test]
async fn the_search_finds_a_secret_that_is_logged_on_purpose() {
    let mut run = full_run("text").await;
    // The log names the ids of merchants. So this secret gets into it.
    let secret = "a-secret-as-the-id-of-a-merchant";
    run.secrets.push(("the secret on purpose", secret.to_string()));
    let asked = json!({"merchant_id": secret, "name": "Shoe Shop"});
    run.operator.post("/kassa/v1/merchants", &asked).await.expect(201);
    let found = run.findings().await;
    assert!(
        !found.is_empty() && found.iter().all(|place| place.starts_with("the secret on purpose")),
        "{found:?}"
    );
}
