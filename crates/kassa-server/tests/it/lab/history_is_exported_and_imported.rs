//! An exported history reads the same after its import on another machine.

use serde_json::{Value, json};

use super::{journal, session_after};
use crate::harness::{Merchant, Reply, World, cart, journey};

async fn events(merchant: &Merchant, session: &str) -> Value {
    merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.json
}

/// Creates a paid session with an order, a lost callback and a message, and another session. Returns the first.
async fn paid_session(world: &World) -> String {
    world.page_session().await;
    world.receiver.will_reply(&[Reply::Status(500)]);
    let session = session_after(world, "approve").await;
    let token = world.merchant.read(&session).await["authorization_token"].as_str().unwrap().to_string();
    let order = format!("/payments/v1/authorizations/{token}/order");
    assert_eq!(world.merchant.post(&order, &cart("ECOMMERCE")).await.status, 200);
    world.merchant.post("/lab/v1/clock/advance", &json!({"by": "PT1S"})).await;
    session
}

#[test]
fn an_imported_session_reads_as_it_did_before_the_export() {
    journey(async |world| {
        let session = paid_session(&world).await;
        let file = world.merchant.get(&format!("/lab/v1/export?session={session}")).await.json;
        assert_eq!(file["tables"]["page_session"].as_array().unwrap().len(), 1);
        let elsewhere = World::elsewhere().await;
        let imported = elsewhere.merchant.post("/lab/v1/import", &file).await;
        assert_eq!((imported.status, imported.json), (201, json!({"sessions": 1})));

        assert_eq!(elsewhere.merchant.read(&session).await, world.merchant.read(&session).await);
        let (mut here, mut there) =
            (events(&world.merchant, &session).await, events(&elsewhere.merchant, &session).await);
        assert_eq!(
            (&here["events"][0]["callback"], &there["events"][0]["callback"]),
            (&json!("DUE"), &json!("GIVEN_UP"))
        );
        here["events"][0]["callback"] = json!("GIVEN_UP");
        for entry in here["timeline"].as_array_mut().unwrap() {
            if entry["callback"]["state"] == "DUE" {
                entry["callback"]["state"] = json!("GIVEN_UP");
                entry["callback"].as_object_mut().unwrap().remove("due_at");
            }
        }
        // The reads after the export differ.
        for history in [&mut here, &mut there] {
            let entries = history["timeline"].as_array_mut().unwrap();
            entries.retain(|entry| entry["request"]["method"] != "GET");
            assert!(entries.iter().any(|entry| entry["request"]["route"] == "/hpp/v1/sessions"));
        }
        assert_eq!(there, here, "callbacks under way are given up, and nothing else differs");
        assert!(elsewhere.receiver.received().is_empty(), "an import sends nothing");
    });
}

#[test]
fn the_export_of_a_session_contains_its_calls_with_bodies() {
    journey(async |world| {
        let session = paid_session(&world).await;
        let file = world.merchant.get(&format!("/lab/v1/export?session={session}")).await.json;
        let elsewhere = World::elsewhere().await;
        elsewhere.merchant.post("/lab/v1/import", &file).await;
        let calls = journal(&elsewhere, "", 1).await;
        let paths: Vec<_> = calls.iter().map(|call| call["path"].as_str().unwrap()).collect();
        assert_eq!(paths[..2], ["/payments/v1/sessions", "/hpp/v1/sessions"]);
        assert!(paths.iter().any(|path| path.ends_with("/order")), "{paths:?}");
        assert_eq!(calls[0]["request"]["body"], cart("ECOMMERCE"));
        let sent = journal(&elsewhere, "kind=callback&status=500", 1).await;
        assert_eq!(sent[0]["request"]["body"]["session"]["status"], "IN_PROGRESS");
    });
}

#[test]
fn an_export_without_a_session_contains_all_sessions() {
    journey(async |world| {
        paid_session(&world).await;
        let file = world.merchant.get("/lab/v1/export").await.json;
        let elsewhere = World::elsewhere().await;
        let imported = elsewhere.merchant.post("/lab/v1/import", &file).await;
        assert_eq!(imported.json, json!({"sessions": 2}));
        let again = elsewhere.merchant.get("/lab/v1/export").await.json;
        assert_eq!(again["tables"]["placed_order"], file["tables"]["placed_order"]);
        assert_eq!(again["journal"].as_array().unwrap().len(), file["journal"].as_array().unwrap().len());
        let feed = elsewhere.merchant.get("/kassa/v1/events").await;
        assert_eq!(feed.json["events"].as_array().unwrap().len(), 2, "the feed has its events");
    });
}

#[test]
fn an_imported_callback_can_be_redelivered() {
    journey(async |world| {
        let session = paid_session(&world).await;
        let file = world.merchant.get(&format!("/lab/v1/export?session={session}")).await.json;
        let elsewhere = World::elsewhere().await;
        elsewhere.merchant.post("/lab/v1/clock/advance", &json!({"by": "PT1H"})).await;
        elsewhere.merchant.post("/lab/v1/import", &file).await;
        let before = world.receiver.received().len();
        elsewhere.merchant.post(&format!("/kassa/v1/sessions/{session}/redeliver"), &json!({})).await;
        let received = world.receiver.wait_for(before + 1).await;
        assert_eq!(received[before].body, received[0].body, "the same bytes");
    });
}

#[test]
fn a_refused_import_changes_nothing() {
    journey(async |world| {
        let session = paid_session(&world).await;
        let file = world.merchant.get(&format!("/lab/v1/export?session={session}")).await.json;
        let elsewhere = World::elsewhere().await;
        let check = async |change: &dyn Fn(&mut Value), expected: &str| {
            let mut changed = file.clone();
            change(&mut changed);
            let answer = elsewhere.merchant.post("/lab/v1/import", &changed).await;
            assert!(answer.error().starts_with(expected), "{}", answer.error());
            assert_eq!(elsewhere.merchant.get("/kassa/v1/sessions").await.json["sessions"], json!([]));
        };
        let bad = |path: &str| format!("400 BAD_VALUE [\"Bad value: {path}\"]");
        let (status, foreign) = ("tables.page_session[0].status", "tables.note[0].page_session_id");
        check(&|file| file["schema"] = json!("old"), "400 BAD_REQUEST").await;
        check(&|file| file["tables"]["page_session"][0]["status"] = json!("PAID"), &bad(status)).await;
        let note = json!([{"page_session_id": "another", "noted_at": 1, "kind": "Reason", "detail": "none"}]);
        check(&|file| file["tables"]["note"] = note.clone(), &bad(foreign)).await;
        check(
            &|file| file["tables"]["status_event"][0]["body"] = json!("{}"),
            &bad("tables.status_event[0].body"),
        )
        .await;
        check(&|file| file["journal"][0]["kind"] = json!("letter"), &bad("journal[0]")).await;
        let here = world.stranger.post("/lab/v1/import", &file).await;
        assert!(here.error().starts_with("409 CONFLICT"), "existing sessions stay as they are");
        let unknown = world.stranger.get(&format!("/lab/v1/export?session={session}")).await;
        assert_eq!(unknown.status, 404, "another merchant's session cannot be exported");
    });
}
