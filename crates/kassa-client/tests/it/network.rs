//! The real network: an answer with a malformed header is an answer.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use kassa_client::client::{Client, Dependencies, Environment};
use kassa_client::http::{HttpCall, NetworkTransport, ProxyRules, Transport, TransportError};
use kassa_wire::status::SessionStatus;

/// Answers every call with these bytes, and closes the connection. Returns the base URL.
fn answering(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    url
}

#[tokio::test]
async fn a_session_is_read_beside_a_malformed_header() {
    let body = r#"{"session_id":"s","status":"BACK","updated_at":"2019-05-13T14:51:46.288Z"}"#;
    for header in ["set-cookie: a=b\u{1}c", "x-frame-options : DENY", "x-folded: a\r\n b", "no colon"] {
        let head = format!("HTTP/1.1 200 OK\r\n{header}\r\ncontent-length: {}\r\n\r\n", body.len());
        let environment = Environment::At(answering(format!("{head}{body}")));
        let client = Client::with(Dependencies::system().unwrap(), &environment, "user", "password");
        assert_eq!(client.read_session("s").await.unwrap().status(), SessionStatus::Back, "{header:?}");
    }
}

#[tokio::test]
async fn an_answer_without_a_readable_head_counts_by_its_status() {
    let url = answering("HTTP/1.1 204 No Content\r\nx-nul: \0\r\n\r\n".to_string());
    let call = HttpCall {
        method: Method::POST,
        url,
        headers: HeaderMap::new(),
        body: Bytes::from_static(b"{}"),
        timeout: Duration::from_secs(30),
    };
    let network = NetworkTransport::with_proxies(ProxyRules::direct()).unwrap();
    let answer = network.call(call.clone()).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.is_whole), (204, false));
    let nobody = HttpCall { url: "http://127.0.0.1:1/".to_string(), ..call };
    let unanswered = network.call(nobody).await.unwrap_err();
    assert!(matches!(unanswered, TransportError::NotSent(_)), "{unanswered}");
}

#[tokio::test]
async fn the_beginning_of_a_session_is_no_session() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"session_id\":".to_string();
    let environment = Environment::At(answering(answer));
    let client = Client::with(Dependencies::system().unwrap(), &environment, "user", "password");
    let error = client.read_session("s").await.unwrap_err();
    assert_eq!(error.to_string(), "the answer was cut off");
}
