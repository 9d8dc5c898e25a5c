//! Messages to consumers are sent by a worker: at once, again later if that fails, and not at all if there is nothing
//! left to pay.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use kassa_domain::{Actor, MerchantId, PageSessionId};
use kassa_engine::{
    Clock as _, MessageChannel, Messenger, Messengers, OutgoingMessage, SendOutcome, SystemRandom, new_uuid,
};
use kassa_store::Message;
use kassa_testkit::eventually;
use kassa_wire::time::Instant;
use serde_json::{Value, json};

use crate::harness::{Merchant, World, journey};
use crate::operator_makes_merchants::operator;

/// A mail server with prepared answers. After the last one it accepts everything.
#[derive(Default)]
struct MailServer {
    answers: Mutex<Vec<SendOutcome>>,
    received: Mutex<Vec<OutgoingMessage>>,
}

impl MailServer {
    fn answering(answers: impl IntoIterator<Item = SendOutcome>) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(answers.into_iter().collect()), ..Self::default() })
    }

    fn received(&self) -> Vec<OutgoingMessage> {
        self.received.lock().unwrap().clone()
    }

    async fn has_received(&self, count: usize) {
        eventually("the mail server received the attempts", async || match self.received().len() == count {
            true => Ok(()),
            false => Err(format!("{:?}", self.received())),
        })
        .await;
    }
}

impl Messenger for MailServer {
    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> BoxFuture<'a, SendOutcome> {
        async {
            self.received.lock().unwrap().push(message.clone());
            let mut answers = self.answers.lock().unwrap();
            if answers.is_empty() {
                SendOutcome::Sent("the server answered 250".to_string())
            } else {
                answers.remove(0)
            }
        }
        .boxed()
    }
}

fn postponed() -> SendOutcome {
    SendOutcome::Postponed("the server answered 451 4.7.1".to_string())
}

/// A merchant at a node that sends e-mails through this server.
async fn merchant_with(world: &World, server: &Arc<MailServer>) -> Merchant {
    let messengers = Messengers { email: Some(server.clone()), sms: None };
    let url = world.served_with(|configuration| configuration.messengers = messengers).await;
    world.merchant.at(&url)
}

async fn distribute(merchant: &Merchant, session: &str) -> u16 {
    let body = json!({"method": "email", "contact_information": {"email": "ada@example.com"}});
    merchant.post(&format!("/hpp/v1/sessions/{session}/distribution"), &body).await.status
}

/// The titles and details of the timeline's entries about messages.
fn about_messages(history: &Value) -> Vec<String> {
    let entries = history["timeline"].as_array().unwrap().iter();
    let entries = entries.filter(|entry| entry["kind"].as_str().unwrap().starts_with("message"));
    entries
        .map(|entry| format!("{}: {}", entry["title"].as_str().unwrap(), entry["detail"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_message_is_sent_at_once_in_the_language_of_the_session() {
    journey(|world| async move {
        let server = MailServer::answering([]);
        let merchant = merchant_with(&world, &server).await;
        let session = world.page_session().await;
        assert_eq!(distribute(&merchant, &session).await, 201);
        server.has_received(1).await;
        let message = server.received().remove(0);
        assert_eq!((message.recipient.as_str(), message.locale.as_str()), ("ada@example.com", "sv-SE"));
        assert!(message.text.contains(&message.link) && message.link.contains("/pay/"), "{message:?}");
        let is_recorded = |history: &Value| about_messages(history).len() == 2;
        let history = world.history_when(&session, "the attempt is recorded", is_recorded).await;
        assert_eq!(
            about_messages(&history),
            [
                "E-mail accepted: To a***@example.com",
                "E-mail sent: Attempt 1: the server answered 250, after 0 ms"
            ]
        );
        assert_eq!(world.merchant.read(&session).await["status"], "WAITING");
    });
}

#[test]
fn a_postponed_message_is_sent_again_with_the_same_id() {
    journey(|world| async move {
        let lost = SendOutcome::NoAnswer("no connection to the server, or it ended".to_string());
        let server = MailServer::answering([postponed(), lost]);
        let merchant = merchant_with(&world, &server).await;
        let session = world.page_session().await;
        distribute(&merchant, &session).await;
        for (attempts, wait_s) in [(1, 15), (2, 60)] {
            server.has_received(attempts).await;
            let is_recorded = |history: &Value| about_messages(history).len() == attempts + 1;
            world.history_when(&session, "the attempt is recorded", is_recorded).await;
            world.clock.advance(Duration::from_secs(wait_s));
            server.has_received(attempts + 1).await;
        }
        let received = server.received();
        assert!(
            received.iter().all(|message| message.id == received[0].id && message.text == received[0].text)
        );
    });
}

/// Distributes a session whose first attempt is postponed, and waits until that is recorded. Returns the merchant at
/// the node, and the session.
async fn postponed_session(world: &World, server: &Arc<MailServer>) -> (Merchant, String) {
    let merchant = merchant_with(world, server).await;
    let session = world.page_session().await;
    distribute(&merchant, &session).await;
    let is_recorded = |history: &Value| about_messages(history).len() == 2;
    world.history_when(&session, "the attempt is recorded", is_recorded).await;
    (merchant, session)
}

async fn strangers_session(world: &World) -> String {
    let payment = world.stranger.payment_session("ECOMMERCE").await;
    let body = json!({"payment_session_url": format!("{}/payments/v1/sessions/{payment}", world.url)});
    let created = world.stranger.post("/hpp/v1/sessions", &body).await;
    created.json["session_id"].as_str().unwrap_or_else(|| panic!("{}", created.text)).to_string()
}

async fn no_message_waits(world: &World) {
    eventually("no message waits", async || {
        let backlog = world.database().open().await.deliveries_backlog().await.unwrap();
        if backlog.waiting == 0 { Ok(()) } else { Err(format!("{backlog:?}")) }
    })
    .await;
}

#[test]
fn a_message_without_an_answer_is_sent_three_times_at_most() {
    journey(|world| async move {
        let lost = || SendOutcome::NoAnswer("the server did not answer in time".to_string());
        let server = MailServer::answering([lost(), postponed(), lost(), lost(), lost()]);
        let merchant = merchant_with(&world, &server).await;
        let session = world.page_session().await;
        distribute(&merchant, &session).await;
        for attempts in 1..=4 {
            let is_recorded = |history: &Value| about_messages(history).len() == attempts + 1;
            let history = world.history_when(&session, "the attempt is recorded", is_recorded).await;
            assert!(about_messages(&history)[1].starts_with("E-mail sent, without an answer"), "{history}");
            world.clock.advance(Duration::from_secs(1_800));
        }
        no_message_waits(&world).await;
        assert_eq!(server.received().len(), 4);
    });
}

#[test]
fn a_message_of_a_suspended_merchant_waits() {
    journey(|world| async move {
        let operator = operator(&world, "desk").await;
        let server = MailServer::answering([postponed()]);
        let (merchant, session) = postponed_session(&world, &server).await;
        let suspend = |is_suspended: bool| json!({ "is_suspended": is_suspended });
        assert_eq!(operator.patch("/kassa/v1/merchants/merchant", &suspend(true)).await.status, 200);
        // The attempt is due after 15 seconds, and then again each quarter of an hour.
        world.clock.advance(Duration::from_secs(60));
        // A message of another merchant shows that the worker has looked at what is due.
        assert_eq!(
            distribute(&world.stranger.at(merchant.url()), &strangers_session(&world).await).await,
            201
        );
        server.has_received(2).await;
        let resumed_at = Instant::from_ms(world.clock.system_now().as_ms()).to_string();
        assert_eq!(operator.patch("/kassa/v1/merchants/merchant", &suspend(false)).await.status, 200);
        world.clock.advance(Duration::from_secs(960));
        server.has_received(3).await;
        let is_recorded = |history: &Value| about_messages(history).len() == 3;
        let history = world.history_when(&session, "the second attempt is recorded", is_recorded).await;
        let entries = history["timeline"].as_array().unwrap().iter();
        let mut attempts = entries.filter(|entry| entry["kind"] == "message_attempt");
        let last = attempts.next_back().unwrap()["at"].as_str().unwrap().to_string();
        assert!(last > resumed_at, "{last} is before {resumed_at}");
    });
}

#[test]
fn an_erased_message_is_not_sent() {
    journey(|world| async move {
        let operator = operator(&world, "desk").await;
        let server = MailServer::answering([postponed()]);
        postponed_session(&world, &server).await;
        let erasure = json!({"email": "ada@example.com", "include_open": true});
        assert_eq!(operator.post("/kassa/v1/consumers/erase", &erasure).await.status, 200);
        world.clock.advance(Duration::from_secs(60));
        no_message_waits(&world).await;
        assert_eq!(server.received().len(), 1);
    });
}

#[test]
fn a_refused_message_is_not_sent_again() {
    journey(|world| async move {
        let server =
            MailServer::answering([SendOutcome::Refused("the server answered 550 5.1.1".to_string())]);
        let merchant = merchant_with(&world, &server).await;
        let session = world.page_session().await;
        distribute(&merchant, &session).await;
        let is_recorded = |history: &Value| about_messages(history).len() == 2;
        let history = world.history_when(&session, "the attempt is recorded", is_recorded).await;
        assert!(
            about_messages(&history)[1]
                .starts_with("E-mail not sent: Attempt 1: the server answered 550 5.1.1")
        );
        world.clock.advance(Duration::from_secs(3_600));
        let other = world.page_session().await;
        distribute(&merchant, &other).await;
        server.has_received(2).await;
        assert_ne!(server.received()[0].id, server.received()[1].id);
    });
}

#[test]
fn a_message_about_a_session_that_is_over_is_not_sent() {
    journey(|world| async move {
        let server = MailServer::answering([postponed()]);
        let merchant = merchant_with(&world, &server).await;
        let session = world.page_session().await;
        distribute(&merchant, &session).await;
        let is_recorded = |history: &Value| about_messages(history).len() == 2;
        world.history_when(&session, "the attempt is recorded", is_recorded).await;
        assert_eq!(world.merchant.delete(&format!("/hpp/v1/sessions/{session}")).await.status, 204);
        world.clock.advance(Duration::from_secs(60));
        let other = world.page_session().await;
        distribute(&merchant, &other).await;
        server.has_received(2).await;
        eventually("no message waits", async || {
            let backlog = world.database().open().await.deliveries_backlog().await.unwrap();
            if backlog.waiting == 0 { Ok(()) } else { Err(format!("{backlog:?}")) }
        })
        .await;
        assert_ne!(server.received()[0].id, server.received()[1].id, "the first one was dropped");
    });
}

#[test]
fn a_message_that_was_accepted_is_sent_by_another_node() {
    journey(|world| async move {
        // This node accepts an e-mail, and its background work never begins.
        let dead = MailServer::answering([]);
        let messengers = Messengers { email: Some(dead.clone()), sms: None };
        let accepting = world.app_with(|configuration| configuration.messengers = messengers).await;
        let message = Message {
            id: new_uuid(&SystemRandom, world.clock.system_now()),
            merchant_id: MerchantId::new("merchant"),
            page_session_id: PageSessionId::new(world.page_session().await),
            channel: "email".to_string(),
            recipient: "ada@example.com".to_string(),
            subject: "Your purchase".to_string(),
            body: "Pay here".to_string(),
            link: "https://pay.example/pay/t".to_string(),
            created_at: world.clock.system_now(),
        };
        let channel = (MessageChannel::Email, "sv-SE");
        accepting.engine().accept_message(&message, channel, &Actor::CommandLine).await.unwrap();
        let server = MailServer::answering([]);
        merchant_with(&world, &server).await;
        server.has_received(1).await;
        assert!(dead.received().is_empty());
    });
}

#[test]
fn a_sandbox_that_sends_messages_limits_those_to_a_person() {
    journey(|world| async move {
        let server = MailServer::answering([]);
        let merchant = merchant_with(&world, &server).await;
        for _ in 0..20 {
            assert_eq!(distribute(&merchant, &world.page_session().await).await, 201);
        }
        assert_eq!(distribute(&merchant, &world.page_session().await).await, 429);
        for _ in 0..21 {
            let into_the_inbox = distribute(&world.merchant, &world.page_session().await).await;
            assert_eq!(into_the_inbox, 201, "an inbox is no person");
        }
    });
}

#[test]
fn wrong_addresses_and_numbers_are_refused_by_name() {
    journey(|world| async move {
        let session = world.page_session().await;
        let path = format!("/hpp/v1/sessions/{session}/distribution");
        let cases = [
            (json!({"email": "ada@example"}), "email", "BAD_VALUE", "contact_information.email"),
            (
                json!({"email": "a@example.com,b@example.com"}),
                "email",
                "BAD_VALUE",
                "contact_information.email",
            ),
            (json!({"email": " "}), "email", "MISSING_CONTACT_DATA", "contact_information.email"),
            (json!({"phone": "12", "phone_country": "SE"}), "sms", "BAD_VALUE", "contact_information.phone"),
            (
                json!({"phone": "0701740605", "phone_country": "XX"}),
                "sms",
                "UNSUPPORTED_COUNTRY",
                "phone_country",
            ),
            (json!({"phone": "0701740605"}), "sms", "MISSING_CONTACT_DATA", "phone_country"),
        ];
        for (contact, method, code, field) in cases {
            let body = json!({"method": method, "contact_information": contact});
            let answer = world.merchant.post(&path, &body).await;
            assert_eq!((answer.status, answer.json["error_code"].as_str()), (400, Some(code)), "{body}");
            assert!(answer.text.contains(field), "{body}: {}", answer.text);
        }
        let sms = json!({"method": "sms", "contact_information": {"phone": "070-174 06 05", "phone_country": "se"}});
        assert_eq!(world.merchant.post(&path, &sms).await.status, 201);
        let inbox = world.merchant.get("/lab/v1/inbox").await.text;
        assert!(inbox.contains("+46701740605"), "{inbox}");
    });
}
