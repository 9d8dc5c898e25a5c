//! The overview counts page sessions, consumers and attempts, and names what needs attention.

use kassa_domain::Role;
use kassa_testkit::eventually;

use super::desk::Desk;
use crate::harness::{Reply, journey};

/// The text of a page, without tags.
fn words(html: &str) -> String {
    let text: String =
        html.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_overview_counts_outcomes_the_funnel_and_endpoints() {
    journey(|world| async move {
        let desk = Desk::of(&world, "ada", Role::ReadOnly).await;
        assert!(desk.open("/console").await.text.contains("No page sessions yet"));
        world.receiver.will_reply(&[Reply::Status(500), Reply::Status(500), Reply::Status(500)]);
        let mut sessions = Vec::new();
        for _ in 0..4 {
            sessions.push(world.page_session().await);
        }
        for session in &sessions[1..] {
            world.merchant.act(session, "enter").await;
        }
        world.merchant.act(&sessions[2], "decline").await;
        world.merchant.act(&sessions[3], "approve").await;
        let page = eventually("the overview", async || {
            // Another address for each look, because an overview is shown for some seconds.
            world.clock.advance(std::time::Duration::from_secs(4));
            let page = words(&desk.open("/console").await.text);
            let is_whole = page.contains("The newest 4 page sessions") && page.contains("100 %3");
            let has_failure = page.contains("last failure: answered 500");
            if (is_whole || page.contains("Opened")) && has_failure { Ok(page) } else { Err(page) }
        })
        .await;
        for expected in [
            "WAITING1",
            "IN_PROGRESS1",
            "FAILED1",
            "COMPLETED1",
            "Created4100 %",
            "Opened375 %",
            "Tried to pay250 %",
            "Paid125 %",
            "last failure: answered 500",
        ] {
            assert!(page.replace(' ', "").contains(&expected.replace(' ', "")), "{expected}: {page}");
        }
        let other = words(&desk.open("/console?merchant=stranger").await.text);
        assert!(other.contains("No page sessions yet"), "{other}");
        assert_eq!(desk.open("/console?merchant=nobody").await.status, 404);
    });
}
