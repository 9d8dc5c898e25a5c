//! A call cannot be passed on, or its answer does not come. Nothing that was sent is sent again.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use kassa_domain::{Actor, MerchantId};
use kassa_engine::Requester;
use kassa_testkit::eventually;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::front::{Disturbance, Front, front_journey};
use super::merchant_stands_behind::behind;
use crate::harness::{Answer, cart};

const SESSIONS: &str = "/payments/v1/sessions";

fn refused(answer: &Answer, expected: &str, parts: &[&str]) {
    assert!(answer.error().starts_with(expected), "{}", answer.error());
    for part in parts {
        assert!(answer.text.contains(part), "{part} in {}", answer.text);
    }
}

#[test]
fn a_wrong_login_at_kassa_reaches_nothing() {
    front_journey(|front| async move {
        let wrong = front.caller("merchant_user", "mistaken");
        // The credential of the account at Klarna is none of Kassa's.
        front.set_account("merchant_user", "secret").await;
        for caller in [&wrong, &front.anyone] {
            for path in
                [SESSIONS, "/customer-token/v1/tokens/1/order", "/ordermanagement/v1/orders/1/captures"]
            {
                let answer = caller.post(path, &cart("ECOMMERCE")).await;
                refused(&answer, "401 UNAUTHORIZED", &[]);
                assert_eq!(answer.header("www-authenticate"), "Basic realm=\"kassa\"");
            }
        }
        assert_eq!(front.sent("").len(), 0);
    });
}

#[test]
fn no_call_that_begins_a_payment_is_passed_on_for_a_suspended_merchant() {
    front_journey(|front| async move {
        let behind = behind(&front).await;
        front.suspend_merchant().await;
        let before = front.sent("").len();
        for path in [
            SESSIONS,
            "/payments/v1/sessions/",
            "/payments/v1/%73essions",
            "/payments/v1//sessions",
            "//payments/v1/sessions",
            "/payments%2Fv1/sessions",
            "/customer-token/v1/tokens/1/order",
            "/customer-token/v1/tokens/1/%6Frder/",
            "/customer-token/v1//tokens//1/order",
            "/payments/v1/sessions?x=/y",
            "/payments/v1/an-address-that-klarna-adds",
            "/payments/v1/sessions/..%2Fsessions",
            "/ordermanagement/v1/%2E%2E%2F%2E%2E%2Fpayments%2Fv1%2Fsessions",
        ] {
            let answer = behind.post(path, &cart("ECOMMERCE")).await;
            let is_another_path =
                answer.status == 404 || answer.error().starts_with("403 MERCHANT_SUSPENDED");
            assert!(is_another_path, "{path}: {}", answer.text);
        }
        assert_eq!(front.sent("").len(), before);
        behind.get("/ordermanagement/v1/orders/1").await;
        behind.post("/payments/v1/sessions/1", &cart("ECOMMERCE")).await;
        behind.post("/payments/v1/authorizations/1/order", &cart("ECOMMERCE")).await;
        behind.post("/ordermanagement/v1/orders/1/captures", &json!({})).await;
        assert_eq!(front.sent("").len(), before + 4, "reads and payments that began before are passed on");
    });
}

#[test]
fn without_an_answer_the_error_says_whether_the_call_may_have_arrived() {
    front_journey(|front| async move {
        let behind = behind(&front).await;
        let (nothing, perhaps) = ("Nothing was sent", "may have arrived");
        for (disturbance, expected, advice) in [
            (Disturbance::NoConnection, "502 BAD_GATEWAY", nothing),
            (Disturbance::AnswerLost, "502 BAD_GATEWAY", perhaps),
            (Disturbance::AnswerCut, "502 BAD_GATEWAY", perhaps),
        ] {
            let before = front.sent("").len();
            front.disturb("POST", &[disturbance]);
            let answer = behind.post(SESSIONS, &cart("ECOMMERCE")).await;
            refused(&answer, expected, &[advice]);
            assert_eq!(answer.header("content-type"), "application/json;charset=utf-8");
            assert_eq!(front.sent("").len(), before + 1, "sent once");
        }
    });
}

#[test]
fn after_sixty_seconds_the_merchant_gets_an_answer_and_the_call_is_not_repeated() {
    front_journey(|front| async move {
        let behind = behind(&front).await;
        let payment = behind.payment_session("ECOMMERCE").await;
        let token = front.authorize(&payment).await;
        front.disturb("/order", &[Disturbance::Silence]);
        let cart = cart("ECOMMERCE");
        let ordering = behind.place(&token, &cart);
        let waiting = async {
            let sent = async || if front.sent("/order").is_empty() { Err("not sent") } else { Ok(()) };
            eventually("the call at the double", sent).await;
            front.double.clock.advance(Duration::from_secs(60));
        };
        let (answer, ()) = tokio::join!(ordering, waiting);
        refused(&answer, "504 GATEWAY_TIMEOUT", &["within 60 seconds", "may have arrived"]);
        assert_eq!(front.sent("/order").len(), 1);
        let placed = behind.place(&token, &cart).await;
        assert_eq!(placed.status, 200, "the merchant repeats the call itself: {}", placed.text);
    });
}

#[test]
fn errors_of_klarna_are_passed_on_as_they_are() {
    front_journey(|front| async move {
        let behind = behind(&front).await;
        for status in [401, 403, 404, 429, 500, 502, 503] {
            front.disturb("POST", &[Disturbance::Status(status)]);
            let answer = behind.post(SESSIONS, &cart("ECOMMERCE")).await;
            assert_eq!(
                (answer.status, answer.text.as_str()),
                (status, "<html>not from the payment system</html>")
            );
            assert!(answer.headers.get("klarna-correlation-id").is_none() && answer.json.is_null());
        }
        front.set_account("merchant_user", "mistaken").await;
        let answer = behind.post(SESSIONS, &cart("ECOMMERCE")).await;
        assert_eq!((answer.status, &answer.bytes), (401, &front.latest_answer().body));
        assert!(front.look(&format!("{SESSIONS}/x")).await.status == 401);
        let metrics = front.look("/metrics").await.text;
        for (result, count) in [("401", 2), ("4xx", 3), ("5xx", 3)] {
            let labels = format!(r#"system="klarna",origin="merchant",method="POST",result="{result}""#);
            let line = format!("kassa_payment_system_calls_total{{{labels}}} {count}\n");
            assert!(metrics.contains(&line), "no {line} in {metrics}");
        }
    });
}

#[test]
fn silence_of_other_calls_does_not_pause_the_pass_through() {
    front_journey(|front| async move {
        let behind = behind(&front).await;
        front.disturb("", &[Disturbance::NoConnection; 8]);
        for _ in 0..8 {
            refused(&behind.post(SESSIONS, &cart("ECOMMERCE")).await, "502 BAD_GATEWAY", &[]);
        }
        assert_eq!(behind.post(SESSIONS, &cart("ECOMMERCE")).await.status, 200);
        let payment = front.payment_session().await;
        assert_eq!(front.create(&payment, json!({})).await.status, 201, "and failed calls pause no read");
    });
}

#[test]
fn a_merchant_needs_exactly_one_account_that_the_node_may_call() {
    front_journey(|front| async move {
        front.set_account_at("https://api-na.klarna.com", "american", "secret").await;
        let several = ["https://api-na.klarna.com", front.double.url.as_str()];
        refused(&front.merchant.get("/payments/v1/sessions/x").await, "409 CONFLICT", &several);
        let created = front.create_at(&front.url, "x", json!({})).await;
        refused(&created, "400 BAD_VALUE", &["payment_session_url", "several payment accounts", several[0]]);
        remove_account(&front, &front.double.url).await;
        refused(
            &front.merchant.get("/payments/v1/sessions/x").await,
            "403 NOT_ALLOWED",
            &["allowed_base_urls"],
        );
        remove_account(&front, "https://api-na.klarna.com").await;
        let what_to_do = "kassa payment-account set";
        refused(&front.merchant.get("/payments/v1/sessions/x").await, "403 NOT_ALLOWED", &[what_to_do]);
        let created = front.create_at(&front.url, "x", json!({})).await;
        refused(&created, "400 BAD_VALUE", &["payment_session_url", what_to_do]);
        assert_eq!(front.sent("").len(), 0);
    });
}

async fn remove_account(front: &Front, base_url: &str) {
    let merchant = MerchantId::new("merchant");
    let accounts = front.app.payment_accounts();
    assert!(
        accounts
            .remove(&merchant, &base_url.parse().unwrap(), &Requester::in_process(Actor::CommandLine))
            .await
            .unwrap()
    );
}

#[test]
fn only_the_three_apis_are_passed_on_and_only_unchanged() {
    front_journey(|front| async move {
        for (method, path, status) in [
            ("OPTIONS", SESSIONS, 405),
            ("TRACE", SESSIONS, 405),
            ("GET", "/payments/v1", 404),
            ("GET", "/payments/v2/sessions", 404),
            ("GET", "/checkout/v3/orders/1", 404),
            ("POST", "/instantshopping/v1/buttons", 404),
        ] {
            let method: Method = method.parse().unwrap();
            let answer = front.merchant.call(method, path, &[], Bytes::new()).await;
            assert_eq!(answer.status, status, "{path} {}", answer.text);
            assert_eq!(answer.json["correlation_id"], answer.header("klarna-correlation-id"), "{path}");
        }
        for target in ["/payments/v1/../../hpp/v1/sessions", "/payments/v1/%2e%2E/x", "/payments/v1/x?y='1'"]
        {
            let answer = spoken(&front, target).await;
            assert!(
                answer.starts_with("HTTP/1.1 400") && answer.contains("percent-encode"),
                "{target}: {answer}"
            );
        }
        let large = front.merchant.try_call(Method::POST, SESSIONS, &[], vec![b' '; 1_000_001].into()).await;
        // The connection may end while the client still sends.
        if let Ok(answer) = large {
            refused(&answer, "413 REQUEST_TOO_LARGE", &[]);
        }
        assert_eq!(front.sent("").len(), 0);
        let largest = front.merchant.call(Method::POST, SESSIONS, &[], vec![b' '; 1_000_000].into()).await;
        assert_eq!((largest.status, front.sent("POST")[0].body.len()), (400, 1_000_000));
    });
}

/// Sends a target as it is, which the client of the tests would change.
async fn spoken(front: &Front, target: &str) -> String {
    let mut stream = TcpStream::connect(front.url.strip_prefix("http://").unwrap()).await.unwrap();
    let authorization = &front.merchant.authorization;
    let head = format!(
        "GET {target} HTTP/1.1\r\nhost: localhost\r\nauthorization: {authorization}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
