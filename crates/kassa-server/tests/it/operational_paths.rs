//! `/healthz`, `/readyz` and `/metrics`: their addresses, their callers, and their answers.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use kassa_server::{App, Configuration, Mode, Operations, serve, serve_node};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::app_in;

/// Spellings of the paths that some proxy or router treats as equal.
const VARIANTS: [&str; 12] = [
    "/readyz/",
    "//readyz",
    "/readyz;x",
    "/%72eadyz",
    "/READYZ",
    "/./readyz",
    "/x/../readyz",
    "/healthz/",
    "/Healthz",
    "/metrics/",
    "//metrics",
    "/%6Detrics",
];

/// Binds a listener on a free port of this machine.
fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

async fn app(folder: &TempDir, is_https_only: bool) -> App {
    let configuration =
        Configuration { is_https_only, ..Configuration::new(Mode::Sandbox, "https://pay.example") };
    app_in(folder, configuration).await
}

/// Sends a request with these header lines. Returns the whole answer.
async fn ask(to: SocketAddr, path: &str, headers: &str) -> String {
    ask_by("GET", to, path, headers).await
}

async fn ask_by(method: &str, to: SocketAddr, path: &str, headers: &str) -> String {
    let mut connection = TcpStream::connect(to).await.unwrap();
    let request = format!("{method} {path} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\n{headers}\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn status(to: SocketAddr, path: &str, headers: &str) -> u16 {
    ask(to, path, headers).await.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_node_answers_operational_paths_on_their_own_listener() {
    let folder = TempDir::new().unwrap();
    let ((public, outside), (private, inside)) = (listener(), listener());
    let operations = Operations::open(private).unwrap();
    let app = app(&folder, false).await;
    operations.set_health(app.health().clone());
    let server = serve_node(app, public, None).unwrap();
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(status(inside, path, "").await, 200, "{path}");
        for headers in ["x-forwarded-for: 192.0.2.1\r\n", "forwarded: for=192.0.2.1\r\n"] {
            let hidden = ask(outside, path, headers).await;
            assert!(hidden.starts_with("HTTP/1.1 404") && hidden.contains("NOT_FOUND"), "{path}: {hidden}");
            let posted = ask_by("POST", outside, path, headers).await;
            assert!(posted.starts_with("HTTP/1.1 404"), "{path}: {posted}");
        }
    }
    assert_eq!(status(outside, "/metrics", "").await, 404);
    for path in ["/hpp/v1/sessions/x", "/pay/x", "/"] {
        assert_eq!(status(inside, path, "").await, 404, "{path}");
    }
    server.stop().await;
    operations.close().await;
}

/// Supervisors from before the separate listener still work, for one more version.
#[tokio::test]
async fn callers_on_the_same_machine_still_find_the_probes_of_a_node() {
    let folder = TempDir::new().unwrap();
    let (public, outside) = listener();
    let server = serve_node(app(&folder, false).await, public, None).unwrap();
    for path in ["/healthz", "/readyz"] {
        assert_eq!(status(outside, path, "").await, 200, "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn operational_paths_tolerate_no_variants() {
    let (one_folder, node_folder) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let ((one, everything), (public, outside), (private, inside)) = (listener(), listener(), listener());
    let one = serve(app(&one_folder, false).await, one).unwrap();
    let operations = Operations::open(private).unwrap();
    let app = app(&node_folder, false).await;
    operations.set_health(app.health().clone());
    let node = serve_node(app, public, None).unwrap();
    for path in VARIANTS {
        for (listener, address) in [("dev", everything), ("node", outside), ("operations", inside)] {
            assert_eq!(status(address, path, "").await, 404, "{path} on the listener of {listener}");
        }
    }
    for server in [one, node] {
        server.stop().await;
    }
    operations.close().await;
}

#[tokio::test]
async fn the_operations_listener_is_there_before_the_system_and_until_it_has_stopped() {
    let folder = TempDir::new().unwrap();
    let ((public, outside), (private, inside)) = (listener(), listener());
    let operations = Operations::open(private).unwrap();
    let waits = "waiting for the database";
    assert_eq!(status(inside, "/healthz", "").await, 200);
    for path in ["/readyz", "/metrics"] {
        let answer = ask(inside, path, "").await;
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains(waits), "{path}: {answer}");
    }
    let app = app(&folder, false).await;
    operations.set_health(app.health().clone());
    let server = serve_node(app, public, None).unwrap();
    assert_eq!(status(inside, "/readyz", "").await, 200);
    server.drain(Duration::ZERO).await;
    for address in [inside, outside] {
        let answer = ask(address, "/readyz", "").await;
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("stopping"), "{answer}");
    }
    server.stop().await;
    assert_eq!(status(inside, "/healthz", "").await, 200, "it goes last");
    assert_eq!(status(inside, "/readyz", "").await, 503);
    operations.close().await;
    assert!(TcpStream::connect(inside).await.is_err());
}

#[tokio::test]
async fn strict_transport_security_is_sent_if_the_system_is_reached_over_https() {
    for (is_https_only, expected) in [(true, true), (false, false)] {
        let folder = TempDir::new().unwrap();
        let (public, address) = listener();
        let server = serve_node(app(&folder, is_https_only).await, public, None).unwrap();
        for path in ["/hpp/v1/sessions/x", "/pay/x", "/nothing"] {
            let answer = ask(address, path, "").await.to_ascii_lowercase();
            let says = answer.contains("\r\nstrict-transport-security: max-age=31536000\r\n");
            assert_eq!(says, expected, "{path}: {answer}");
        }
        server.stop().await;
    }
}
