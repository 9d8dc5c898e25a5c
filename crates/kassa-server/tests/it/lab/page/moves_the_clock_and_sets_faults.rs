//! The clock and the fault rules on the page.

use serde_json::json;

use super::{LAB, open, page_of, press, press_and_see};
use crate::harness::{journey, text};

#[test]
fn the_clock_is_frozen_set_advanced_and_started() {
    journey(async |world| {
        let clock = async || world.merchant.get("/lab/v1/clock").await.json;
        let html = press_and_see(&world, LAB, &[("do", "freeze")], "The clock is frozen.").await;
        assert_eq!((text(&html, "clock-state"), &clock().await["frozen"]), ("FROZEN", &json!(true)));
        let set = [("do", "set-clock"), ("now", "2026-03-01T08:30")];
        let html = press_and_see(&world, LAB, &set, "The clock shows 2026-03-01 08:30:00.").await;
        assert_eq!(text(&html, "now"), "2026-03-01 08:30:00");
        for (fields, now) in [
            ([("by", "PT47H"), ("", "")], "2026-03-03T07:30:00.000Z"),
            ([("count", "90"), ("unit", "minutes")], "2026-03-03T09:00:00.000Z"),
            ([("count", "2"), ("unit", "days")], "2026-03-05T09:00:00.000Z"),
        ] {
            let fields = [&[("do", "advance")][..], &fields].concat();
            press_and_see(&world, LAB, &fields, "Nothing was due.").await;
            assert_eq!(clock().await["now"], now);
        }
        let html = press_and_see(&world, LAB, &[("do", "run")], "The clock runs.").await;
        assert_eq!(text(&html, "clock-state"), "RUNS");
    });
}

#[test]
fn an_advance_lists_what_fired() {
    journey(async |world| {
        let session = world.page_session().await;
        let html = press_and_see(
            &world,
            &page_of(&session),
            &[("do", "advance"), ("by", "P2D")],
            "the session expired, WAITING",
        )
        .await;
        assert_eq!(text(&html, "expired"), "expired");
        assert!(!html.contains("data-testid=\"act-enter\">"), "nothing can be done any more");
    });
}

#[test]
fn a_malformed_time_or_action_is_refused() {
    journey(async |world| {
        for fields in [
            vec![("do", "advance"), ("by", "tomorrow")],
            vec![("do", "advance"), ("count", "some"), ("unit", "days")],
            vec![("do", "advance"), ("count", "1"), ("unit", "months")],
            vec![("do", "set-clock"), ("now", "noon")],
            vec![("do", "set-clock")],
            vec![("do", "nothing of the kind")],
            vec![],
        ] {
            let answer = press(&world, LAB, &fields).await;
            assert_eq!(answer.status, 400, "{fields:?}");
            assert!(text(&answer.text, "refused").starts_with("Bad value: "), "{fields:?}");
        }
        let clock = world.merchant.get("/lab/v1/clock").await.json;
        assert_eq!(clock["frozen"], false);
    });
}

#[test]
fn fault_rules_are_added_and_removed() {
    journey(async |world| {
        let page = format!("{LAB}/faults");
        let faults = async || world.merchant.get("/lab/v1/faults").await.json;
        let added = "The rule is added";
        // A form sends all its fields. The page drops those that the fault does not have.
        let drop = [("do", "add-callback-rule"), ("fault", "drop"), ("times", "2"), ("by", "PT10S")];
        let which = [("session", "s-1"), ("status", "COMPLETED"), ("attempt", "1"), ("chance", "0.5")];
        press_and_see(&world, &page, &[&drop[..], &which].concat(), added).await;
        let delay = [("do", "add-callback-rule"), ("fault", "delay"), ("times", "2"), ("by", "PT10S")];
        press_and_see(&world, &page, &delay, added).await;
        let fail = [("do", "add-call-rule"), ("fault", "fail"), ("status", "503"), ("when", "after")];
        let which = [("by", "PT1S"), ("path", "/hpp/v1/sessions"), ("method", "POST"), ("nth", "2")];
        press_and_see(&world, &page, &[&fail[..], &which].concat(), added).await;
        press_and_see(&world, &page, &[("do", "set-seed"), ("seed", "7")], "The random seed is 7.").await;
        assert_eq!(
            faults().await,
            json!({
                "seed": 7,
                "callbacks": [
                    {"do": "drop", "session": "s-1", "status": "COMPLETED", "attempt": 1, "chance": 0.5},
                    {"do": "delay", "by": "PT10S"},
                ],
                "calls": [
                    {"do": "fail", "status": 503, "when": "after", "method": "POST", "path": "/hpp/v1/sessions",
                     "nth": 2},
                ],
            })
        );
        let remove = [("do", "remove-rule"), ("list", "callbacks"), ("place", "0")];
        let html = press_and_see(&world, &page, &remove, "The rule is removed").await;
        assert_eq!(html.matches("data-testid=\"rule\"").count(), 2);
        assert_eq!(faults().await["callbacks"], json!([{"do": "delay", "by": "PT10S"}]));
        press_and_see(&world, &page, &[("do", "clear-faults")], "No faults:").await;
        assert_eq!(faults().await, json!({"seed": 0, "callbacks": [], "calls": []}));
    });
}

#[test]
fn an_invalid_rule_is_refused_with_its_field() {
    journey(async |world| {
        let page = format!("{LAB}/faults?session=s-1");
        assert_eq!(open(&world, &page).await.matches("value=\"s-1\"").count(), 2, "both forms begin with it");
        for (fields, named) in [
            ([("do", "add-callback-rule"), ("fault", "hail"), ("", "")], "callbacks[0].do"),
            ([("do", "add-callback-rule"), ("fault", "duplicate"), ("times", "many")], "callbacks[0].times"),
            ([("do", "add-call-rule"), ("fault", "slow"), ("by", "long")], "calls[0].by"),
            ([("do", "add-call-rule"), ("fault", "fail"), ("status", "418")], "calls[0].status"),
            ([("do", "set-seed"), ("seed", "-1"), ("", "")], "seed"),
        ] {
            let answer = press(&world, &page, &fields).await;
            assert_eq!(answer.status, 400, "{named}");
            assert_eq!(text(&answer.text, "refused"), format!("Bad value: {named}"));
        }
        assert!(open(&world, &page).await.contains("data-testid=\"fair\""));
    });
}
