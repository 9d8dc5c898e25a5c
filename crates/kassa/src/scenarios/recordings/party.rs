//! One service in a replay: the calls to it, the ids that it gave, and its page sessions.

use http::Method;
use kassa_domain::lifecycle::Status;
use serde_json::{Value, json};

use super::evidence::{FraudVerdict, actions};
use super::exchange::{Exchange, RecordedAnswer};
use super::identities::Identities;
use crate::remote::{Credential, segment};
use crate::scenarios::world::{Answer, Service};

/// A service that answers the calls of a recording.
pub(super) struct Party {
    service: Service,
    credential: Credential,
    pub(super) identities: Identities,
    page_sessions: Vec<PageSession>,
    /// The id of the newest payment session.
    payment_session: Option<String>,
}

/// A page session that was created in the replay.
#[derive(Clone, Debug)]
pub(super) struct PageSession {
    pub(super) id: String,
    pub(super) link: String,
}

impl Party {
    pub(super) fn new(service: Service, credential: Credential) -> Self {
        let (page_sessions, payment_session) = (Vec::new(), None);
        Self { service, credential, identities: Identities::default(), page_sessions, payment_session }
    }

    /// Sends the recorded call with the ids of this service.
    pub(super) async fn send(&mut self, exchange: &Exchange) -> Answer {
        let path = self.identities.replaced(&exchange.path);
        let body = self.identities.replaced(&exchange.body_for(&self.service.url));
        let refused = exchange.answer.status == 401;
        // A recorded 401 had a wrong credential. Its replay has one, too.
        let password = if refused {
            format!("{}-wrong", self.credential.password)
        } else {
            self.credential.password.clone()
        };
        let credential = Credential { password, ..self.credential.clone() };
        let headers = [credential.headers(), exchange.headers.clone()].concat();
        let answer = self.service.send(exchange.method.clone(), &path, headers, body.into()).await;
        self.remember(exchange, &answer);
        answer
    }

    /// Replaces the name `$kassa` of a scenario by the URL of this service.
    pub(super) fn name_itself(&mut self) {
        self.identities.add("$kassa", &self.service.url);
    }

    /// Learns the ids of an answer. `recorded` has the same answer with other ids.
    pub(super) fn learn(&mut self, recorded: &RecordedAnswer, answer: &Answer) {
        self.identities.learn(recorded, answer);
    }

    fn remember(&mut self, exchange: &Exchange, answer: &Answer) {
        let word = |name: &str| answer.body[name].as_str().map(str::to_string);
        match (exchange.method.as_str(), &exchange.segments()[..]) {
            ("POST", ["hpp", "v1", "sessions"]) => {
                if let Some(id) = word("session_id") {
                    self.page_sessions
                        .push(PageSession { id, link: word("redirect_url").unwrap_or_default() });
                }
            }
            ("POST", ["payments", "v1", "sessions"]) => {
                self.payment_session = word("session_id").or(self.payment_session.take());
            }
            _ => {}
        }
    }

    /// The page session with this id of this service, if it was created in the replay.
    pub(super) fn page_session(&self, id: &str) -> Option<&PageSession> {
        self.page_sessions.iter().find(|session| session.id == id)
    }

    pub(super) fn newest_page_session(&self) -> Option<&PageSession> {
        self.page_sessions.last()
    }

    pub(super) fn newest_payment_session(&self) -> Option<&str> {
        self.payment_session.as_deref()
    }

    /// The status of a page session; `None` if it cannot be read.
    pub(super) async fn status(&self, page_session: &str) -> Option<Status> {
        Status::parse(self.read(page_session).await.body["status"].as_str()?)
    }

    /// The authorization token of a page session that is completed.
    pub(super) async fn token(&self, page_session: &str) -> Option<String> {
        Some(self.read(page_session).await.body["authorization_token"].as_str()?.to_string())
    }

    async fn read(&self, page_session: &str) -> Answer {
        let path = format!("/hpp/v1/sessions/{}", segment(page_session));
        self.service.send(Method::GET, &path, self.credential.headers(), "".into()).await
    }

    /// Acts as the consumer, through the lab, until the page session has a status. Returns the acts in words.
    pub(super) async fn lead_to(
        &self,
        page_session: &str,
        status: Status,
        email: Option<&str>,
    ) -> Vec<String> {
        let Some(from) = self.status(page_session).await else { return Vec::new() };
        let Some(actions) = actions(from, status) else {
            return vec![format!("no act of the consumer leads from {from} to {status}")];
        };
        let mut acts = Vec::new();
        for action in actions {
            let details = match email {
                Some(email) if action == "approve" => json!({ "email": email }),
                Some(_) | None => json!({}),
            };
            let path = format!("/lab/v1/sessions/{}/{action}", segment(page_session));
            acts.push(in_words(&format!("the consumer: {action}"), &self.act(&path, &details).await));
        }
        acts
    }

    /// Authorizes the newest payment session, as the consumer of the merchant's own page. Returns the token.
    pub(super) async fn approve(
        &self,
        payment_session: &str,
        email: Option<&str>,
    ) -> (String, Option<String>) {
        let details = email.map_or(json!({}), |email| json!({ "email": email }));
        let path = format!("/lab/v1/payment-sessions/{}/approve", segment(payment_session));
        let answer = self.act(&path, &details).await;
        let token = answer.body["authorization_token"].as_str().map(str::to_string);
        (in_words("the consumer: approve, on the page of the merchant", &answer), token)
    }

    /// Ends the fraud check of an order that waits for it.
    pub(super) async fn end_fraud_check(&self, order: &str, verdict: FraudVerdict) -> Vec<String> {
        let path = format!("/ordermanagement/v1/orders/{}", segment(order));
        let read = self.service.send(Method::GET, &path, self.credential.headers(), "".into()).await;
        if read.body["fraud_status"] != "PENDING" {
            return Vec::new();
        }
        let verdict = verdict.as_str();
        let answer = self.act(&format!("/lab/v1/orders/{}/{verdict}", segment(order)), &json!({})).await;
        vec![in_words(&format!("the fraud check: {verdict}"), &answer)]
    }

    async fn act(&self, path: &str, details: &Value) -> Answer {
        self.service.send(Method::POST, path, self.credential.headers(), details.to_string().into()).await
    }
}

fn in_words(act: &str, answer: &Answer) -> String {
    if answer.is_success() { act.to_string() } else { format!("{act}, refused: {}", answer.in_words()) }
}
