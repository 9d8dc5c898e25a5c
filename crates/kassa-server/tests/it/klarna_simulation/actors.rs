//! Consumers with their browsers, and the merchant.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::service::Service;
use crate::harness::Caller;
use crate::simulation::Dice;

/// The page sessions whose creation was acknowledged, each with its payment session and its page.
pub(super) type Sessions = Arc<Mutex<Vec<PageSession>>>;

#[derive(Clone, Debug)]
pub(super) struct PageSession {
    pub(super) id: String,
    pub(super) payment: String,
    page: String,
}

/// Everything that an actor uses.
#[derive(Clone)]
pub(super) struct Actor {
    pub(super) caller: Caller,
    pub(super) klarna: Service,
    pub(super) dice: Arc<Dice>,
    pub(super) sessions: Sessions,
}

impl Actor {
    /// Drives some page sessions, one after the other.
    pub(super) async fn act(self) {
        for _ in 0..3 {
            let payment = self.klarna.create();
            let Some(session) = self.host(&payment).await else { continue };
            self.drive(&session).await;
            sleep(Duration::from_millis(self.dice.below(100))).await;
        }
    }

    async fn host(&self, payment: &str) -> Option<PageSession> {
        let mode = self.dice.pick(&["NONE", "PLACE_ORDER", "PLACE_ORDER", "CAPTURE_ORDER"]);
        let body = json!({
            "payment_session_url": format!("https://klarna.example/payments/v1/sessions/{payment}"),
            "options": {"place_order_mode": mode},
        });
        let (status, created) = self.caller.call(Method::POST, "/hpp/v1/sessions", &body).await;
        if status != 201 {
            return None;
        }
        let page = created["redirect_url"].as_str()?.strip_prefix("https://kassa.example")?.to_string();
        let id = created["session_id"].as_str()?.to_string();
        let session = PageSession { id, payment: payment.to_string(), page };
        self.sessions.lock().unwrap().push(session.clone());
        Some(session)
    }

    async fn drive(&self, session: &PageSession) {
        self.open(session).await;
        for _ in 0..self.dice.below(6) {
            let acts = ["pay", "pay", "pay", "lie", "back", "open", "change", "disable", "sibling", "wait"];
            let (one, other) = (self.dice.pick(&acts), self.dice.pick(&acts));
            if self.dice.one_in(3) {
                tokio::join!(self.perform(session, one), self.perform(session, other));
            } else {
                self.perform(session, one).await;
            }
        }
    }

    async fn perform(&self, session: &PageSession, act: &str) {
        match act {
            "pay" => self.pay(session).await,
            "lie" => self.claim(session, "approved").await,
            "back" => self.post(session, "back", "").await,
            "open" => self.open(session).await,
            "change" => self.klarna.change(&session.payment),
            "disable" => {
                let path = format!("/hpp/v1/sessions/{}", session.id);
                self.caller.call(Method::DELETE, &path, &Value::Null).await;
            }
            "sibling" => {
                if let Some(sibling) = self.host(&session.payment).await {
                    self.open(&sibling).await;
                    self.pay(&sibling).await;
                }
            }
            "wait" => sleep(Duration::from_millis(self.dice.below(9_000))).await,
            other => panic!("no act {other}"),
        }
    }

    async fn open(&self, session: &PageSession) {
        self.caller.page(&session.page).await;
    }

    /// The consumer presses Pay. Klarna approves or declines, and the browser says so or is closed.
    async fn pay(&self, session: &PageSession) {
        if !self.dice.one_in(10) {
            self.post(session, "started", "").await;
        }
        sleep(Duration::from_millis(self.dice.below(300))).await;
        let approves = !self.dice.one_in(4);
        if approves {
            self.klarna.authorize(&session.payment);
        }
        if self.dice.one_in(4) {
            return;
        }
        self.claim(session, if approves { "approved" } else { "declined" }).await;
    }

    async fn claim(&self, session: &PageSession, answer: &str) {
        self.post(session, "claim", &format!("answer={answer}&payment_method_category=klarna")).await;
    }

    async fn post(&self, session: &PageSession, act: &str, form: &str) {
        self.caller.send(&format!("{}/{act}", session.page), form).await;
    }
}
