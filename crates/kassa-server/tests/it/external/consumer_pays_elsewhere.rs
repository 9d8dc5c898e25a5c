//! The consumer pays on a page of the external payment system, and returns or does not.

use std::time::Duration;

use kassa_engine::Rates;
use kassa_server::PaymentSetup;
use kassa_store::simulation::Database;
use serde_json::{Value, json};

use super::front::{ExternalFront, external_journey};
use super::system::{PAGES, Standing, System};
use crate::harness::{Site, on_each_engine, statuses};
use crate::klarna::front::other_cart;
use crate::klarna::line::Disturbance;

#[test]
fn pay_leads_to_the_payment_system_and_the_return_completes_the_session() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "CAPTURE_ORDER").await;
        assert_eq!(front.go_to_pay(&opened).await, format!("{PAGES}/p-1"));
        let request = &front.system.payments()[0].request;
        assert_eq!(request["payment"]["amount"], json!(22299));
        assert_eq!(request["payment"]["lines"][1]["name"], json!("Jacket"));
        assert_eq!(request["start"]["category"], json!("pay_now"));
        assert_eq!(request["start"]["consumer"]["ip"], json!("127.0.0.1"));
        let return_url = request["start"]["return_url"].as_str().unwrap();
        assert_eq!(return_url, format!("{}{}/returned", front.url, opened.page));
        front.system.set(&payment, Standing::Authorized);
        let returned = front.return_to(&opened).await;
        assert_eq!(
            (returned.status, returned.header("location")),
            (303, &*format!("{}/outcome", opened.page))
        );
        let read = front.merchant.read(&opened.session).await;
        assert_eq!((&read["status"], &read["order_id"]), (&json!("COMPLETED"), &json!("o-p-1")));
        assert_eq!(read["klarna_reference"], json!("Rp-1"));
        assert_eq!(statuses(&front.history(&opened).await), ["IN_PROGRESS", "COMPLETED"]);
        assert!(front.system.payments()[0].is_captured);
        assert_eq!(front.system.orders_of(&payment), 1);
    });
}

#[test]
fn the_page_needs_no_script_and_its_policy_allows_the_redirect() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        let page = front.look(&opened.page).await;
        let policy = page.header("content-security-policy");
        assert!(policy.contains(&format!("form-action 'self' {PAGES};")), "{policy}");
        for test_id in ["pay", "back", "category-pay_now", "category-blik"] {
            assert!(page.text.contains(&format!("data-testid=\"{test_id}\"")), "{test_id}: {}", page.text);
        }
        assert!(!page.text.contains("name=\"email\"") && !page.text.contains("disabled"), "{}", page.text);
    });
}

#[test]
fn no_payment_starts_for_a_suspended_merchant_and_one_that_was_paid_completes_the_session() {
    external_journey(|front| async move {
        let payments = [front.payment_session().await, front.payment_session().await];
        let open = front.opened(&payments[0], "PLACE_ORDER").await;
        let started = front.opened(&payments[1], "PLACE_ORDER").await;
        front.go_to_pay(&started).await;
        front.suspend_merchant().await;
        for opened in [&open, &started] {
            let refused = front.press_pay(opened, "pay_now").await;
            assert_eq!(refused.status, 403);
            assert!(refused.text.contains("outcome-no-payments"), "{}", refused.text);
            assert_eq!(front.status(opened).await, "IN_PROGRESS");
        }
        assert_eq!(front.system.payments().len(), 1, "nothing started");
        let last_look = front.look(&format!("{}/returned?looks=4", started.page)).await;
        assert!(last_look.text.contains("outcome-no-payments"), "{}", last_look.text);
        front.system.set(&payments[1], Standing::Authorized);
        let paid = front.press_pay(&started, "pay_now").await;
        assert!(paid.text.contains("outcome-completed"), "{}", paid.text);
        assert_eq!(front.status(&started).await, "COMPLETED");
        assert_eq!(front.system.orders_of(&payments[1]), 1);
    });
}

#[test]
fn a_closed_browser_loses_no_payment() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "PLACE_ORDER").await;
        front.go_to_pay(&opened).await;
        front.system.set(&payment, Standing::Authorized);
        front.becomes(&opened, "COMPLETED").await;
        assert_eq!(front.system.orders_of(&payment), 1);
        assert!(!front.system.payments()[0].is_captured);
    });
}

#[test]
fn a_decline_fails_the_session_and_the_next_payment_is_a_new_one() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "PLACE_ORDER").await;
        front.go_to_pay(&opened).await;
        front.system.set(&payment, Standing::Declined);
        front.return_to(&opened).await;
        assert_eq!(front.status(&opened).await, "FAILED");
        let history = front.history(&opened).await;
        assert!(history.to_string().contains("insufficient funds"), "{history}");
        front.look(&opened.page).await;
        assert_eq!(front.go_to_pay(&opened).await, format!("{PAGES}/p-2"));
        front.system.set(&payment, Standing::Authorized);
        front.return_to(&opened).await;
        let history = front.history(&opened).await;
        assert_eq!(statuses(&history), ["IN_PROGRESS", "FAILED", "IN_PROGRESS", "COMPLETED"]);
        assert_eq!(front.system.orders_of(&payment), 1);
    });
}

#[test]
fn a_consumer_who_gave_up_there_can_pay_again_at_once() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        front.go_to_pay(&opened).await;
        front.system.set(&payment, Standing::Cancelled);
        let page = front.return_to(&opened).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("data-testid=\"notice\"") && page.text.contains("data-testid=\"pay\""));
        assert_eq!(front.status(&opened).await, "IN_PROGRESS");
        assert_eq!(front.go_to_pay(&opened).await, format!("{PAGES}/p-2"));
    });
}

#[test]
fn without_an_outcome_the_page_looks_again_and_then_offers_the_payment() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        front.go_to_pay(&opened).await;
        let mut path = format!("{}/returned?paymentId=7&error=501", opened.page);
        for look in 1..=4 {
            let page = front.look(&path).await;
            assert!(page.text.contains("data-testid=\"outcome-confirming\""), "look {look}: {}", page.text);
            path = format!("{}/returned?looks={look}", opened.page);
            assert!(page.text.contains(&path), "look {look}: {}", page.text);
        }
        let page = front.look(&path).await;
        assert!(page.text.contains("data-testid=\"pay-page\""), "{}", page.text);
        assert_eq!(front.go_to_pay(&opened).await, format!("{PAGES}/p-1"), "the same payment");
        assert_eq!(front.requests("start").len(), 1, "its page is known");
    });
}

#[test]
fn back_asks_first_and_an_order_of_a_consumer_who_went_back_is_released() {
    external_journey(|front| async move {
        let paid = front.payment_session().await;
        let opened = front.opened(&paid, "PLACE_ORDER").await;
        front.go_to_pay(&opened).await;
        front.system.set(&paid, Standing::Authorized);
        front.send(&format!("{}/back", opened.page), "").await;
        assert_eq!(front.status(&opened).await, "COMPLETED");

        let unpaid = front.payment_session().await;
        let opened = front.opened(&unpaid, "PLACE_ORDER").await;
        front.go_to_pay(&opened).await;
        front.send(&format!("{}/back", opened.page), "").await;
        assert_eq!(front.status(&opened).await, "BACK");
        front.system.set(&unpaid, Standing::Authorized);
        front
            .until(&opened, Duration::from_millis(1_100), |_| {
                front.system.payments_of(&unpaid)[0].standing == Standing::Released
            })
            .await;
        assert_eq!(front.status(&opened).await, "BACK");
    });
}

#[test]
fn a_started_payment_of_a_session_that_ends_is_released_at_once() {
    external_journey(|front| async move {
        for standing in [Standing::Open, Standing::Authorized] {
            let payment = front.payment_session().await;
            let opened = front.opened(&payment, "PLACE_ORDER").await;
            front.go_to_pay(&opened).await;
            front.system.set(&payment, standing);
            let disabled = front.merchant.delete(&format!("/hpp/v1/sessions/{}", opened.session)).await;
            assert_eq!(disabled.status, 204);
            front
                .until(&opened, Duration::from_millis(1_100), |_| {
                    front.system.payments_of(&payment)[0].standing == Standing::Released
                })
                .await;
            assert_eq!(front.status(&opened).await, "DISABLED");
            let returned = front.return_to(&opened).await;
            assert_eq!(returned.status, 303, "{}", returned.text);
        }
    });
}

#[test]
fn a_payment_that_is_complete_there_completes_the_session() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        front.go_to_pay(&opened).await;
        front.system.set(&payment, Standing::Ordered);
        front.return_to(&opened).await;
        let read = front.merchant.read(&opened.session).await;
        assert_eq!((&read["status"], &read["order_id"]), (&json!("COMPLETED"), &json!("o-p-1")));
        assert!(front.requests("place_order").is_empty());
    });
}

#[test]
fn while_the_payment_system_is_silent_nothing_is_lost() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "PLACE_ORDER").await;
        front.go_to_pay(&opened).await;
        front.system.set(&payment, Standing::Authorized);
        front.disturb("read", &[Disturbance::NoConnection; 3]);
        let page = front.return_to(&opened).await;
        assert!(page.text.contains("data-testid=\"outcome-confirming\""), "{}", page.text);
        assert_eq!(front.status(&opened).await, "IN_PROGRESS");
        front.becomes(&opened, "COMPLETED").await;
        assert_eq!(front.system.orders_of(&payment), 1);
    });
}

#[test]
fn a_payment_that_was_collected_although_the_session_ended_is_stuck_until_an_operator_settles_it() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        front.go_to_pay(&opened).await;
        front.system.set(&payment, Standing::Ordered);
        front.merchant.delete(&format!("/hpp/v1/sessions/{}", opened.session)).await;
        let is_stuck = |history: &Value| history["operations"][0]["state"] == "STUCK";
        let history = front.until(&opened, Duration::from_millis(1_100), is_stuck).await;
        assert!(history.to_string().contains("the money was collected"), "{history}");
        assert_eq!(front.status(&opened).await, "DISABLED");
    });
}

#[test]
fn a_cancelled_purchase_releases_the_started_payment() {
    external_journey(|front| async move {
        let payment = front.merchant.payment_session("IN_STORE").await;
        let opened = front.opened(&payment, "NONE").await;
        front.go_to_pay(&opened).await;
        front.send(&format!("{}/cancel", opened.page), "").await;
        assert_eq!(front.status(&opened).await, "CANCELLED");
        front
            .until(&opened, Duration::from_millis(1_100), |_| {
                front.system.payments_of(&payment)[0].standing == Standing::Released
            })
            .await;
    });
}

#[test]
fn money_that_was_collected_for_an_earlier_order_completes_the_session_with_a_note() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        front.go_to_pay(&opened).await;
        let update = format!("/payments/v1/sessions/{payment}");
        assert_eq!(front.merchant.post(&update, &other_cart()).await.status, 204);
        front.system.set(&payment, Standing::Ordered);
        front.return_to(&opened).await;
        let history = front.history(&opened).await;
        assert_eq!(statuses(&history), ["IN_PROGRESS", "COMPLETED"]);
        assert!(history["notes"].to_string().contains("compare the amounts"), "{history}");
    });
}

#[test]
fn a_started_payment_that_no_read_follows_any_more_is_released() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        front.go_to_pay(&opened).await;
        front
            .until(&opened, Duration::from_secs(1_800), |_| {
                front.system.payments_of(&payment)[0].standing == Standing::Released
            })
            .await;
    });
}

/// A node without the payment system disables the session, as a node does that dies before it releases the payment.
#[test]
fn a_started_payment_is_released_although_the_node_that_disabled_the_session_died() {
    on_each_engine(async |database| {
        let same = match &database {
            Database::File(path) => Database::File(path.clone()),
            Database::Postgres(url) => Database::Postgres(url.clone()),
        };
        let system = System::start().await;
        let front = ExternalFront::start(database, system.clone()).await;
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        front.go_to_pay(&opened).await;
        let dying = Site::start(same, PaymentSetup::default(), Rates::NONE, front.clock.clone()).await;
        let disabled = dying.merchant.delete(&format!("/hpp/v1/sessions/{}", opened.session)).await;
        assert_eq!(disabled.status, 204, "{}", disabled.text);
        assert_eq!(system.payments()[0].standing, Standing::Open);
        let is_released = |_: &Value| system.payments()[0].standing == Standing::Released;
        front.until(&opened, Duration::from_millis(1_100), is_released).await;
        assert_eq!(front.status(&opened).await, "DISABLED");
    });
}
