//! The journal keeps received calls and sent callbacks, so that tests can assert on them without sleeping.

use http::Method;
use serde_json::json;

use super::{journal, session_after};
use crate::harness::{cart, journey};

#[test]
fn each_call_is_kept_with_body_and_answer() {
    journey(async |world| {
        let session = world.page_session().await;
        let entries = journal(&world, "kind=call", 2).await;
        let paths: Vec<_> = entries.iter().map(|entry| entry["path"].as_str().unwrap()).collect();
        assert_eq!(paths, ["/payments/v1/sessions", "/hpp/v1/sessions"]);
        assert_eq!(entries[0]["request"]["body"], cart("ECOMMERCE"));
        assert_eq!(entries[1]["answer"]["status"], 201);
        assert_eq!(entries[1]["answer"]["body"]["session_id"], session);
        assert_eq!(entries[1]["session_id"], session, "a creation belongs to the new session");
        assert_eq!(entries[1]["at"], "2026-01-01T00:00:00.000Z");
        assert!(entries[1].get("faults").is_none());
    });
}

#[test]
fn no_credential_is_kept() {
    journey(async |world| {
        world.page_session().await;
        let text = world.merchant.get("/lab/v1/journal").await.text.to_ascii_lowercase();
        assert!(text.contains("content-type"), "headers are kept");
        assert!(!text.contains("\"authorization\"") && !text.contains(&world.merchant.authorization));
    });
}

#[test]
fn refused_calls_are_kept_with_their_error() {
    journey(async |world| {
        world.merchant.get("/hpp/v1/sessions/unknown").await;
        world.merchant.post("/hpp/v1/sessions", &json!({})).await;
        let entries = journal(&world, "path=/hpp/*", 2).await;
        assert_eq!(entries[0]["answer"]["body"]["error_code"], "NOT_FOUND");
        assert_eq!(entries[1]["answer"]["body"]["error_code"], "BAD_VALUE");
        let correlation_id = &entries[1]["answer"]["body"]["correlation_id"];
        assert_eq!(entries[1]["answer"]["headers"]["klarna-correlation-id"], *correlation_id);
    });
}

#[test]
fn each_filter_omits_the_entries_that_do_not_match() {
    journey(async |world| {
        let session = session_after(&world, "approve").await;
        journal(&world, "kind=callback", 2).await;
        world.page_session().await;
        world.merchant.get(&format!("/hpp/v1/sessions/{session}")).await;
        let numbers = async |query: &str| {
            let answer = world.merchant.get(&format!("/lab/v1/journal?{query}")).await;
            let numbers =
                answer.json["entries"].as_array().unwrap().iter().map(|entry| entry["number"].as_u64());
            numbers.map(Option::unwrap).collect::<Vec<_>>()
        };
        journal(&world, "", 7).await;
        assert_eq!(numbers("kind=call").await, [1, 2, 5, 6, 7]);
        assert_eq!(numbers("kind=callback").await, [3, 4]);
        assert_eq!(numbers("method=get").await, [7]);
        assert_eq!(numbers("status=201").await, [2, 6]);
        assert_eq!(numbers(&format!("session={session}")).await, [2, 3, 4, 7]);
        assert_eq!(numbers("after=5").await, [6, 7]);
        assert_eq!(numbers("limit=1").await, [1]);
        let page = world.merchant.get("/lab/v1/journal?limit=1").await;
        assert_eq!(page.json["matching"], 7, "the limit applies to the shown entries");
        assert_eq!(
            world.merchant.get("/lab/v1/journal?kind=letter").await.error(),
            "400 BAD_VALUE [\"Bad value: kind\"]"
        );
    });
}

#[test]
fn a_read_waits_until_enough_entries_match() {
    journey(async |world| {
        let waiting = {
            let world = world.clone();
            tokio::spawn(async move { journal(&world, "method=GET", 2).await })
        };
        world.merchant.get("/hpp/v1/sessions/1").await;
        world.merchant.get("/hpp/v1/sessions/2").await;
        let entries = waiting.await.unwrap();
        assert_eq!(entries[1]["path"], "/hpp/v1/sessions/2");
    });
}

#[test]
fn a_callback_is_kept_with_the_receivers_answer() {
    journey(async |world| {
        let session = session_after(&world, "approve").await;
        let entries = journal(&world, "kind=callback", 2).await;
        let sent = &entries[1];
        assert_eq!(sent["method"], "POST");
        assert_eq!(sent["path"], format!("{}/callbacks?sid={session}&secret=s3cret", world.receiver.url()));
        assert_eq!((&sent["attempt"], &sent["answer"]["status"]), (&json!(1), &json!(200)));
        assert_eq!(sent["request"]["body"]["session"]["status"], "COMPLETED");
        assert_eq!(sent["request"]["headers"]["webhook-id"], sent["event_id"]);
    });
}

#[test]
fn a_journal_belongs_to_one_merchant_and_can_be_cleared() {
    journey(async |world| {
        world.page_session().await;
        assert_eq!(world.stranger.get("/lab/v1/journal").await.json["matching"], 0);
        let cleared = world.merchant.call(Method::DELETE, "/lab/v1/journal", &[], bytes::Bytes::new()).await;
        assert_eq!(cleared.status, 204);
        assert_eq!(
            world.merchant.get("/lab/v1/journal").await.json["matching"],
            0,
            "the lab's own calls are not kept"
        );
    });
}
