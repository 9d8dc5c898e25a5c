//! The signature of a callback: Standard Webhooks, version 1.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How a secret begins, in text.
pub const SECRET_PREFIX: &str = "whsec_";

/// The text form of a secret: `whsec_<base64>`.
#[must_use]
pub fn secret_text(secret: &[u8]) -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(secret))
}

/// The `webhook-signature` header: `v1,<base64>` for each secret, a blank between them.
///
/// A secret that is not `whsec_<base64>` signs with its bytes as they are.
#[must_use]
pub fn sign(secrets: &[String], event_id: &str, at_s: i64, body: &[u8]) -> String {
    let signatures: Vec<String> =
        secrets.iter().map(|secret| format!("v1,{}", signature(secret, event_id, at_s, body))).collect();
    signatures.join(" ")
}

/// Whether one of the header's `v1` signatures was made with one of the secrets; compared in constant time.
///
/// Signatures of other versions are passed over, as the standard asks.
#[must_use]
pub fn is_signed(secrets: &[String], event_id: &str, at_s: i64, body: &[u8], header: &str) -> bool {
    let given: Vec<Vec<u8>> = header
        .split(' ')
        .filter_map(|one| one.strip_prefix("v1,"))
        .filter_map(|text| STANDARD.decode(text).ok())
        .collect();
    secrets.iter().any(|secret| {
        let mac = mac(secret, event_id, at_s, body);
        given.iter().any(|signature| mac.clone().verify_slice(signature).is_ok())
    })
}

fn signature(secret: &str, event_id: &str, at_s: i64, body: &[u8]) -> String {
    STANDARD.encode(mac(secret, event_id, at_s, body).finalize().into_bytes())
}

fn mac(secret: &str, event_id: &str, at_s: i64, body: &[u8]) -> Hmac<Sha256> {
    let key = secret
        .strip_prefix(SECRET_PREFIX)
        .and_then(|text| STANDARD.decode(text).ok())
        .unwrap_or_else(|| secret.as_bytes().to_vec());
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("an HMAC takes a key of any length");
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
    fn either_of_two_secrets_verifies_what_either_signed() {
        let (new, old) = (secret_text(b"new"), secret_text(b"old"));
        let both = [new.clone(), old.clone()];
        let header = sign(&both, "e", 7, b"{}");
        for secret in [&new, &old] {
            assert!(is_signed(std::slice::from_ref(secret), "e", 7, b"{}", &header));
            assert!(is_signed(&both, "e", 7, b"{}", &sign(std::slice::from_ref(secret), "e", 7, b"{}")));
        }
    }

    #[test]
    fn nothing_else_verifies() {
        let secrets = [secret_text(b"new")];
        let header = sign(&secrets, "e", 7, b"{}");
        let other = [secret_text(b"other")];
        assert!(!is_signed(&other, "e", 7, b"{}", &header));
        assert!(!is_signed(&secrets, "f", 7, b"{}", &header));
        assert!(!is_signed(&secrets, "e", 8, b"{}", &header));
        assert!(!is_signed(&secrets, "e", 7, b"{ }", &header));
        for header in ["", "v1,", "v1,AAAA", &header.replace("v1,", "v2,"), &header[..20]] {
            assert!(!is_signed(&secrets, "e", 7, b"{}", header), "{header}");
        }
    }

    #[test]
    fn each_live_secret_signs() {
        let secrets = [secret_text(b"new"), secret_text(b"old")];
        assert_eq!(sign(&secrets, "e", 0, b"{}").matches("v1,").count(), 2);
    }
}
