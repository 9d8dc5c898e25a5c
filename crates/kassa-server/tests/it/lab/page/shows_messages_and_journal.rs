//! The inbox and the journal.

use serde_json::json;

use super::{LAB, open, press_and_see};
use crate::harness::{journey, text};
use crate::lab::{journal, session_after};

#[test]
fn a_message_in_the_inbox_has_its_link_and_qr_code() {
    journey(async |world| {
        let page = format!("{LAB}/inbox");
        assert!(open(&world, &page).await.contains("data-testid=\"no-messages\""));
        let session = world.page_session().await;
        let body = json!({"method": "email", "contact_information": {"email": "jane@example.org"}});
        let sent = world.merchant.post(&format!("/hpp/v1/sessions/{session}/distribution"), &body).await;
        assert_eq!(sent.status, 201, "{}", sent.text);
        let html = open(&world, &page).await;
        let link = world.link_of(&session);
        assert!(html.contains("jane@example.org"));
        assert_eq!((text(&html, "message-link"), text(&html, "qr-content")), (link.as_str(), link.as_str()));
        assert!(html.contains(&format!("href=\"{link}\"")) && html.contains(&format!("src=\"{link}/qr\"")));
        press_and_see(&world, &page, &[("do", "clear-inbox")], "data-testid=\"no-messages\"").await;
        let inbox = world.merchant.get("/lab/v1/inbox").await.json;
        assert_eq!(inbox, json!({"messages": []}));
    });
}

#[test]
fn the_journal_is_newest_first_filtered_and_folded() {
    journey(async |world| {
        let session = session_after(&world, "approve").await;
        world.merchant.get("/hpp/v1/sessions/nothing").await;
        let read = format!("/hpp/v1/sessions/{session}");
        world.merchant.get(&read).await;
        journal(&world, "kind=callback", 2).await;
        let entries = async |query: &str| {
            let html = open(&world, &format!("{LAB}/journal?{query}")).await;
            (html.matches("data-testid=\"entry\"").count(), html)
        };
        let (all, html) = entries("").await;
        assert_eq!(all, 6, "two sessions created, two reads, two callbacks");
        assert!(html.contains("<details id=") && !html.contains("<details open"));
        let newest = html.split("data-testid=\"entry\"").nth(1).unwrap();
        assert!(
            newest.contains(&format!("<code class=\"path\">{read}</code>")) || newest.contains("callback,")
        );
        for (query, count) in [
            ("kind=callback", 2),
            ("kind=call&method=get", 2),
            ("status=404", 1),
            ("path=/payments/*", 1),
            ("method=DELETE", 0),
        ] {
            assert_eq!(entries(query).await.0, count, "{query}");
        }
        let html = entries(&format!("session={session}&kind=call&method=GET")).await.1;
        let token = world.merchant.read(&session).await["authorization_token"].as_str().unwrap().to_string();
        assert!(!html.contains(&token) && html.contains(&token[token.len() - 6..]), "shortened");

        let (limited, html) = entries("limit=1").await;
        assert!(limited == 1 && html.contains("The newest 1 of 7 that match"), "{html}");
        let page = format!("{LAB}/journal");
        press_and_see(&world, &page, &[("do", "clear-journal")], "0 match").await;
    });
}
