//! The consumer's actions of the lab appear in the history, and the inbox has the messages to the consumer.

use bytes::Bytes;
use http::Method;
use kassa_domain::Actor;
use kassa_engine::Requester;
use serde_json::json;

use crate::harness::{decoded_qr, journey};

#[test]
fn a_decline_and_an_error_have_their_reason_in_the_history() {
    journey(async |world| {
        for act in ["decline", "error"] {
            let session = world.page_session().await;
            world.merchant.act(&session, "enter").await;
            let why = json!({"reason": format!("{act}: the card is stolen")});
            let answer = world.merchant.post(&format!("/lab/v1/sessions/{session}/{act}"), &why).await;
            assert_eq!(answer.status, 200);
            let history = world.merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.json;
            assert_eq!(history["notes"][0]["kind"], "Reason");
            assert_eq!(history["notes"][0]["detail"], format!("{act}: the card is stolen"));
        }
    });
}

#[test]
fn the_consumer_chooses_one_of_the_categories_that_the_page_shows() {
    journey(async |world| {
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        let path = format!("/lab/v1/sessions/{session}/approve");
        let refused = world.merchant.post(&path, &json!({"payment_method_category": "cash"})).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert_eq!(refused.json["error_messages"][0], "Bad value: payment_method_category");
        let reason = refused.json["error_messages"][1].as_str().unwrap();
        assert!(reason.starts_with("The page does not show cash; expected one of pay_"), "{reason}");
        let category = reason.rsplit(", ").next().unwrap();
        let approved = world.merchant.post(&path, &json!({"payment_method_category": category})).await;
        assert_eq!(approved.json["status"], "COMPLETED", "{}", approved.text);
        let history = world.merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.text;
        assert!(history.contains(category), "{category} in {history}");
    });
}

#[test]
fn the_link_of_a_page_session_is_read_only_by_its_merchant() {
    journey(async |world| {
        let session = world.page_session().await;
        let path = format!("/lab/v1/sessions/{session}/link");
        let link = world.merchant.get(&path).await;
        assert_eq!(link.json["redirect_url"], world.link_of(&session), "{}", link.text);
        assert_eq!(link.json["qr_code_url"], format!("{}/qr", world.link_of(&session)));
        assert_eq!(world.merchant.get("/lab/v1/sessions/none/link").await.status, 404);
        assert_eq!(world.anyone_as("nobody", "wrong").get(&path).await.status, 401);
    });
}

#[test]
fn a_message_has_its_link_and_the_content_of_its_qr_code() {
    journey(async |world| {
        let session = world.page_session().await;
        let email = json!({"contact_information": {"email": "jane@example.org"}, "method": "email"});
        let sent = world.merchant.post(&format!("/hpp/v1/sessions/{session}/distribution"), &email).await;
        assert_eq!(sent.status, 201, "{}", sent.text);
        let message = world.merchant.get("/lab/v1/inbox").await.json["messages"][0].clone();
        assert_eq!(
            (&message["session_id"], &message["recipient"]),
            (&json!(session), &json!("jane@example.org"))
        );
        assert_eq!(message["link"], world.link_of(&session));
        assert!(message["body"].as_str().unwrap().contains(message["link"].as_str().unwrap()));
        let image = message["qr_code_url"].as_str().unwrap().strip_prefix(&world.url).unwrap();
        let image = world.browser(Method::GET, image, Bytes::new()).await.bytes;
        assert_eq!(message["qr_code_content"], decoded_qr(&image), "what a camera reads");
        assert_eq!(world.merchant.delete("/lab/v1/inbox").await.status, 204);
        assert_eq!(world.merchant.get("/lab/v1/inbox").await.json["messages"], json!([]));
    });
}

#[test]
fn a_name_that_was_stored_under_older_rules_ends_no_line_of_a_message() {
    journey(async |world| {
        let name = "Shoe\r\nBcc: everyone@example.org\u{202e}";
        world
            .app()
            .accounts()
            .add_merchant("older", name, "older_user", "secret", &Requester::in_process(Actor::CommandLine))
            .await
            .unwrap();
        let older = world.anyone_as("older_user", "secret");
        let payment = older.payment_session("ECOMMERCE").await;
        let url = format!("{}/payments/v1/sessions/{payment}", world.url);
        let session = older.post("/hpp/v1/sessions", &json!({"payment_session_url": url})).await.json;
        let session = session["session_id"].as_str().unwrap();
        let email = json!({"contact_information": {"email": "jane@example.org"}, "method": "email"});
        let sent = older.post(&format!("/hpp/v1/sessions/{session}/distribution"), &email).await;
        assert_eq!(sent.status, 201, "{}", sent.text);
        let message = older.get("/lab/v1/inbox").await.json["messages"][0].clone();
        let shown = "Shoe\u{fffd}\u{fffd}Bcc: everyone@example.org\u{fffd}";
        assert_eq!(message["subject"], format!("Ditt köp hos {shown}"));
        assert!(
            message["body"].as_str().unwrap().starts_with(&format!("Slutför ditt köp hos {shown}: http"))
        );
    });
}

#[test]
fn a_recipient_that_ends_its_line_is_refused() {
    journey(async |world| {
        let session = world.page_session().await;
        let path = format!("/hpp/v1/sessions/{session}/distribution");
        for (method, field, recipient) in [
            ("email", "email", "jane\r\nbcc:all@example.org"),
            ("email", "email", "jane\u{0}@example.org"),
            ("email", "email", "jane\u{202e}@example.org"),
            ("token", "access_id", "a\nb"),
            ("token", "access_id", "a\u{1b}[2Jb"),
        ] {
            let body = json!({"contact_information": {field: recipient}, "method": method});
            let answer = world.merchant.post(&path, &body).await;
            let expected = format!(r#"400 BAD_VALUE ["Bad value: contact_information.{field}"]"#);
            assert_eq!(answer.error(), expected, "{recipient:?}");
        }
    });
}
