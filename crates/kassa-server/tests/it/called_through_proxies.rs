//! If the system has proxies in front, calls that bypass them are refused.

use std::net::{SocketAddr, TcpListener};

use ipnet::IpNet;
use kassa_server::{Configuration, Mode, Server, serve_node};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use crate::harness::app_in;

const PROXY: &str = "127.0.0.2";
const STRANGER: &str = "127.0.0.3";

/// A system behind one proxy.
async fn start(folder: &TempDir) -> (Server, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let configuration = Configuration {
        trusted_proxies: vec![IpNet::new_assert(PROXY.parse().unwrap(), 32)],
        ..Configuration::new(Mode::Live, &format!("http://{address}"))
    };
    (serve_node(app_in(folder, configuration).await, listener, None).unwrap(), address)
}

/// Calls a path from this address of the machine. Returns the whole answer.
async fn answer(from: &str, to: SocketAddr, path: &str) -> String {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
    let mut connection = socket.connect(to).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_call_that_bypasses_the_proxy_is_refused() {
    let folder = TempDir::new().unwrap();
    let (server, address) = start(&folder).await;
    for path in ["/hpp/v1/sessions/x", "/pay/x", "/kassa/v1/sessions"] {
        let refused = answer(STRANGER, address, path).await;
        assert!(refused.starts_with("HTTP/1.1 403"), "{path}: {refused}");
        assert!(refused.contains("NOT_THROUGH_PROXY") && refused.contains(STRANGER), "{path}: {refused}");
        assert!(refused.contains("\r\nKlarna-Correlation-Id: "), "{path}: {refused}");
        let answered = answer(PROXY, address, path).await;
        assert!(!answered.starts_with("HTTP/1.1 403"), "{path}: {answered}");
    }
    assert!(answer(STRANGER, address, "/metrics").await.starts_with("HTTP/1.1 403"));
    assert!(answer(PROXY, address, "/metrics").await.starts_with("HTTP/1.1 404"));
    server.stop().await;
}
