//! WireMock mappings, as its recorder writes them: one file for each call, or a list of mappings in a file.

use std::path::Path;

use serde_json::Value;

use super::fields::{headers, optional_text, status, text};
use super::{files_of, parsed, text_of};
use crate::scenarios::recordings::exchange::{Exchange, Found};
use crate::scenarios::recordings::place::{Place, WrongRecording};

/// The folder of mappings in WireMock's root folder, and the folder of the bodies that they name.
const MAPPINGS: &str = "mappings";
const FILES: &str = "__files";

/// The URL of a call that was recorded. The others are patterns.
const URLS: [&str; 2] = ["url", "urlPath"];

/// The mappings of a document: itself, or its list.
pub(super) fn mappings(document: Value) -> Option<Vec<Value>> {
    match document {
        Value::Array(mappings) => Some(mappings),
        Value::Object(mut fields) => match fields.remove(MAPPINGS) {
            Some(Value::Array(mappings)) => Some(mappings),
            Some(_) => None,
            None if fields.contains_key("request") && fields.contains_key("response") => {
                Some(vec![Value::Object(fields)])
            }
            None => None,
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Reads the mappings of a file, in the order in which they were recorded.
pub(super) fn read(
    file: Place<'_>,
    mappings: &[Value],
    folder: Option<&Path>,
) -> Result<Vec<Option<Exchange>>, WrongRecording> {
    let mut exchanges = Vec::new();
    for (place, mapping) in mappings.iter().enumerate() {
        let place = file.entry("mapping", place + 1);
        exchanges.push((order(mapping), found(place, mapping, folder)?.exchange()?));
    }
    Ok(in_order(exchanges))
}

/// Reads the mappings of a folder. WireMock's root folder has them in `mappings`.
pub(super) fn read_folder(folder: &Path) -> Result<Vec<Option<Exchange>>, WrongRecording> {
    let inner = folder.join(MAPPINGS);
    let files = files_of(if inner.is_dir() { &inner } else { folder }, "json")?;
    if files.is_empty() {
        return Err(Place::file(folder).wrong("expected WireMock mappings: this folder has no file *.json"));
    }
    let mut exchanges = Vec::new();
    for path in &files {
        let file = Place::file(path);
        let document = parsed(file, &text_of(path)?)?;
        let listed = mappings(document).ok_or_else(|| file.wrong("expected a WireMock mapping"))?;
        for (place, mapping) in listed.iter().enumerate() {
            let place = file.entry("mapping", place + 1);
            exchanges.push((order(mapping), found(place, mapping, Some(path))?.exchange()?));
        }
    }
    Ok(in_order(exchanges))
}

/// The number that WireMock gave the mapping when it was recorded.
fn order(mapping: &Value) -> Option<u64> {
    mapping["insertionIndex"].as_u64()
}

/// Sorts by the recorded numbers. Mappings without a number stay in the order of their files.
fn in_order(mut exchanges: Vec<(Option<u64>, Option<Exchange>)>) -> Vec<Option<Exchange>> {
    exchanges.sort_by_key(|(order, _)| *order);
    let exchanges = exchanges.into_iter().enumerate();
    let numbered = |(place, (_, exchange)): (usize, (_, Option<Exchange>))| {
        exchange.map(|exchange| Exchange { number: place + 1, ..exchange })
    };
    exchanges.map(numbered).collect()
}

fn found<'a>(place: Place<'a>, mapping: &Value, near: Option<&Path>) -> Result<Found<'a>, WrongRecording> {
    let (request, response) = (&mapping["request"], &mapping["response"]);
    let url = URLS.iter().find_map(|name| request.get(*name)).ok_or_else(|| {
        place
            .at("request")
            .wrong("expected url or urlPath, as WireMock records them. A pattern cannot be replayed")
    })?;
    Ok(Found {
        place,
        method: text(place.at("request.method"), &request["method"])?,
        url: text(place.at("request.url"), url)?,
        headers: Vec::new(),
        body: request_body(place.at("request.bodyPatterns"), &request["bodyPatterns"])?,
        status: status(place.at("response.status"), response.get("status").unwrap_or(&Value::from(200)))?,
        answer_headers: headers(place.at("response.headers"), &response["headers"])?,
        answer: answer(place, response, near)?,
    })
}

/// The body that a mapping expects: the first pattern that is a whole body.
fn request_body(place: Place<'_>, patterns: &Value) -> Result<Option<String>, WrongRecording> {
    let Value::Array(patterns) = patterns else { return Ok(None) };
    let whole = patterns
        .iter()
        .find_map(|pattern| ["equalToJson", "equalTo"].iter().find_map(|key| pattern.get(*key)));
    match whole {
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(json @ (Value::Object(_) | Value::Array(_))) => Ok(Some(json.to_string())),
        Some(_) => Err(place.wrong("expected equalToJson or equalTo with a body")),
        None if patterns.is_empty() => Ok(None),
        None => {
            Err(place.wrong("expected equalToJson or equalTo, because other patterns are no body to send"))
        }
    }
}

fn answer(place: Place<'_>, response: &Value, near: Option<&Path>) -> Result<Option<String>, WrongRecording> {
    if let Some(json) = response.get("jsonBody") {
        return Ok(Some(json.to_string()));
    }
    if let Some(name) = optional_text(place.at("response.bodyFileName"), &response["bodyFileName"])? {
        return body_file(place.at("response.bodyFileName"), near, &name).map(Some);
    }
    match optional_text(place.at("response.body"), &response["body"])? {
        Some(body) => Ok(Some(body)),
        None => optional_text(place.at("response.base64Body"), &response["base64Body"]),
    }
}

/// A body in a file of the folder `__files`, which is beside the folder of the mappings.
fn body_file(place: Place<'_>, near: Option<&Path>, name: &str) -> Result<String, WrongRecording> {
    let is_inside = Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    let folders = near.into_iter().flat_map(Path::ancestors).take(3).map(|folder| folder.join(FILES));
    let file = folders.map(|folder| folder.join(name)).find(|file| is_inside && file.is_file());
    let file =
        file.ok_or_else(|| place.wrong("expected a file in the folder __files beside the mappings"))?;
    text_of(&file)
}
