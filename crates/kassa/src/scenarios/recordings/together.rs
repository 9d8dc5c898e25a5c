//! The same calls at another service and at Kassa. At the other service a person acts as the consumer.

use std::io::{self, Write as _};

use kassa_domain::lifecycle::Status;

use super::comparison::differences;
use super::evidence::{Evidence, evidence};
use super::exchange::{Exchange, RecordedAnswer};
use super::identities::Identities;
use super::party::Party;
use super::plan::Step;
use super::replay::{Replayed, side};
use super::report::Report;

/// The word that a person types to skip the acts of the consumer.
const SKIP: &str = "s";

/// Two services that get the same calls.
pub(super) struct Pair {
    pub(super) other: Party,
    pub(super) kassa: Party,
    /// Whether the consumer acts at neither service.
    pub(super) skips_consumer: bool,
}

impl Pair {
    /// Plays the steps, and prints each call.
    pub(super) async fn play<'a>(
        mut self,
        steps: &'a [Step],
        ignored: &[String],
        report: &Report,
    ) -> Vec<Replayed<'a>> {
        self.other.name_itself();
        self.kassa.name_itself();
        let mut played = Vec::new();
        let mut acts = Vec::new();
        for step in steps {
            let exchange = match step {
                Step::Consumer { page_session, status } => {
                    acts.extend(self.lead(page_session, *status).await);
                    continue;
                }
                Step::Recorded(exchange) => {
                    acts.extend(self.prepare(exchange).await);
                    exchange
                }
                Step::Call(exchange) => exchange,
            };
            let one = self.call(exchange, std::mem::take(&mut acts), ignored).await;
            report.exchange(&one);
            played.push(one);
        }
        played
    }

    async fn call<'a>(
        &mut self,
        exchange: &'a Exchange,
        acts: Vec<String>,
        ignored: &[String],
    ) -> Replayed<'a> {
        let there = self.other.send(exchange).await;
        let here = self.kassa.send(exchange).await;
        self.other.learn(&exchange.answer, &there);
        self.kassa.learn(&exchange.answer, &here);
        let mut between = Identities::default();
        let status = there.status.unwrap_or_default();
        between.learn(&RecordedAnswer { status, body: there.body.clone(), names: Vec::new() }, &here);
        Replayed {
            exchange,
            acts,
            expected_status: there.status,
            seen_status: here.status,
            differences: differences(side(&there), side(&here), &between, ignored),
            note: None,
        }
    }

    /// Lets the consumer act before a call, so far as the recorded answer shows that the consumer did.
    async fn prepare(&mut self, exchange: &Exchange) -> Vec<String> {
        match evidence(exchange) {
            None | Some(Evidence::FraudCheck { .. }) => Vec::new(),
            Some(Evidence::PageSession { id, status }) => self.lead(id, status).await,
            Some(Evidence::Token(token)) if self.other.identities.knows(token) => Vec::new(),
            Some(Evidence::Token(token)) => self.obtain(token).await,
            Some(Evidence::PaymentSession { .. }) => {
                vec!["skipped: the consumer authorized on the page of the merchant".to_string()]
            }
        }
    }

    /// Gets a token at both services, for the one of the recording.
    async fn obtain(&mut self, recorded: &str) -> Vec<String> {
        let newest = |party: &Party| party.newest_page_session().map(|session| session.id.clone());
        let (Some(there), Some(here)) = (newest(&self.other), newest(&self.kassa)) else {
            return vec!["skipped: no page session was created, so no consumer can pay".to_string()];
        };
        let acts = self.lead_both(&there, &here, Status::Completed).await;
        for (party, id) in [(&mut self.other, there), (&mut self.kassa, here)] {
            if let Some(token) = party.token(&id).await {
                party.identities.add(recorded, &token);
            }
        }
        acts
    }

    async fn lead(&mut self, page_session: &str, status: Status) -> Vec<String> {
        let there = self.other.identities.replaced(page_session);
        let here = self.kassa.identities.replaced(page_session);
        self.lead_both(&there, &here, status).await
    }

    /// Lets the consumer lead a page session to a status: a person at the other service, and then the lab at Kassa. If
    /// the person skips the act, the lab does, too, so that the services stay comparable. Later acts are then skipped,
    /// because they follow from this one.
    async fn lead_both(&mut self, there: &str, here: &str, status: Status) -> Vec<String> {
        match self.other.status(there).await {
            None => return Vec::new(),
            Some(reached) if reached == status => return self.kassa.lead_to(here, status, None).await,
            Some(_) if status == Status::Waiting || status == Status::Disabled => return Vec::new(),
            Some(_) => {}
        }
        let link = self.other.page_session(there).map(|session| session.link.clone()).unwrap_or_default();
        self.skips_consumer = self.skips_consumer || !asks_for(&link, status);
        if self.skips_consumer {
            return vec![format!("skipped at both: the consumer leads the page session to {status}")];
        }
        let Some(reached) = self.other.status(there).await else { return Vec::new() };
        let mut acts = vec![format!("a person led the page session there to {reached}")];
        if reached != status {
            acts.push(format!("expected was {status}"));
        }
        acts.extend(self.kassa.lead_to(here, reached, None).await);
        acts
    }
}

/// Asks a person to act as the consumer. Returns whether the person did.
fn asks_for(link: &str, status: Status) -> bool {
    let asked = format!(
        "\nAct as the consumer at {link}\n{}, so that the status becomes {status}. Then press Enter, or type {SKIP} \
         and Enter to skip this act and all later ones: ",
        in_words(status)
    );
    let mut answer = String::new();
    let is_asked = io::stderr().write_all(asked.as_bytes()).and_then(|()| io::stderr().flush()).is_ok();
    is_asked && io::stdin().read_line(&mut answer).is_ok_and(|read| read > 0) && answer.trim() != SKIP
}

/// The act that leads to a status.
const fn in_words(status: Status) -> &'static str {
    match status {
        Status::Waiting | Status::Disabled => "Do nothing",
        Status::InProgress => "Open the page",
        Status::Completed => "Pay",
        Status::Failed => "Try to pay, and be declined",
        Status::Error => "Try to pay, and meet a technical error",
        Status::ManualIdCheck => "Pay, and be asked for an identity document",
        Status::Timeout => "Do nothing until the time limit ends",
        Status::Back => "Go back to the shop",
        Status::Cancelled => "Cancel the purchase",
    }
}
