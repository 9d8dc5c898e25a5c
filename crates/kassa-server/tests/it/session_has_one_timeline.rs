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
    // Requests of one millisecond have no order.
    world.clock.advance(Duration::from_millis(10));
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
            "E-mail accepted",
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

/// The requests and views of pages: title, answer and number.
fn requests(history: &Value) -> Vec<String> {
    let entries = history["timeline"].as_array().unwrap().iter();
    let shown = entries.filter_map(|entry| {
        let request = entry.get("request")?;
        let actor = entry["actor"]["kind"].as_str().unwrap();
        Some(format!(
            "{} {} {} x{}",
            entry["title"].as_str().unwrap(),
            request["status"],
            actor,
            request["count"]
        ))
    });
    shown.collect()
}

#[test]
fn requests_and_views_of_pages_are_beside_what_they_caused() {
    journey(|world| async move {
        let session = sell(&world).await;
        world.clock.advance(Duration::from_millis(10));
        let answer = world.merchant.delete(&format!("/hpp/v1/sessions/{session}")).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        let history = world.history(&session).await;
        let expected = [
            "POST /payments/v1/sessions 200 merchant x1",
            "POST /hpp/v1/sessions 201 merchant x1",
            "POST /hpp/v1/sessions/{session_id}/distribution 201 merchant x1",
            "GET /pay/{token} 200 consumer x1",
            "POST /pay/{token}/pay 303 consumer x1",
            "GET /pay/{token} 200 consumer x1",
            "POST /pay/{token}/pay 303 consumer x1",
            "GET /hpp/v1/sessions/{session_id} 200 merchant x1",
            "POST /ordermanagement/v1/orders/{order_id}/captures 201 merchant x1",
            "POST /ordermanagement/v1/orders/{order_id}/refunds 201 merchant x1",
            "POST /ordermanagement/v1/orders/{order_id}/release-remaining-authorization 204 merchant x1",
            "DELETE /hpp/v1/sessions/{session_id} 400 merchant x1",
        ];
        assert_eq!(requests(&history), expected);
        let refused = history["timeline"].as_array().unwrap().last().unwrap()["request"].clone();
        assert_eq!(refused["error_message"], "The session is COMPLETED and cannot be disabled");
        assert_eq!(refused["correlation_id"], answer.json["correlation_id"]);
        let order: Vec<_> = titles(&history, &["request", "page", "status", "capture", "created"]);
        let place = |title: &str| order.iter().position(|one| one == title).unwrap();
        assert!(place("POST /hpp/v1/sessions") < place("Page session created"), "{order:?}");
        assert!(place("GET /pay/{token}") < place("Consumer entered"), "{order:?}");
        assert!(place("POST /pay/{token}/pay") < place("Payment declined"), "{order:?}");
    });
}

#[test]
fn equal_reads_are_one_entry_until_the_status_changes() {
    journey(|world| async move {
        let session = world.page_session().await;
        for _ in 0..3 {
            world.merchant.read(&session).await;
        }
        let history = world.history(&session).await;
        let read = "GET /hpp/v1/sessions/{session_id} 200 merchant";
        assert!(requests(&history).contains(&format!("{read} x3")), "{history}");
        world.merchant.read(&session).await;
        world.merchant.act(&session, "enter").await;
        world.merchant.read(&session).await;
        let seen = requests(&world.history(&session).await);
        assert!(seen.contains(&format!("{read} x4")) && seen.contains(&format!("{read} x1")), "{seen:?}");
    });
}

#[test]
fn a_request_of_another_merchant_or_about_nothing_is_not_recorded() {
    journey(|world| async move {
        let session = world.page_session().await;
        let other = world.merchant.post("/lab/v1/merchants", &json!({})).await.json;
        let word = |name: &str| other[name].as_str().unwrap();
        let stranger = world.anyone_as(word("username"), word("password"));
        assert_eq!(stranger.get(&format!("/hpp/v1/sessions/{session}")).await.status, 404);
        let nobody = world.anyone_as(word("username"), "wrong");
        assert_eq!(nobody.get(&format!("/hpp/v1/sessions/{session}")).await.status, 401);
        let seen = requests(&world.history(&session).await);
        assert!(
            !seen.iter().any(|request| request.contains(" 404 ") || request.contains(" 401 ")),
            "{seen:?}"
        );
    });
}
