//! One step: at most one act, and its expectations.

use std::collections::BTreeMap;

use kassa_wire::lab::FaultRules;
use kassa_wire::time::parse_duration_ms;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::act::{Act, By, Call, Consumer, Creation, ShopAnswer, Verb};
use super::expect::Expect;

/// The e-mail address of a consumer whose payment succeeds.
const USUAL_EMAIL: &str = "customer@email.se";

/// A step that can be played.
#[derive(Debug)]
pub(in crate::scenarios) struct Step {
    /// The line number of the step in its file, from 1.
    pub(in crate::scenarios) line: usize,
    pub(in crate::scenarios) act: Act,
    /// The fields of the answer to save, by the name to save them as.
    pub(in crate::scenarios) save: BTreeMap<String, String>,
    pub(in crate::scenarios) expect: Expect,
}

impl Step {
    /// For `at_once`: the parts. Empty for any other act.
    pub(in crate::scenarios) fn parts(&self) -> &[Step] {
        match &self.act {
            Act::AtOnce(steps) => steps,
            Act::Look
            | Act::Create(_)
            | Act::Consumer(_)
            | Act::Call(_)
            | Act::Advance(_)
            | Act::Faults(_)
            | Act::Shop(_) => &[],
        }
    }
}

/// A step as it is written in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenStep {
    create: Option<Creation>,
    consumer: Option<Verb>,
    email: Option<String>,
    reason: Option<String>,
    returns: Option<bool>,
    call: Option<String>,
    body: Option<Value>,
    cart: Option<Map<String, Value>>,
    idempotency_key: Option<String>,
    by: Option<By>,
    advance: Option<String>,
    #[serde(alias = "weather")]
    faults: Option<FaultRules>,
    shop: Option<Vec<ShopAnswer>>,
    at_once: Option<Vec<WrittenStep>>,
    #[serde(default)]
    save: BTreeMap<String, String>,
    #[serde(default)]
    expect: Expect,
}

impl WrittenStep {
    /// The names that the step saves.
    pub(super) fn saved(&self) -> impl Iterator<Item = &str> {
        self.save.keys().map(String::as_str)
    }

    /// Parses the step. The error names the field.
    pub(super) fn parse(mut self, line: usize) -> Result<Step, String> {
        self.check_acts()?;
        self.check_details()?;
        let save = std::mem::take(&mut self.save);
        let expect = std::mem::take(&mut self.expect);
        let act = self.act(line)?;
        if matches!(act, Act::Look) && expect.names().is_empty() {
            return Err("neither an act nor an expectation".to_string());
        }
        Ok(Step { line, act, save, expect })
    }

    fn check_acts(&self) -> Result<(), String> {
        let acts = [
            ("create", self.create.is_some()),
            ("consumer", self.consumer.is_some()),
            ("call", self.call.is_some()),
            ("advance", self.advance.is_some()),
            ("faults", self.faults.is_some()),
            ("shop", self.shop.is_some()),
            ("at_once", self.at_once.is_some()),
        ];
        let given: Vec<&str> =
            acts.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect();
        if given.len() > 1 { Err(format!("two acts: {}", given.join(", "))) } else { Ok(()) }
    }

    /// Refuses fields that belong to a different act.
    fn check_details(&self) -> Result<(), String> {
        let takes_reason = matches!(self.consumer, Some(Verb::Decline | Verb::Error));
        let details = [
            ("email", self.email.is_some(), self.consumer == Some(Verb::Pay), "consumer = \"pay\""),
            ("reason", self.reason.is_some(), takes_reason, "consumer = \"decline\" and \"error\""),
            ("returns", self.returns.is_some(), self.consumer.is_some(), "consumer"),
            ("body", self.body.is_some(), self.call.is_some() && self.cart.is_none(), "call without cart"),
            ("cart", self.cart.is_some(), self.call.is_some(), "call (for create, write create.cart)"),
            ("idempotency_key", self.idempotency_key.is_some(), self.call.is_some(), "call"),
            ("by", self.by.is_some(), self.call.is_some(), "call"),
        ];
        match details.into_iter().find(|(_, is_given, is_in_place, _)| *is_given && !is_in_place) {
            Some((name, _, _, place)) => Err(format!("{name} is only for {place}")),
            None => Ok(()),
        }
    }

    fn act(self, line: usize) -> Result<Act, String> {
        Ok(match self {
            Self { create: Some(creation), .. } => Act::Create(creation),
            Self { consumer: Some(does), email, reason, returns, .. } => Act::Consumer(Consumer {
                does,
                email: email.unwrap_or_else(|| USUAL_EMAIL.to_string()),
                reason,
                returns: returns.unwrap_or(true),
            }),
            Self { call: Some(call), body, cart, idempotency_key, by, .. } => {
                let (method, path) = method_and_path(&call)?;
                Act::Call(Call { method, path, body, cart, idempotency_key, by: by.unwrap_or_default() })
            }
            Self { advance: Some(by), .. } => Act::Advance(duration(by)?),
            Self { faults: Some(faults), .. } => Act::Faults(faults),
            Self { shop: Some(answers), .. } => Act::Shop(possible(answers)?),
            Self { at_once: Some(steps), .. } => {
                Act::AtOnce(steps.into_iter().map(|step| part(step, line)).collect::<Result<_, _>>()?)
            }
            Self { .. } => Act::Look,
        })
    }
}

/// Parses a part of `at_once`: a call or an act of the consumer, with expectations about its own answer only.
fn part(step: WrittenStep, line: usize) -> Result<Step, String> {
    let step = step.parse(line)?;
    if !matches!(step.act, Act::Call(_) | Act::Consumer(_)) {
        return Err(format!("{} cannot be part of at_once", step.act));
    }
    if step.expect.looks_around() || !step.save.is_empty() {
        return Err(
            "a part of at_once can check only its own answer; put other expectations into a later step"
                .to_string(),
        );
    }
    Ok(step)
}

fn method_and_path(call: &str) -> Result<(http::Method, String), String> {
    let parsed =
        call.split_once(' ').and_then(|(method, path)| Some((method.parse().ok()?, path.to_string())));
    parsed.filter(|(_, path)| path.starts_with('/')).ok_or_else(|| {
        format!("call = \"{call}\" is not a method and a path, such as GET /hpp/v1/sessions/$session")
    })
}

fn duration(by: String) -> Result<String, String> {
    let is_duration = parse_duration_ms(&by).is_some();
    if is_duration { Ok(by) } else { Err(format!("advance = \"{by}\" is not a duration such as PT5S")) }
}

fn possible(answers: Vec<ShopAnswer>) -> Result<Vec<ShopAnswer>, String> {
    match answers
        .iter()
        .find(|answer| matches!(answer, ShopAnswer::Status(status) if !(200..600).contains(status)))
    {
        Some(status) => Err(format!("shop = {status} is not the status of an answer")),
        None => Ok(answers),
    }
}
