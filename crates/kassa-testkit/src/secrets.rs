//! The secrets of a test, and the data of its consumers: no log may contain them.
//!
//! Each caller of a test notes what it sends and what it is answered. Each test is a process of its own, so the notes
//! are those of one test.

use std::collections::BTreeSet;
use std::sync::Mutex;

use aho_corasick::AhoCorasick;

/// The fields of bodies and forms whose values are secrets, or data of consumers.
const FIELDS: [&str; 15] = [
    "authorization_token",
    "callback_secret",
    "client_token",
    "email",
    "family_name",
    "given_name",
    "last_four_ssn",
    "national_identification_number",
    "one_time_code",
    "password",
    "phone",
    "recipient",
    "secret",
    "street_address",
    "token",
];

/// The shortest value that counts. A shorter one is in many lines by chance.
const SHORTEST: usize = 8;

/// The part of a page's link before its token.
const PAGE: &str = "/pay/";

static SECRETS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Notes the secrets of a body, which is JSON or a form.
pub fn note_secrets(body: &[u8]) {
    let text = String::from_utf8_lossy(body);
    let mut found: Vec<String> = FIELDS.iter().flat_map(|field| values(&text, field)).collect();
    found.extend(text.split(PAGE).skip(1).map(|rest| word(rest).to_string()));
    let found = found.into_iter().filter(|value| value.len() >= SHORTEST);
    SECRETS.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend(found);
}

/// Forgets all notes. A second system of the same test may use a secret of the first one as an id.
pub fn forget_secrets() {
    SECRETS.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
}

/// The noted secrets that a log contains.
#[must_use]
pub fn secrets_in(log: &str) -> Vec<String> {
    let secrets = SECRETS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let secrets: Vec<&String> = secrets.iter().collect();
    // One search for all of them: a long test has thousands of secrets, and a log of many megabytes.
    let search = AhoCorasick::new(&secrets).expect("a test has less than a gigabyte of secrets");
    let found: BTreeSet<_> = search.find_overlapping_iter(log).map(|found| found.pattern()).collect();
    found.into_iter().map(|number| secrets[number].clone()).collect()
}

/// The values of a field in JSON, where quotes are around them, and in a form, where they end at the next `&`.
fn values(text: &str, field: &str) -> Vec<String> {
    let quoted = format!("\"{field}\"");
    let in_json = text.split(&quoted).skip(1).filter_map(|rest| {
        let value = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        value.split('"').next().map(str::to_string)
    });
    let in_form = url::form_urlencoded::parse(text.as_bytes())
        .filter_map(|(name, value)| (name == field).then(|| value.into_owned()));
    in_json.chain(in_form).collect()
}

/// The letters of a token at the beginning of a text.
fn word(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '_');
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_json_and_of_forms_are_secrets() {
        note_secrets(
            br#"{"authorization_token": "0b1d9815-165e", "a":{"email":"ada@example.se"},"token":"x"}"#,
        );
        note_secrets(b"email=bo%40example.se&one_time_code=123456");
        note_secrets(br#"{"redirect_url":"https://pay.example/pay/AbCd-1234_x/"}"#);
        let log =
            "tokens 0b1d9815-165e of ada@example.se and bo@example.se at /pay/AbCd-1234_x, code 123456, x";
        let expected = ["0b1d9815-165e", "AbCd-1234_x", "ada@example.se", "bo@example.se"];
        assert_eq!(secrets_in(log), expected);
        assert_eq!(secrets_in("nothing of it"), [""; 0]);
        note_secrets(b"email=eve%2btag%40example.se&given_name=Ada+%C3%84ngla");
        assert_eq!(
            secrets_in("eve+tag@example.se, Ada \u{c4}ngla"),
            ["Ada \u{c4}ngla", "eve+tag@example.se"]
        );
    }
}
