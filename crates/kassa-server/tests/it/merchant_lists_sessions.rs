//! `GET /kassa/v1/sessions`.

use std::time::Duration;

use serde_json::Value;

use crate::harness::{Merchant, journey};

async fn list(merchant: &Merchant, query: &str) -> Value {
    let answer = merchant.get(&format!("/kassa/v1/sessions?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json
}

fn ids(list: &Value) -> Vec<&str> {
    list["sessions"].as_array().unwrap().iter().map(|one| one["session_id"].as_str().unwrap()).collect()
}

#[test]
fn sessions_are_listed_newest_first_page_by_page() {
    journey(|world| async move {
        let mut created = Vec::new();
        for _ in 0..5 {
            created.push(world.page_session().await);
            world.clock.advance(Duration::from_secs(60));
        }
        created.reverse();
        let whole = list(&world.merchant, "").await;
        assert_eq!(ids(&whole), created);
        assert_eq!(whole["cursor"], Value::Null);
        let first = list(&world.merchant, "limit=2").await;
        assert_eq!(ids(&first), created[..2]);
        world.page_session().await;
        let cursor = first["cursor"].as_str().unwrap();
        let second = list(&world.merchant, &format!("limit=2&cursor={cursor}")).await;
        assert_eq!(ids(&second), created[2..4], "a session created meanwhile does not shift the pages");
        assert!(ids(&list(&world.stranger, "").await).is_empty());
    });
}

#[test]
fn a_list_is_filtered_by_status_and_time() {
    journey(|world| async move {
        let old = world.page_session().await;
        world.clock.advance(Duration::from_secs(60));
        let new = world.page_session().await;
        world.merchant.act(&old, "enter").await;
        world.merchant.act(&old, "approve").await;
        let completed = list(&world.merchant, "status=completed").await;
        assert_eq!(ids(&completed), [old.as_str()]);
        assert!(completed["sessions"][0].get("authorization_token").is_none());
        assert_eq!(ids(&list(&world.merchant, "created_after=2026-01-01T00:00:00Z").await), [new.as_str()]);
        assert_eq!(ids(&list(&world.merchant, "created_after=2025-12-31T23:59:59.999Z").await).len(), 2);
        assert!(ids(&list(&world.merchant, "created_after=2026-01-01T00:01:00Z").await).is_empty());
        world.clock.advance(Duration::from_secs(100 * 3600));
        assert_eq!(ids(&list(&world.merchant, "").await).len(), 2, "expired sessions stay listed");
        for name in ["status", "created_after", "limit"] {
            let answer = world.merchant.get(&format!("/kassa/v1/sessions?{name}=x")).await;
            assert_eq!(answer.error(), format!(r#"400 BAD_VALUE ["Bad value: {name}"]"#));
        }
    });
}

#[test]
fn a_repeated_filter_is_refused_on_every_list() {
    journey(|world| async move {
        for (list, name, one, other) in [
            ("/kassa/v1/sessions", "status", "WAITING", "COMPLETED"),
            ("/kassa/v1/sessions", "created_after", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
            ("/kassa/v1/sessions", "limit", "1", "2"),
            ("/kassa/v1/sessions", "cursor", "a", "b"),
            ("/kassa/v1/events", "acknowledged", "true", "false"),
            ("/kassa/v1/events", "after", "ZTA", "ZTA"),
            ("/kassa/v1/events", "limit", "1", "1"),
            ("/kassa/v1/events", "wait", "0", "1"),
            ("/lab/v1/journal", "kind", "call", "callback"),
            ("/lab/v1/journal", "method", "GET", "POST"),
            ("/lab/v1/journal", "path", "/a", "/b"),
            ("/lab/v1/journal", "status", "200", "400"),
            ("/lab/v1/journal", "session", "a", "b"),
            ("/lab/v1/journal", "after", "0", "1"),
            ("/lab/v1/journal", "count", "1", "2"),
            ("/lab/v1/export", "session", "a", "b"),
        ] {
            let answer = world.merchant.get(&format!("{list}?{name}={one}&{name}={other}")).await;
            let expected = format!(r#"400 BAD_VALUE ["Bad value: {name}","Give {name} once"]"#);
            assert_eq!(answer.error(), expected, "{list}");
        }
        assert_eq!(world.merchant.get("/kassa/v1/sessions?unknown=1&unknown=2").await.status, 200);
    });
}

#[test]
fn an_unknown_cursor_is_refused_on_every_list() {
    journey(|world| async move {
        let own = world.page_session().await;
        assert_eq!(world.merchant.get(&format!("/kassa/v1/sessions?cursor={own}")).await.status, 200);
        let of_stranger = world.stranger.get(&format!("/kassa/v1/sessions?cursor={own}")).await;
        assert_eq!(of_stranger.error(), r#"400 BAD_VALUE ["Bad value: cursor"]"#);
        for (list, name, cursor) in [
            ("/kassa/v1/sessions", "cursor", "zzz"),
            ("/kassa/v1/sessions", "cursor", "00000000-0000-7000-8000-000000000000"),
            ("/kassa/v1/events", "after", "zzz"),
            ("/kassa/v1/events", "after", "ZTk5OTk"),
            ("/lab/v1/journal", "after", "zzz"),
            ("/lab/v1/journal", "after", "9999"),
        ] {
            let answer = world.merchant.get(&format!("{list}?{name}={cursor}")).await;
            assert_eq!(answer.error(), format!(r#"400 BAD_VALUE ["Bad value: {name}"]"#), "{list}: {cursor}");
        }
    });
}
