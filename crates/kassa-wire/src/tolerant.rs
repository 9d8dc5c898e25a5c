//! Tolerance in form: a number where a text is expected, a text where a number or a flag is expected
//! (docs/wire.md#tolerant-in-form). Every API reads its bodies through this module.
//!
//! [`parse`] parses a body, and the body's table of rules (`shape`) asks [`as_text`], [`as_integer`], [`as_decimal`]
//! and [`as_flag`].

use std::borrow::Cow;
use std::ops::Range;

use serde::de::IgnoredAny;
use serde_json::Value;

mod number;

pub use number::WholeNumber;

/// The longest number that is copied into the value as it is. Every number of so many characters fits into an `i64`.
const SHORT: usize = 18;

/// Parses JSON without losing a digit: a number that has a fraction or an exponent, or that is long, becomes the text
/// that the caller wrote. The other functions of this module read that text like the number.
///
/// # Errors
/// The bytes are not JSON.
pub fn parse(json: &[u8]) -> Result<Value, serde_json::Error> {
    let long: Vec<Range<usize>> =
        numbers(json).into_iter().filter(|number| !is_short(&json[number.clone()])).collect();
    if long.is_empty() {
        return serde_json::from_slice(json);
    }
    let mut quoted = Vec::with_capacity(json.len() + 2 * long.len());
    let mut copied = 0;
    for number in long {
        quoted.extend_from_slice(&json[copied..number.start]);
        copied = number.end;
        // What JSON does not accept as a number is copied as it is, so that the parser names it.
        let is_number = serde_json::from_slice::<IgnoredAny>(&json[number.clone()]).is_ok();
        let quote: &[u8] = if is_number { b"\"" } else { b"" };
        quoted.extend_from_slice(quote);
        quoted.extend_from_slice(&json[number]);
        quoted.extend_from_slice(quote);
    }
    quoted.extend_from_slice(&json[copied..]);
    serde_json::from_slice(&quoted)
}

fn is_short(number: &[u8]) -> bool {
    number.len() <= SHORT && number.iter().all(|byte| *byte == b'-' || byte.is_ascii_digit())
}

/// Returns the places of the numbers: every run of a number's characters outside of texts.
fn numbers(json: &[u8]) -> Vec<Range<usize>> {
    let is_of_number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    let mut found = Vec::new();
    let mut at = 0;
    while at < json.len() {
        let start = at;
        match json[at] {
            b'"' => at = end_of_text(json, at + 1),
            byte if byte == b'-' || byte.is_ascii_digit() => {
                at += json[at..].iter().take_while(|byte| is_of_number(**byte)).count();
                found.push(start..at);
            }
            _ => at += 1,
        }
    }
    found
}

/// Returns the position after the closing quote of a text.
fn end_of_text(json: &[u8], mut at: usize) -> usize {
    let is_sign = |byte: &u8| matches!(byte, b'"' | b'\\');
    while let Some(sign) = json.get(at..).and_then(|rest| rest.iter().position(is_sign)) {
        at += sign;
        if json[at] == b'"' {
            return at + 1;
        }
        // The byte after a backslash belongs to the text.
        at += 2;
    }
    json.len()
}

/// Returns the text of a text or a number.
#[must_use]
pub fn as_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Returns the whole number of a number or of a text with a number: `100`, `100.0`, `1e2`, `"100"`.
#[must_use]
pub fn as_integer(value: &Value) -> Option<WholeNumber> {
    match value {
        Value::Number(number) => {
            number.as_i64().map(WholeNumber::Exact).or_else(|| WholeNumber::of(&number.to_string()))
        }
        Value::String(text) => WholeNumber::of(text.trim()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Returns the finite number of a number or of a text with a number.
#[must_use]
pub fn as_decimal(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Returns the flag of `true`, `false`, `"true"` or `"false"`, in any letter case.
#[must_use]
pub fn as_flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
        Value::Null | Value::String(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests;
