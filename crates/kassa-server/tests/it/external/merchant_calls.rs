//! The merchant's calls about payment sessions and authorizations, and those that are not here.

use serde_json::{Value, json};

use super::front::{ExternalFront, external_journey};
use super::system::Standing;
use crate::harness::{Answer, Opened, cart};
use crate::klarna::line::Disturbance;

/// A page session whose token the merchant has.
async fn handed_out(front: &ExternalFront) -> (String, Opened, String) {
    let payment = front.payment_session().await;
    let opened = front.opened(&payment, "NONE").await;
    front.go_to_pay(&opened).await;
    front.system.set(&payment, Standing::Authorized);
    front.return_to(&opened).await;
    let read = front.merchant.read(&opened.session).await;
    assert_eq!(read["status"], json!("COMPLETED"), "{read}");
    let token = read["authorization_token"].as_str().unwrap().to_string();
    (payment, opened, token)
}

async fn place(front: &ExternalFront, token: &str, order: &Value) -> Answer {
    front.merchant.post(&format!("/payments/v1/authorizations/{token}/order"), order).await
}

#[test]
fn a_payment_session_offers_the_configured_categories() {
    external_journey(|front| async move {
        let created = front.merchant.post("/payments/v1/sessions", &cart("ECOMMERCE")).await;
        let of = |answer: &Answer| -> Vec<String> {
            let categories = answer.json["payment_method_categories"].as_array().unwrap();
            categories.iter().map(|one| one["identifier"].as_str().unwrap().to_string()).collect()
        };
        assert_eq!(of(&created), ["pay_now", "blik"]);
        let id = created.json["session_id"].as_str().unwrap();
        assert_eq!(
            of(&front.merchant.get(&format!("/payments/v1/sessions/{id}")).await),
            ["pay_now", "blik"]
        );
    });
}

#[test]
fn the_merchant_places_the_order_and_every_call_has_the_same_answer() {
    external_journey(|front| async move {
        let (payment, opened, token) = handed_out(&front).await;
        let sibling = front.opened(&payment, "NONE").await;
        front.disturb("place_order", &[Disturbance::AnswerLost, Disturbance::Status(500)]);
        let order = cart("ECOMMERCE");
        for _ in 0..2 {
            let unknown = place(&front, &token, &order).await;
            assert_eq!((unknown.status, unknown.header("retry-after")), (503, "2"), "{}", unknown.text);
        }
        let placed = place(&front, &token, &order).await;
        assert_eq!((placed.status, &placed.json["order_id"]), (200, &json!("o-p-1")), "{}", placed.text);
        assert_eq!(place(&front, &token, &order).await.json, placed.json);
        let requests = front.requests("place_order");
        assert!(requests.iter().all(|one| *one == requests[0]), "{requests:?}");
        assert_eq!(front.system.orders_of(&payment), 1);
        for one in [&opened, &sibling] {
            assert_eq!(front.status(one).await, "COMPLETED");
        }
    });
}

#[test]
fn an_order_for_another_amount_is_not_sent() {
    external_journey(|front| async move {
        let (_, _, token) = handed_out(&front).await;
        let mut order = cart("ECOMMERCE");
        order["purchase_currency"] = json!("EUR");
        let refused = place(&front, &token, &order).await;
        assert_eq!(refused.status, 409, "{}", refused.text);
        assert!(refused.text.contains("purchase_currency"), "{}", refused.text);
        let stranger = front.caller("stranger", "secret");
        let path = format!("/payments/v1/authorizations/{token}/order");
        assert_eq!(stranger.post(&path, &cart("ECOMMERCE")).await.status, 401);
        assert_eq!(place(&front, "unknown", &cart("ECOMMERCE")).await.status, 404);
        assert!(front.requests("place_order").is_empty());
    });
}

#[test]
fn the_merchant_cancels_an_authorization_once() {
    external_journey(|front| async move {
        let (payment, _, token) = handed_out(&front).await;
        let path = format!("/payments/v1/authorizations/{token}");
        front.disturb("release", &[Disturbance::Status(404)]);
        assert_eq!(front.merchant.delete(&path).await.status, 503);
        assert_eq!(front.merchant.delete(&path).await.status, 204);
        assert_eq!(front.system.payments_of(&payment)[0].standing, Standing::Released);
        assert_eq!(front.merchant.delete(&path).await.status, 404);
        assert_eq!(place(&front, &token, &cart("ECOMMERCE")).await.status, 404);
    });
}

#[test]
fn an_authorization_that_has_an_order_cannot_be_cancelled() {
    external_journey(|front| async move {
        let (payment, _, token) = handed_out(&front).await;
        let order = cart("ECOMMERCE");
        assert_eq!(place(&front, &token, &order).await.status, 200);
        let path = format!("/payments/v1/authorizations/{token}");
        assert_eq!(front.merchant.delete(&path).await.status, 404);
        assert_eq!(front.system.orders_of(&payment), 1);
        assert!(front.requests("release").is_empty());
    });
}

#[test]
fn a_key_is_for_one_request() {
    external_journey(|front| async move {
        let (_, _, token) = handed_out(&front).await;
        let (order, mut capturing) = (cart("ECOMMERCE"), cart("ECOMMERCE"));
        capturing["auto_capture"] = json!(true);
        front.disturb("place_order", &[Disturbance::AnswerLost]);
        assert_eq!(place(&front, &token, &order).await.status, 503);
        assert_eq!(place(&front, &token, &capturing).await.status, 409);
        assert_eq!(place(&front, &token, &order).await.status, 200);
        assert_eq!(place(&front, &token, &capturing).await.status, 409);
    });
}

#[test]
fn orders_are_managed_at_the_payment_system() {
    external_journey(|front| async move {
        for path in ["/ordermanagement/v1/orders/o-p-1", "/customer-token/v1/tokens/t"] {
            let answer = front.merchant.get(path).await;
            assert_eq!((answer.status, &answer.json["error_code"]), (403, &json!("NOT_ALLOWED")), "{path}");
            assert!(answer.text.contains("Acme"), "{}", answer.text);
            assert_eq!(front.anyone.get(path).await.status, 401, "{path}");
        }
    });
}
