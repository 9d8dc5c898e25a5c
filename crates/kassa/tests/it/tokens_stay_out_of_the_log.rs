//! The log contains no page token, no authorization token and no password, even at the most detailed level.

use serde_json::json;

use crate::harness::{Dev, Signal, kassa};

#[tokio::test]
async fn calls_that_are_refused_are_logged_without_their_tokens() {
    let mut command = kassa();
    command.env("KASSA_LOG", "kassa=trace,kassa_server=trace,kassa_store=trace");
    let dev = Dev::launch(command, &[]);
    let merchant = dev.merchant();
    let payment = merchant.payment_session("ECOMMERCE").await;
    let created = merchant.host(&payment, &json!({}), &json!({})).await.expect(201);
    let session = created.word("session_id");
    let page = created.word("redirect_url").rsplit('/').next().unwrap().to_string();
    merchant.act(session, "enter").await.expect(200);
    let paid = merchant.act(session, "approve").await.expect(200);
    let token = paid.word("authorization_token").to_string();

    let order = format!("/payments/v1/authorizations/{token}/order");
    merchant.post(&order, &json!({"purchase_country": "SE"})).await.expect(400);
    assert!(merchant.browse(&format!("/pay/{page}/no-such-step"), None).await.unwrap().status >= 400);
    assert!(merchant.browse(&format!("/pay/{page}x"), None).await.unwrap().status >= 400);
    let mistaken = crate::harness::Merchant::new(dev.url(), "PK00000_dev", "a-mistaken-password");
    mistaken.post(&order, &json!({})).await.expect(401);

    let log = dev.stop(Signal::Terminate).complaints;
    assert!(log.contains("/payments/v1/authorizations/{") && log.contains("refused"), "{log}");
    for secret in [token.as_str(), page.as_str(), "a-mistaken-password"] {
        assert!(!log.contains(secret), "{secret} stands in the log:\n{log}");
    }
}
