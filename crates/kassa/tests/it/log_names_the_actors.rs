//! The log names who made a change: a person at the command line, an operator, a merchant and the lab.

use std::fs::File;

use http::Method;
use serde_json::{Value, json};

use crate::harness::{Configuration, Merchant, Node};

#[tokio::test]
async fn each_change_is_logged_with_its_actor() {
    let configuration = Configuration::with("FOLDER/kassa.db", "");
    let mut command = configuration.command(&["operator", "add", "deployments", "--json"]);
    let created = command.env("KASSA_LOG", "info").output().unwrap();
    let said = String::from_utf8(created.stderr).unwrap();
    assert!(has_line(&said, &["operator created", "actor=command_line", "deployments"]), "{said}");

    let log = configuration.folder().join("log");
    let mut command = configuration.command(&["serve"]);
    command.env("KASSA_LOG", "kassa=debug").stderr(File::create(&log).unwrap());
    let mut node = Node::announced(command);
    let operator = account(&node, &serde_json::from_slice(&created.stdout).unwrap());
    let asked = json!({"merchant_id": "PK9", "name": "Shoe Shop"});
    let made = operator.post("/kassa/v1/merchants", &asked).await.expect(201).json;
    let merchant = account(&node, &made);
    let payment = merchant.payment_session("ECOMMERCE").await;
    let session = merchant.host(&payment, &json!({}), &json!({})).await.expect(201);
    let session = session.word("session_id");
    merchant.act(session, "enter").await.expect(200);
    let path = format!("/hpp/v1/sessions/{session}");
    merchant.call(Method::DELETE, &path, &Value::Null).await.unwrap().expect(204);
    node.signal("TERM");
    assert_eq!(node.ended(), Some(0));

    let log = std::fs::read_to_string(log).unwrap();
    let by_merchant = format!("actor=merchant {}", made["username"].as_str().unwrap());
    for words in [
        ["merchant created", "actor=operator deployments", "PK9"],
        ["payment session created", by_merchant.as_str(), payment.as_str()],
        ["page session created", by_merchant.as_str(), session],
        ["status changed", "actor=lab", session],
        ["status changed", by_merchant.as_str(), session],
    ] {
        assert!(has_line(&log, &words), "{words:?} in\n{log}");
    }
}

fn account(node: &Node, made: &Value) -> Merchant {
    let word = |field: &str| made[field].as_str().unwrap();
    Merchant::new(&node.url, word("username"), word("password"))
}

/// Whether one line has all of these words.
fn has_line(log: &str, words: &[&str]) -> bool {
    log.lines().any(|line| words.iter().all(|word| line.contains(word)))
}
