//! A start has one key, and its bytes stay the same. A payment session has one started payment at a time.

use serde_json::json;

use super::front::external_journey;
use super::system::{PAGES, Standing};
use crate::klarna::front::other_cart;
use crate::klarna::line::Disturbance;

#[test]
fn a_start_whose_answer_was_lost_is_repeated_with_the_same_bytes() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        for disturbance in [Disturbance::AnswerLost, Disturbance::AnswerCut, Disturbance::Status(502)] {
            front.disturb("start", &[disturbance]);
            let answer = front.press_pay(&opened, "pay_now").await;
            assert_eq!(answer.status, 503, "{disturbance:?}: {}", answer.text);
            assert!(answer.text.contains("data-testid=\"outcome-unavailable\""), "{}", answer.text);
            assert_eq!(front.status(&opened).await, "IN_PROGRESS");
        }
        front.calm();
        assert_eq!(front.go_to_pay(&opened).await, format!("{PAGES}/p-1"));
        let requests = front.requests("start");
        assert_eq!(requests.len(), 4);
        assert!(requests.iter().all(|one| *one == requests[0]), "{requests:?}");
        assert_eq!(front.system.payments().len(), 1);
    });
}

#[test]
fn two_presses_at_once_start_one_payment() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        let (one, other) = tokio::join!(front.go_to_pay(&opened), front.go_to_pay(&opened));
        assert_eq!(one, other);
        let live: Vec<_> =
            front.system.payments().into_iter().filter(|one| one.standing == Standing::Open).collect();
        assert_eq!(live.len(), 1, "{live:?}");
    });
}

#[test]
fn a_refused_start_fails_the_session_and_the_next_press_starts_anew() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        let refused = Disturbance::Says(r#"{"outcome": "refused", "reason": "no such category"}"#);
        front.disturb("start", &[refused]);
        let answer = front.press_pay(&opened, "blik").await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        assert_eq!(front.status(&opened).await, "FAILED");
        front.look(&opened.page).await;
        front.go_to_pay(&opened).await;
        let requests = front.requests("start");
        assert_ne!(requests[0], requests[1]);
    });
}

#[test]
fn another_category_and_another_page_take_the_place_of_a_started_payment() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        front.go_to_pay(&opened).await;
        front.press_pay(&opened, "blik").await;
        let sibling = front.opened(&payment, "NONE").await;
        front.go_to_pay(&sibling).await;
        front.system.set(&payment, Standing::Authorized);
        let standings = || front.system.payments().iter().map(|one| one.standing).collect::<Vec<_>>();
        let released = [Standing::Released, Standing::Released, Standing::Authorized];
        front.until(&opened, std::time::Duration::from_millis(1_100), |_| standings() == released).await;
        front.return_to(&sibling).await;
        assert_eq!(front.status(&sibling).await, "COMPLETED");
        let token = &front.merchant.read(&sibling.session).await["authorization_token"];
        assert_eq!(token, &json!(format!("{payment}.a-p-3")));
    });
}

#[test]
fn a_payment_of_an_order_that_changed_is_released_and_the_page_shows_the_new_amount() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "PLACE_ORDER").await;
        front.go_to_pay(&opened).await;
        let update = format!("/payments/v1/sessions/{payment}");
        assert_eq!(front.merchant.post(&update, &other_cart()).await.status, 204);
        front.system.set(&payment, Standing::Authorized);
        let returned = front.return_to(&opened).await;
        assert_eq!((returned.status, returned.header("location")), (303, opened.page.as_str()));
        front
            .until(&opened, std::time::Duration::from_millis(1_100), |_| {
                front.system.payments()[0].standing == Standing::Released
            })
            .await;
        // The payment system calls the released payment declined, which is no decline of the consumer.
        front.return_to(&opened).await;
        assert_eq!(front.status(&opened).await, "IN_PROGRESS");
        assert!(front.look(&opened.page).await.text.contains("99,99"));
        assert_eq!(front.go_to_pay(&opened).await, format!("{PAGES}/p-2"));
        assert_eq!(front.system.payments()[1].request["payment"]["amount"], json!(9999));
        front.system.set(&payment, Standing::Authorized);
        front.return_to(&opened).await;
        assert_eq!(front.status(&opened).await, "COMPLETED");
        assert_eq!(front.system.payments()[0].standing, Standing::Released);
        assert_eq!(front.system.orders_of(&payment), 1);
    });
}

#[test]
fn a_payment_whose_page_has_ended_is_replaced() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        let started = r#"{"outcome": "started", "payment_reference": "p-old",
            "redirect_url": "https://secure.acme.example/old", "expires_at": "2026-01-01T00:10:00Z"}"#;
        front.disturb("start", &[Disturbance::Says(started)]);
        assert_eq!(front.go_to_pay(&opened).await, format!("{PAGES}/old"));
        front.disturb("read", &[Disturbance::Says(r#"{"outcome": "open"}"#); 1_000]);
        assert_eq!(front.go_to_pay(&opened).await, format!("{PAGES}/old"));
        front.clock.advance(std::time::Duration::from_secs(601));
        assert_eq!(front.go_to_pay(&opened).await, format!("{PAGES}/p-1"));
    });
}
