//! A request names exactly one host, and a valid one.

use crate::harness::{World, long};
use crate::http2::{BAD_REQUEST, Http2, OK};

#[tokio::test]
async fn over_http1_a_missing_doubled_or_invalid_host_is_refused() {
    let world = World::start(long());
    for (version, hosts, status) in [
        ("1.1", "", "400"),
        ("1.1", "Host:\r\n", "400"),
        ("1.1", "Host: x\r\nHost: x\r\n", "400"),
        ("1.1", "Host: x\r\nhost: y\r\n", "400"),
        ("1.1", "Host: user@x\r\n", "400"),
        ("1.1", "Host: x:port\r\n", "400"),
        ("1.1", "Host: pay.example:8080\r\n", "200"),
        ("1.1", "Host: [::1]:80\r\n", "200"),
        ("1.0", "", "200"),
        ("1.0", "Host: x\r\nHost: x\r\n", "400"),
    ] {
        let answer =
            world.exchange(&format!("GET / HTTP/{version}\r\n{hosts}Connection: close\r\n\r\n")).await;
        assert!(answer.starts_with(&format!("HTTP/{version} {status} ")), "{version} {hosts:?}: {answer}");
    }
    let elsewhere = world.exchange("GET http://x/ HTTP/1.1\r\nHost: y\r\nConnection: close\r\n\r\n").await;
    assert!(elsewhere.starts_with("HTTP/1.1 400 "), "{elsewhere}");
}

#[tokio::test]
async fn after_a_refused_host_the_connection_ends() {
    let world = World::start(long());
    let answer = world.exchange("GET / HTTP/1.1\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("\r\nConnection: close\r\n"), "{answer}");
}

#[tokio::test]
async fn over_http2_host_and_authority_agree() {
    let world = World::start(long());
    let mut caller = Http2::connect(&world, 65_535).await;
    for (stream, headers, status) in [
        (1, &[][..], OK),
        (3, &[("host", "x")], OK),
        (5, &[("host", "y")], BAD_REQUEST),
        (7, &[("host", "x"), ("host", "x")], BAD_REQUEST),
        (9, &[(":authority", ""), ("host", "x")], OK),
        (11, &[(":authority", "")], BAD_REQUEST),
    ] {
        caller.get(stream, "/small", headers).await;
        assert_eq!(caller.headers(stream).await, status, "{headers:?}");
    }
}
