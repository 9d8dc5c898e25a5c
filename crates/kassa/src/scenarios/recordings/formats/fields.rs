//! Reads fields of a recording. A wrong one is refused with its place and the expected type.

use serde_json::Value;

use crate::scenarios::recordings::place::{Place, WrongRecording};

/// The elements of a list.
pub(super) fn list<'v>(place: Place<'_>, value: &'v Value) -> Result<&'v [Value], WrongRecording> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| place.wrong(&expected("a list", value)))
}

/// A text that must be there.
pub(super) fn text(place: Place<'_>, value: &Value) -> Result<String, WrongRecording> {
    optional_text(place, value)?.ok_or_else(|| place.wrong(&expected("a text", value)))
}

/// A text that may be absent.
pub(super) fn optional_text(place: Place<'_>, value: &Value) -> Result<Option<String>, WrongRecording> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(place.wrong(&expected("a text", value)))
        }
    }
}

/// An HTTP status.
pub(super) fn status(place: Place<'_>, value: &Value) -> Result<u16, WrongRecording> {
    let status = value.as_u64().and_then(|status| u16::try_from(status).ok());
    status.ok_or_else(|| place.wrong(&expected("an HTTP status", value)))
}

/// Headers by name. A header may have one value, or a list of values, of which the first one counts.
pub(super) fn headers(place: Place<'_>, value: &Value) -> Result<Vec<(String, String)>, WrongRecording> {
    let fields = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Object(fields) => fields,
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            return Err(place.wrong(&expected("headers by name", value)));
        }
    };
    let headers = fields.iter().filter_map(|(name, value)| {
        let value = value.as_str().or_else(|| value.get(0).and_then(Value::as_str))?;
        Some((name.clone(), value.to_string()))
    });
    Ok(headers.collect())
}

fn expected(what: &str, found: &Value) -> String {
    let found = match found {
        Value::Null => return format!("expected {what}, and it is missing"),
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    format!("expected {what}, found {found}")
}
