//! A shop of another origin whose page embeds the browser SDK, under a strict content security policy.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use http::HeaderName;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::window::{Browser, Chromium};
use crate::harness::{Dev, Merchant, cart};

/// The page's own script. `buy` is what a click does, and `answers` has what the SDK's callbacks got.
const SCRIPT: &str = "
    window.answers = [];
    window.events = [];
    const sorted = (key, value) =>
      value?.constructor === Object ? Object.fromEntries(Object.entries(value).sort()) : value;
    window.record = (answer) => {
      answers.push(answer);
      document.querySelector('output').textContent = JSON.stringify(answers, sorted);
    };
    window.klarnaAsyncCallback = () => { document.body.dataset.testid = 'ready'; };
    window.addEventListener('error', () => { document.body.dataset.testid = 'broken'; }, true);
    document.querySelector('button').addEventListener('click', () => window.buy());
";

/// The default frames: the page names neither an instance nor a category.
pub const MAIN: &str = "klarna-klarna-payments-instance-main";
pub const FULLSCREEN: &str = "klarna-klarna-payments-instance-fullscreen";

/// The page's answer to a click.
pub const AUTHORIZE: &str = "window.buy = () => Klarna.Payments.authorize({}, {}, record)";

/// The entry that a test writes into the console, to see that the console is read.
const LAST_ENTRY: &str = "the last entry";

pub struct EmbeddingShop {
    pub browser: Browser,
    pub merchant: Merchant,
    _dev: Dev,
    port: u16,
    reports: Reports,
}

/// The reports about the page's policy.
type Reports = Arc<Mutex<Vec<String>>>;

#[derive(Clone)]
struct Site {
    kassa: String,
    script: &'static str,
    reports: Reports,
}

impl EmbeddingShop {
    pub async fn open() -> Self {
        Self::open_with("").await
    }

    /// A shop whose page names the script with this query.
    pub async fn open_with(script: &'static str) -> Self {
        let dev = Dev::start();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let reports = Reports::default();
        let site = Site { kassa: dev.url().to_string(), script, reports: reports.clone() };
        let router = Router::new()
            .route("/", get(page))
            .route("/shop.js", get(|| async { ([("content-type", "text/javascript")], SCRIPT) }))
            .route("/favicon.ico", get(|| async { http::StatusCode::NO_CONTENT }))
            .route("/reports", post(report))
            .with_state(site);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            browser: Browser::start(Chromium::Whole).await,
            merchant: dev.merchant(),
            _dev: dev,
            port,
            reports,
        }
    }

    /// Opens the page under this name, and waits for the SDK.
    pub async fn visit(&self, host: &str) {
        self.browser.visit(&self.url(host)).await;
        self.browser.see("ready").await;
    }

    pub fn url(&self, host: &str) -> String {
        format!("http://{host}:{}/", self.port)
    }

    /// Creates a payment session. Returns its id and its client token.
    pub async fn payment_session(&self) -> (String, String) {
        self.payment_session_for(&cart("ECOMMERCE")).await
    }

    pub async fn payment_session_for(&self, cart: &Value) -> (String, String) {
        let created = self.merchant.post("/payments/v1/sessions", cart).await.expect(200);
        (created.word("session_id").to_string(), created.word("client_token").to_string())
    }

    /// Opens the page with a widget for a new payment session. Returns the session's id.
    pub async fn shown(&self) -> String {
        let (payment, token) = self.payment_session().await;
        self.visit("127.0.0.1").await;
        let answer = self.load(&token, &json!({})).await;
        assert_eq!(answer, json!({"show_form": true}));
        self.browser.run(AUTHORIZE).await;
        payment
    }

    /// Initializes the SDK and loads a widget with this data. Returns the answer.
    pub async fn load(&self, token: &str, data: &Value) -> Value {
        let load = format!(
            "Klarna.Payments.init({{client_token: '{token}'}});
             const container = document.querySelector('#widget');
             return new Promise((done) => Klarna.Payments.load({{container}}, {data}, done))"
        );
        self.browser.run(&load).await
    }

    /// Presses the page's button, and fills in the SDK's form.
    pub async fn pay_as(&self, email: &str) {
        self.browser.press("buy").await;
        self.fill_in(email).await;
    }

    pub async fn fill_in(&self, email: &str) {
        self.browser.enter_frame(FULLSCREEN).await;
        self.browser.write("sdk-email", email).await;
        self.browser.write("sdk-one-time-code", "123456").await;
        self.browser.press("sdk-confirm").await;
        self.browser.leave_frames().await;
    }

    /// Waits until callbacks have got these answers.
    pub async fn answered(&self, expected: &Value) {
        self.browser.see_words("answers", &[&expected.to_string()]).await;
        assert_eq!(self.browser.run("return answers").await, *expected);
    }

    /// Waits until the overlay is hidden.
    pub async fn overlay_is_hidden(&self) {
        let is_hidden = format!(
            "const frame = document.getElementById('{FULLSCREEN}');
             const isHidden = () => frame.style.display === 'none';
             return new Promise((done) => {{
               const look = () => isHidden() ? done(true) : setTimeout(look, 20);
               look();
             }})"
        );
        assert_eq!(self.browser.run(&is_hidden).await, true);
    }

    /// The token that the merchant reads.
    pub async fn token_of(&self, payment: &str) -> Option<String> {
        let read = self.merchant.get(&format!("/payments/v1/sessions/{payment}")).await.expect(200);
        read.json["authorization_token"].as_str().map(str::to_string)
    }

    /// Asserts that the page and its frames were quiet: nothing in the console, and no report about the policy.
    pub async fn was_quiet(&self) {
        self.browser.run(&format!("console.error('{LAST_ENTRY}')")).await;
        let complaints = self.browser.complaints_until(LAST_ENTRY).await;
        assert_eq!(complaints.len(), 1, "{complaints:?}");
        assert_eq!(*self.reports.lock().unwrap(), Vec::<String>::new());
    }
}

/// The page allows its own script, the SDK's script and frames, and nothing else: no styles, and no calls.
async fn page(State(site): State<Site>) -> impl IntoResponse {
    let Site { kassa, script, .. } = site;
    let policy = format!(
        "default-src 'none'; script-src 'self' {kassa}; frame-src {kassa}; connect-src {kassa}; \
         report-uri /reports"
    );
    let html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8>\
         <meta name=viewport content='width=device-width, initial-scale=1'><title>A shop</title>\
         <body><main><h1>A shop</h1><div id=widget></div><button data-testid=buy>Buy</button>\
         <output data-testid=answers></output></main><script src=/shop.js></script>\
         <script src='{kassa}/kp/lib/v1/api.js{script}' async></script></body></html>"
    );
    ([(HeaderName::from_static("content-security-policy"), policy)], Html(html))
}

async fn report(State(site): State<Site>, body: Bytes) -> http::StatusCode {
    site.reports.lock().unwrap().push(String::from_utf8_lossy(&body).into_owned());
    http::StatusCode::NO_CONTENT
}
