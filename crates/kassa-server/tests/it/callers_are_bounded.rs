//! The limits of the listener, from a caller's point of view.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use ipnet::IpNet;
use kassa_server::{Configuration, Limits, Mode, Server, serve_within};
use kassa_testkit::eventually;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::harness::app_in;

const PROXY: &str = "127.0.0.2";
const AUTHORIZATION: &str = "Authorization: Basic UEswMDAwMF9kZXY6ZGV2";

/// A system behind a proxy, and its database.
struct Node {
    server: Server,
    address: SocketAddr,
    _folder: TempDir,
}

impl Node {
    async fn start(limits: Limits) -> Self {
        let folder = TempDir::new().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let configuration = Configuration {
            trusted_proxies: vec![IpNet::new_assert(PROXY.parse().unwrap(), 32)],
            ..Configuration::new(Mode::Sandbox, &format!("http://{address}"))
        };
        let app = app_in(&folder, configuration).await;
        app.accounts().add_dev_merchant().await.unwrap();
        Self { server: serve_within(app, listener, None, limits).unwrap(), address, _folder: folder }
    }

    /// Sends these lines of a head and a body through the proxy.
    async fn send(&self, lines: &[&str], body: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{PROXY}:0").parse().unwrap()).unwrap();
        let mut connection = socket.connect(self.address).await.unwrap();
        let request = format!("{}\r\n\r\n{body}", lines.join("\r\n"));
        connection.write_all(request.as_bytes()).await.unwrap();
        connection
    }

    /// Sends a request. Returns the whole answer.
    async fn ask(&self, lines: &[&str], body: &str) -> String {
        let mut answer = String::new();
        self.send(lines, body).await.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

/// A request for the merchant's sessions that a proxy forwards for this caller.
fn list(caller: &str) -> [String; 5] {
    let lines = ["GET /kassa/v1/sessions HTTP/1.1", "Host: localhost", "Connection: close", AUTHORIZATION];
    let [get, host, close, authorization] = lines.map(ToString::to_string);
    [get, host, close, authorization, format!("X-Forwarded-For: {caller}")]
}

#[tokio::test]
async fn a_wrong_host_is_refused_with_the_body_of_every_error() {
    let node = Node::start(Limits::default()).await;
    for hosts in [&[][..], &["Host: localhost", "Host: other.example"]] {
        let lines = [&["GET /kassa/v1/sessions HTTP/1.1", AUTHORIZATION][..], hosts].concat();
        let answer = node.ask(&lines, "").await;
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
        assert!(
            answer.contains(r#""error_code":"BAD_REQUEST""#) && answer.contains("Host header"),
            "{answer}"
        );
        for name in ["\r\nKlarna-Correlation-Id: ", "\r\nContent-Type: application/json;charset=utf-8\r\n"] {
            assert!(answer.contains(name), "{answer}");
        }
    }
    let metrics = node.ask(&["GET /metrics HTTP/1.1", "Host: localhost", "Connection: close"], "").await;
    assert!(metrics.contains("kassa_http_refused_requests_total{reason=\"bad_head\"} 2\n"), "{metrics}");
    node.server.stop().await;
}

#[tokio::test]
async fn a_late_body_is_answered_408_with_the_body_of_every_error() {
    let node = Node::start(Limits { body: Duration::from_millis(300), ..Limits::default() }).await;
    for path in ["/hpp/v1/sessions", "/pay/x/pay"] {
        let post = format!("POST {path} HTTP/1.1");
        let form = "Content-Type: application/x-www-form-urlencoded";
        let lines = [&post, "Host: localhost", AUTHORIZATION, "Content-Length: 100", form];
        let answer = node.ask(&lines, "{").await;
        assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{path}: {answer}");
        assert!(answer.contains("\r\nConnection: close\r\n"), "{path}: {answer}");
    }
    node.server.stop().await;
}

#[tokio::test]
async fn behind_a_proxy_a_caller_beyond_its_share_is_told_to_retry_later() {
    let node = Node::start(Limits { connections: 100, ..Limits::default() }).await;
    let caller = "X-Forwarded-For: 192.0.2.1, 127.0.0.2";
    let create =
        ["POST /hpp/v1/sessions HTTP/1.1", "Host: localhost", AUTHORIZATION, "Content-Length: 9", caller];
    let mut in_flight = Vec::new();
    for _ in 0..25 {
        in_flight.push(node.send(&create, "").await);
    }
    let ask = async |caller: &str| {
        let lines = list(caller);
        node.ask(&lines.each_ref().map(String::as_str), "").await
    };
    // The calls need a moment to arrive.
    let refused = eventually("a refusal", async || {
        let answer = ask("192.0.2.1").await;
        if answer.starts_with("HTTP/1.1 200 ") { Err(answer) } else { Ok(answer) }
    });
    let refused = refused.await;
    assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("\r\nRetry-After: 2\r\n"), "{refused}");
    assert!(refused.contains(r#""error_code":"TEMPORARILY_UNAVAILABLE""#), "{refused}");
    let other = ask("192.0.2.2").await;
    assert!(other.starts_with("HTTP/1.1 200 "), "{other}");
    drop(in_flight);
    let metrics = node.ask(&["GET /metrics HTTP/1.1", "Host: localhost", "Connection: close"], "").await;
    assert!(!metrics.contains("kassa_http_refused_requests_total{reason=\"too_many_calls\"} 0"), "{metrics}");
    let is_served = async || ask("192.0.2.1").await.starts_with("HTTP/1.1 200 ");
    eventually("room for the caller", is_served).await;
    node.server.stop().await;
}
