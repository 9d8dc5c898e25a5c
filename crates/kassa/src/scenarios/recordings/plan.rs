//! The calls of a comparison: those of a recording, or those of a scenario.

use std::path::Path;

use http::Method;
use kassa_domain::lifecycle::Status;
use serde_json::{Map, Value, json};

use super::exchange::{Exchange, RecordedAnswer};
use super::formats;
use crate::failure::Failure;
use crate::scenarios::scenario::{Act, By, Call, Creation, Scenario, Step as ScenarioStep, Verb};
use crate::scenarios::world::{cart, changed, page_session};
use crate::scenarios::{is_scenario, read_file};

/// The name of a page session in a scenario. A service replaces it by its id.
const SESSION: &str = "$session";

/// The shop of the merchant URLs. The vendor takes only https.
const SHOP: &str = "https://shop.example";

/// The steps of a comparison.
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    /// The number of requests of a recording that are left out.
    pub(super) left_out: usize,
}

/// One step of a comparison.
#[derive(Debug)]
pub(super) enum Step {
    /// A call of a scenario. Its recorded answer has only the names of the ids that the answer reveals.
    Call(Exchange),
    /// A call of a recording. Its answer may show that the consumer acted before.
    Recorded(Exchange),
    /// The consumer leads the page session to this status.
    Consumer { page_session: &'static str, status: Status },
}

/// Reads a scenario, or else a recording.
pub(super) fn read(path: &Path) -> Result<Plan, Failure> {
    if is_scenario(path) {
        let scenario = read_file(path)?;
        let wrong = |reason| Failure::Usage(format!("{}: {reason}", path.display()));
        let steps = Planned::of(&scenario).map_err(wrong)?;
        return Ok(Plan { steps, left_out: 0 });
    }
    let recording = formats::read(path).map_err(|wrong| Failure::Usage(wrong.to_string()))?;
    let steps = recording.exchanges.into_iter().map(Step::Recorded).collect();
    Ok(Plan { steps, left_out: recording.left_out })
}

/// The steps of a scenario, so far as they are planned.
struct Planned {
    steps: Vec<Step>,
    cart: Map<String, Value>,
}

impl Planned {
    fn of(scenario: &Scenario) -> Result<Vec<Step>, String> {
        let mut planned = Self { steps: Vec::new(), cart: cart() };
        for step in &scenario.steps {
            planned.step(step).map_err(|reason| format!("line {}: {reason}", step.line))?;
        }
        Ok(planned.steps)
    }

    fn step(&mut self, step: &ScenarioStep) -> Result<(), String> {
        match &step.act {
            Act::Look => {}
            Act::Create(creation) => self.create(creation),
            Act::Call(call) => self.call(call, step)?,
            Act::Consumer(consumer) => {
                let status = status(consumer.does);
                self.steps.push(Step::Consumer { page_session: SESSION, status });
            }
            Act::Advance(_) | Act::Faults(_) | Act::Shop(_) | Act::AtOnce(_) => {
                return Err(format!(
                    "{} is not possible at another service. A comparison takes create, call and consumer",
                    step.act
                ));
            }
        }
        if step.expect.session.is_some() {
            let names = json!({ "authorization_token": "$token", "order_id": "$order" });
            self.push(Method::GET, &format!("/hpp/v1/sessions/{SESSION}"), &Value::Null, names);
        }
        Ok(())
    }

    fn create(&mut self, creation: &Creation) {
        self.cart = changed(&self.cart, &creation.cart);
        let payment = creation.hosts.clone().unwrap_or_else(|| {
            self.push(
                Method::POST,
                "/payments/v1/sessions",
                &json!(self.cart),
                json!({ "session_id": "$payment" }),
            );
            "$payment".to_string()
        });
        let body = changed(&page_session("$kassa", SHOP, &payment), &creation.session);
        self.push(Method::POST, "/hpp/v1/sessions", &json!(body), json!({ "session_id": SESSION }));
    }

    fn call(&mut self, call: &Call, step: &ScenarioStep) -> Result<(), String> {
        if ["/lab/", "/kassa/"].iter().any(|own| call.path.starts_with(own)) {
            return Err(format!("{} is a path of Kassa only, so it cannot be compared", call.path));
        }
        let body = match (&call.cart, &call.body) {
            (Some(changes), _) => json!(changed(&self.cart, changes)),
            (None, Some(body)) => body.clone(),
            (None, None) => Value::Null,
        };
        let mut names = json!({ "authorization_token": "$token", "order_id": "$order" });
        for (name, field) in &step.save {
            names[field.as_str()] = json!(format!("${name}"));
        }
        self.push(call.method.clone(), &call.path, &body, names);
        let Some(Step::Call(exchange)) = self.steps.last_mut() else { return Ok(()) };
        exchange.headers.extend(call.idempotency_key.iter().map(|key| ("idempotency-key", key.clone())));
        match call.by {
            By::Merchant => Ok(()),
            // A call whose recorded answer is 401 gets a wrong password.
            By::Nobody => {
                exchange.answer.status = 401;
                Ok(())
            }
            By::Stranger => {
                Err("a stranger needs a second account, so this call cannot be compared".to_string())
            }
        }
    }

    fn push(&mut self, method: Method, path: &str, body: &Value, names: Value) {
        let number = self.steps.iter().filter(|step| matches!(step, Step::Call(_))).count() + 1;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = RecordedAnswer { status: 0, body: names, names: Vec::new() };
        let path = path.to_string();
        self.steps.push(Step::Call(Exchange { number, method, path, headers: Vec::new(), body, answer }));
    }
}

/// The status to which an act of the consumer leads.
fn status(verb: Verb) -> Status {
    match verb {
        Verb::Open | Verb::Enter => Status::InProgress,
        Verb::Pay | Verb::Approve => Status::Completed,
        Verb::Decline => Status::Failed,
        Verb::Error => Status::Error,
        Verb::Back => Status::Back,
        Verb::Cancel => Status::Cancelled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(steps: &str) -> Result<Vec<String>, String> {
        let scenario = Scenario::read("a", &format!("title = \"A\"\nwhy = \"B\"\n{steps}"))?;
        let in_words = |step: &Step| match step {
            Step::Call(exchange) | Step::Recorded(exchange) => {
                format!("{} {}", exchange.method, exchange.path)
            }
            Step::Consumer { status, .. } => status.to_string(),
        };
        Ok(Planned::of(&scenario)?.iter().map(in_words).collect())
    }

    #[test]
    fn a_scenario_becomes_calls_and_acts_of_the_consumer() {
        let steps = "[[step]]\ncreate = {}\n[[step]]\nconsumer = \"pay\"\nexpect.session = { status = \"COMPLETED\" }\n\
                     [[step]]\ncall = \"POST /payments/v1/authorizations/$token/order\"\ncart = {}\n";
        let expected = [
            "POST /payments/v1/sessions",
            "POST /hpp/v1/sessions",
            "COMPLETED",
            "GET /hpp/v1/sessions/$session",
            "POST /payments/v1/authorizations/$token/order",
        ];
        assert_eq!(planned(steps).unwrap(), expected);
    }

    #[test]
    fn a_step_that_only_kassa_can_play_is_refused_with_its_line() {
        for (step, complaint) in [
            ("advance = \"PT5S\"", "line 3: advance PT5S is not possible at another service"),
            ("shop = [500]", "line 3: shop answers 500 is not possible"),
            ("call = \"GET /kassa/v1/events\"", "line 3: /kassa/v1/events is a path of Kassa only"),
            ("call = \"GET /hpp/v1/sessions/$session\"\nby = \"stranger\"", "line 3: a stranger needs"),
        ] {
            let error = planned(&format!("[[step]]\n{step}")).unwrap_err();
            assert!(error.starts_with(complaint), "{error}");
        }
    }
}
