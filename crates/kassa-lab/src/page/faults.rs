//! The faults page: lists the rules, adds them by form, and removes them by button.

use askama::Template;
use axum::extract::State;
use kassa_domain::lifecycle::Status;
use kassa_http::{ApiError, Body, Parameters};
use kassa_wire::lab::{self, CallFault, CallbackFault};
use serde_json::{Map, Value};

use super::actions::ActionResult;
use super::page_request::PageRequest;
use crate::faults;
use kassa_developer_page::{JsonToken, format_json};

/// A list of rules: its name, and the fields of its form. Numeric fields are last.
struct List {
    name: &'static str,
    texts: &'static [&'static str],
    numbers: &'static [&'static str],
}

const CALLBACKS: List = List {
    name: "callbacks",
    texts: &["by", "session", "status"],
    numbers: &["times", "nth", "attempt", "chance"],
};

const CALLS: List = List {
    name: "calls",
    texts: &["by", "when", "method", "path", "session"],
    numbers: &["status", "nth", "chance"],
};

#[derive(Template)]
#[template(path = "lab/faults.html")]
struct FaultView<'a> {
    rules: Vec<Rule>,
    seed: u64,
    json: Vec<JsonToken>,
    /// The initial session filter of the forms; empty for all sessions.
    session: &'a str,
}

/// A rule in the list.
struct Rule {
    list: &'static str,
    place: usize,
    fault: String,
    /// The rule's other fields with their values.
    fields: Vec<(String, String)>,
}

impl FaultView<'_> {
    fn callback_faults(&self) -> [(CallbackFault, &'static str); 8] {
        CALLBACK_FAULTS
    }

    fn call_faults(&self) -> [(CallFault, &'static str); 4] {
        CALL_FAULTS
    }

    fn statuses(&self) -> &'static [Status] {
        Status::ALL
    }
}

/// The faults of a callback, with their descriptions on the form.
const CALLBACK_FAULTS: [(CallbackFault, &str); 8] = [
    (CallbackFault::Drop, "the attempt is not sent"),
    (CallbackFault::Duplicate, "it is sent several times"),
    (CallbackFault::Delay, "it is due later"),
    (CallbackFault::Reorder, "the next callback is sent first"),
    (CallbackFault::Early, "it is sent before the consumer returns to the shop"),
    (CallbackFault::Together, "it is sent while the consumer returns to the shop"),
    (CallbackFault::CorruptSignature, "the signature is wrong"),
    (CallbackFault::Truncate, "half of the body is missing"),
];

/// The faults of a call, with their descriptions on the form.
const CALL_FAULTS: [(CallFault, &str); 4] = [
    (CallFault::Fail, "the answer is an error"),
    (CallFault::Slow, "the answer is delayed"),
    (CallFault::Cut, "the connection closes without an answer"),
    (CallFault::Truncate, "half of the answer's body is missing"),
];

pub(super) async fn render(page_request: &PageRequest) -> Result<String, ApiError> {
    let asked = read(page_request).await?;
    let json = serde_json::to_value(&asked)?;
    let rules = [CALLBACKS.name, CALLS.name].into_iter().flat_map(|list| {
        let of_list = json[list].as_array().into_iter().flatten().enumerate();
        of_list.map(move |(place, rule)| as_listed(list, place, rule)).collect::<Vec<_>>()
    });
    let shown = FaultView {
        rules: rules.collect(),
        seed: asked.seed,
        json: format_json(&json.to_string()),
        session: page_request.parameters.text("session").unwrap_or_default(),
    };
    Ok(shown.render()?)
}

fn as_listed(list: &'static str, place: usize, rule: &Value) -> Rule {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_string);
    let fields = rule.as_object().into_iter().flatten().filter(|(name, _)| *name != "do");
    Rule {
        list,
        place,
        fault: text(&rule["do"]),
        fields: fields.map(|(name, value)| (name.clone(), text(value))).collect(),
    }
}

pub(super) async fn add_callback_rule(
    page_request: &PageRequest,
    form: &Parameters,
) -> Result<ActionResult, ApiError> {
    add(page_request, &CALLBACKS, form).await
}

pub(super) async fn add_call_rule(
    page_request: &PageRequest,
    form: &Parameters,
) -> Result<ActionResult, ApiError> {
    add(page_request, &CALLS, form).await
}

async fn add(page_request: &PageRequest, list: &List, form: &Parameters) -> Result<ActionResult, ApiError> {
    let rule = rule_of(list, form);
    change(page_request, |all| {
        if let Some(rules) = all[list.name].as_array_mut() {
            rules.push(rule);
        }
    })
    .await?;
    ActionResult::done("The rule is added. All counts start again from zero.")
}

/// Builds the rule that a form describes. A malformed number stays a string, so that the API refuses it by its field.
fn rule_of(list: &List, form: &Parameters) -> Value {
    let fault = form.text("fault").unwrap_or_default();
    let mut rule = Map::from_iter([("do".to_string(), fault.into())]);
    for name in list.texts.iter().chain(list.numbers) {
        let text = form.text(name).filter(|_| belongs(list, name, fault));
        let Some(text) = text else { continue };
        let number = list.numbers.contains(name).then(|| text.parse().ok().map(Value::Number)).flatten();
        rule.insert((*name).to_string(), number.unwrap_or_else(|| text.into()));
    }
    Value::Object(rule)
}

/// Returns whether a fault has this field. A form also sends the fields of the other faults.
fn belongs(list: &List, field: &str, fault: &str) -> bool {
    match field {
        "times" => fault == "duplicate",
        "by" => ["delay", "reorder", "slow"].contains(&fault),
        "when" => ["fail", "cut"].contains(&fault),
        "status" => list.name == CALLBACKS.name || fault == "fail",
        _ => true,
    }
}

pub(super) async fn remove_rule(
    page_request: &PageRequest,
    form: &Parameters,
) -> Result<ActionResult, ApiError> {
    let list = form.text("list").unwrap_or_default();
    let place = form.number("place", 0..=i64::MAX)?.and_then(|place| usize::try_from(place).ok());
    change(page_request, |all| {
        let rules = all.get_mut(list).and_then(Value::as_array_mut);
        if let (Some(rules), Some(place)) = (rules, place)
            && place < rules.len()
        {
            rules.remove(place);
        }
    })
    .await?;
    ActionResult::done("The rule is removed. All counts start again from zero.")
}

pub(super) async fn set_seed(
    page_request: &PageRequest,
    form: &Parameters,
) -> Result<ActionResult, ApiError> {
    let seed: u64 = form.parsed("seed", |text| text.parse().ok())?.unwrap_or_default();
    change(page_request, |all| all["seed"] = seed.into()).await?;
    ActionResult::done(format!("The random seed is {seed}."))
}

pub(super) async fn clear(page_request: &PageRequest) -> Result<ActionResult, ApiError> {
    faults::clear(State(page_request.lab.clone()), page_request.caller()).await?;
    ActionResult::done("All fault rules are removed.")
}

async fn read(page_request: &PageRequest) -> Result<lab::FaultRules, ApiError> {
    Ok(faults::read(State(page_request.lab.clone()), page_request.caller()).await?.1)
}

async fn change(page_request: &PageRequest, change: impl FnOnce(&mut Value)) -> Result<(), ApiError> {
    let mut rules = serde_json::to_value(read(page_request).await?)?;
    change(&mut rules);
    faults::put(State(page_request.lab.clone()), page_request.caller(), Body::of(&rules)?).await.map(drop)
}
