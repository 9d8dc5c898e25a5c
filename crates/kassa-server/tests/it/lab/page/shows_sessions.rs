//! A developer selects a session, acts as its consumer, and reads its timeline.

use serde_json::json;

use super::{LAB, open, page_of, press, press_and_see};
use crate::harness::{Reply, journey, text};
use crate::lab::session_after;

#[test]
fn sessions_are_listed_newest_first_and_can_be_selected() {
    journey(async |world| {
        assert!(open(&world, LAB).await.contains("No sessions yet."));
        let older = world.page_session().await;
        let newer = session_after(&world, "back").await;
        let html = open(&world, LAB).await;
        let place = |id: &str| html.find(&page_of(id)).expect("it is listed");
        assert!(place(&newer) < place(&older));
        assert_eq!(text(&open(&world, &page_of(&newer)).await, "status"), "BACK");
        assert_eq!(text(&open(&world, &page_of(&older)).await, "status"), "WAITING");
    });
}

#[test]
fn each_act_of_the_consumer_is_a_button() {
    journey(async |world| {
        let session = world.page_session().await;
        let page = page_of(&session);
        for (act, status) in [
            ("enter", "IN_PROGRESS"),
            ("decline", "FAILED"),
            ("error", "ERROR"),
            ("enter", "IN_PROGRESS"),
            ("back", "BACK"),
            ("approve", "COMPLETED"),
        ] {
            let fields = [("do", act), ("reason", "The card is lost")];
            let html = press_and_see(&world, &page, &fields, &format!("the session is {status}.")).await;
            assert_eq!(text(&html, "status"), status);
        }
        let html = open(&world, &page).await;
        assert_eq!(html.matches("The card is lost").count(), 2, "of the decline and of the error");
        assert!(html.contains(&world.link_of(&session)), "the consumer's page is a click away");
    });
}

#[test]
fn a_button_is_enabled_only_if_the_lifecycle_allows_its_event() {
    journey(async |world| {
        let session = world.page_session().await;
        let page = page_of(&session);
        let is_open = |html: &str, act: &str| html.contains(&format!("data-testid=\"act-{act}\">"));
        let html = open(&world, &page).await;
        assert!(is_open(&html, "enter") && !is_open(&html, "approve") && !is_open(&html, "back"));
        let refused = press(&world, &page, &[("do", "approve")]).await;
        assert_eq!(refused.status, 409);
        let words = "The consumer cannot approve while the session is WAITING";
        assert_eq!(text(&refused.text, "refused"), words);
        assert_eq!(world.merchant.read(&session).await["status"], "WAITING");

        let in_store = world.page_session_with(json!({}), "IN_STORE").await;
        for (session, can_cancel) in [(session, false), (in_store, true)] {
            let page = page_of(&session);
            press_and_see(&world, &page, &[("do", "enter")], "IN_PROGRESS").await;
            let html = press_and_see(&world, &page, &[("do", "decline")], "FAILED").await;
            assert_eq!(is_open(&html, "cancel"), can_cancel, "in a web shop it is Back");
        }
    });
}

#[test]
fn the_timeline_shows_each_attempt_and_redelivers() {
    journey(async |world| {
        world.receiver.will_reply(&[Reply::Status(500)]);
        let session = world.page_session().await;
        let page = page_of(&session);
        press_and_see(&world, &page, &[("do", "enter")], "IN_PROGRESS").await;
        world.look_on_until(&page, "class=\"no\">500</span>").await;
        press_and_see(&world, &page, &[("do", "advance"), ("by", "PT5S")], "attempt 2: 200").await;
        assert!(open(&world, &page).await.contains("callback: Delivered"));

        let history = world.merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.json;
        let event = history["events"][0]["event_id"].as_str().unwrap();
        let fields = [("do", "redeliver"), ("event", event)];
        press_and_see(&world, &page, &fields, "The callback of event 1 is sent again.").await;
        world.receiver.wait_for(3).await;
    });
}

#[test]
fn the_live_view_sends_changes() {
    journey(async |world| {
        let session = world.page_session().await;
        let page = page_of(&session);
        let looking = world.look_on_until(&page, "data-testid=\"status\">COMPLETED");
        let living = async {
            world.merchant.act(&session, "enter").await;
            world.merchant.act(&session, "approve").await;
        };
        let (seen, ()) = tokio::join!(looking, living);
        assert!(seen.contains("event: face") && seen.contains("event: body"), "{seen}");
    });
}
