//! `kassa dev --data`: what was there before a restart is there after it.

use serde_json::json;
use tempfile::TempDir;

use crate::harness::{Dev, Signal};

#[tokio::test]
async fn sessions_and_secrets_outlive_an_orderly_stop() {
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
