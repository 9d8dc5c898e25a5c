//! VCR cassettes, in YAML or JSON: those of Ruby's VCR, and those of vcrpy for Python.

use serde_json::Value;

use super::fields::{headers, list, optional_text, status, text};
use crate::scenarios::recordings::exchange::{Exchange, Found};
use crate::scenarios::recordings::place::{Place, WrongRecording};

/// The program that wrote the cassette.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Ruby,
    Python,
}

/// Reads the interactions of a cassette.
pub(super) fn read(
    file: Place<'_>,
    interactions: &Value,
    dialect: Dialect,
) -> Result<Vec<Option<Exchange>>, WrongRecording> {
    let interactions = list(file, interactions)?.iter().enumerate();
    let found = |(place, interaction)| found(file.entry("interaction", place + 1), interaction, dialect);
    interactions.map(|interaction| found(interaction)?.exchange()).collect()
}

fn found<'a>(place: Place<'a>, interaction: &Value, dialect: Dialect) -> Result<Found<'a>, WrongRecording> {
    let (request, response) = (&interaction["request"], &interaction["response"]);
    let body = match dialect {
        Dialect::Ruby => in_body(place.at("request.body"), &request["body"])?,
        Dialect::Python if request["body"].is_object() => {
            in_body(place.at("request.body"), &request["body"])?
        }
        Dialect::Python => optional_text(place.at("request.body"), &request["body"])?,
    };
    Ok(Found {
        place,
        method: text(place.at("request.method"), &request["method"])?,
        url: text(place.at("request.uri"), &request["uri"])?,
        headers: headers(place.at("request.headers"), &request["headers"])?,
        body,
        status: status(place.at("response.status.code"), &response["status"]["code"])?,
        answer_headers: headers(place.at("response.headers"), &response["headers"])?,
        answer: in_body(place.at("response.body"), &response["body"])?,
    })
}

/// The text in a body: `string`, or `base64_string` if the cassette keeps the bytes.
fn in_body(place: Place<'_>, body: &Value) -> Result<Option<String>, WrongRecording> {
    if body.is_null() {
        return Ok(None);
    }
    let key = if body.get("base64_string").is_some() { "base64_string" } else { "string" };
    match body.get(key) {
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Null) => Ok(None),
        Some(_) | None => Err(place.wrong("expected an object with a text in string or base64_string")),
    }
}
