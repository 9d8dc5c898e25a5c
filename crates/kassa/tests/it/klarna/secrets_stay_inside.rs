//! The password of the merchant's account and the tokens of authorizations appear in no log, no page and no note.

use std::fs::File;
use std::path::Path;

use kassa_testkit::eventually;
use serde_json::json;

use super::front::Front;
use crate::harness::cart;

/// Whether a file contains a text.
fn contains(file: &Path, text: &str) -> bool {
    let bytes = std::fs::read(file).unwrap();
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn passwords_and_tokens_are_in_no_log_page_or_history() {
    let front = Front::start("");
    let log = front.configuration.folder().join("log");
    let mut command = front.command();
    command.env("KASSA_LOG", "trace").stderr(File::create(&log).unwrap());
    let _node = crate::harness::Node::announced(command);
    let options = json!({"place_order_mode": "PLACE_ORDER"});
    let session = front.page_session(&options, &json!({})).await;
    let mut seen = vec![front.browser().browse(&session.path, None).await.unwrap().text];
    let token = front.authorize(&session.payment).await;
    let refused = json!({"calls": [
        {"do": "fail", "status": 503, "method": "POST", "path": "/payments/v1/authorizations/*", "nth": 1},
    ]});
    front.double.merchant().call(http::Method::PUT, "/lab/v1/faults", &refused).await.unwrap().expect(200);
    let form = "answer=approved&payment_method_category=pay_later";
    let claimed = front.browser().browse(&format!("{}/claim", session.path), Some(form)).await.unwrap();
    seen.push(claimed.expect(200).text);
    eventually("an order", async || {
        let read = front.merchant().read(&session.id).await;
        (read["status"] == "COMPLETED").then_some(())
    })
    .await;
    let passed_on = order_through_the_node(&front).await;
    seen.push(front.merchant().get(&format!("/kassa/v1/sessions/{}/events", session.id)).await.text);
    seen.push(front.browser().browse(&format!("{}/outcome", session.path), None).await.unwrap().text);
    let password = front.double.announced["password"].as_str().unwrap();
    assert_eq!(password, "dev", "the log is searched for a longer text that contains it");
    let credentials = "UEswMDAwMF9kZXY6ZGV2";
    for text in &seen {
        assert!(!text.contains(&token) && !text.contains(credentials), "{text}");
    }
    let own = front.merchant().credentials();
    for (secret, what) in [
        (token.as_str(), "the token"),
        (passed_on.as_str(), "the token of the order that was passed on"),
        (credentials, "the credentials of the account"),
        (own.as_str(), "the merchant's credentials for Kassa"),
    ] {
        assert!(!contains(&log, secret), "{what}: in the log");
    }
    assert!(contains(&log, "Klarna refuses the credentials"), "the log is written");
    assert!(contains(&log, "503 "), "the log has the reason of the first attempt");
}

/// The merchant pays and orders with the node's base URL alone. Returns the token. At the end the double refuses the
/// account, so that the node logs this, too.
async fn order_through_the_node(front: &Front) -> String {
    let merchant = front.merchant();
    let payment = merchant.payment_session("ECOMMERCE").await;
    let token = front.authorize(&payment).await;
    let path = format!("/payments/v1/authorizations/{token}/order");
    merchant.post(&path, &cart("ECOMMERCE")).await.expect(200);
    front.set_account_password("mistaken");
    eventually("a refused account", async || {
        let answer = merchant.post(&path, &cart("ECOMMERCE")).await;
        if answer.status == 401 { Ok(()) } else { Err(answer.status) }
    })
    .await;
    token
}
