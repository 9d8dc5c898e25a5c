//! What most probably happened to a delivery whose signature fits no secret.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kassa_wire::callback::StatusUpdate;
use kassa_wire::signature::SECRET_PREFIX;

/// Why a signature does not fit, as far as trying tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// It fits the same JSON, written differently.
    BodyReserialised,
    /// It fits the body without the white space around it.
    WhitespaceAdded,
    /// It fits, with the secret written in its other form.
    SecretInOtherForm,
    /// No secret was configured.
    NoSecret,
    /// Nothing that was tried fits.
    Unexplained,
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BodyReserialised => {
                "the body was re-serialised before verification; verify the bytes as they came, before any JSON parser"
            }
            Self::WhitespaceAdded => "white space was added around the body before verification",
            Self::SecretInOtherForm => {
                "the configured secret is right but written in the other form; keep its whsec_ prefix as it was given"
            }
            Self::NoSecret => "no secret is configured",
            Self::Unexplained => "the secret is another one, or the body was changed",
        })
    }
}

/// Tries what usually goes wrong. It is told whether a body was signed with secrets, and only explains: what it
/// finds is refused all the same.
pub(super) fn diagnose(
    secrets: &[String],
    body: &[u8],
    is_by: impl Fn(&[String], &[u8]) -> bool,
) -> Diagnosis {
    if secrets.is_empty() {
        return Diagnosis::NoSecret;
    }
    if is_by(secrets, body.trim_ascii()) {
        return Diagnosis::WhitespaceAdded;
    }
    if rewritten(body).iter().any(|candidate| is_by(secrets, candidate)) {
        return Diagnosis::BodyReserialised;
    }
    let other_forms: Vec<String> = secrets.iter().flat_map(|secret| other_forms(secret)).collect();
    if is_by(&other_forms, body) {
        return Diagnosis::SecretInOtherForm;
    }
    Diagnosis::Unexplained
}

/// The bodies that a parser and a printer may have made this one from: without blanks, and as the wire orders it.
fn rewritten(body: &[u8]) -> Vec<Vec<u8>> {
    let in_the_order_of_the_wire =
        serde_json::from_slice::<StatusUpdate>(body).ok().and_then(|update| serde_json::to_vec(&update).ok());
    std::iter::once(without_blanks(body)).chain(in_the_order_of_the_wire).collect()
}

/// JSON without white space between its tokens.
fn without_blanks(json: &[u8]) -> Vec<u8> {
    let (mut is_in_text, mut is_escaped) = (false, false);
    let keeps = |byte: &u8| {
        let is_kept = is_in_text || !byte.is_ascii_whitespace();
        if *byte == b'"' && !is_escaped {
            is_in_text = !is_in_text;
        }
        is_escaped = *byte == b'\\' && !is_escaped;
        is_kept
    };
    let mut kept = json.to_vec();
    let mut keeps = keeps;
    kept.retain(|byte| keeps(byte));
    kept
}

/// A secret with and without its prefix, and as the text of its bytes.
fn other_forms(secret: &str) -> Vec<String> {
    match secret.strip_prefix(SECRET_PREFIX) {
        Some(text) => vec![text.to_string(), format!("{SECRET_PREFIX}{}", STANDARD.encode(secret))],
        None => vec![format!("{SECRET_PREFIX}{secret}")],
    }
}
