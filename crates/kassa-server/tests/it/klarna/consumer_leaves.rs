//! The consumer goes back or cancels, or the merchant disables the session, while a payment may be authorized.

use serde_json::{Value, json};

use super::front::{Disturbance, Opened, front_journey, statuses};
use crate::klarna::front::Front;

/// Whether an order with this token is refused at the double, because the authorization was released.
async fn is_released(front: &Front, token: &str) -> bool {
    let cart = crate::harness::cart("ECOMMERCE");
    front.double.merchant.place(token, &cart).await.status == 404
}

async fn until_released(front: &Front, opened: &Opened) -> Value {
    let is_done = |history: &Value| {
        let operations = history["operations"].as_array();
        operations.into_iter().flatten().any(|one| one["operation"] == "RELEASE" && one["state"] == "DONE")
    };
    front.until(opened, std::time::Duration::from_millis(1_100), is_done).await
}

#[test]
fn back_asks_klarna_first_and_finds_the_payment() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        front.authorize(&payment).await;
        assert_eq!(front.send(&format!("{}/back", opened.page), "").await.status, 303);
        assert_eq!(front.status(&opened).await, "COMPLETED");
    });
}

#[test]
fn back_without_a_payment_or_an_answer_goes_back() {
    front_journey(|front| async move {
        for disturbance in [None, Some(Disturbance::NoConnection)] {
            let payment = front.payment_session().await;
            let opened = front.opened(&payment, "NONE").await;
            if let Some(disturbance) = disturbance {
                front.disturb("GET /payments", &[disturbance]);
            }
            front.send(&format!("{}/back", opened.page), "").await;
            assert_eq!(front.status(&opened).await, "BACK", "{disturbance:?}");
        }
    });
}

#[test]
fn an_order_is_not_placed_for_a_consumer_who_went_back() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "PLACE_ORDER").await;
        front.press_pay(&opened).await;
        front.send(&format!("{}/back", opened.page), "").await;
        let token = front.authorize(&payment).await;
        let told = until_released(&front, &opened).await;
        assert_eq!(statuses(&told), ["IN_PROGRESS", "BACK"]);
        assert!(is_released(&front, &token).await);
        assert_eq!(front.calls("POST").len(), 0, "no order was sent");
    });
}

#[test]
fn a_token_is_handed_out_although_the_consumer_went_back() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        front.press_pay(&opened).await;
        front.send(&format!("{}/back", opened.page), "").await;
        front.authorize(&payment).await;
        let told = front.becomes(&opened, "COMPLETED").await;
        assert_eq!(statuses(&told), ["IN_PROGRESS", "BACK", "COMPLETED"]);
    });
}

#[test]
fn an_authorization_of_a_disabled_session_is_released() {
    front_journey(|front| async move {
        for mode in ["NONE", "PLACE_ORDER"] {
            let payment = front.payment_session().await;
            let opened = front.opened(&payment, mode).await;
            front.press_pay(&opened).await;
            let disabled = front.merchant.delete(&format!("/hpp/v1/sessions/{}", opened.session)).await;
            assert_eq!(disabled.status, 204);
            let token = front.authorize(&payment).await;
            let told = until_released(&front, &opened).await;
            assert_eq!(statuses(&told), ["IN_PROGRESS", "DISABLED"]);
            let note = told["notes"][0]["detail"].as_str().unwrap();
            assert!(note.contains("released") && note.contains("DISABLED"), "{told}");
            assert!(is_released(&front, &token).await);
        }
    });
}

#[test]
fn a_disabled_page_leaves_the_payment_of_its_sibling_alone() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let disabled = front.opened(&payment, "NONE").await;
        front.press_pay(&disabled).await;
        front.merchant.delete(&format!("/hpp/v1/sessions/{}", disabled.session)).await;
        let sibling = front.opened(&payment, "NONE").await;
        front.press_pay(&sibling).await;
        let token = front.authorize(&payment).await;
        front.becomes(&sibling, "COMPLETED").await;
        front.until(&disabled, std::time::Duration::from_secs(70), |_| true).await;
        assert_eq!(front.merchant.read(&sibling.session).await["authorization_token"], json!(token));
        assert_eq!(front.calls("DELETE").len(), 0);
    });
}

#[test]
fn disabling_waits_for_an_order_that_is_being_placed() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "PLACE_ORDER").await;
        front.press_pay(&opened).await;
        front.authorize(&payment).await;
        front.disturb("POST", &[Disturbance::AnswerLost]);
        front.claim(&opened, "approved").await;
        let path = format!("/hpp/v1/sessions/{}", opened.session);
        let disabling = async {
            let answer = front.merchant.delete(&path).await;
            (answer.status, answer.json["error_code"].clone())
        };
        let (answer, _) = tokio::join!(disabling, front.becomes(&opened, "COMPLETED"));
        assert_eq!(answer, (400, json!("CONSTRAINT_VIOLATION")), "never disabled with an order");
    });
}
