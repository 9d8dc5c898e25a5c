//! White space at the end of a value is ignored. It comes from files: a mounted secret ends in a newline, and a file
//! from Windows has carriage returns.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kassa_testkit::fresh_postgres;
use kassa_wire::signature::sign;
use serde_json::{Value, json};

use crate::harness::{Configuration, Dev, kassa};

#[tokio::test]
async fn the_variables_of_a_node_are_trimmed() {
    let database = fresh_postgres().await.unwrap_or_else(|| "FOLDER/kassa.db".to_string());
    let configuration = Configuration::with(&database, "");
    let database = match database.as_str() {
        "FOLDER/kassa.db" => configuration.folder().join("kassa.db").to_str().unwrap().to_string(),
        _ => database,
    };
    let configuration = configuration
        .overriding("KASSA_DATABASE", format!("{database}\n"))
        .overriding("KASSA_PUBLIC_URL", "http://127.0.0.1:8080\r")
        .overriding("KASSA_LAB", "true\r\n")
        .overriding("KASSA_RETENTION_DAYS", " 30\n");
    let account = configuration.ask(&["merchant", "add", "PK1", "--name", "Shoe Shop"]);
    let node = configuration.node();
    let merchant = node.merchant(&account);
    let payment = merchant.payment_session("ECOMMERCE").await;
    let created = merchant.host(&payment, &json!({}), &json!({})).await;
    let link = created.word("redirect_url");
    assert!(link.starts_with("http://127.0.0.1:8080/pay/"), "{link}");
}

#[test]
fn the_variables_of_commands_are_trimmed() {
    let dev = Dev::start();
    let mut command = kassa();
    command.env("KASSA_URL", format!("{}\n", dev.url())).env("KASSA_USERNAME", "PK00000_dev\r\n");
    let output = command.env("KASSA_PASSWORD", "dev\n").args(["session", "list", "--json"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn the_secret_that_signs_is_trimmed() {
    let secret = format!("whsec_{}", STANDARD.encode([7; 32]));
    let mut command = kassa();
    command.args(["listen", "--listen", "127.0.0.1:0", "--json"]).stdout(Stdio::piped());
    let mut process = command.env("KASSA_CALLBACK_SECRET", format!("{secret}\n")).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = serde_json::from_str::<Value>(&line).unwrap()["url"].as_str().unwrap().to_string();
    let status = callback(&url, &secret).await;
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(status, 204, "it is authentic");
}

/// Sends a callback that is signed with this secret.
async fn callback(url: &str, secret: &str) -> u16 {
    use kassa_outgoing::{Call, LARGEST_ANSWER, Network, Outgoing, OutgoingPolicy};
    let body = json!({"event_id": "e", "session": {
        "session_id": "s", "status": "COMPLETED",
        "updated_at": "2026-01-01T00:00:00.000Z", "expires_at": "2026-01-03T00:00:00.000Z"
    }})
    .to_string();
    let at_s = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let signature = sign(&[secret.to_string()], "e", at_s.try_into().unwrap(), body.as_bytes());
    let call = Call {
        method: http::Method::POST,
        url: url.to_string(),
        headers: vec![
            ("webhook-id", "e".to_string()),
            ("webhook-timestamp", at_s.to_string()),
            ("webhook-signature", signature),
        ],
        body: body.into(),
        timeout: std::time::Duration::from_secs(20),
        answer_limit: LARGEST_ANSWER,
        is_repeatable: false,
    };
    let network = Network::new(OutgoingPolicy::for_this_machine()).unwrap();
    network.call(call).await.unwrap().status.as_u16()
}
