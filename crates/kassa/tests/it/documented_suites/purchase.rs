//! Two purchases: one is paid and its callback is lost once, the other is never paid and expires.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A running Kassa. It is killed when the test ends.
struct Kassa(Child);

impl Drop for Kassa {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts Kassa. Returns it with a merchant to call it with.
fn start() -> (Kassa, Merchant) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kassa"));
    command.args(["dev", "--listen", "127.0.0.1:0", "--json", "--quiet"]).stdout(Stdio::piped());
    let mut process = command.spawn().unwrap();
    // The line is printed once requests are accepted.
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let dev: Value = serde_json::from_str(&line).unwrap();
    (Kassa(process), Merchant::new(dev["url"].as_str().unwrap(), &dev))
}

/// Calls Kassa with a merchant's credential.
struct Merchant {
    url: String,
    authorization: String,
}

impl Merchant {
    fn new(url: &str, credential: &Value) -> Self {
        let word = |name: &str| credential[name].as_str().unwrap();
        let basic = STANDARD.encode(format!("{}:{}", word("username"), word("password")));
        Self { url: url.to_string(), authorization: format!("Basic {basic}") }
    }

    /// Creates another merchant with its own data and a frozen clock.
    fn fresh(&self) -> Self {
        let (_, made) = self.call("POST", "/lab/v1/merchants", &json!({}));
        let merchant = Self::new(&self.url, &made);
        merchant.call("PUT", "/lab/v1/clock", &json!({"frozen": true}));
        merchant
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("authorization", &self.authorization)
            .header("content-type", "application/json");
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let mut answer = agent.run(request.body(body).unwrap()).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_json().unwrap_or(Value::Null))
    }

    fn page_session(&self, status_update: &str) -> String {
        let cart = json!({
            "purchase_country": "SE", "purchase_currency": "SEK", "locale": "sv-SE",
            "order_amount": 9999, "order_tax_amount": 1870,
            "order_lines": [{"name": "Running shoe", "quantity": 1, "unit_price": 9999, "tax_rate": 2300,
                             "total_amount": 9999, "total_tax_amount": 1870}],
        });
        let (_, payment) = self.call("POST", "/payments/v1/sessions", &cart);
        let payment = payment["session_id"].as_str().unwrap();
        let page_session = json!({
            "payment_session_url": format!("{}/payments/v1/sessions/{payment}", self.url),
            "merchant_urls": {"status_update": status_update},
        });
        let (_, created) = self.call("POST", "/hpp/v1/sessions", &page_session);
        created["session_id"].as_str().unwrap().to_string()
    }
}

/// Your shop: receives callbacks. Returns its URL, and the list of received statuses.
fn open_shop() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/callbacks", listener.local_addr().unwrap());
    let statuses = Arc::new(Mutex::new(Vec::new()));
    let received = statuses.clone();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut reader = BufReader::new(connection.unwrap());
            let headers: Vec<String> =
                reader.by_ref().lines().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
            let length = headers.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            let mut body = vec![0; length.parse().unwrap()];
            reader.read_exact(&mut body).unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            received.lock().unwrap().push(body["session"]["status"].as_str().unwrap().to_string());
            reader.get_mut().write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").unwrap();
        }
    });
    (url, statuses)
}

#[test]
fn a_lost_callback_comes_again() {
    let (_kassa, dev) = start();
    let merchant = dev.fresh();
    let (url, statuses) = open_shop();
    let session = merchant.page_session(&url);
    let lost = json!({"do": "drop", "status": "COMPLETED", "attempt": 1});
    merchant.call("PUT", "/lab/v1/faults", &json!({"callbacks": [lost]}));
    merchant.call("POST", &format!("/lab/v1/sessions/{session}/enter"), &json!({}));
    let (_, paid) = merchant.call("POST", &format!("/lab/v1/sessions/{session}/approve"), &json!({}));
    assert_eq!(paid["status"], "COMPLETED");
    let (_, advanced) = merchant.call("POST", "/lab/v1/clock/advance", &json!({"by": "PT5S"}));
    assert_eq!(advanced["fired"][0]["answer_status"], 204);
    assert_eq!(*statuses.lock().unwrap(), ["IN_PROGRESS", "COMPLETED"]);
    let path = format!("/lab/v1/journal?kind=callback&session={session}&count=3&wait=5");
    let (_, journal) = merchant.call("GET", &path, &Value::Null);
    let entries = journal["entries"].as_array().unwrap();
    let attempts: Vec<_> = entries.iter().map(|entry| (&entry["attempt"], &entry["faults"])).collect();
    assert_eq!(json!(attempts), json!([[1, null], [1, ["drop"]], [2, null]]));
}

#[test]
fn a_session_that_nobody_pays_expires() {
    let (_kassa, dev) = start();
    let merchant = dev.fresh();
    let session = merchant.page_session("http://127.0.0.1:9/callbacks");
    let (_, advanced) = merchant.call("POST", "/lab/v1/clock/advance", &json!({"by": "PT48H"}));
    assert_eq!(advanced["fired"][0]["what"], "session_expired");
    assert_eq!(merchant.call("GET", &format!("/hpp/v1/sessions/{session}"), &Value::Null).0, 404);
}
