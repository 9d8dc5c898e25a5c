//! The balancer's configuration hides operational paths from outside callers, in every spelling. It checks the nodes'
//! health over an address that outside callers cannot reach.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use kassa_testkit::eventually_blocking;

use super::balancer::{Balancer, NODES, front, node, operations};
use crate::harness::Configuration;
use crate::workspace::root;

/// Spellings of the paths that the balancer itself answers.
const DENIED: [&str; 18] = [
    "/healthz",
    "/readyz",
    "/metrics",
    "/metrics/",
    "/readyz/",
    "/readyz//",
    "//readyz",
    "///metrics",
    "/./readyz",
    "/../metrics",
    "/readyz;x=1",
    "/readyz?x",
    "/%72eadyz",
    "/%6d%65trics",
    "/%2Freadyz",
    "/READYZ",
    "/Metrics/x",
    "http://pay.example/readyz",
];

/// Spellings that reach a node, which does not know them.
const UNKNOWN: [&str; 4] = ["/x/../readyz", "/%2572eadyz", "/readyz%20", "/metricsx"];

/// Sends a request to the balancer. Returns the first line of the answer, and whether a node gave it.
fn ask(path: &str) -> (String, bool) {
    let mut connection = TcpStream::connect(front()).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: pay.example\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let is_from_node = answer.to_ascii_lowercase().contains("klarna-correlation-id: ");
    (answer.lines().next().unwrap_or_default().to_string(), is_from_node)
}

#[test]
fn operational_paths_are_unknown_behind_the_balancer() {
    let configuration = Configuration::with("FOLDER/kassa.db", "");
    let _nodes: Vec<_> =
        (0..NODES).map(|index| configuration.node_at(&node(index), &operations(index))).collect();
    let _balancer = Balancer::start();
    eventually_blocking("an answer of a node", || {
        let (status, is_from_node) = ask("/hpp/v1/sessions/x");
        is_from_node && status.starts_with("HTTP/1.1 401")
    });
    for path in DENIED {
        let (status, is_from_node) = ask(path);
        assert!(status.starts_with("HTTP/1.1 404") && !is_from_node, "{path}: {status}");
    }
    for path in UNKNOWN {
        let (status, is_from_node) = ask(path);
        assert!(status.starts_with("HTTP/1.1 404") && is_from_node, "{path}: {status}");
    }
}

#[test]
fn haproxy_accepts_the_configuration_for_compose() {
    let file = root().join("deploy/compose.haproxy.cfg");
    let output = Command::new("haproxy").args(["-c", "-f"]).arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
