//! The weather as a list of rules, each added by a form and taken away by a button.

use askama::Template;
use axum::extract::State;
use kassa_domain::lifecycle::Status;
use kassa_wire::lab;
use kassa_wire::lab::{CallFault, CallbackFault};
use serde_json::{Map, Value};

use super::acts::Told;
use super::visit::Visit;
use crate::api_error::ApiError;
use crate::body::Body;
use crate::developer_page::{Piece, lay_out};
use crate::lab::weather;
use crate::parameters::Parameters;

/// The fields of a form that are numbers in a rule of its list.
const NUMBERS_OF_CALLBACKS: [&str; 4] = ["times", "nth", "attempt", "chance"];
const NUMBERS_OF_CALLS: [&str; 3] = ["status", "nth", "chance"];

/// The fields that are texts.
const TEXTS_OF_CALLBACKS: [&str; 3] = ["by", "session", "status"];
const TEXTS_OF_CALLS: [&str; 5] = ["by", "when", "method", "path", "session"];

#[derive(Template)]
#[template(path = "lab/weather.html")]
struct Skies {
    rules: Vec<Rule>,
    seed: u64,
    json: Vec<Piece>,
}

/// A rule as the list shows it.
struct Rule {
    list: &'static str,
    place: usize,
    fault: String,
    /// Its other fields, with their values.
    fields: Vec<(String, String)>,
}

impl Skies {
    fn callback_faults(&self) -> [(CallbackFault, &'static str); 8] {
        CALLBACK_FAULTS
    }

    fn call_faults(&self) -> [(CallFault, &'static str); 3] {
        CALL_FAULTS
    }

    fn statuses(&self) -> &'static [Status] {
        Status::ALL
    }
}

/// What can happen to a callback, and what the form says of it.
const CALLBACK_FAULTS: [(CallbackFault, &str); 8] = [
    (CallbackFault::Drop, "the attempt never leaves"),
    (CallbackFault::Duplicate, "it is sent several times"),
    (CallbackFault::Delay, "it falls due later"),
    (CallbackFault::Reorder, "the next one overtakes it"),
    (CallbackFault::Early, "before the consumer is back in the shop"),
    (CallbackFault::Together, "at the moment the consumer is back"),
    (CallbackFault::CorruptSignature, "the signature is wrong"),
    (CallbackFault::Truncate, "half of the body is missing"),
];

/// What can happen to a call, and what the form says of it.
const CALL_FAULTS: [(CallFault, &str); 3] = [
    (CallFault::Fail, "the answer is an error"),
    (CallFault::Slow, "the answer is held back"),
    (CallFault::Cut, "the connection closes without an answer"),
];

pub(super) async fn written(visit: &Visit) -> Result<String, ApiError> {
    let weather = read(visit).await?;
    let json = serde_json::to_value(&weather)?;
    let rules = ["callbacks", "calls"].into_iter().flat_map(|list| {
        let of_list = json[list].as_array().into_iter().flatten().enumerate();
        of_list.map(move |(place, rule)| as_listed(list, place, rule)).collect::<Vec<_>>()
    });
    let shown = Skies { rules: rules.collect(), seed: weather.seed, json: lay_out(&json.to_string()) };
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

pub(super) async fn add_callback_rule(visit: &Visit, form: &Parameters) -> Result<Told, ApiError> {
    add(visit, "callbacks", rule_of(form, &TEXTS_OF_CALLBACKS, &NUMBERS_OF_CALLBACKS)).await
}

pub(super) async fn add_call_rule(visit: &Visit, form: &Parameters) -> Result<Told, ApiError> {
    add(visit, "calls", rule_of(form, &TEXTS_OF_CALLS, &NUMBERS_OF_CALLS)).await
}

/// The rule that a form describes. What cannot be read as a number stays a text, for the API to name.
fn rule_of(form: &Parameters, texts: &[&str], numbers: &[&str]) -> Value {
    let mut rule = Map::new();
    for name in ["fault"].iter().chain(texts).chain(numbers) {
        let Some(text) = form.text(name) else { continue };
        let number = numbers.contains(name).then(|| text.parse().ok().map(Value::Number)).flatten();
        let name = if *name == "fault" { "do" } else { name };
        rule.insert(name.to_string(), number.unwrap_or_else(|| text.into()));
    }
    Value::Object(rule)
}

async fn add(visit: &Visit, list: &str, rule: Value) -> Result<Told, ApiError> {
    change(visit, |weather| {
        if let Some(rules) = weather[list].as_array_mut() {
            rules.push(rule);
        }
    })
    .await?;
    Told::done("The rule is added, and all counts begin anew.")
}

pub(super) async fn remove_rule(visit: &Visit, form: &Parameters) -> Result<Told, ApiError> {
    let list = form.text("list").unwrap_or_default();
    let place = form.number("place", 0..=i64::MAX)?.and_then(|place| usize::try_from(place).ok());
    change(visit, |weather| {
        let rules = weather.get_mut(list).and_then(Value::as_array_mut);
        if let (Some(rules), Some(place)) = (rules, place)
            && place < rules.len()
        {
            rules.remove(place);
        }
    })
    .await?;
    Told::done("The rule is gone, and all counts begin anew.")
}

pub(super) async fn set_seed(visit: &Visit, form: &Parameters) -> Result<Told, ApiError> {
    let seed: u64 = form.parsed("seed", |text| text.parse().ok())?.unwrap_or_default();
    change(visit, |weather| weather["seed"] = seed.into()).await?;
    Told::done(format!("Chance follows from {seed} now."))
}

pub(super) async fn clear(visit: &Visit) -> Result<Told, ApiError> {
    weather::clear(State(visit.app.clone()), visit.caller()).await?;
    Told::done("The weather is fair.")
}

async fn read(visit: &Visit) -> Result<lab::Weather, ApiError> {
    Ok(weather::read(State(visit.app.clone()), visit.caller()).await?.1)
}

async fn change(visit: &Visit, change: impl FnOnce(&mut Value)) -> Result<(), ApiError> {
    let mut weather = serde_json::to_value(read(visit).await?)?;
    change(&mut weather);
    weather::put(State(visit.app.clone()), visit.caller(), Body::of(&weather)?).await.map(drop)
}
