//! `kassa dev --data`: the data of one run is complete in the next.

use serde_json::json;
use tempfile::TempDir;

use crate::harness::{Dev, Signal};

#[tokio::test]
async fn sessions_and_secrets_survive_an_orderly_stop() {
    let data = TempDir::new().unwrap();
    let dev = Dev::start_on(data.path());
    let secret = dev.announced["callback_secret"].clone();
    let session = dev.merchant().page_session(&json!({}), &json!({})).await;
    dev.merchant().act(&session, "enter").await.expect(200);
    let before = dev.merchant().act(&session, "approve").await.expect(200).json;
    assert_eq!(dev.stop(Signal::Terminate).code, Some(0));

    let dev = Dev::start_on(data.path());
    assert_eq!(dev.merchant().read(&session).await, before);
    assert_eq!(dev.announced["callback_secret"], secret);
}
#[tokio::test]
async fn the_page_link_opens_the_same_session_after_a_restart() {
    let data = TempDir::new().unwrap();
    let dev = Dev::start_on(data.path());
    let payment = dev.merchant().payment_session("ECOMMERCE").await;
    let body = json!({"payment_session_url": format!("{}/payments/v1/sessions/{payment}", dev.url())});
    let created = dev.merchant().post("/hpp/v1/sessions", &body).await.expect(201);
    let link = created.word("redirect_url").strip_prefix(dev.url()).unwrap().to_string();
    let session = created.word("session_id").to_string();
    dev.kill();

    let dev = Dev::start_on(data.path());
    dev.merchant().get(&link).await.expect(200);
    assert_eq!(dev.merchant().read(&session).await["status"], "IN_PROGRESS");
}
