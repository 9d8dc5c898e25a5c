//! Only a well-formed 200 is an answer. After everything else the outcome is unknown, and the
//! request is repeated.

use super::front::external_journey;
use super::system::Standing;
use crate::harness::statuses;
use crate::klarna::line::Disturbance;

/// Answers that are none.
const NO_ANSWERS: [Disturbance; 12] = [
    Disturbance::NoConnection,
    Disturbance::AnswerLost,
    Disturbance::AnswerCut,
    Disturbance::Status(404),
    Disturbance::Status(403),
    Disturbance::Status(500),
    Disturbance::Status(302),
    // A page of a proxy.
    Disturbance::Status(200),
    Disturbance::Says(""),
    Disturbance::Says("{}"),
    Disturbance::Says(r#"{"outcome": "ordered"}"#),
    Disturbance::Says(r#"{"outcome": "no such outcome"}"#),
];

#[test]
fn an_order_is_repeated_with_the_same_bytes_until_there_is_an_answer() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "PLACE_ORDER").await;
        front.go_to_pay(&opened).await;
        front.system.set(&payment, Standing::Authorized);
        let misplaced = [r#"{"outcome": "open"}"#, r#"{"outcome": "unknown"}"#, r#"{"outcome": "gone"}"#]
            .map(Disturbance::Says);
        let disturbances: Vec<_> = NO_ANSWERS.into_iter().chain(misplaced).collect();
        front.disturb("place_order", &disturbances);
        front.return_to(&opened).await;
        let step = std::time::Duration::from_secs(30);
        let history =
            front.until(&opened, step, |history| statuses(history).last() == Some(&"COMPLETED")).await;
        assert_eq!(statuses(&history), ["IN_PROGRESS", "COMPLETED"], "never FAILED");
        let requests = front.requests("place_order");
        assert_eq!(requests.len(), disturbances.len() + 1);
        assert!(requests.iter().all(|one| *one == requests[0]), "{requests:?}");
        assert_eq!(front.system.orders_of(&payment), 1);
    });
}

#[test]
fn a_read_without_an_answer_changes_nothing() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "PLACE_ORDER").await;
        front.go_to_pay(&opened).await;
        front.system.set(&payment, Standing::Authorized);
        let misplaced = Disturbance::Says(r#"{"outcome": "ordered", "order_id": "o-1"}"#);
        for disturbance in NO_ANSWERS.into_iter().chain([misplaced]) {
            front.disturb("read", &[disturbance; 1_000]);
            let page = front.return_to(&opened).await;
            assert!(
                page.text.contains("data-testid=\"outcome-confirming\""),
                "{disturbance:?}: {}",
                page.text
            );
            assert_eq!(front.status(&opened).await, "IN_PROGRESS", "{disturbance:?}");
            // The node pauses after five calls without an answer.
            front.clock.advance(std::time::Duration::from_millis(10_100));
        }
    });
}

#[test]
fn a_browser_is_sent_to_listed_origins_only() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        for url in [
            "https://evil.example/p",
            "http://secure.acme.example/p",
            "https://secure.acme.example.evil.example/p",
            "https://user@secure.acme.example/p",
            "https://secure.acme.example:8443/p",
            "javascript:alert(1)",
            "/p",
        ] {
            let started =
                format!(r#"{{"outcome": "started", "payment_reference": "p", "redirect_url": "{url}"}}"#);
            front.disturb("start", &[Disturbance::Says(started.leak())]);
            let answer = front.press_pay(&opened, "pay_now").await;
            assert_eq!((answer.status, answer.header("location")), (503, ""), "{url}");
        }
    });
}

#[test]
fn a_refused_order_fails_the_session_and_its_authorization_is_released() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "PLACE_ORDER").await;
        front.go_to_pay(&opened).await;
        front.system.set(&payment, Standing::Authorized);
        let refused = r#"{"outcome": "refused", "reason": "risk\nrule"}"#;
        front.disturb("place_order", &[Disturbance::Says(refused)]);
        front.return_to(&opened).await;
        front.becomes(&opened, "FAILED").await;
        let is_released = |_: &serde_json::Value| front.system.payments()[0].standing == Standing::Released;
        let history = front.until(&opened, std::time::Duration::from_millis(1_100), is_released).await;
        assert!(history.to_string().contains("risk\u{fffd}rule"), "{history}");
    });
}
