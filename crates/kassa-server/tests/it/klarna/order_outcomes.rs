//! Kassa places each order at Klarna once, also if the request or its answer is lost.

use std::time::Duration;

use serde_json::{Value, json};

use super::front::{Disturbance, Front, Opened, front_journey, statuses};

/// Opens a page that places the order, authorizes the payment, and returns the page with its payment session.
async fn paid(front: &Front, mode: &str) -> (Opened, String) {
    let payment = front.payment_session().await;
    let opened = front.opened(&payment, mode).await;
    front.press_pay(&opened).await;
    front.authorize(&payment).await;
    (opened, payment)
}

async fn order_at_the_double(front: &Front, opened: &Opened) -> Value {
    let order_id = front.merchant.read(&opened.session).await["order_id"].as_str().unwrap().to_string();
    front.double.merchant.get(&format!("/ordermanagement/v1/orders/{order_id}")).await.json
}

#[test]
fn the_order_is_placed_at_klarna_and_captured_if_asked_for() {
    front_journey(|front| async move {
        for (mode, captured) in [("PLACE_ORDER", 0), ("CAPTURE_ORDER", 22299)] {
            let (opened, payment) = paid(&front, mode).await;
            assert_eq!(front.claim(&opened, "approved").await, "/outcome");
            let read = front.merchant.read(&opened.session).await;
            assert_eq!(read["status"], "COMPLETED", "{read}");
            let order = order_at_the_double(&front, &opened).await;
            assert_eq!(order["order_amount"], json!(22299));
            assert_eq!(order["captured_amount"], json!(captured));
            assert_eq!(read["klarna_reference"], order["klarna_reference"]);
            assert_eq!(front.at_the_double(&payment).await["status"], "complete");
        }
        assert_eq!(front.calls("POST").len(), 2);
    });
}

#[test]
fn the_same_bytes_are_sent_until_the_answer_arrives() {
    front_journey(|front| async move {
        let (opened, _) = paid(&front, "PLACE_ORDER").await;
        let lost = [Disturbance::AnswerLost, Disturbance::NoConnection, Disturbance::Status(500)];
        front.disturb("POST", &lost);
        assert_eq!(front.claim(&opened, "approved").await, "/outcome");
        let shown = front.look(&format!("{}/outcome", opened.page)).await;
        assert!(shown.text.contains("data-testid=\"outcome-confirming\""), "{}", shown.text);
        let told = front.becomes(&opened, "COMPLETED").await;
        assert_eq!(statuses(&told), ["IN_PROGRESS", "COMPLETED"], "never FAILED");
        let sent = front.calls("POST");
        assert_eq!(sent.len(), 4);
        assert!(sent.iter().all(|body| *body == sent[0]), "{sent:?}");
        assert_eq!(order_at_the_double(&front, &opened).await["order_amount"], json!(22299));
    });
}

#[test]
fn a_limit_or_an_outage_at_klarna_never_fails_the_session() {
    front_journey(|front| async move {
        let (opened, _) = paid(&front, "PLACE_ORDER").await;
        let outage = [429, 500, 502, 503, 401, 200, 404, 403, 409].map(Disturbance::Status);
        front.disturb("POST", &outage);
        front.claim(&opened, "approved").await;
        let step = Duration::from_secs(61);
        let told = front.until(&opened, step, |history| statuses(history).last() == Some(&"COMPLETED")).await;
        assert_eq!(statuses(&told), ["IN_PROGRESS", "COMPLETED"]);
        let sent = front.calls("POST");
        assert!(sent.len() >= 10 && sent.iter().all(|body| *body == sent[0]), "{sent:?}");
    });
}

#[test]
fn a_refused_order_lets_the_consumer_try_again_and_releases_the_authorization() {
    front_journey(|front| async move {
        let (opened, payment) = paid(&front, "PLACE_ORDER").await;
        let token = front.at_the_double(&payment).await["authorization_token"].as_str().unwrap().to_string();
        // Klarna repeats its first error about a token, so this one is refused for good.
        let other = super::front::other_cart();
        assert_eq!(front.double.merchant.place(&token, &other).await.status, 409);
        front.claim(&opened, "approved").await;
        assert_eq!(front.status(&opened).await, "FAILED");
        let released = |history: &Value| {
            let operations = history["operations"].as_array().unwrap();
            operations.iter().any(|one| one["operation"] == "RELEASE" && one["state"] == "DONE")
        };
        front.until(&opened, Duration::from_millis(1_100), released).await;
        front.look(&opened.page).await;
        front.authorize(&payment).await;
        front.claim(&opened, "approved").await;
        assert_eq!(front.status(&opened).await, "COMPLETED");
    });
}

#[test]
fn two_pages_of_one_payment_session_place_one_order() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let one = front.opened(&payment, "PLACE_ORDER").await;
        let other = front.opened(&payment, "PLACE_ORDER").await;
        front.authorize(&payment).await;
        tokio::join!(front.claim(&one, "approved"), front.claim(&other, "approved"));
        let told = front.becomes(&one, "COMPLETED").await;
        front.becomes(&other, "COMPLETED").await;
        assert_eq!(front.calls("POST").len(), 1, "{told}");
        let order = |read: Value| read["order_id"].clone();
        let orders = [&one, &other].map(|opened| front.merchant.read(&opened.session));
        let [one, other] = orders;
        assert_eq!(order(one.await), order(other.await));
    });
}

#[test]
fn a_missing_reference_does_not_hold_the_order_up() {
    front_journey(|front| async move {
        let (opened, _) = paid(&front, "PLACE_ORDER").await;
        front.disturb("GET /ordermanagement", &[Disturbance::NoConnection]);
        front.claim(&opened, "approved").await;
        let read = front.merchant.read(&opened.session).await;
        assert_eq!((&read["status"], read.get("klarna_reference")), (&json!("COMPLETED"), None), "{read}");
    });
}
