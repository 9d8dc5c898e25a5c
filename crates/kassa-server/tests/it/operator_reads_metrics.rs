//! The metrics about callbacks.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use kassa_testkit::eventually;

use crate::harness::{Reply, World, journey};

/// Waits until the page contains all these lines.
async fn says(world: &World, lines: &[&str]) {
    eventually(&format!("{lines:?}"), async || {
        let page = world.browser(Method::GET, "/metrics", Bytes::new()).await.text;
        let has_all = lines.iter().all(|line| page.lines().any(|one| one == *line));
        if has_all { Ok(()) } else { Err(page) }
    })
    .await;
}

#[test]
fn attempts_are_counted_by_merchant_and_result() {
    journey(|world| async move {
        world.receiver.will_reply(&[Reply::Status(500)]);
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        says(
            &world,
            &[
                "kassa_callbacks_waiting 1",
                r#"kassa_callback_attempts_total{merchant="merchant",result="5xx"} 1"#,
                "kassa_callback_first_attempt_delay_seconds_count 1",
            ],
        )
        .await;
        world.clock.advance(Duration::from_secs(5));
        says(
            &world,
            &[
                "kassa_callbacks_waiting 0",
                r#"kassa_callback_attempts_total{merchant="merchant",result="2xx"} 1"#,
                r#"kassa_status_changes_total{status="IN_PROGRESS"} 1"#,
            ],
        )
        .await;
    });
}

#[test]
fn the_age_of_the_oldest_overdue_callback_grows() {
    journey(|world| async move {
        world.receiver.will_reply(&[Reply::Status(500)]);
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        says(&world, &[r#"kassa_callback_attempts_total{merchant="merchant",result="5xx"} 1"#]).await;
        world.receiver.will_reply(&[Reply::Silence]);
        world.clock.advance(Duration::from_secs(7));
        world.receiver.wait_for(2).await;
        says(&world, &["kassa_callback_oldest_due_age_ms 2000"]).await;
    });
}
