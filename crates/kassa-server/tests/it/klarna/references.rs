//! Klarna does not tell the short reference of an order in time: the page session is completed without it, and gets it
//! later.

use std::collections::BTreeSet;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::front::{Disturbance, Front, Opened, front_journey, statuses};
use super::merchant_stands_behind::behind;
use crate::harness::cart;

/// The reads of orders at Klarna.
const ORDER_READ: &str = "GET /ordermanagement";

/// Answers to a read of an order that have no reference.
const ANSWERS_WITHOUT_REFERENCE: [Disturbance; 7] = [
    Disturbance::NoConnection,
    Disturbance::AnswerLost,
    Disturbance::Status(404),
    Disturbance::AnswerCut,
    Disturbance::Status(200),
    Disturbance::Status(503),
    Disturbance::Status(401),
];

/// Opens a page of a payment session, and pays with these answers to the reads of the order.
async fn paid(front: &Front, payment: &str, answers: &[Disturbance]) -> Opened {
    let opened = front.opened(payment, "PLACE_ORDER").await;
    front.press_pay(&opened).await;
    front.authorize(payment).await;
    front.disturb(ORDER_READ, answers);
    assert_eq!(front.claim(&opened, "approved").await, "/outcome");
    opened
}

async fn reference_at_the_double(front: &Front, order_id: &Value) -> Value {
    let path = format!("/ordermanagement/v1/orders/{}", order_id.as_str().unwrap());
    front.double.merchant.get(&path).await.json["klarna_reference"].clone()
}

/// The number of events that callbacks reported. An attempt may be repeated, because time passes during it.
fn reported_events(front: &Front) -> usize {
    let received = front.receiver.received();
    received.iter().map(|call| call.json()["event_id"].to_string()).collect::<BTreeSet<_>>().len()
}

fn has_note(history: &Value, kind: &str) -> bool {
    history["notes"].as_array().into_iter().flatten().any(|note| note["kind"] == kind)
}

/// Lets time pass until the reference is known. Returns the page session.
async fn with_reference(front: &Front, opened: &Opened) -> Value {
    front.until(opened, Duration::from_millis(61_100), |history| has_note(history, "ReferenceRead")).await;
    front.merchant.read(&opened.session).await
}

#[test]
fn the_reference_is_read_until_klarna_tells_it() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = paid(&front, &payment, &ANSWERS_WITHOUT_REFERENCE).await;
        let completed = front.merchant.read(&opened.session).await;
        assert_eq!(
            (&completed["status"], completed.get("klarna_reference")),
            (&json!("COMPLETED"), None),
            "{completed}"
        );
        let told = front.receiver.wait_for(2).await;
        assert!(told[1].json()["session"].get("klarna_reference").is_none());
        assert_eq!(front.merchant.delete(&format!("/hpp/v1/sessions/{}", opened.session)).await.status, 400);

        let read = with_reference(&front, &opened).await;
        assert_eq!(read["klarna_reference"], reference_at_the_double(&front, &read["order_id"]).await);
        let mut without = read.clone();
        without.as_object_mut().unwrap().remove("klarna_reference");
        assert_eq!(without, completed, "nothing else changed");

        let list = front.merchant.get("/kassa/v1/sessions").await.json;
        assert_eq!(list["sessions"][0]["klarna_reference"], read["klarna_reference"]);
        let history = front.history(&opened).await;
        assert_eq!(statuses(&history), ["IN_PROGRESS", "COMPLETED"]);
        assert_eq!(history["operations"].as_array().unwrap().len(), 1, "no operation of its own");
        assert!(front.sent(ORDER_READ).len() > ANSWERS_WITHOUT_REFERENCE.len());
        assert_eq!(front.sent("POST").len(), 1, "the order was sent once");
        front.double.clock.advance(Duration::from_secs(3_600));
        assert_eq!(reported_events(&front), 2, "no callback was sent about the reference");
    });
}

#[test]
fn a_silent_read_of_the_reference_delays_nothing() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "CAPTURE_ORDER").await;
        front.authorize(&payment).await;
        front.disturb(ORDER_READ, &[Disturbance::NoConnection, Disturbance::Silence]);
        front.claim(&opened, "approved").await;
        assert_eq!(front.status(&opened).await, "COMPLETED");
        // While the read is silent, another consumer's order gets its reference.
        let asked = |history: &Value| statuses(history).len() == 2 && front.sent(ORDER_READ).len() == 2;
        front.until(&opened, Duration::from_millis(1_100), asked).await;
        let other = paid(&front, &front.payment_session().await, &[Disturbance::NoConnection]).await;
        with_reference(&front, &other).await;
        with_reference(&front, &opened).await;
    });
}

#[test]
fn a_reader_that_has_the_session_without_its_reference_gets_it_with_the_reference() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = paid(&front, &payment, &[Disturbance::NoConnection]).await;
        let path = format!("/hpp/v1/sessions/{}", opened.session);
        let tag = front.merchant.get(&path).await.header("etag").to_string();
        let known = [("if-none-match", tag.as_str())];
        let again = async || front.merchant.call(Method::GET, &path, &known, bytes::Bytes::new()).await;
        assert_eq!(again().await.status, 304);
        let read = with_reference(&front, &opened).await;
        let answer = again().await;
        assert_eq!((answer.status, &answer.json), (200, &read));
        assert_ne!(answer.header("etag"), tag);
    });
}

#[test]
fn every_page_session_of_the_payment_session_gets_the_reference() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let sibling = front.opened(&payment, "PLACE_ORDER").await;
        let opened = paid(&front, &payment, &[Disturbance::NoConnection]).await;
        front.becomes(&sibling, "COMPLETED").await;
        let read = with_reference(&front, &opened).await;
        let of_sibling = with_reference(&front, &sibling).await;
        assert_eq!(read["klarna_reference"], of_sibling["klarna_reference"]);
    });
}

#[test]
fn the_reference_of_a_merchants_own_order_is_read() {
    front_journey(|front| async move {
        let behind = behind(&front).await;
        let payment = behind.payment_session("ECOMMERCE").await;
        let [opened, sibling] = [front.opened(&payment, "NONE").await, front.opened(&payment, "NONE").await];
        front.authorize(&payment).await;
        front.claim(&opened, "approved").await;
        let token = behind.read(&opened.session).await["authorization_token"].as_str().unwrap().to_string();
        let order = behind.place(&token, &cart("ECOMMERCE")).await;
        assert_eq!(order.status, 200, "{}", order.text);
        let read = with_reference(&front, &sibling).await;
        assert_eq!(read["order_id"], order.json["order_id"]);
        assert_eq!(read["klarna_reference"], reference_at_the_double(&front, &read["order_id"]).await);
    });
}

#[test]
fn a_reference_that_never_comes_ends_quietly() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = paid(&front, &payment, &[Disturbance::Status(404); 200]).await;
        let step = Duration::from_secs(6 * 3_600);
        let ended = front.until(&opened, step, |history| has_note(history, "ReferenceMissing")).await;
        assert_eq!(statuses(&ended), ["IN_PROGRESS", "COMPLETED"]);
        assert_eq!(ended["operations"][0]["state"], "DONE", "nothing is stuck");
        let reads = front.sent(ORDER_READ).len();
        assert!(reads < 100, "{reads} reads");
        assert_eq!(reported_events(&front), 2);
    });
}
