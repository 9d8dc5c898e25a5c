//! Signs and verifies callbacks, by version 1 of Standard Webhooks.

use std::error::Error;
use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD};
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The prefix of a secret in its text form.
pub const SECRET_PREFIX: &str = "whsec_";

/// Decodes secrets: a copied secret may lack its padding.
const SECRET: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The largest difference between the time of an attempt and the receiver's clock, in seconds.
/// It bounds the time in which a recorded callback can be replayed.
pub const TOLERANCE_S: i64 = 300;

/// Returns the text form of a secret: `whsec_<base64>`.
#[must_use]
pub fn secret_text(secret: &[u8]) -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(secret))
}

/// Returns the `webhook-signature` header: `v1,<base64>` for each secret, separated by spaces.
///
/// Check the secrets with [`check_secret`] first: a text that is no secret signs with its own bytes, and no receiver can
/// verify that.
#[must_use]
pub fn sign(secrets: &[impl AsRef<str>], event_id: &str, at_s: i64, body: &[u8]) -> String {
    let signatures: Vec<String> = secrets
        .iter()
        .map(|secret| format!("v1,{}", signature(secret.as_ref(), event_id, at_s, body)))
        .collect();
    signatures.join(" ")
}

/// The headers and the body of a callback, as a receiver verifies them.
#[derive(Clone, Copy, Debug)]
pub struct SignedCallback<'a> {
    /// The `webhook-id` header.
    pub event_id: &'a str,
    /// The `webhook-timestamp` header: seconds since 1970.
    pub at_s: i64,
    /// The bytes of the body, as received.
    pub body: &'a [u8],
    /// The `webhook-signature` header: one or more `v1,<base64>`, separated by spaces.
    pub signatures: &'a str,
}

/// The reason why a callback is not verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// The time of the attempt differs from the receiver's clock by more than [`TOLERANCE_S`].
    TimeOutOfTolerance,
    /// No signature of the callback matches any of the secrets.
    NoSignatureMatches,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimeOutOfTolerance => "the time of the attempt is too far from ours",
            Self::NoSignatureMatches => "no signature matches",
        })
    }
}

impl Error for SignatureError {}

/// Verifies a callback that [`sign`] signed. Signatures are compared in constant time.
///
/// # Errors
/// The attempt is too old or too new, or no signature matches any of the secrets.
pub fn verify(secrets: &[String], call: SignedCallback<'_>, now_s: i64) -> Result<(), SignatureError> {
    if now_s.abs_diff(call.at_s) > TOLERANCE_S.unsigned_abs() {
        return Err(SignatureError::TimeOutOfTolerance);
    }
    let mut given = call.signatures.split(' ').filter_map(|signature| signature.strip_prefix("v1,"));
    let has_match = given.any(|text| {
        let Ok(bytes) = STANDARD.decode(text) else { return false };
        secrets
            .iter()
            .filter_map(|secret| key(secret).ok())
            .any(|key| mac(&key, call.event_id, call.at_s, call.body).verify_slice(&bytes).is_ok())
    });
    if has_match { Ok(()) } else { Err(SignatureError::NoSignatureMatches) }
}

fn signature(secret: &str, event_id: &str, at_s: i64, body: &[u8]) -> String {
    let key = key(secret).unwrap_or_else(|_| secret.as_bytes().to_vec());
    STANDARD.encode(mac(&key, event_id, at_s, body).finalize().into_bytes())
}

/// The reason why a text is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretError {
    /// Its key has no bytes. With an empty key, anyone could forge callbacks.
    Empty,
    /// It is not base64, for example because only a part of it was copied.
    NotBase64,
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "a secret is empty, so anyone could forge callbacks",
            Self::NotBase64 => {
                "a secret is not base64: copy the whole text, `whsec_` and what follows, without quotes"
            }
        })
    }
}

impl Error for SecretError {}

/// Checks a secret: `whsec_<base64>`, or only the base64. White space around it does not belong to it.
///
/// # Errors
/// If it is empty or not base64.
pub fn check_secret(secret: &str) -> Result<(), SecretError> {
    key(secret).map(drop)
}

fn key(secret: &str) -> Result<Vec<u8>, SecretError> {
    let text = secret.trim();
    let text = text.strip_prefix(SECRET_PREFIX).unwrap_or(text);
    match SECRET.decode(text) {
        Ok(key) if key.is_empty() => Err(SecretError::Empty),
        Ok(key) => Ok(key),
        Err(_) => Err(SecretError::NotBase64),
    }
}

fn mac(key: &[u8], event_id: &str, at_s: i64, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes a key of any length");
    mac.update(format!("{event_id}.{at_s}.").as_bytes());
    mac.update(body);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vector_of_the_standard_is_reproduced() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_string();
        let signed =
            sign(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn each_secret_signs() {
        let secrets = [secret_text(b"new"), secret_text(b"old")];
        assert_eq!(sign(&secrets, "e", 0, b"{}").matches("v1,").count(), 2);
    }

    #[test]
    fn a_text_that_is_no_secret_is_refused() {
        for secret in ["", " \n", "whsec_", "whsec_\n"] {
            assert_eq!(check_secret(secret), Err(SecretError::Empty), "{secret:?}");
        }
        for secret in
            ["plain", "whsec_not base64", "\"whsec_AAAA\"", "whsec_AA-_", "whsec_AAAAA", "Whsec_AAAA="]
        {
            assert_eq!(check_secret(secret), Err(SecretError::NotBase64), "{secret:?}");
        }
        for secret in ["whsec_AA==", "whsec_AA", "AA==", " whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\r\n"] {
            assert_eq!(check_secret(secret), Ok(()), "{secret:?}");
        }
    }

    #[test]
    fn a_secret_signs_alike_with_and_without_its_prefix_and_padding() {
        let whole = secret_text(b"new!");
        let bare = whole.trim_start_matches(SECRET_PREFIX);
        let signed = sign(std::slice::from_ref(&whole), "e", 1_000, b"{}");
        for text in [bare, bare.trim_end_matches('='), whole.trim_end_matches('=')] {
            assert_eq!(sign(&[text], "e", 1_000, b"{}"), signed, "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_secret_verifies_nothing() {
        let call = SignedCallback {
            event_id: "e",
            at_s: 1_000,
            body: b"{}",
            signatures: &sign(&["plain"], "e", 1_000, b"{}"),
        };
        assert_eq!(verify(&["plain".to_string()], call, 1_000), Err(SignatureError::NoSignatureMatches));
    }

    /// A mounted file ends in a newline. Base64 has no white space, so none of it belongs to the secret.
    #[test]
    fn white_space_around_an_encoded_secret_is_not_part_of_it() {
        let secret = secret_text(b"new");
        let signed = sign(std::slice::from_ref(&secret), "e", 1_000, b"{}");
        for around in [format!("{secret}\n"), format!("{secret}\r\n"), format!(" {secret}")] {
            assert_eq!(sign(&[around], "e", 1_000, b"{}"), signed);
        }
    }

    #[track_caller]
    fn check(signatures: &str, at_s: i64, body: &[u8], expected: Result<(), SignatureError>) {
        let secrets = [secret_text(b"new"), secret_text(b"old")];
        let call = SignedCallback { event_id: "e", at_s, body, signatures };
        assert_eq!(verify(&secrets, call, 1_000), expected, "{signatures}");
    }

    #[test]
    fn a_callback_signed_with_any_of_the_secrets_is_verified() {
        for secret in [b"new", b"old"] {
            check(&sign(&[secret_text(secret)], "e", 1_000, b"{}"), 1_000, b"{}", Ok(()));
        }
        let valid = sign(&[secret_text(b"old")], "e", 1_000, b"{}");
        check(&format!("v1a,AA== v1,not-base64 v1,AA== {valid}"), 1_000, b"{}", Ok(()));
    }

    #[test]
    fn an_altered_or_foreign_callback_is_refused() {
        let valid = sign(&[secret_text(b"new")], "e", 1_000, b"{}");
        let no_match = Err(SignatureError::NoSignatureMatches);
        check(&valid, 1_000, b"[]", no_match);
        check(&valid, 1_001, b"{}", no_match);
        check(&sign(&[secret_text(b"new")], "other", 1_000, b"{}"), 1_000, b"{}", no_match);
        check(&sign(&[secret_text(b"another")], "e", 1_000, b"{}"), 1_000, b"{}", no_match);
        check("", 1_000, b"{}", no_match);
        check(valid.trim_start_matches("v1,"), 1_000, b"{}", no_match);
    }

    #[test]
    fn an_attempt_more_than_five_minutes_away_is_refused() {
        let too_far = Err(SignatureError::TimeOutOfTolerance);
        for (at_s, expected) in [(700, Ok(())), (1_300, Ok(())), (699, too_far), (1_301, too_far)] {
            check(&sign(&[secret_text(b"new")], "e", at_s, b"{}"), at_s, b"{}", expected);
        }
        check(&sign(&[secret_text(b"new")], "e", i64::MIN, b"{}"), i64::MIN, b"{}", too_far);
    }
}
