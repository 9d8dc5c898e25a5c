//! The most probable cause of a signature that fits no secret.

use std::fmt;

use kassa_wire::callback::StatusUpdate;
use kassa_wire::signature::{SECRET_PREFIX, secret_text};

/// The most probable cause of a wrong signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// The signature fits the same JSON in another layout.
    BodyReserialised,
    /// The signature fits the body without the white space around it.
    WhitespaceAdded,
    /// The signature fits the text of the secret, not decoded.
    SecretInOtherForm,
    /// No secret was configured.
    NoSecret,
    /// No known cause fits.
    Unexplained,
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BodyReserialised => {
                "the body was re-serialised before verification; verify the received bytes, before any JSON parser"
            }
            Self::WhitespaceAdded => "white space was added around the body before verification",
            Self::SecretInOtherForm => {
                "the secret is right, but the sender signed with its text; the key is the decoded base64 behind whsec_"
            }
            Self::NoSecret => "no secret is configured",
            Self::Unexplained => "the secret is wrong, or the body was changed",
        })
    }
}

/// Tries the usual causes. `is_by` says whether secrets signed a body. The diagnosis only explains: the delivery is
/// refused in any case.
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

/// Candidates for the original of a re-serialised body: without white space, and in the field order of the wire.
fn rewritten(body: &[u8]) -> Vec<Vec<u8>> {
    let in_wire_order =
        serde_json::from_slice::<StatusUpdate>(body).ok().and_then(|update| serde_json::to_vec(&update).ok());
    std::iter::once(without_white_space(body)).chain(in_wire_order).collect()
}

/// JSON without white space between its tokens.
fn without_white_space(json: &[u8]) -> Vec<u8> {
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

/// Keys that a sender may have used by mistake: the text of the secret, with or without its prefix, not decoded.
fn other_forms(secret: &str) -> Vec<String> {
    let whole = secret.trim();
    let bare = whole.strip_prefix(SECRET_PREFIX).unwrap_or(whole);
    [bare, whole].map(|text| secret_text(text.as_bytes())).to_vec()
}
