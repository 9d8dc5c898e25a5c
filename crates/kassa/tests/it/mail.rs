//! E-mails to consumers over SMTP: a real mail server (aiosmtpd) with TLS, a login, refusals, greylisting, lost answers
//! and failures, and a node that is killed.

mod server;

use std::time::Duration;

use kassa_testkit::eventually;
use serde_json::{Value, json};

use crate::harness::{Configuration, Merchant, cart};
use server::{Behaviour, MailServer, Protection};

/// A node that sends e-mails through this server, and its merchant.
fn configuration(server: &MailServer, folder_of_database: &str) -> Configuration {
    Configuration::with(folder_of_database, "").adding(&server.settings()).overriding("KASSA_DRAIN_S", "0")
}

async fn distribute(merchant: &Merchant) -> String {
    let session = merchant.page_session_for(&cart("ECOMMERCE"), &json!({}), &json!({})).await;
    let session = session.word("session_id").to_string();
    let body = json!({"method": "email", "contact_information": {"email": "ada@example.com"}});
    merchant.post(&format!("/hpp/v1/sessions/{session}/distribution"), &body).await.expect(201);
    session
}

/// Waits until the timeline has these entries about messages, each of which begins with one of these texts.
async fn timeline_has(merchant: &Merchant, session: &str, expected: &[&str]) -> Vec<String> {
    eventually(&format!("{expected:?}"), async || {
        let history = merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.expect(200).json;
        let entries = history["timeline"].as_array().unwrap().iter();
        let entries = entries.filter(|entry| entry["kind"].as_str().unwrap().starts_with("message"));
        let text = |entry: &Value| {
            format!("{} {}", entry["title"].as_str().unwrap(), entry["detail"].as_str().unwrap())
        };
        let seen: Vec<String> = entries.map(text).collect();
        let is_so = seen.len() == expected.len()
            && seen.iter().zip(expected).all(|(seen, expected)| seen.starts_with(expected));
        if is_so { Ok(seen) } else { Err(format!("{seen:?}")) }
    })
    .await
}

#[tokio::test]
async fn an_email_arrives_over_starttls_and_over_tls_with_a_login() {
    for protection in [Protection::StartTls, Protection::Tls] {
        let Some(mut server) = MailServer::start(protection, Behaviour::Accept) else { return };
        let configuration = configuration(&server, "FOLDER/kassa.db");
        let account = configuration.ask(&["merchant", "add", "shop", "--name", "Åhs & Söner"]);
        let node = configuration.node();
        let merchant = node.merchant(&account);
        let session = distribute(&merchant).await;
        let mail = server.next_mail();
        assert_eq!(
            (&mail["to"], &mail["is_encrypted"], &mail["login"]),
            (&json!(["ada@example.com"]), &json!(true), &json!("kassa"))
        );
        assert_eq!(mail["sender"], "Åhs & Söner <pay@shop.example>");
        assert_eq!(
            mail["kinds"],
            json!(["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"])
        );
        let texts: Vec<String> = serde_json::from_value(mail["texts"].clone()).unwrap();
        assert!(texts.iter().all(|text| text.contains("http://127.0.0.1/pay/")), "{texts:?}");
        timeline_has(
            &merchant,
            &session,
            &["E-mail accepted", "E-mail sent Attempt 1: the server answered 250"],
        )
        .await;
    }
}

#[tokio::test]
async fn a_server_with_another_certificate_or_another_password_gets_no_email() {
    let Some(server) = MailServer::start(Protection::StartTls, Behaviour::Accept) else { return };
    let wrong = [
        (
            server.settings().replace("authority_file", "# authority_file"),
            "E-mail not sent Attempt 1: TLS with the server failed",
        ),
        (server.with_password("another"), "E-mail not sent Attempt 1: the server answered 535"),
    ];
    for (settings, expected) in wrong {
        let configuration =
            Configuration::with("FOLDER/kassa.db", "").adding(&settings).overriding("KASSA_DRAIN_S", "0");
        let account = configuration.ask(&["merchant", "add", "shop", "--name", "Shop"]);
        let node = configuration.node();
        let merchant = node.merchant(&account);
        let session = distribute(&merchant).await;
        timeline_has(&merchant, &session, &["E-mail accepted", expected]).await;
    }
}

#[tokio::test]
async fn greylisting_delays_an_email_and_an_unknown_recipient_ends_it() {
    let Some(mut server) = MailServer::start(Protection::None, Behaviour::Greylist) else { return };
    let configuration = configuration(&server, "FOLDER/kassa.db");
    let account = configuration.ask(&["merchant", "add", "shop", "--name", "Shop"]);
    let node = configuration.node();
    let merchant = node.merchant(&account);
    let session = distribute(&merchant).await;
    assert_eq!(server.next_mail()["to"], json!(["ada@example.com"]));
    let postponed = "E-mail not sent Attempt 1: the server answered 451 4.7.1";
    timeline_has(&merchant, &session, &["E-mail accepted", postponed, "E-mail sent Attempt 2"]).await;

    let Some(unknown) = MailServer::start(Protection::None, Behaviour::Unknown) else { return };
    let configuration = self::configuration(&unknown, "FOLDER/kassa.db");
    let account = configuration.ask(&["merchant", "add", "shop", "--name", "Shop"]);
    let node = configuration.node();
    let merchant = node.merchant(&account);
    let session = distribute(&merchant).await;
    let refused = "E-mail not sent Attempt 1: the server answered 550 5.1.1";
    let entries = timeline_has(&merchant, &session, &["E-mail accepted", refused]).await;
    assert!(!entries[1].contains("ada@example.com"), "{entries:?}");
    let operator = node.operator();
    let metrics = operator.get("/metrics").await.text;
    assert!(metrics.contains(r#"kassa_messages_total{channel="email",result="undelivered"} 1"#), "{metrics}");
}

#[tokio::test]
async fn an_email_whose_answer_is_lost_is_sent_again_with_the_same_id() {
    let Some(mut server) = MailServer::start(Protection::None, Behaviour::LoseAnswer) else { return };
    let configuration = configuration(&server, "FOLDER/kassa.db");
    let account = configuration.ask(&["merchant", "add", "shop", "--name", "Shop"]);
    let node = configuration.node();
    let merchant = node.merchant(&account);
    let session = distribute(&merchant).await;
    let (first, second) = (server.next_mail(), server.next_mail());
    assert_eq!(first["message_id"], second["message_id"]);
    let lost = "E-mail sent, without an answer Attempt 1: no connection to the server, or it ended";
    timeline_has(&merchant, &session, &["E-mail accepted", lost, "E-mail sent Attempt 2"]).await;
}

#[tokio::test]
async fn no_accepted_email_is_lost_by_a_dead_server_and_a_node_killed_between_attempts() {
    let Some(server) = MailServer::start(Protection::None, Behaviour::Accept) else { return };
    let configuration = configuration(&server, "FOLDER/kassa.db");
    let account = configuration.ask(&["merchant", "add", "shop", "--name", "Shop"]);
    let port = server.port();
    drop(server);
    let node = configuration.node();
    let merchant = node.merchant(&account);
    let mut sessions = Vec::new();
    for _ in 0..5 {
        sessions.push(distribute(&merchant).await);
    }
    let refused = "E-mail not sent Attempt 1: no connection to the server, or it ended";
    // The leases have ended then, so another node need not wait for them.
    for session in &sessions {
        timeline_has(&merchant, session, &["E-mail accepted", refused]).await;
    }
    drop((merchant, node));

    let Some(mut server) = MailServer::start_at(port, Protection::None, Behaviour::Accept) else { return };
    let node = configuration.node();
    let merchant = node.merchant(&account);
    for session in &sessions {
        timeline_has(&merchant, session, &["E-mail accepted", refused, "E-mail sent"]).await;
    }
    let mut ids: Vec<Value> = (0..5).map(|_| server.next_mail()["message_id"].take()).collect();
    ids.sort_by_key(Value::to_string);
    ids.dedup();
    assert_eq!(ids.len(), 5, "each e-mail arrived");
    assert_eq!(server.mail_within(Duration::ZERO), None, "no e-mail arrived twice");
}
