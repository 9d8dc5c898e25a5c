//! `kassa listen` verifies, prints and forwards callbacks, and fails on purpose.

use std::io::{BufRead, BufReader, Lines};
use std::process::{ChildStdout, Stdio};

use http::Method;
use serde_json::{Value, json};

use super::{KilledOnDrop, session};
use crate::harness::{Dev, kassa, run};

/// A running `kassa listen --json`.
struct Listen {
    _process: KilledOnDrop,
    url: String,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Listen {
    fn start(dev: &Dev, arguments: &[&str]) -> Self {
        let secret = dev.announced["callback_secret"].as_str().unwrap();
        let mut command = kassa();
        command.args(["listen", "--listen", "127.0.0.1:0", "--json", "--secret", secret]).args(arguments);
        let mut process = KilledOnDrop(command.stdout(Stdio::piped()).spawn().unwrap());
        let lines = BufReader::new(process.0.stdout.take().unwrap()).lines();
        let mut listen = Self { _process: process, url: String::new(), lines };
        let announced = listen.next();
        listen.url = format!("{}/callbacks", announced["url"].as_str().unwrap());
        listen
    }

    /// Waits for the next call that the listener prints.
    fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.next().unwrap().unwrap()).unwrap()
    }
}

/// Sets a retry schedule without pauses.
async fn without_pauses(dev: &Dev) {
    let settings = json!({"retry_schedule": {"waits_ms": [1, 1, 1], "timeout_ms": 3000}});
    let merchant = dev.merchant();
    let answer = merchant.call(Method::PUT, "/kassa/v1/callbacks/settings", &settings).await;
    answer.unwrap().expect(200);
}

#[tokio::test]
async fn the_listener_verifies_and_prints_callbacks() {
    let dev = Dev::start();
    let mut listen = Listen::start(&dev, &[]);
    let merchant = dev.merchant();
    let id = session(&merchant, &json!({"status_update": listen.url})).await;
    merchant.act(&id, "enter").await.expect(200);
    let seen = listen.next();
    assert_eq!(
        (&seen["session"]["session_id"], &seen["session"]["status"]),
        (&json!(id), &json!("IN_PROGRESS"))
    );
    assert_eq!((&seen["outcome"], &seen["answered"]), (&json!("new"), &json!(204)));
}

#[tokio::test]
async fn a_callback_failed_on_purpose_is_repeated_with_the_same_event_id() {
    let dev = Dev::start();
    without_pauses(&dev).await;
    let mut listen = Listen::start(&dev, &["--fail", "503", "--fail-first", "2"]);
    let merchant = dev.merchant();
    let id = session(&merchant, &json!({"status_update": listen.url})).await;
    merchant.act(&id, "enter").await.expect(200);
    let seen: Vec<Value> = (0..3).map(|_| listen.next()).collect();
    let answered: Vec<_> = seen.iter().map(|seen| seen["answered"].as_i64().unwrap()).collect();
    assert_eq!(answered, [503, 503, 204]);
    assert!(seen.iter().all(|one| one["event_id"] == seen[0]["event_id"]));
    assert_eq!(seen[2]["outcome"], "new", "a failed callback was not recorded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forwarded_callback_still_verifies_and_its_answer_is_returned() {
    let dev = Dev::start();
    without_pauses(&dev).await;
    let mut shop = Listen::start(&dev, &["--fail", "500", "--fail-first", "1"]);
    let mut between = Listen::start(&dev, &["--forward-to", &shop.url]);
    let merchant = dev.merchant();
    let id = session(&merchant, &json!({"status_update": format!("{}?sid={{{{session_id}}}}", between.url)}))
        .await;
    merchant.act(&id, "enter").await.expect(200);
    let (failed, taken) = (shop.next(), shop.next());
    assert_eq!((&failed["answered"], &taken["answered"]), (&json!(500), &json!(204)));
    assert_eq!((&taken["outcome"], &taken["session"]["session_id"]), (&json!("new"), &json!(id)));
    assert_eq!((&between.next()["answered"], &between.next()["answered"]), (&json!(500), &json!(204)));
}

#[tokio::test]
async fn an_unsigned_callback_is_refused_with_its_reason_and_not_forwarded() {
    let dev = Dev::start();
    let mut shop = Listen::start(&dev, &[]);
    let mut between = Listen::start(&dev, &["--forward-to", &shop.url]);
    let stranger = crate::harness::Merchant::new(&between.url, "", "");
    let answer = stranger.post("", &json!({"event_id": "e"})).await;
    assert_eq!((answer.status, answer.word("refused")), (401, "signature_missing"));
    assert_eq!(between.next()["outcome"], "refused: the header webhook-id is missing");
    // The next call that the shop sees is a real one.
    let merchant = dev.merchant();
    let id = session(&merchant, &json!({"status_update": between.url})).await;
    merchant.act(&id, "enter").await.expect(200);
    assert_eq!(shop.next()["outcome"], "new");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_scheme_of_the_forwarding_url_may_be_left_out() {
    let dev = Dev::start();
    let mut shop = Listen::start(&dev, &[]);
    let port = shop.url.rsplit(':').next().unwrap();
    let without_scheme = format!("localhost:{port}");
    let between = Listen::start(&dev, &["--forward-to", &without_scheme]);
    let merchant = dev.merchant();
    let id = session(&merchant, &json!({"status_update": between.url})).await;
    merchant.act(&id, "enter").await.expect(200);
    assert_eq!(shop.next()["outcome"], "new");
}

#[test]
fn a_forwarding_url_and_a_secret_that_are_none_are_wrong_usage_and_not_shown() {
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    for (arguments, why) in [
        (["--secret", secret, "--forward-to", "ftp://shop:s3cr3t@host/x"], "--forward-to: expected an http"),
        (["--secret", secret, "--forward-to", "/s3cr3t"], "--forward-to: expected an http"),
        (["--secret", "whsec_s3cr3t!", "--fail", "500"], "a secret is not base64"),
        (["--secret", "\"whsec_s3cr\"", "--fail", "500"], "a secret is not base64"),
        (["--secret", " ", "--fail", "500"], "a secret is empty"),
        (["--url-secret", " ", "--fail", "500"], "a secret is empty"),
    ] {
        let output = run(&[&["listen", "--listen", "127.0.0.1:0"][..], &arguments].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(why) && !said.contains("s3cr"), "{said}");
    }
}

#[test]
fn a_listener_without_any_secret_is_wrong_usage() {
    let output = run(&["listen", "--listen", "127.0.0.1:0"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("secret"));
}
