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

fn signature(secret: &str, event_id: &str, at_s: i64, body: &[u8]) -> String {
    let key = secret
        .strip_prefix(SECRET_PREFIX)
        .and_then(|text| STANDARD.decode(text).ok())
        .unwrap_or_else(|| secret.as_bytes().to_vec());
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("an HMAC takes a key of any length");
    mac.update(format!("{event_id}.{at_s}.").as_bytes());
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
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
    fn each_live_secret_signs() {
        let secrets = [secret_text(b"new"), secret_text(b"old")];
        assert_eq!(sign(&secrets, "e", 0, b"{}").matches("v1,").count(), 2);
    }
}
