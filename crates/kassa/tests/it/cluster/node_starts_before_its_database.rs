//! A node that starts before its database waits for it, and reports that. A node that the database refuses ends.

use std::process::Stdio;

use http::Method;
use kassa_testkit::eventually;
use serde_json::{Value, json};

use super::balancer::{node, operations};
use super::nodes::Cluster;
use super::postgres::Postgres;
use crate::harness::{Configuration, Merchant, Node};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_waits_for_its_database_and_says_so() {
    let mut postgres = Postgres::start();
    let mut cluster = Cluster::start(&postgres.url(), 1).await;
    cluster.nodes.clear();
    postgres.stop();
    cluster.nodes.push(cluster.configuration.node_soon_at(&node(0), &operations(0)));
    let (merchant, operator) = (cluster.merchant(), cluster.nodes[0].operator());
    lives(&cluster.nodes[0]).await;
    for path in ["/readyz", "/metrics"] {
        assert!(operator.get(path).await.expect(503).text.contains("waiting for the database"));
    }
    assert_eq!(merchant.get("/readyz").await.status, 503, "callers on the same machine hear the same");
    for path in ["/hpp/v1/sessions/x", "/pay/x", "/metrics"] {
        let answer = merchant.get(path).await.expect(503);
        assert_eq!(answer.word("error_code"), "TEMPORARILY_UNAVAILABLE");
        assert_eq!(answer.word("correlation_id"), answer.header("klarna-correlation-id"));
        assert!(answer.header("retry-after").parse::<u32>().is_ok());
    }
    postgres.run();
    cluster.becomes_ready(&cluster.nodes[0]).await;
    merchant.page_session(&json!({}), &json!({})).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_node_stops_on_a_signal() {
    let configuration = Configuration::with("postgres://kassa@127.0.0.1:1/kassa", "");
    let mut waiting = configuration.node_soon_at(&node(0), &operations(0));
    lives(&waiting).await;
    waiting.signal("TERM");
    assert_eq!(waiting.ended(), Some(0));
}

#[test]
fn a_node_that_the_database_refuses_ends_and_says_why() {
    let postgres = Postgres::start();
    let absent = format!("postgres://kassa@{}/absent", postgres.listens_at());
    let configuration = Configuration::with(&absent, "");
    let output = configuration.command(&["serve"]).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("3D000") && said.contains("does not exist"), "{said}");
}

/// Waits until the process listens, and answers calls while it waits for its database.
async fn lives(node: &Node) {
    let (operator, caller) = (node.operator(), Merchant::new(&node.url, "", ""));
    let alive = async |who: &Merchant| {
        who.call(Method::GET, "/healthz", &Value::Null).await.is_ok_and(|answer| answer.status == 200)
    };
    eventually("a node that listens", async || alive(&operator).await && alive(&caller).await).await;
}
