//! Replays a recording at Kassa, and compares each answer with the recorded one.

use serde_json::{Value, json};

use super::comparison::{Difference, Side, differences};
use super::evidence::{Evidence, email, evidence};
use super::exchange::Exchange;
use super::party::Party;
use super::variable::is_id;
use crate::scenarios::world::Answer;

/// An exchange that was replayed.
pub(super) struct Replayed<'a> {
    pub(super) exchange: &'a Exchange,
    /// The acts of the consumer before the call, in words.
    pub(super) acts: Vec<String>,
    pub(super) expected_status: Option<u16>,
    pub(super) seen_status: Option<u16>,
    pub(super) differences: Vec<Difference>,
    /// An explanation of the differences, if there is one.
    pub(super) note: Option<&'static str>,
}

/// Explains a call about something that was created before the recording.
const NOT_RECORDED: &str =
    "the path has an id that no earlier answer of the recording has: record the call that creates it, too";

/// Explains a call about something that was not created in the replay.
const NOT_CREATED: &str =
    "this follows from a difference above: the call that creates the id had another answer";

/// Replays exchanges in order, and calls `report` after each one.
pub(super) async fn replay<'a>(
    exchanges: &'a [Exchange],
    kassa: &mut Party,
    ignored: &[String],
    mut report: impl FnMut(&Replayed<'a>),
) -> Vec<Replayed<'a>> {
    let mut replayed = Vec::new();
    for (place, exchange) in exchanges.iter().enumerate() {
        let acts = prepare(kassa, exchange, &exchanges[place..]).await;
        let is_known = kassa.identities.replaced(&exchange.path) != exchange.path;
        let answer = kassa.send(exchange).await;
        kassa.learn(&exchange.answer, &answer);
        let expected = Side { status: Some(exchange.answer.status), body: &exchange.answer.body };
        let seen = side(&answer);
        let differences = differences(expected, seen, &kassa.identities, ignored);
        let is_unknown = !is_known && seen.status == Some(404) && !differences.is_empty();
        let note = is_unknown.then(|| why_unknown(exchange, &exchanges[..place]));
        let (expected_status, seen_status) = (expected.status, seen.status);
        let one = Replayed { exchange, acts, expected_status, seen_status, differences, note };
        report(&one);
        replayed.push(one);
    }
    replayed
}

/// Explains why Kassa does not know the id in a path.
fn why_unknown(exchange: &Exchange, earlier: &[Exchange]) -> &'static str {
    let answers: Vec<String> = earlier.iter().map(|earlier| earlier.answer.body.to_string()).collect();
    let mut ids = exchange.segments().into_iter().filter(|segment| is_id(segment));
    let is_recorded = ids.any(|id| answers.iter().any(|answer| answer.contains(id)));
    if is_recorded { NOT_CREATED } else { NOT_RECORDED }
}

pub(super) fn side(answer: &Answer) -> Side<'_> {
    Side { status: answer.status, body: &answer.body }
}

/// Acts as the consumer before a call, so far as the recorded answer shows that the consumer did.
async fn prepare(kassa: &mut Party, exchange: &Exchange, following: &[Exchange]) -> Vec<String> {
    let email = email(following);
    match evidence(exchange) {
        None => Vec::new(),
        Some(Evidence::PageSession { id, status }) => {
            let id = kassa.identities.replaced(id);
            kassa.lead_to(&id, status, email).await
        }
        Some(Evidence::PaymentSession { id }) => {
            let id = kassa.identities.replaced(id);
            match exchange.answer.body["authorization_token"].as_str() {
                Some(token) if !kassa.identities.knows(token) => approve(kassa, &id, token, email).await,
                Some(_) | None => Vec::new(),
            }
        }
        Some(Evidence::Token(token)) => obtain(kassa, token, email).await,
        Some(Evidence::FraudCheck { order, verdict }) => {
            let order = kassa.identities.replaced(order);
            kassa.end_fraud_check(&order, verdict).await
        }
    }
}

/// Gets a token for the one of the recording, which the merchant got outside of it, such as in a callback.
async fn obtain(kassa: &mut Party, recorded: &str, email: Option<&str>) -> Vec<String> {
    if kassa.identities.knows(recorded) {
        return Vec::new();
    }
    if let Some(session) = kassa.newest_page_session().cloned() {
        let acts = kassa.lead_to(&session.id, kassa_domain::lifecycle::Status::Completed, email).await;
        if let Some(token) = kassa.token(&session.id).await {
            kassa.identities.add(recorded, &token);
        }
        return acts;
    }
    match kassa.newest_payment_session().map(str::to_string) {
        Some(id) => approve(kassa, &id, recorded, email).await,
        None => Vec::new(),
    }
}

async fn approve(
    kassa: &mut Party,
    payment_session: &str,
    recorded: &str,
    email: Option<&str>,
) -> Vec<String> {
    let (act, token) = kassa.approve(payment_session, email).await;
    if let Some(token) = token {
        kassa.identities.add(recorded, &token);
    }
    vec![act]
}

impl Replayed<'_> {
    /// The exchange for programs. `names` are the words for the two sides.
    pub(super) fn as_value(&self, names: [&str; 2]) -> Value {
        let differences = self.differences.iter().map(|difference| difference.as_value(names));
        json!({
            "exchange": self.exchange.number,
            "method": self.exchange.method.as_str(),
            "path": self.exchange.shown_path(),
            "acts": self.acts,
            "status": { names[0]: self.expected_status, names[1]: self.seen_status },
            "differences": differences.collect::<Vec<_>>(),
            "note": self.note,
        })
    }
}
