//! A merchant that calls the API with its credential, over connections that are kept alive.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method};
use kassa_outgoing::{Call, LARGEST_ANSWER, Network, Outgoing, OutgoingPolicy};
use kassa_testkit::note_secrets;
use serde_json::{Value, json};

use super::LoadControl;

#[derive(Clone)]
pub struct Merchant {
    pub url: String,
    authorization: String,
    network: Arc<Network>,
    control: Option<Arc<LoadControl>>,
}

/// The answer to a call.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Returns a text field of the body.
    pub fn word(&self, name: &str) -> &str {
        self.json[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.text))
    }

    /// Asserts the status.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }
}

impl Merchant {
    pub fn new(url: &str, username: &str, password: &str) -> Self {
        let basic = STANDARD.encode(format!("{username}:{password}"));
        let network = Arc::new(Network::new(OutgoingPolicy::for_this_machine()).unwrap());
        Self { url: url.to_string(), authorization: format!("Basic {basic}"), network, control: None }
    }

    /// Returns the same merchant, which trusts the certificate of this authority.
    #[must_use]
    pub fn trusting(self, authority: &Path) -> Self {
        let policy = OutgoingPolicy {
            extra_root: Some(authority.to_path_buf()),
            ..OutgoingPolicy::for_this_machine()
        };
        Self { network: Arc::new(Network::new(policy).unwrap()), ..self }
    }

    /// The merchant with the credential that a `kassa` command printed.
    pub fn of(url: &str, account: &Value) -> Self {
        Self::new(url, account["username"].as_str().unwrap(), account["password"].as_str().unwrap())
    }

    /// Returns the same merchant, which repeats a failed call until it is answered.
    #[must_use]
    pub fn with(self, control: Arc<LoadControl>) -> Self {
        Self { control: Some(control), ..self }
    }

    /// A caller of the same system with a token.
    #[must_use]
    pub fn with_bearer(&self, token: &str) -> Self {
        Self { authorization: format!("Bearer {token}"), ..self.clone() }
    }

    /// The encoded username and password.
    pub fn credentials(&self) -> String {
        self.authorization.strip_prefix("Basic ").unwrap().to_string()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &Value::Null).await.unwrap()
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, body).await.unwrap()
    }

    /// Makes one call. The error is the reason for a missing answer.
    pub async fn call(&self, method: Method, path: &str, body: &Value) -> Result<Answer, String> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers = vec![
            ("authorization", self.authorization.clone()),
            ("content-type", "application/json".to_string()),
        ];
        self.exchange(method, path, headers, body).await
    }

    /// Makes one call without a body, with these headers besides the credential.
    pub async fn call_with(&self, method: Method, path: &str, headers: &[(&'static str, &str)]) -> Answer {
        let given = headers.iter().map(|(name, value)| (*name, (*value).to_string()));
        let own = [("authorization", self.authorization.clone())];
        let headers = own.into_iter().chain(given).collect();
        self.exchange(method, path, headers, String::new()).await.unwrap()
    }

    /// Makes one call with these headers besides the credential and the content type of the body.
    pub async fn send(
        &self,
        path: &str,
        headers: &[(&'static str, &str)],
        content_type: &str,
        body: &str,
    ) -> Answer {
        let given = headers.iter().map(|(name, value)| (*name, (*value).to_string()));
        let own = [("authorization", self.authorization.clone()), ("content-type", content_type.to_string())];
        let headers = own.into_iter().chain(given).collect();
        self.exchange(Method::POST, path, headers, body.to_string()).await.unwrap()
    }

    /// Acts as the consumer's browser: sends a form, or opens the page if there is no form.
    pub async fn browse(&self, path: &str, form: Option<&str>) -> Result<Answer, String> {
        let method = if form.is_some() { Method::POST } else { Method::GET };
        let headers = vec![("content-type", "application/x-www-form-urlencoded".to_string())];
        self.exchange(method, path, headers, form.unwrap_or_default().to_string()).await
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        headers: Vec<(&'static str, String)>,
        body: String,
    ) -> Result<Answer, String> {
        let Some(control) = &self.control else { return self.try_once(&method, path, headers, body).await };
        while control.allows_another_call().await {
            let answer = self.try_once(&method, path, headers.clone(), body.clone()).await;
            if let Some(answer) = control.take(&method, answer).await {
                return Ok(answer);
            }
        }
        Err("the load is over".to_string())
    }

    async fn try_once(
        &self,
        method: &Method,
        path: &str,
        headers: Vec<(&'static str, String)>,
        body: String,
    ) -> Result<Answer, String> {
        let method = method.clone();
        let url = format!("{}{path}", self.url);
        note_secrets(body.as_bytes());
        let call = Call {
            method,
            url,
            headers,
            body: body.into(),
            timeout: Duration::from_secs(20),
            answer_limit: LARGEST_ANSWER,
            is_repeatable: false,
        };
        let answer = self.network.call(call).await.map_err(|error| error.to_string())?;
        note_secrets(&answer.body);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answer { status: answer.status.as_u16(), headers: answer.headers, text, json })
    }

    /// Creates a page session for a new payment session.
    pub async fn page_session(&self, options: &Value, merchant_urls: &Value) -> String {
        let created = self.page_session_for(&cart("ECOMMERCE"), options, merchant_urls).await;
        created.word("session_id").to_string()
    }

    /// Creates a page session for a new payment session with this cart. Returns the answer of the API.
    pub async fn page_session_for(&self, cart: &Value, options: &Value, merchant_urls: &Value) -> Answer {
        let payment = self.payment_session_for(cart).await;
        self.host(&payment, options, merchant_urls).await
    }

    /// Creates a payment session with a small cart.
    pub async fn payment_session(&self, channel: &str) -> String {
        self.payment_session_for(&cart(channel)).await
    }

    /// Creates a payment session with this cart.
    pub async fn payment_session_for(&self, cart: &Value) -> String {
        let answer = self.post("/payments/v1/sessions", cart).await.expect(200);
        answer.word("session_id").to_string()
    }

    /// Creates a page session for a payment session.
    pub async fn host(&self, payment: &str, options: &Value, merchant_urls: &Value) -> Answer {
        let body = json!({
            "payment_session_url": format!("{}/payments/v1/sessions/{payment}", self.url),
            "merchant_urls": merchant_urls,
            "options": options,
        });
        self.post("/hpp/v1/sessions", &body).await.expect(201)
    }

    /// Reads a page session.
    pub async fn read(&self, session: &str) -> Value {
        self.get(&format!("/hpp/v1/sessions/{session}")).await.expect(200).json
    }

    /// Carries out an act of the consumer through the lab.
    pub async fn act(&self, session: &str, act: &str) -> Answer {
        self.post(&format!("/lab/v1/sessions/{session}/{act}"), &json!({})).await
    }
}

/// A cart of one line.
pub fn cart(channel: &str) -> Value {
    json!({
        "acquiring_channel": channel,
        "purchase_country": "SE",
        "purchase_currency": "SEK",
        "locale": "sv-SE",
        "order_amount": 9999,
        "order_tax_amount": 1870,
        "order_lines": [
            {"name": "Running shoe", "quantity": 1, "unit_price": 9999, "tax_rate": 2300,
             "total_amount": 9999, "total_tax_amount": 1870}
        ]
    })
}
