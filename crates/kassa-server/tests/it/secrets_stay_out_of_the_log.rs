//! The watch over the logs of all journeys sees a secret that is logged.

use kassa_testkit::note_secrets;
use serde_json::json;

use crate::harness::{LogWatch, journey};

#[test]
fn a_secret_that_is_logged_is_found() {
    let watch = LogWatch::start();
    let secret = "5ec2e7-0f-a-te5t";
    note_secrets(json!({"authorization_token": secret}).to_string().as_bytes());
    assert!(LogWatch::found().is_empty());
    tracing::trace!(target: "kassa_engine::advance", "a token: {secret}");
    let found = LogWatch::found();
    assert!(found.len() == 1 && found[0].contains("kassa_engine::advance"), "{found:?}");
    // It would fail the test, as it has to in every other one.
    std::mem::forget(watch);
}

#[test]
fn a_purchase_is_logged_without_its_secrets() {
    journey(|world| async move {
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        let paid = world.merchant.act(&session, "approve").await;
        assert!(paid.json["authorization_token"].is_string(), "{}", paid.text);
        let logged = LogWatch::lines_with(&session);
        assert!(logged > 0, "the log of this journey is watched");
    });
}
