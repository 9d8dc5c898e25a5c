//! HAR 1.2: the archive that browsers and proxies write.

use serde_json::Value;

use super::fields::{list, optional_text, status, text};
use crate::scenarios::recordings::exchange::{Exchange, Found};
use crate::scenarios::recordings::place::{Place, WrongRecording};

/// Reads the entries of the log.
pub(super) fn read(file: Place<'_>, log: &Value) -> Result<Vec<Option<Exchange>>, WrongRecording> {
    let entries = list(file.at("log.entries"), &log["entries"])?.iter().enumerate();
    entries.map(|(place, entry)| found(file.entry("entry", place + 1), entry)?.exchange()).collect()
}

fn found<'a>(place: Place<'a>, entry: &Value) -> Result<Found<'a>, WrongRecording> {
    let (request, response) = (&entry["request"], &entry["response"]);
    Ok(Found {
        place,
        method: text(place.at("request.method"), &request["method"])?,
        url: text(place.at("request.url"), &request["url"])?,
        headers: pairs(place.at("request.headers"), &request["headers"])?,
        body: optional_text(place.at("request.postData.text"), &request["postData"]["text"])?,
        status: status(place.at("response.status"), &response["status"])?,
        answer_headers: pairs(place.at("response.headers"), &response["headers"])?,
        answer: optional_text(place.at("response.content.text"), &response["content"]["text"])?,
    })
}

/// Headers as a list of names and values.
fn pairs(place: Place<'_>, value: &Value) -> Result<Vec<(String, String)>, WrongRecording> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let pairs = list(place, value)?.iter().filter_map(|header| {
        Some((header["name"].as_str()?.to_string(), header["value"].as_str()?.to_string()))
    });
    Ok(pairs.collect())
}
