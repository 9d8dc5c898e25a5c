//! A merchant: calls the API with its credential.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method};
use kassa_domain::Actor;
use kassa_engine::Requester;
use kassa_outgoing::{Call, LARGEST_ANSWER, Network, Outgoing};
use kassa_server::App;
use kassa_testkit::{PATIENCE, note_secrets};
use serde_json::{Value, json};

use super::contract;

#[derive(Clone)]
pub struct Merchant {
    pub authorization: String,
    url: String,
    network: Arc<Network>,
}

/// The answer to a call.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Bytes,
    pub text: String,
    pub json: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status, code and messages of an error, in one line.
    pub fn error(&self) -> String {
        let messages = serde_json::to_string(&self.json["error_messages"]).unwrap();
        assert_eq!(self.json["correlation_id"].as_str(), Some(self.header("klarna-correlation-id")));
        format!("{} {} {messages}", self.status, self.json["error_code"].as_str().unwrap_or("?"))
    }
}

impl Merchant {
    pub async fn join(app: &App, network: Arc<Network>, url: &str, name: &str) -> Self {
        app.accounts()
            .add_merchant(
                name,
                name,
                &format!("{name}_user"),
                "secret",
                &Requester::in_process(Actor::CommandLine),
            )
            .await
            .unwrap();
        contract::watch(url, app);
        Self::with(network, url, &format!("{name}_user"), "secret")
    }

    /// A caller with this credential.
    pub fn with(network: Arc<Network>, url: &str, username: &str, password: &str) -> Self {
        let basic = STANDARD.encode(format!("{username}:{password}"));
        Self { authorization: format!("Basic {basic}"), url: url.to_string(), network }
    }

    /// A caller of the same system with another credential.
    pub fn another(&self, username: &str, password: &str) -> Self {
        Self::with(self.network.clone(), &self.url, username, password)
    }

    /// The same caller at another node.
    pub fn at(&self, url: &str) -> Self {
        Self { url: url.to_string(), ..self.clone() }
    }

    /// The base URL that is called.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A caller without a credential.
    pub fn nobody(network: Arc<Network>, url: &str) -> Self {
        Self { authorization: String::new(), url: url.to_string(), network }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], Bytes::new()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, &[], Bytes::new()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, &[], body.to_string().into()).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PUT, path, &[], body.to_string().into()).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, path, &[], body.to_string().into()).await
    }

    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Bytes,
    ) -> Answer {
        self.try_call(method, path, headers, body).await.unwrap()
    }

    /// Makes a call. The error is the reason for a missing answer.
    pub async fn try_call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Bytes,
    ) -> Result<Answer, String> {
        let given = headers.iter().map(|(name, value)| (*name, (*value).to_string()));
        let has_type = headers.iter().any(|(name, _)| *name == "content-type");
        let own =
            [("authorization", self.authorization.clone()), ("content-type", "application/json".into())];
        let own = own.into_iter().take(if has_type { 1 } else { 2 });
        let called = method.clone();
        note_secrets(&body);
        let call = Call {
            method,
            url: format!("{}{path}", self.url),
            headers: own.chain(given).collect(),
            body,
            timeout: PATIENCE,
            answer_limit: LARGEST_ANSWER,
            is_repeatable: false,
        };
        let answer = self.network.call(call).await.map_err(|error| error.kind.to_string())?;
        note_secrets(&answer.body);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        let answer = Answer {
            status: answer.status.as_u16(),
            headers: answer.headers,
            bytes: answer.body,
            text,
            json,
        };
        contract::check(&self.url, &called, path, &answer);
        Ok(answer)
    }

    /// Creates a payment session with two lines, in a channel.
    pub async fn payment_session(&self, channel: &str) -> String {
        let answer = self.post("/payments/v1/sessions", &cart(channel)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json["session_id"].as_str().unwrap().to_string()
    }

    /// Reads a page session.
    pub async fn read(&self, session: &str) -> Value {
        let answer = self.get(&format!("/hpp/v1/sessions/{session}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json
    }

    /// Carries out an act of the consumer through the lab.
    pub async fn act(&self, session: &str, act: &str) -> Answer {
        self.post(&format!("/lab/v1/sessions/{session}/{act}"), &json!({})).await
    }
}

/// The recorded valid sample of docs/wire.md#amount-rules.
pub fn cart(channel: &str) -> Value {
    json!({
        "acquiring_channel": channel,
        "purchase_country": "SE",
        "purchase_currency": "SEK",
        "locale": "sv-SE",
        "order_amount": 22299,
        "order_tax_amount": 4170,
        "order_lines": [
            {"name": "Running shoe", "quantity": 1, "unit_price": 9999, "tax_rate": 2300,
             "total_amount": 9999, "total_tax_amount": 1870},
            {"name": "Jacket", "quantity": 1, "unit_price": 12300, "tax_rate": 2300,
             "total_amount": 12300, "total_tax_amount": 2300}
        ]
    })
}
