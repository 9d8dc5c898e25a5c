//! Page sessions are found by each name that people have for them, on both engines.

use std::slice::from_ref;

use kassa_domain::Role;
use serde_json::{Value, json};

use super::desk::Desk;
use crate::harness::{World, cart, journey};

/// Creates a page session for a cart with these fields.
async fn sold(world: &World, fields: Value) -> String {
    let mut body = cart("ECOMMERCE");
    for (name, value) in fields.as_object().unwrap() {
        body[name.as_str()] = value.clone();
    }
    if let Some(amount) = fields.get("order_amount") {
        body["order_tax_amount"] = json!(0);
        body["order_lines"] =
            json!([{"name": "Shoes", "quantity": 1, "unit_price": amount, "total_amount": amount}]);
    }
    let created = world.merchant.post("/payments/v1/sessions", &body).await;
    assert_eq!(created.status, 200, "{}", created.text);
    let payment = created.json["session_id"].as_str().unwrap();
    world.page_session_of(payment, json!({"place_order_mode": "PLACE_ORDER"})).await
}

/// The page sessions that a page of the list shows, in its order.
async fn listed(desk: &Desk<'_>, query: &str) -> Vec<String> {
    let page = desk.open(&format!("/console/sessions?{query}")).await;
    assert_eq!(page.status, 200, "{query}: {}", page.text);
    ids(&page.text)
}

fn ids(html: &str) -> Vec<String> {
    let rows = html.split("<a href=\"/console/sessions/").skip(1);
    rows.map(|rest| rest.split('"').next().unwrap().to_string()).collect()
}

fn query(text: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new()).append_pair("q", text).finish()
}

#[test]
fn a_page_session_is_found_by_each_of_its_names() {
    journey(|world| async move {
        sold(&world, json!({})).await;
        let session = sold(
            &world,
            json!({
                "order_amount": 77_700,
                "merchant_reference1": "A-1001",
                "merchant_reference2": "blue",
                "billing_address": {"email": "Ada.Lovelace@example.se"},
            }),
        )
        .await;
        sold(&world, json!({"merchant_reference1": "A-1002"})).await;
        world.merchant.act(&session, "enter").await;
        world.merchant.act(&session, "approve").await;
        let read = world.merchant.read(&session).await;
        let text = |name: &str| read[name].as_str().unwrap().to_string();
        let history = world.merchant.get("/kassa/v1/sessions?status=COMPLETED").await.json;
        let payment = history["sessions"][0]["payment_session_id"].as_str().unwrap().to_string();
        let desk = Desk::of(&world, "ada", Role::ReadOnly).await;
        for name in [
            session.clone(),
            session.to_uppercase(),
            payment,
            text("order_id"),
            text("klarna_reference"),
            text("klarna_reference").to_lowercase(),
            "A-1001".to_string(),
            "blue".to_string(),
            "777.00".to_string(),
            "777,00 EUR".to_string(),
            "77700".to_string(),
            " ada.lovelace@EXAMPLE.se ".to_string(),
        ] {
            assert_eq!(listed(&desk, &query(&name)).await, from_ref(&session), "{name}");
        }
        for nothing in
            ["A-1003", "1.23", "nobody@example.se", "0199a6b2-7f7e-7c90-a1b2-c3d4e5f60718", "'; drop"]
        {
            let page = desk.open(&format!("/console/sessions?{}", query(nothing))).await;
            assert!(page.text.contains("No page session is like this"), "{nothing}");
        }
        let address = format!("{}&status=FAILED", query("A-1001"));
        assert!(listed(&desk, &address).await.is_empty(), "a filter holds for a search, too");
    });
}

#[test]
fn an_authorization_and_a_changed_cart_are_found() {
    journey(|world| async move {
        let created = world.merchant.post("/payments/v1/sessions", &cart("ECOMMERCE")).await;
        let payment = created.json["session_id"].as_str().unwrap();
        let session = world.page_session_of(payment, json!({})).await;
        let mut changed = cart("ECOMMERCE");
        changed["merchant_reference1"] = json!("B-7");
        let path = format!("/payments/v1/sessions/{payment}");
        assert_eq!(world.merchant.post(&path, &changed).await.status, 204);
        world.merchant.act(&session, "enter").await;
        world.merchant.act(&session, "approve").await;
        let token = world.merchant.read(&session).await["authorization_token"].as_str().unwrap().to_string();
        let desk = Desk::of(&world, "ada", Role::Support).await;
        assert_eq!(listed(&desk, &query(&token)).await, from_ref(&session));
        assert_eq!(listed(&desk, &query("B-7")).await, from_ref(&session));
        let page = desk.open(&format!("/console/sessions/{session}")).await.text;
        assert!(!page.contains(&token), "the page shows no token");
    });
}

#[test]
fn a_list_is_filtered_sorted_and_continued_by_its_address() {
    journey(|world| async move {
        let mut sessions = Vec::new();
        for number in 0..120_i64 {
            world.clock.step_ms(1);
            // Amounts repeat, so that a page ends among equal amounts.
            sessions.push(sold(&world, json!({"order_amount": 1000 + number / 40 * 500})).await);
        }
        let desk = Desk::of(&world, "ada", Role::ReadOnly).await;
        let newest_first: Vec<String> = sessions.iter().rev().cloned().collect();
        assert_eq!(all(&desk, "/console/sessions").await, newest_first);
        assert_eq!(all(&desk, "/console/sessions?merchant=merchant").await, newest_first);
        assert_eq!(all(&desk, "/console/sessions?sort=oldest").await, sessions);
        assert_eq!(all(&desk, "/console/sessions?sort=oldest&merchant=merchant").await, sessions);
        assert_eq!(all(&desk, "/console/sessions?sort=largest").await, newest_first);
        assert_eq!(all(&desk, "/console/sessions?sort=smallest").await, sessions);
        let of_one_amount: Vec<String> = newest_first[..40].to_vec();
        assert_eq!(all(&desk, "/console/sessions?q=20.00").await, of_one_amount);
        assert!(all(&desk, "/console/sessions?merchant=stranger").await.is_empty());
        assert!(all(&desk, "/console/sessions?sort=largest&merchant=stranger").await.is_empty());

        world.merchant.delete(&format!("/hpp/v1/sessions/{}", sessions[3])).await;
        assert_eq!(all(&desk, "/console/sessions?status=disabled").await, [sessions[3].clone()]);
        assert_eq!(
            all(&desk, "/console/sessions?status=DISABLED&sort=smallest").await,
            [sessions[3].clone()]
        );
        assert!(all(&desk, "/console/sessions?from=2001-01-01&to=2001-12-31").await.is_empty());
        assert_eq!(all(&desk, "/console/sessions?from=2001-01-01").await.len(), 120);
        for bad in ["status=GREEN", "from=soon", "sort=best", "q=1&q=2"] {
            assert_eq!(desk.open(&format!("/console/sessions?{bad}")).await.status, 400, "{bad}");
        }
    });
}

/// Every page session of a list, over all its pages.
async fn all(desk: &Desk<'_>, address: &str) -> Vec<String> {
    let mut address = address.to_string();
    let mut found = Vec::new();
    for _ in 0..10 {
        let page = desk.open(&address).await;
        assert_eq!(page.status, 200, "{address}: {}", page.text);
        found.extend(ids(&page.text));
        let Some((_, rest)) = page.text.split_once("class=\"button small more\" href=\"") else {
            return found;
        };
        address = rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    }
    panic!("the list has no end: {address}");
}
