//! The metrics about calls, sessions, messages and the database.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Method;
use serde_json::json;

use crate::harness::{World, journey};

async fn page(world: &World) -> String {
    world.browser(Method::GET, "/metrics", Bytes::new()).await.text
}

/// The value of a line, by the name of the metric with its labels.
fn value(page: &str, line: &str) -> f64 {
    let found = page.lines().find_map(|one| one.strip_prefix(line)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("no {line} in\n{page}")).parse().unwrap()
}

#[test]
fn calls_are_counted_by_route_method_and_status() {
    journey(|world| async move {
        let session = world.page_session().await;
        world.merchant.read(&session).await;
        world.browser(Method::GET, "/pay/no-such-token", Bytes::new()).await;
        let page = page(&world).await;
        let count = |route: &str, method: &str, status: &str| {
            let labels = format!(r#"route="{route}",method="{method}",status="{status}""#);
            value(&page, &format!("kassa_http_requests_total{{{labels}}}"))
        };
        assert!(count("/hpp/v1/sessions", "POST", "201") >= 1.0);
        assert!(count("/hpp/v1/sessions/{session_id}", "GET", "200") >= 1.0);
        assert!(count("/pay/{token}", "GET", "404") >= 1.0);
        let timed = r#"kassa_http_request_duration_seconds_count{route="/hpp/v1/sessions",method="POST"}"#;
        assert!(value(&page, timed) >= 1.0);
        assert!(value(&page, "kassa_page_sessions_created_total") >= 1.0);
        assert!(value(&page, r#"kassa_recent_page_sessions{status="WAITING"}"#) >= 1.0);
        assert!(value(&page, "kassa_database_commit_duration_seconds_count") >= 1.0);
        assert!(value(&page, "kassa_database_write_wait_seconds_count") >= 1.0);
        assert!((value(&page, "kassa_http_requests_in_flight")).abs() < f64::EPSILON);
        assert!(value(&page, "process_resident_memory_bytes") > 1_000_000.0);
        assert!(page.contains("kassa_build_info{version="), "{page}");
    });
}

#[test]
fn a_long_poll_is_counted_without_its_time() {
    journey(|world| async move {
        world.page_session().await;
        world.merchant.get("/kassa/v1/events?wait=0").await;
        let page = page(&world).await;
        let labels = r#"route="/kassa/v1/events",method="GET""#;
        assert!(value(&page, &format!(r#"kassa_http_requests_total{{{labels},status="200"}}"#)) >= 1.0);
        assert!(!page.contains(&format!("kassa_http_request_duration_seconds_count{{{labels}}}")), "{page}");
    });
}

#[test]
fn messages_are_counted_by_channel_and_result() {
    journey(|world| async move {
        let session = world.page_session().await;
        let path = format!("/hpp/v1/sessions/{session}/distribution");
        let message = json!({"method": "email", "contact_information": {"email": "a@shop.example"}});
        world.merchant.post(&path, &message).await;
        let line = r#"kassa_messages_total{channel="email",result="accepted"}"#;
        assert!((value(&page(&world).await, line) - 1.0).abs() < f64::EPSILON);
    });
}

/// The lines of a page without their values.
fn lines(page: &str) -> BTreeSet<String> {
    page.lines().filter_map(|line| Some(line.rsplit_once(' ')?.0.to_string())).collect()
}

#[test]
fn hostile_callers_create_a_bounded_number_of_lines() {
    journey(|world| async move {
        let hostile = async |number: usize| {
            for path in [
                format!("/hpp/v1/sessions/{number}"),
                format!("/hpp/v1/no-such-path-{number}"),
                format!("/pay/{number}"),
                format!("/pay/{number}/no-such-path"),
                format!("/{number}/%00%ff/{number}"),
                format!("/payments/v1/authorizations/{number}/order"),
            ] {
                let method = Method::from_bytes(format!("M{number}").as_bytes()).unwrap();
                world.browser(method, &path, Bytes::new()).await;
                world.browser(Method::GET, &path, Bytes::new()).await;
                world.merchant.get(&path).await;
                world.anyone_as(&format!("user-{number}"), "wrong").get(&path).await;
            }
        };
        for number in 0..3 {
            hostile(number).await;
        }
        let before = lines(&page(&world).await);
        for number in 3..30 {
            hostile(number).await;
        }
        let after = lines(&page(&world).await);
        let new: Vec<_> = after.difference(&before).collect();
        // The first calls with a status, such as the limit of failed logins, may add a line.
        assert!(new.len() < 40, "{new:?}");
        let page = page(&world).await;
        assert!(!page.contains("no-such-path") && !page.contains("M29"), "{page}");
    });
}
