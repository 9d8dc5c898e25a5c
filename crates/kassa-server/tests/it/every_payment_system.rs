//! One suite for every payment system: the sandbox, Klarna (the double), an external payment system, and the example
//! adapter for PayU in front of the public simulator of PayU. A merchant and a consumer see no difference.

mod payu;
mod systems;

use serde_json::json;

use crate::harness::{Opened, cart, statuses};
use systems::{System, each_system};

#[test]
fn a_payment_becomes_one_captured_order() {
    each_system(async |system| {
        let payment = system.payment_session().await;
        let opened = system.opened(&payment, "CAPTURE_ORDER").await;
        system.approve(&payment, &opened).await;
        completed_with_an_order(&system, &payment, &opened).await;
        let history = system.site().history(&opened).await;
        assert_eq!(statuses(&history), ["IN_PROGRESS", "COMPLETED"], "{system}");
    });
}

#[test]
fn a_token_becomes_one_order_however_often_the_merchant_asks() {
    each_system(async |system| {
        let payment = system.payment_session().await;
        let opened = system.opened(&payment, "NONE").await;
        system.approve(&payment, &opened).await;
        let read = system.site().merchant.read(&opened.session).await;
        assert_eq!(read["status"], json!("COMPLETED"), "{system}: {read}");
        assert_eq!(system.orders_of(&payment).await, 0, "{system}");
        let token = read["authorization_token"].as_str().unwrap();
        let mut order = cart("ECOMMERCE");
        order["auto_capture"] = json!(true);
        let placed = system.place(token, &order).await;
        assert_eq!(placed.status, 200, "{system}: {}", placed.text);
        assert_eq!(system.place(token, &order).await.json["order_id"], placed.json["order_id"], "{system}");
        assert_eq!(system.orders_of(&payment).await, 1, "{system}");
    });
}

#[test]
fn a_decline_fails_the_session_and_the_consumer_can_pay_again() {
    each_system(async |system| {
        let payment = system.payment_session().await;
        let opened = system.opened(&payment, "CAPTURE_ORDER").await;
        system.decline(&payment, &opened).await;
        assert_eq!(system.site().status(&opened).await, "FAILED", "{system}");
        assert_eq!(system.orders_of(&payment).await, 0, "{system}");
        system.site().look(&opened.page).await;
        system.approve(&payment, &opened).await;
        completed_with_an_order(&system, &payment, &opened).await;
        let history = system.site().history(&opened).await;
        let all = ["IN_PROGRESS", "FAILED", "IN_PROGRESS", "COMPLETED"];
        assert_eq!(statuses(&history), all, "{system}");
    });
}

#[test]
fn a_consumer_who_goes_back_pays_nothing_and_can_return() {
    each_system(async |system| {
        let payment = system.payment_session().await;
        let opened = system.opened(&payment, "CAPTURE_ORDER").await;
        system.site().send(&format!("{}/back", opened.page), "").await;
        assert_eq!(system.site().status(&opened).await, "BACK", "{system}");
        assert_eq!(system.orders_of(&payment).await, 0, "{system}");
        system.site().look(&opened.page).await;
        system.approve(&payment, &opened).await;
        completed_with_an_order(&system, &payment, &opened).await;
    });
}

#[test]
fn a_disabled_session_never_has_an_order() {
    each_system(async |system| {
        let payment = system.payment_session().await;
        let opened = system.opened(&payment, "CAPTURE_ORDER").await;
        system.begin(&opened).await;
        let disabled = system.site().merchant.delete(&format!("/hpp/v1/sessions/{}", opened.session)).await;
        assert_eq!(disabled.status, 204, "{system}");
        system.finish(&payment, &opened).await;
        assert_eq!(system.site().status(&opened).await, "DISABLED", "{system}");
        assert_eq!(system.orders_of(&payment).await, 0, "{system}");
    });
}

#[test]
fn two_pages_of_one_payment_session_lead_to_one_order() {
    each_system(async |system| {
        let payment = system.payment_session().await;
        let one = system.opened(&payment, "CAPTURE_ORDER").await;
        let other = system.opened(&payment, "CAPTURE_ORDER").await;
        system.approve(&payment, &one).await;
        completed_with_an_order(&system, &payment, &one).await;
        completed_with_an_order(&system, &payment, &other).await;
    });
}

#[test]
fn looking_changes_nothing_and_asks_for_no_money() {
    each_system(async |system| {
        let payment = system.payment_session().await;
        let opened = system.opened(&payment, "CAPTURE_ORDER").await;
        for _ in 0..3 {
            assert_eq!(system.site().look(&opened.page).await.status, 200, "{system}");
        }
        system.site().clock.advance(std::time::Duration::from_secs(30));
        assert_eq!(system.site().status(&opened).await, "IN_PROGRESS", "{system}");
        assert_eq!(system.orders_of(&payment).await, 0, "{system}");
    });
}

#[test]
fn a_payment_system_that_is_not_there_never_fails_a_session() {
    each_system(async |system| {
        let payment = system.payment_session().await;
        let opened = system.opened(&payment, "CAPTURE_ORDER").await;
        system.begin(&opened).await;
        if !system.is_remote() {
            return;
        }
        system.approve_there(&payment).await;
        system.cut_off();
        system.return_from_there(&opened).await;
        assert_eq!(system.site().status(&opened).await, "IN_PROGRESS", "{system}");
        system.reconnect();
        system.site().becomes(&opened, "COMPLETED").await;
        completed_with_an_order(&system, &payment, &opened).await;
    });
}

/// The page session is completed, and its payment session has one order.
async fn completed_with_an_order(system: &System, payment: &str, opened: &Opened) {
    system.site().becomes(opened, "COMPLETED").await;
    let read = system.site().merchant.read(&opened.session).await;
    assert!(read["order_id"].as_str().is_some_and(|id| !id.is_empty()), "{system}: {read}");
    assert_eq!(system.orders_of(payment).await, 1, "{system}");
}
