//! The example shop beside a running Kassa: each consumer who paid gets one order, the others get none.

mod every_scenario;

use std::net::TcpListener;

use http::Method;
use kassa_testkit::eventually;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Dev, Merchant};

#[path = "../../../kassa-client/examples/shop.rs"]
#[expect(dead_code, reason = "the example's own entry is not called here")]
mod shop;

/// The acts of each consumer, and whether the consumer paid.
const CONSUMERS: [(&[&str], bool); 7] = [
    (&[], false),
    (&["enter", "approve"], true),
    (&["enter", "decline", "enter", "approve"], true),
    (&["enter", "error", "enter", "approve"], true),
    (&["enter", "back", "enter", "approve"], true),
    (&["enter", "back"], false),
    (&["enter", "decline"], false),
];

#[tokio::test]
async fn the_example_shop_places_one_order_per_paid_session() {
    let (dev, folder) = (Dev::start(), TempDir::new().unwrap());
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let shop = Merchant::new(&format!("http://{}", socket.local_addr().unwrap()), "", "");
    let secret = dev.announced["callback_secret"].as_str().unwrap().to_string();
    let (kassa, file) = (dev.url().to_string(), folder.path().join("shop.db"));
    tokio::task::LocalSet::new()
        .run_until(async move {
            tokio::task::spawn_local(async move { shop::open(socket, &kassa, secret, &file).await.unwrap() });
            consumers_come(&dev.merchant(), &shop).await;
        })
        .await;
}

async fn consumers_come(merchant: &Merchant, shop: &Merchant) {
    for (acts, is_paid) in CONSUMERS {
        let page = shop.call(Method::POST, "/buy", &Value::Null).await.unwrap().expect(303);
        assert!(page.header("location").contains("/pay/"));
        let newest = merchant.get("/kassa/v1/sessions?limit=1").await.expect(200).json["sessions"][0].clone();
        for act in acts {
            merchant.act(newest["session_id"].as_str().unwrap(), act).await.expect(200);
        }
        let payment = format!("/payments/v1/sessions/{}", newest["payment_session_id"].as_str().unwrap());
        // Placing the order completes the payment session. Without a payment there is no change to wait for.
        let status = async || merchant.get(&payment).await.expect(200).json["status"].clone();
        eventually("an order", async || !is_paid || status().await == "complete").await;
        assert_eq!(status().await == json!("complete"), is_paid, "{acts:?}");
    }
}
