//! A merchant knows only Kassa's base URL. Kassa passes its calls on to Klarna, and the answers back.

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use super::front::{Disturbance, Front, front_journey, front_journey_with, other_cart, statuses};
use crate::harness::{Answer, Merchant, cart};

/// The merchant with a credential that only the front knows.
pub async fn behind(front: &Front) -> Merchant {
    let made = front.merchant.post("/kassa/v1/credentials", &json!({})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let word = |name: &str| made.json[name].as_str().unwrap();
    front.caller(word("username"), word("password"))
}

/// The headers whose values differ between two calls.
const OF_ONE_CALL: [&str; 6] =
    ["capture-id", "date", "klarna-correlation-id", "location", "refund-id", "transaction-id"];

/// The fields whose values differ between two purchases.
const OF_ONE_PURCHASE: [&str; 16] = [
    "authorization_token",
    "billing_address",
    "capture_id",
    "captured_at",
    "client_token",
    "correlation_id",
    "created_at",
    "customer_token",
    "expires_at",
    "klarna_reference",
    "order_id",
    "redirect_url",
    "refund_id",
    "refunded_at",
    "session_id",
    "token_id",
];

/// A call with its answer, without what differs between two purchases.
#[derive(Debug, PartialEq)]
struct Compared {
    step: &'static str,
    status: u16,
    headers: Vec<(String, String)>,
    /// The bytes, if they are no JSON.
    text: String,
    json: Value,
}

fn compared(step: &'static str, answer: &Answer) -> Compared {
    let of_header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let is_of_one_call = OF_ONE_CALL.contains(&name.as_str());
        let value = if is_of_one_call { "?" } else { value.to_str().unwrap() };
        (name.to_string(), value.to_string())
    };
    // This header is about one connection: the double can close its own, and Kassa keeps the merchant's open.
    let headers = answer.headers.iter().filter(|(name, _)| *name != http::header::CONNECTION);
    let mut headers: Vec<_> = headers.map(of_header).collect();
    headers.sort();
    let mut json = answer.json.clone();
    hide(&mut json);
    let text = if json.is_null() { answer.text.clone() } else { String::new() };
    Compared { step, status: answer.status, headers, text, json }
}

/// Hides the values that differ between two purchases.
fn hide(json: &mut Value) {
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                if OF_ONE_PURCHASE.contains(&name.as_str()) { *value = json!("?") } else { hide(value) }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A merchant that writes its calls down.
struct Purchase<'a> {
    front: &'a Front,
    merchant: &'a Merchant,
    calls: Vec<Compared>,
}

impl Purchase<'_> {
    async fn call(&mut self, step: &'static str, method: Method, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        let key = format!("{} {step}", self.merchant.url());
        let headers = [("klarna-idempotency-key", key.as_str()), ("content-type", "application/json")];
        let answer = self.merchant.call(method, path, &headers, body).await;
        self.calls.push(compared(step, &answer));
        answer
    }

    async fn get(&mut self, step: &'static str, path: &str) -> Answer {
        self.call(step, Method::GET, path, &Value::Null).await
    }

    async fn post(&mut self, step: &'static str, path: &str, body: &Value) -> Answer {
        self.call(step, Method::POST, path, body).await
    }

    /// Klarna Payments: the payment session, its authorization, a customer token, and the order. Returns the id of the
    /// order.
    async fn pay(&mut self) -> String {
        let mut cart = cart("ECOMMERCE");
        cart["intent"] = json!("buy_and_tokenize");
        self.post("no cart", "/payments/v1/sessions", &json!({"order_amount": "much"})).await;
        let created = self.post("session", "/payments/v1/sessions", &cart).await;
        let session = format!("/payments/v1/sessions/{}", word(&created, "session_id"));
        self.get("session read", &session).await;
        self.post("session update", &session, &other_cart()).await;
        self.post("session updated again", &session, &cart).await;
        self.get("no session", "/payments/v1/sessions/none").await;
        self.get("no path", "/payments/v1/nothing").await;
        self.call("no method", Method::PUT, &session, &cart).await;
        let token = self.front.authorize(&word(&created, "session_id")).await;
        let authorization = format!("/payments/v1/authorizations/{token}");
        let agreement = json!({
            "purchase_country": "SE", "purchase_currency": "SEK", "locale": "sv-SE",
            "description": "A box each month", "intended_use": "SUBSCRIPTION",
        });
        let kept = self.post("customer token", &format!("{authorization}/customer-token"), &agreement).await;
        self.charge(&word(&kept, "token_id")).await;
        let order = self.post("order", &format!("{authorization}/order"), &cart).await;
        let again = self.post("order", &format!("{authorization}/order"), &cart).await;
        assert_eq!((order.status, &order.bytes), (200, &again.bytes), "{}", order.text);
        self.call("spent", Method::DELETE, &authorization, &Value::Null).await;
        word(&order, "order_id")
    }

    async fn charge(&mut self, customer_token: &str) {
        let customer_token = format!("/customer-token/v1/tokens/{customer_token}");
        self.get("customer token read", &customer_token).await;
        let cart = cart("ECOMMERCE");
        let charged = self.post("charge", &format!("{customer_token}/order"), &cart).await;
        let again = self.post("charge", &format!("{customer_token}/order"), &cart).await;
        assert_eq!((charged.status, &charged.bytes), (200, &again.bytes), "{}", charged.text);
        let cancelled = json!({"status": "CANCELLED"});
        self.call("token cancelled", Method::PATCH, &format!("{customer_token}/status"), &cancelled).await;
    }

    /// Order Management: captures and refunds.
    async fn manage(&mut self, order: &str) {
        let order = format!("/ordermanagement/v1/orders/{order}");
        self.get("order read", &order).await;
        self.post("acknowledge", &format!("{order}/acknowledge"), &Value::Null).await;
        let part = json!({"captured_amount": 9999});
        let captured = self.post("capture", &format!("{order}/captures"), &part).await;
        let again = self.post("capture", &format!("{order}/captures"), &part).await;
        assert_eq!((captured.status, again.header("capture-id")), (201, captured.header("capture-id")));
        let location = captured.header("location");
        let own = location.strip_prefix(self.merchant.url()).unwrap_or_else(|| panic!("{location}"));
        let read = self.get("capture read", own).await;
        assert_eq!(read.json["capture_id"], captured.header("capture-id"));
        self.get("captures", &format!("{order}/captures")).await;
        self.post("too much", &format!("{order}/captures"), &json!({"captured_amount": 99999})).await;
        let refund = self.post("refund", &format!("{order}/refunds"), &json!({"refunded_amount": 5})).await;
        assert_eq!(refund.status, 201, "{}", refund.text);
        self.get("refund read", &format!("{order}/refunds/{}", refund.header("refund-id"))).await;
        self.get("no order", "/ordermanagement/v1/orders/none").await;
    }
}

fn word(answer: &Answer, name: &str) -> String {
    answer.json[name].as_str().unwrap_or_else(|| panic!("{name} in {}", answer.text)).to_string()
}

#[test]
fn a_purchase_through_kassa_equals_one_at_klarna() {
    front_journey(|front| async move {
        let behind = behind(&front).await;
        let mut calls = Vec::new();
        for merchant in [&front.double.merchant, &behind] {
            let mut purchase = Purchase { front: &front, merchant, calls: Vec::new() };
            let order = purchase.pay().await;
            purchase.manage(&order).await;
            calls.push(purchase.calls);
        }
        let through = calls.pop().unwrap();
        let direct = calls.pop().unwrap();
        assert_eq!(direct.len(), through.len());
        for (direct, through) in direct.iter().zip(&through) {
            assert_eq!(direct, through);
        }
        let found: Vec<_> = direct.iter().map(|call| call.status).collect();
        for status in [200, 201, 202, 204, 400, 403, 404, 405] {
            assert!(found.contains(&status), "no call is answered with {status}: {found:?}");
        }
        assert_eq!(front.sent("").len(), through.len(), "each call is sent once");
    });
}

#[test]
fn each_byte_of_a_call_and_of_its_answer_is_passed_on() {
    front_journey(|front| async move {
        let behind = behind(&front).await;
        let mut cart = cart("ECOMMERCE");
        cart["merchant_data"] = json!("å\u{2028}\"".repeat(100_000));
        let spaced = format!("\n{{ \"locale\" :\t\"sv-SE\",{}", cart.to_string().replacen('{', " ", 1));
        for body in [spaced, cart.to_string(), "not JSON \u{0}".to_string(), String::new()] {
            let headers = [("content-type", "application/json; charset=utf-8")];
            let path = "/payments/v1/sessions?a=%20b&&c=/";
            let answer = behind.call(Method::POST, path, &headers, body.clone().into()).await;
            let sent = front.sent("POST").pop().unwrap();
            assert_eq!((sent.body, sent.url), (body.into(), format!("{}{path}", front.double.url)));
            let given = front.latest_answer();
            assert_eq!((answer.status, answer.bytes), (given.status.as_u16(), given.body));
            let [got, given] = [&answer.headers, &given.headers].map(|headers| {
                let mut lines: Vec<_> = headers.iter().collect();
                lines.sort_by_key(|(name, _)| name.as_str());
                format!("{lines:?}")
            });
            assert_eq!(got, given, "all headers, with the correlation id of Klarna");
        }
    });
}

#[test]
fn klarna_gets_the_credentials_of_the_account_and_no_header_of_the_way_to_kassa() {
    front_journey(|front| async move {
        let behind = behind(&front).await;
        let headers = [
            ("user-agent", "kco_rest_java 4.0"),
            ("accept", "application/json"),
            ("content-type", "application/json"),
            ("klarna-idempotency-key", "key-1"),
            ("cookie", "session=1"),
            ("x-forwarded-for", "10.0.0.1"),
            ("forwarded", "for=10.0.0.1"),
            ("via", "1.1 inside"),
            ("proxy-authorization", "Basic eA=="),
            ("traceparent", "00-1-2-01"),
            ("te", "trailers"),
        ];
        let answer =
            behind.call(Method::GET, "/ordermanagement/v1/orders/none/", &headers, Bytes::new()).await;
        assert_eq!((answer.status, &answer.json["error_code"]), (404, &json!("NO_SUCH_ORDER")));
        let sent = front.sent("GET").pop().unwrap();
        assert_eq!(sent.url, format!("{}/ordermanagement/v1/orders/none/", front.double.url));
        let mut names: Vec<_> = sent.headers.keys().map(http::HeaderName::as_str).collect();
        names.sort_unstable();
        let passed = ["accept", "authorization", "content-type", "klarna-idempotency-key", "user-agent"];
        assert_eq!(names, passed);
        assert_eq!(sent.headers["authorization"], front.double.merchant.authorization.as_str());
        assert_ne!(behind.authorization, front.double.merchant.authorization);
        for (name, value) in &headers[..4] {
            assert_eq!(sent.headers[*name], *value);
        }
    });
}

#[test]
fn only_reads_may_use_a_second_connection() {
    front_journey(|front| async move {
        let path = "/payments/v1/sessions/none";
        for (method, expected) in [
            (Method::GET, true),
            (Method::POST, false),
            (Method::PUT, false),
            (Method::PATCH, false),
            (Method::DELETE, false),
        ] {
            front.merchant.call(method.clone(), path, &[], Bytes::from_static(b"{}")).await;
            let sent = front.sent("").pop().unwrap();
            assert_eq!((sent.is_repeatable, sent.name), (expected, format!("{method} {path}")));
        }
    });
}

#[test]
fn a_page_session_names_its_payment_session_by_the_address_of_kassa() {
    front_journey(|front| async move {
        let behind = behind(&front).await;
        let payment = behind.payment_session("ECOMMERCE").await;
        let created = front.create_at(&front.url, &payment, json!({"place_order_mode": "PLACE_ORDER"})).await;
        assert_eq!(created.status, 201, "{}", created.text);
        let opened = front.open(&created).await;
        front.authorize(&payment).await;
        assert_eq!(front.claim(&opened, "approved").await, "/outcome");
        let read = behind.read(&opened.session).await;
        assert_eq!(read["status"], "COMPLETED", "{read}");
        let order = format!("/ordermanagement/v1/orders/{}", read["order_id"].as_str().unwrap());
        assert_eq!(behind.get(&order).await.json["klarna_reference"], read["klarna_reference"]);
        let unknown = front.create_at(&front.url, "none", json!({})).await;
        assert_eq!((unknown.status, &unknown.json["error_code"]), (404, &json!("NOT_FOUND")));
    });
}

#[test]
fn an_order_that_passes_through_completes_the_sibling_pages_with_its_id() {
    front_journey(|front| async move {
        let behind = behind(&front).await;
        let payment = behind.payment_session("ECOMMERCE").await;
        let opened = front.opened(&payment, "NONE").await;
        let sibling = front.opened(&payment, "PLACE_ORDER").await;
        front.authorize(&payment).await;
        front.claim(&opened, "approved").await;
        let token = behind.read(&opened.session).await["authorization_token"].as_str().unwrap().to_string();
        assert_eq!(front.status(&sibling).await, "IN_PROGRESS");
        let other = behind.place(&token, &json!({"order_amount": 1})).await;
        assert_eq!(other.status, 400, "{}", other.text);
        assert_eq!(front.status(&sibling).await, "IN_PROGRESS", "no order was placed");
        // The authorization is spent by the error: Klarna repeats its first answer. So the consumer pays once more.
        let reads = front.sent("GET").len();
        let payment = behind.payment_session("ECOMMERCE").await;
        let [opened, sibling] = [front.opened(&payment, "NONE").await, front.opened(&payment, "NONE").await];
        front.authorize(&payment).await;
        front.claim(&opened, "approved").await;
        let token = behind.read(&opened.session).await["authorization_token"].as_str().unwrap().to_string();
        assert!(front.sent("GET").len() > reads);
        let reads = front.sent("GET").len();
        let order = behind.place(&token, &cart("ECOMMERCE")).await;
        assert_eq!(order.status, 200, "{}", order.text);
        let read = behind.read(&sibling.session).await;
        assert_eq!(
            (&read["status"], &read["order_id"]),
            (&json!("COMPLETED"), &order.json["order_id"]),
            "{read}"
        );
        assert_eq!(front.sent("GET").len(), reads, "no read was necessary");
        let history = front.history(&sibling).await;
        assert_eq!(statuses(&history), ["IN_PROGRESS", "COMPLETED"]);
        assert_eq!(history["events"][1]["actor"], json!({"kind": "system"}));
        assert_eq!(behind.place(&token, &cart("ECOMMERCE")).await.bytes, order.bytes, "a repeated call");
        assert_eq!(front.status(&opened).await, "COMPLETED");
    });
}

#[test]
fn an_order_of_another_merchants_token_completes_nothing() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        let sibling = front.opened(&payment, "NONE").await;
        let token = front.authorize(&payment).await;
        front.claim(&opened, "approved").await;
        let engine = front.app.engine();
        let order = kassa_domain::page_session::OrderReference {
            order_id: kassa_domain::OrderId::new("order-1"),
            klarna_reference: String::new(),
        };
        let token = kassa_domain::AuthorizationToken::new(token);
        let stranger = kassa_domain::MerchantId::new("stranger");
        engine.merchant_ordered(&stranger, &token, &order).await.unwrap();
        let unknown = kassa_domain::AuthorizationToken::new("unknown");
        let merchant = kassa_domain::MerchantId::new("merchant");
        engine.merchant_ordered(&merchant, &unknown, &order).await.unwrap();
        assert_eq!(front.status(&sibling).await, "IN_PROGRESS");
    });
}

#[test]
fn calls_that_are_passed_on_count_for_the_limits_of_kassa() {
    let rates = kassa_engine::Rates {
        creations: std::num::NonZeroU32::new(2),
        other_calls: std::num::NonZeroU32::new(5),
    };
    front_journey_with(rates, |front| async move {
        front.disturb("/payments", &[Disturbance::Status(200)]);
        for _ in 0..2 {
            let answer = front.merchant.post("/payments/v1/sessions", &cart("ECOMMERCE")).await;
            assert_eq!(
                (answer.status, answer.header("x-ratelimit-limit")),
                (200, ""),
                "Klarna's headers only"
            );
        }
        let refused = front.merchant.post("/payments/v1/sessions", &cart("ECOMMERCE")).await;
        assert_eq!((refused.status, refused.header("x-ratelimit-limit")), (429, "2, 2;w=1"));
        assert_eq!(front.merchant.get("/payments/v1/sessions/none").await.status, 404, "other calls");
        assert_eq!(front.sent("POST").len(), 2, "a refused call is not sent");
    });
}
