//! The secret in a callback's URL. The vendor's callbacks have no other protection (docs/wire.md#callback-request).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use url::form_urlencoded;

use super::parameter;
use super::refusal::CallbackRefusal;

/// The rule for the URL's parameter `secret`.
#[derive(Clone)]
pub enum UrlSecret {
    /// Not checked: only the signature decides.
    Unused,
    /// One of these secrets, the same for every session; two during a rotation.
    Shared(Vec<String>),
    /// The secret derived from the URL's `ref`: a different one for each session, without storage.
    Derived(CallbackUrls),
}

impl UrlSecret {
    /// Whether a delivery without a secret is refused.
    pub(super) const fn requires_it(&self) -> bool {
        match self {
            Self::Unused => false,
            Self::Shared(_) | Self::Derived(_) => true,
        }
    }

    /// Whether one of the secrets is empty.
    pub(super) fn has_empty_secret(&self) -> bool {
        match self {
            Self::Unused => false,
            Self::Shared(secrets) => secrets.iter().any(|secret| secret.trim().is_empty()),
            Self::Derived(urls) => urls.key.is_empty(),
        }
    }

    /// Checks a query in constant time, so that timing reveals nothing about the secret.
    pub(super) fn check(&self, query: &str) -> Result<(), CallbackRefusal> {
        if !self.requires_it() {
            return Ok(());
        }
        let given = parameter(query, "secret").ok_or(CallbackRefusal::SecretMissing)?;
        let is_right = match self {
            Self::Unused => true,
            Self::Shared(secrets) => {
                // Every secret is compared, so that timing does not reveal which one fits.
                secrets.iter().fold(false, |any, secret| any | is_same(secret, &given))
            }
            Self::Derived(urls) => {
                let reference = parameter(query, "ref").ok_or(CallbackRefusal::SecretMissing)?;
                is_same(&urls.secret(&reference), &given)
            }
        };
        if is_right { Ok(()) } else { Err(CallbackRefusal::SecretWrong) }
    }
}

fn is_same(secret: &str, given: &str) -> bool {
    secret.as_bytes().ct_eq(given.as_bytes()).into()
}

/// Prints only the variant, so that secrets stay out of logs.
impl fmt::Debug for UrlSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unused => "Unused",
            Self::Shared(_) => "Shared([hidden])",
            Self::Derived(_) => "Derived([hidden])",
        })
    }
}

/// Makes `status_update` URLs, each with a secret derived from one key.
#[derive(Clone)]
pub struct CallbackUrls {
    key: Vec<u8>,
}

impl CallbackUrls {
    /// Creates a maker of URLs from a key: at least 32 random bytes that only the merchant knows.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self { key: key.to_vec() }
    }

    /// The `status_update` URL of a session that is about to be created.
    ///
    /// The session has no id yet, so its secret is bound to the merchant's own reference: an order number, or another
    /// name of one purchase. The service fills in `{{session_id}}` (docs/wire.md#placeholders), and the receiver
    /// compares it with the body.
    #[must_use]
    pub fn url(&self, base: &str, reference: &str) -> String {
        let separator = if base.contains('?') { '&' } else { '?' };
        let encoded: String = form_urlencoded::byte_serialize(reference.as_bytes()).collect();
        format!("{base}{separator}sid={{{{session_id}}}}&ref={encoded}&secret={}", self.secret(reference))
    }

    fn secret(&self, reference: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("an HMAC accepts a key of any length");
        mac.update(b"callback url\n");
        mac.update(reference.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }
}
