//! A merchant creates a page session for a payment session at Klarna.

use serde_json::{Value, json};

use super::front::{Disturbance, front_journey, other_cart};
use crate::harness::Answer;

fn refused(answer: &Answer, status: u16, code: &str, part: &str) {
    assert_eq!((answer.status, &answer.json["error_code"]), (status, &json!(code)), "{}", answer.text);
    assert!(answer.text.contains(part), "{}", answer.text);
}

#[test]
fn the_session_expires_an_hour_before_the_one_at_klarna() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let created = front.create(&payment, json!({})).await;
        assert_eq!(created.status, 201, "{}", created.text);
        let instant =
            |value: &Value| -> kassa_wire::time::Instant { value.as_str().unwrap().parse().unwrap() };
        let ends = instant(&front.at_the_double(&payment).await["expires_at"]);
        assert_eq!(ends.as_ms() - instant(&created.json["expires_at"]).as_ms(), 3_600_000);
        assert_eq!(
            front.merchant.get("/payments/assets/pay_later/standard").await.status,
            404,
            "no sandbox here"
        );
    });
}

#[test]
fn each_reason_why_a_payment_cannot_be_read_has_its_own_answer() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        front.disturb("GET /payments", &[Disturbance::NoConnection, Disturbance::Status(404)]);
        refused(&front.create(&payment, json!({})).await, 503, "TEMPORARILY_UNAVAILABLE", "no answer");
        refused(&front.create(&payment, json!({})).await, 503, "TEMPORARILY_UNAVAILABLE", "no answer");
        refused(&front.create("unknown", json!({})).await, 404, "NOT_FOUND", "expired or does not exist");

        front.set_account("merchant_user", "mistaken").await;
        refused(&front.create(&payment, json!({})).await, 403, "NOT_ALLOWED", "refuses the credentials");
        let metrics = front.look("/metrics").await.text;
        assert!(metrics.contains("kassa_payment_account_refused_total 1\n"), "{metrics}");
        front.set_account("stranger_user", "secret").await;
        refused(&front.create(&payment, json!({})).await, 404, "NOT_FOUND", "expired or does not exist");
        front.set_account("merchant_user", "secret").await;

        let elsewhere = json!({
            "payment_session_url": format!("http://127.0.0.1:9/payments/v1/sessions/{payment}"),
        });
        let answer = front.merchant.post("/hpp/v1/sessions", &elsewhere).await;
        refused(&answer, 400, "BAD_VALUE", "no payment account at http://127.0.0.1:9");
        let token = front.authorize(&payment).await;
        let cart = crate::harness::cart("ECOMMERCE");
        assert_eq!(front.double.merchant.place(&token, &cart).await.status, 200);
        refused(&front.create(&payment, json!({})).await, 404, "SESSION_COMPLETED", "already been completed");
    });
}

#[test]
fn another_merchant_cannot_use_a_payment_session_that_is_known_already() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        assert_eq!(front.create(&payment, json!({})).await.status, 201);
        let update = format!("/payments/v1/sessions/{payment}");
        assert_eq!(front.double.merchant.post(&update, &other_cart()).await.status, 204);
        assert_eq!(front.create(&payment, json!({})).await.status, 201, "a second page, of the new cart");
        front.stop().await;
    });
}
