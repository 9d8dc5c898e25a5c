//! The merchant's clock: frozen, set and advanced. Due events happen in order, and only for that merchant.

use serde_json::{Value, json};

use super::{advance, set_faults, statuses};
use crate::harness::{Reply, World, journey};

const CLOCK: &str = "/lab/v1/clock";

async fn freeze(world: &World, now: &str) {
    let answer = world.merchant.put(CLOCK, &json!({"now": now, "frozen": true})).await;
    assert_eq!(answer.json, json!({"now": now, "frozen": true}), "{}", answer.text);
}

/// Formats the due events without ids: time, kind and outcome.
fn formatted(fired: &Value) -> Vec<String> {
    let formatted = |fired: &Value| {
        let outcome = [&fired["attempt"], &fired["answer_status"], &fired["failure_kind"], &fired["status"]];
        let outcome: Vec<_> =
            outcome.iter().filter(|word| !word.is_null()).map(ToString::to_string).collect();
        let (at, what) = (fired["at"].as_str().unwrap(), fired["what"].as_str().unwrap());
        format!("{} {what} {}", &at[11..23], outcome.join(" "))
    };
    fired["fired"].as_array().unwrap().iter().map(formatted).collect()
}

#[test]
fn a_clock_is_read_set_and_frozen() {
    journey(async |world| {
        assert_eq!(
            world.merchant.get(CLOCK).await.json,
            json!({"now": "2026-01-01T00:00:00.000Z", "frozen": false})
        );
        freeze(&world, "2030-05-05T05:05:05.005Z").await;
        world.clock.advance(std::time::Duration::from_secs(60));
        assert_eq!(world.merchant.get(CLOCK).await.json["now"], "2030-05-05T05:05:05.005Z", "it stands");
        world.merchant.put(CLOCK, &json!({"frozen": false})).await;
        world.clock.advance(std::time::Duration::from_secs(60));
        assert_eq!(
            world.merchant.get(CLOCK).await.json["now"],
            "2030-05-05T05:06:05.005Z",
            "it runs on from there"
        );
        assert_eq!(world.stranger.get(CLOCK).await.json["now"], "2026-01-01T00:02:00.000Z");
    });
}

#[test]
fn expiry_and_timestamps_follow_the_merchants_clock() {
    journey(async |world| {
        freeze(&world, "2030-01-01T00:00:00.000Z").await;
        let session = world.page_session().await;
        let read = world.merchant.read(&session).await;
        assert_eq!(read["updated_at"], "2030-01-01T00:00:00.000Z");
        assert_eq!(read["expires_at"], "2030-01-02T23:00:00.000Z");
        let advanced = advance(&world, "PT47H").await;
        assert_eq!(formatted(&advanced), ["23:00:00.000 session_expired \"WAITING\""]);
        assert_eq!(advanced["fired"][0]["session_id"], session);
        assert_eq!(world.merchant.get(&format!("/hpp/v1/sessions/{session}")).await.status, 404);
    });
}

#[test]
fn a_signature_has_the_systems_time() {
    journey(async |world| {
        freeze(&world, "2030-01-01T00:00:00.000Z").await;
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        let received = world.receiver.wait_for(1).await.remove(0);
        assert_eq!(received.json()["session"]["updated_at"], "2030-01-01T00:00:00.001Z");
        assert_eq!(received.headers["webhook-timestamp"], "1767225600", "2026-01-01, as the system has it");
    });
}

#[test]
fn due_events_happen_in_order() {
    journey(async |world| {
        freeze(&world, "2030-01-01T00:00:00.000Z").await;
        world.receiver.will_reply(&[Reply::Status(500), Reply::Status(503)]);
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        world.merchant.act(&session, "approve").await;
        let advanced = advance(&world, "PT61M").await;
        assert_eq!(
            formatted(&advanced),
            [
                "00:00:05.000 callback_attempted 2 200",
                "00:00:05.000 callback_attempted 2 200",
                "01:00:00.000 authorization_expired "
            ]
        );
        assert_eq!(advanced["now"], "2030-01-01T01:01:00.000Z");
        assert_eq!(world.receiver.received().len(), 4);
    });
}

#[test]
fn each_attempt_of_the_schedule_has_its_due_time() {
    journey(async |world| {
        freeze(&world, "2030-01-01T00:00:00.000Z").await;
        set_faults(&world, &json!({"callbacks": [{"do": "drop"}]})).await;
        let session = world.page_session().await;
        let schedule = json!({"retry_schedule": {"waits_ms": [5000, 60000, 3_600_000], "timeout_ms": 3000}});
        assert_eq!(world.merchant.put("/kassa/v1/callbacks/settings", &schedule).await.status, 200);
        world.merchant.act(&session, "enter").await;
        let advanced = advance(&world, "P1D").await;
        assert_eq!(
            formatted(&advanced),
            [
                "00:00:05.000 callback_attempted 2 \"fault\"",
                "00:01:05.000 callback_attempted 3 \"fault\"",
                "01:01:05.000 callback_attempted 4 \"fault\""
            ]
        );
        assert!(statuses(&world).is_empty());
    });
}

#[test]
fn a_running_clock_keeps_running_after_an_advance() {
    journey(async |world| {
        let advanced = advance(&world, "PT1H").await;
        assert_eq!(
            (&advanced["now"], &advanced["frozen"]),
            (&json!("2026-01-01T01:00:00.000Z"), &json!(false))
        );
        world.clock.advance(std::time::Duration::from_secs(1));
        assert_eq!(world.merchant.get(CLOCK).await.json["now"], "2026-01-01T01:00:01.000Z");
    });
}

#[test]
fn callbacks_stored_by_the_systems_clock_follow_the_merchants_clock() {
    journey(async |world| {
        world.receiver.will_reply(&[Reply::Status(500)]);
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        world.receiver.wait_for(1).await;
        advance(&world, "PT10S").await;
        assert_eq!(statuses(&world), ["IN_PROGRESS", "IN_PROGRESS"]);
    });
}

#[test]
fn an_invalid_advance_is_refused() {
    journey(async |world| {
        let check = async |body: Value, expected: &str| {
            let answer = world.merchant.post("/lab/v1/clock/advance", &body).await;
            assert!(answer.error().starts_with(expected), "{body}: {}", answer.error());
        };
        check(json!({"by": "tomorrow"}), "400 BAD_VALUE [\"Bad value: by\"]").await;
        check(json!({"by": "P1M"}), "400 BAD_VALUE [\"Bad value: by\"]").await;
        check(json!({"by": "P100000D"}), "400 BAD_VALUE [\"Bad value: by\"]").await;
        check(json!({}), "400 BAD_VALUE").await;
        check(json!({"by": "PT1H", "to": "2030-01-01T00:00:00Z"}), "400 BAD_VALUE").await;
        check(json!({"to": "2020-01-01T00:00:00Z"}), "409 CONFLICT").await;
        assert_eq!(
            world.merchant.put(CLOCK, &json!({"now": "noon"})).await.error(),
            "400 BAD_VALUE [\"Bad value: now\"]"
        );
    });
}
