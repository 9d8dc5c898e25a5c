//! A page session has one timeline, from its creation to the last refund.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Page, World, journey};

const EMAIL: &str = "jane.doe@example.org";

/// The entries of these kinds, in their order: kind and title.
fn titles(history: &Value, kinds: &[&str]) -> Vec<String> {
    let entries = history["timeline"].as_array().unwrap().iter();
    let chosen = entries.filter(|entry| kinds.contains(&entry["kind"].as_str().unwrap()));
    chosen.map(|entry| entry["title"].as_str().unwrap().to_string()).collect()
}

/// Everything but requests and the views of pages.
const FACTS: [&str; 12] = [
    "payment_session",
    "created",
    "message",
    "authorization",
    "order",
    "status",
    "note",
    "capture",
    "refund",
    "order_end",
    "customer_token",
    "expired",
];

/// A session whose order is captured, refunded and released.
async fn sell(world: &World) -> String {
    let payment = world.merchant.payment_session("ECOMMERCE").await;
    let session = world.page_session_of(&payment, json!({"place_order_mode": "PLACE_ORDER"})).await;
    let email = json!({"contact_information": {"email": EMAIL}, "method": "email"});
    let sent = world.merchant.post(&format!("/hpp/v1/sessions/{session}/distribution"), &email).await;
    assert_eq!(sent.status, 201, "{}", sent.text);
    let mut page = Page::open(world, &session).await;
    page.pay("customer+denied@email.se", "123456").await;
    let mut page = Page::open(world, &session).await;
    page.pay("customer@email.se", "123456").await;
    let order = world.merchant.read(&session).await["order_id"].as_str().unwrap().to_string();
    for (path, body) in [
        ("captures", json!({"captured_amount": 3000})),
        ("refunds", json!({"refunded_amount": 1000})),
        ("release-remaining-authorization", json!({})),
    ] {
        world.clock.advance(Duration::from_millis(10));
        let answer = world.merchant.post(&format!("/ordermanagement/v1/orders/{order}/{path}"), &body).await;
        assert!(answer.status < 300, "{path}: {}", answer.text);
    }
    session
}

#[test]
fn it_tells_everything_from_the_creation_to_the_last_refund() {
    journey(|world| async move {
        let session = sell(&world).await;
        let history = world.history(&session).await;
        let expected = [
            "Payment session created",
            "Page session created",
            "E-mail sent",
            "Consumer entered",
            "Payment declined",
            "Reason",
            "Consumer entered",
            "Authorization granted",
            "Order placed",
            "Payment authorized",
            "Amount captured",
            "Amount refunded",
            "Rest of the order released",
        ];
        assert_eq!(titles(&history, &FACTS), expected);
        let head = &history["session"];
        assert_eq!((&head["status"], &head["is_expired"]), (&json!("COMPLETED"), &json!(false)));
        assert!(head["order_id"].is_string() && head["amount"].is_string(), "{head}");
    });
}

#[test]
fn a_status_change_names_the_row_that_allowed_it_and_every_attempt() {
    journey(|world| async move {
        let session = sell(&world).await;
        let is_delivered = |history: &Value| history.to_string().matches("\"DELIVERED\"").count() >= 8;
        let history = world.history_when(&session, "all callbacks are delivered", is_delivered).await;
        let entries = history["timeline"].as_array().unwrap();
        let changes: Vec<&Value> = entries.iter().filter(|entry| entry["kind"] == "status").collect();
        assert_eq!(changes.len(), history["events"].as_array().unwrap().len());
        let mut from = json!("WAITING");
        for (entry, event) in changes.iter().zip(history["events"].as_array().unwrap()) {
            let change = &entry["change"];
            assert_eq!((&change["from"], &change["to"]), (&from, &event["status"]));
            assert_eq!((&change["event"], &entry["event_id"]), (&event["event"], &event["event_id"]));
            assert_eq!(
                (&entry["actor"], &entry["callback"]["attempts"]),
                (&event["actor"], &event["attempts"])
            );
            let rule = change["rule"].as_str().unwrap();
            assert!(rule.contains(change["event"].as_str().unwrap()) && rule.contains("moves"), "{rule}");
            from = event["status"].clone();
        }
    });
}

#[test]
fn it_shows_no_address_and_no_token() {
    journey(|world| async move {
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        let session = world.page_session_of(&payment, json!({})).await;
        let email = json!({"contact_information": {"email": EMAIL}, "method": "email"});
        world.merchant.post(&format!("/hpp/v1/sessions/{session}/distribution"), &email).await;
        let mut page = Page::open(&world, &session).await;
        page.pay("customer@email.se", "123456").await;
        let token = world.merchant.read(&session).await["authorization_token"].as_str().unwrap().to_string();
        let history = world.history(&session).await;
        assert!(titles(&history, &["authorization"]) == ["Authorization granted"], "{history}");
        let timeline = history["timeline"].to_string();
        assert!(timeline.contains("To j***@example.org"), "{timeline}");
        for secret in [EMAIL, "customer@email.se", token.as_str()] {
            assert!(!timeline.contains(secret), "{secret}: {timeline}");
        }
    });
}

#[test]
fn an_expired_session_ends_with_its_expiry() {
    journey(|world| async move {
        let session = world.page_session().await;
        world.clock.advance(Duration::from_secs(3 * 24 * 60 * 60));
        let history = world.history(&session).await;
        let last = history["timeline"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&last["title"], &history["session"]["is_expired"]),
            (&json!("Link expired"), &json!(true))
        );
    });
}
