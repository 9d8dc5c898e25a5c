//! Every error has the error body, whichever part of Kassa refuses the request (docs/http.md).

use std::net::SocketAddr;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::{Answer, DemoShop, journey, journey_with};

/// Checks the three fields of an error, and returns its code.
fn code_of(answer: &Answer, what: &str) -> String {
    assert!(answer.json["error_messages"].is_array(), "{what}: {} {}", answer.status, answer.text);
    let error = answer.error();
    assert!(answer.header("content-type").starts_with("application/json"), "{what}");
    error.split(' ').nth(1).unwrap().to_string()
}

#[test]
fn a_path_that_is_not_utf_8_is_400_with_the_error_body() {
    journey_with(DemoShop::Open, |world| async move {
        for (method, path) in [
            (Method::GET, "/hpp/v1/sessions/%ff"),
            (Method::GET, "/kassa/v1/sessions/%ff/events"),
            (Method::GET, "/ordermanagement/v1/orders/%ff"),
            (Method::POST, "/payments/v1/authorizations/%ff/order"),
            (Method::POST, "/lab/v1/sessions/%ff/enter"),
            (Method::DELETE, "/lab/v1/merchants/%ff"),
            (Method::GET, "/demo/orders/%ff"),
        ] {
            let answer = world.merchant.call(method, path, &[], Bytes::new()).await;
            assert_eq!((answer.status, &*code_of(&answer, path)), (400, "BAD_REQUEST"), "{path}");
            assert!(answer.text.contains("UTF-8"), "{path}: {}", answer.text);
        }
    });
}

#[test]
fn an_unknown_method_or_path_has_the_error_body() {
    journey_with(DemoShop::Open, |world| async move {
        for (method, path, expected) in [
            (Method::PUT, "/hpp/v1/sessions", "METHOD_NOT_ALLOWED"),
            (Method::POST, "/metrics", "METHOD_NOT_ALLOWED"),
            (Method::POST, "/healthz", "METHOD_NOT_ALLOWED"),
            (Method::PUT, "/demo", "METHOD_NOT_ALLOWED"),
            (Method::GET, "/assets/nothing", "NOT_FOUND"),
            (Method::GET, "/nothing", "NOT_FOUND"),
            (Method::PUT, "/", "METHOD_NOT_ALLOWED"),
        ] {
            let answer = world.merchant.call(method, path, &[], Bytes::new()).await;
            assert_eq!(code_of(&answer, path), expected, "{path}");
        }
    });
}

#[test]
fn a_body_that_is_too_large_or_no_form_has_the_error_body() {
    journey_with(DemoShop::Open, |world| async move {
        let large = Bytes::from(vec![b'x'; 1_100_000]);
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let answer = world.merchant.call(Method::POST, "/hpp/v1/sessions", &form, large).await;
        assert_eq!((answer.status, &*code_of(&answer, "large")), (413, "REQUEST_TOO_LARGE"));
        let answer = world.merchant.post("/demo/checkout", &json!({})).await;
        assert_eq!((answer.status, &*code_of(&answer, "checkout")), (415, "BAD_REQUEST"));
    });
}

#[test]
fn an_api_that_kassa_does_not_have_says_so() {
    journey(|world| async move {
        for (path, name) in [
            ("/checkout/v3/orders", "Checkout v3"),
            ("/settlements/v1/payouts", "Settlements"),
            ("/merchantcard/v3/virtual-cards", "Merchant Card Service"),
            ("/disputes/v3/disputes", "Disputes"),
            ("/instantshopping/v1/buttons", "Instant Shopping"),
        ] {
            for answer in [world.merchant.get(path).await, world.merchant.post(path, &json!({})).await] {
                let error = answer.error();
                assert!(
                    error.starts_with(&format!(r#"404 NOT_FOUND ["Kassa does not have the API {name}."#)),
                    "{error}"
                );
            }
        }
    });
}

/// Sends bytes, and returns the status and the body of the answer.
async fn raw(address: SocketAddr, bytes: &[u8]) -> (String, Value) {
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // The listener may reset the connection, because it does not read the rest of a request that it refuses.
    let _ = connection.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
    let length = format!("\r\nContent-Length: {}\r\n", body.len());
    assert!(format!("{head}\r\n").contains(&length), "{answer}");
    (head.split(' ').nth(1).unwrap().to_string(), serde_json::from_str(body).unwrap_or_default())
}

#[test]
fn a_request_that_cannot_be_read_has_the_error_body() {
    journey(|world| async move {
        let address: SocketAddr = world.url.strip_prefix("http://").unwrap().parse().unwrap();
        let long = "a".repeat(40_000);
        let request = |target: &str, headers: &str| {
            format!("GET {target} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n").into_bytes()
        };
        for (what, bytes, status, code) in [
            (
                "a long header",
                request("/", &format!("X: {long}\r\n")),
                "431",
                "REQUEST_HEADER_FIELDS_TOO_LARGE",
            ),
            ("a long target", request(&format!("/{long}"), ""), "431", "REQUEST_HEADER_FIELDS_TOO_LARGE"),
            ("no HTTP", b"BLAH\r\n\r\n".to_vec(), "400", "BAD_REQUEST"),
            ("a blank in the target", request("/a b", ""), "400", "BAD_REQUEST"),
            ("a header without a colon", request("/", "nothing\r\n"), "400", "BAD_REQUEST"),
            ("a length that is no number", request("/", "Content-Length: x\r\n"), "400", "BAD_REQUEST"),
        ] {
            let (answered, body) = raw(address, &bytes).await;
            assert_eq!((&*answered, body["error_code"].as_str()), (status, Some(code)), "{what}: {body}");
            assert!(
                body["correlation_id"].is_string() && body["error_messages"].is_array(),
                "{what}: {body}"
            );
        }
    });
}
