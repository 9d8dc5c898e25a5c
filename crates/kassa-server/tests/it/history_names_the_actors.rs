//! The history of a page session names who caused each event and note.

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use crate::harness::{Page, World, journey};

/// The actors of a session's events, and those of its notes.
async fn actors(world: &World, session: &str) -> (Vec<Value>, Vec<Value>) {
    let history = world.merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.json;
    let of = |rows: &Value| rows.as_array().unwrap().iter().map(|row| row["actor"].clone()).collect();
    (of(&history["events"]), of(&history["notes"]))
}

#[test]
fn a_consumer_on_the_page_is_the_actor() {
    journey(|world| async move {
        let session = world.page_session().await;
        let mut page = Page::open(&world, &session).await;
        page.pay("customer+denied@email.se", "123456").await;
        let mut page = Page::open(&world, &session).await;
        page.post("back", &[]).await;
        let mut page = Page::open(&world, &session).await;
        page.pay("customer@email.se", "123456").await;
        assert_eq!(world.merchant.read(&session).await["status"], "COMPLETED");
        let (events, notes) = actors(&world, &session).await;
        assert_eq!(events, vec![json!({"kind": "consumer"}); 6]);
        assert_eq!(notes, vec![json!({"kind": "consumer"})]);
    });
}

#[test]
fn a_merchant_is_named_by_the_credential_that_called() {
    journey(|world| async move {
        let session = world.page_session().await;
        let second = world.merchant.post("/kassa/v1/credentials", &json!({})).await.json;
        let text = |field: &str| second[field].as_str().unwrap();
        let caller = world.anyone_as(text("username"), text("password"));
        assert_eq!(caller.delete(&format!("/hpp/v1/sessions/{session}")).await.status, 204);
        let (events, _) = actors(&world, &session).await;
        assert_eq!(events, [json!({"kind": "merchant", "name": text("username")})]);
    });
}

#[test]
fn the_lab_is_the_actor_of_its_api_and_of_its_page() {
    journey(|world| async move {
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        let path = format!("/lab/of/merchant/sessions/{session}");
        let pressed =
            world.browser(Method::POST, &path, Bytes::from("do=decline&reason=The+card+is+lost")).await;
        assert_eq!(pressed.status, 200, "{}", pressed.text);
        assert!(pressed.text.contains("data-testid=\"timeline-actor\">by lab<"), "{}", pressed.text);
        let (events, notes) = actors(&world, &session).await;
        assert_eq!(events, vec![json!({"kind": "lab"}); 2]);
        assert_eq!(notes, [json!({"kind": "lab"})]);
    });
}

#[test]
fn the_system_completes_the_siblings_of_a_paid_session() {
    journey(|world| async move {
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        let sibling = world.page_session_of(&payment, json!({})).await;
        let paid = world.page_session_of(&payment, json!({"place_order_mode": "PLACE_ORDER"})).await;
        let mut page = Page::open(&world, &paid).await;
        page.pay("customer@email.se", "123456").await;
        assert_eq!(world.merchant.read(&sibling).await["status"], "COMPLETED");
        assert_eq!(actors(&world, &sibling).await.0, [json!({"kind": "system"})]);
        assert_eq!(actors(&world, &paid).await.0, vec![json!({"kind": "consumer"}); 2]);
    });
}
