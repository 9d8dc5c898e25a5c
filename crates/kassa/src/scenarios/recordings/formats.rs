//! Reads a recording: finds out the format of a file or a folder, and reads its exchanges in order.

mod fields;
mod har;
mod vcr;
mod wiremock;

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::exchange::Exchange;
use super::place::{Place, WrongRecording};

/// The formats, for messages.
const EXPECTED: &str = "expected a HAR 1.2 file (log.entries), a VCR cassette in YAML or JSON (http_interactions or \
                        interactions), or a WireMock mapping (request and response, or mappings)";

/// A recording that was read.
#[derive(Debug)]
pub(super) struct Recording {
    /// The calls of the APIs, in order.
    pub(super) exchanges: Vec<Exchange>,
    /// The number of other requests, which are left out.
    pub(super) left_out: usize,
}

/// Reads a recording from a file, or WireMock mappings from a folder.
pub(super) fn read(path: &Path) -> Result<Recording, WrongRecording> {
    let found = if path.is_dir() { wiremock::read_folder(path)? } else { read_file(path)? };
    let count = found.len();
    let exchanges: Vec<Exchange> = found.into_iter().flatten().collect();
    if exchanges.is_empty() {
        return Err(Place::file(path).wrong(
            "no call of /hpp/v1, /payments/v1, /ordermanagement/v1 or /customer-token/v1 is in this recording",
        ));
    }
    Ok(Recording { left_out: count - exchanges.len(), exchanges })
}

/// The exchanges of a file; `None` for each request that is no call of the APIs.
fn read_file(path: &Path) -> Result<Vec<Option<Exchange>>, WrongRecording> {
    let file = Place::file(path);
    let document = parsed(file, &text_of(path)?)?;
    if let Some(log) = document.get("log") {
        return har::read(file, log);
    }
    for (key, dialect) in [("http_interactions", vcr::Dialect::Ruby), ("interactions", vcr::Dialect::Python)]
    {
        if let Some(interactions) = document.get(key) {
            return vcr::read(file.at(key), interactions, dialect);
        }
    }
    match wiremock::mappings(document) {
        Some(mappings) => wiremock::read(file, &mappings, Some(path)),
        None => Err(file.wrong(EXPECTED)),
    }
}

fn text_of(path: &Path) -> Result<String, WrongRecording> {
    let bytes = std::fs::read(path).map_err(|error| Place::file(path).wrong(&error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| Place::file(path).wrong(EXPECTED))?;
    // Chrome writes a byte order mark.
    Ok(text.trim_start_matches('\u{feff}').to_string())
}

/// A document in JSON or in YAML.
fn parsed(file: Place<'_>, text: &str) -> Result<Value, WrongRecording> {
    let is_json = text.trim_start().starts_with(['{', '[']);
    if is_json {
        // The message of the library would show no value; it has the line and the column.
        return serde_json::from_str(text).map_err(|error| file.wrong(&format!("this is no JSON: {error}")));
    }
    let options = serde_saphyr::options! { ignore_binary_tag_for_string: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error.location().map(|at| format!(" in line {}", at.line())).unwrap_or_default();
        file.wrong(&format!("this is no YAML{place}. {EXPECTED}"))
    })
}

/// The files of a folder with this ending, by name.
fn files_of(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, WrongRecording> {
    let wrong = |error: std::io::Error| Place::file(folder).wrong(&error.to_string());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        if path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending)) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests;
