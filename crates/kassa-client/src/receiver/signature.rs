//! The signature of a callback: Standard Webhooks, checked over the received bytes.

use std::fmt;

use jiff::Timestamp;
use kassa_wire::headers::{WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP};
use kassa_wire::signature::{SecretError, SignedCallback, check_secret, verify};

use super::CallbackRequest;
use super::diagnosis::diagnose;
use super::refusal::CallbackRefusal;

/// The rule for signatures. Two secrets are active during a rotation.
#[derive(Clone)]
pub enum SignatureRule {
    /// Signatures are ignored: the service does not sign.
    Unused,
    /// A signature may be missing, but must be valid if present. The secret in the URL protects unsigned callbacks.
    WhenPresent(Vec<String>),
    /// A valid signature is required.
    Required(Vec<String>),
}

/// The three headers of a signature.
struct SignedHeaders<'a> {
    id: &'a str,
    at_s: i64,
    signatures: &'a str,
}

impl SignatureRule {
    /// Whether a delivery without a signature is refused.
    pub(super) const fn requires_it(&self) -> bool {
        match self {
            Self::Unused | Self::WhenPresent(_) => false,
            Self::Required(_) => true,
        }
    }

    /// Checks that each secret is valid.
    pub(super) fn check_secrets(&self) -> Result<(), SecretError> {
        match self {
            Self::Unused => Ok(()),
            Self::WhenPresent(secrets) | Self::Required(secrets) => {
                secrets.iter().try_for_each(|secret| check_secret(secret))
            }
        }
    }

    /// Checks a delivery; returns the signed event id if there is a signature.
    pub(super) fn check<'a>(
        &self,
        delivery: &CallbackRequest<'a>,
        tolerance_s: i64,
        now: Timestamp,
    ) -> Result<Option<&'a str>, CallbackRefusal> {
        let secrets = match self {
            Self::Unused => return Ok(None),
            Self::WhenPresent(_) if !delivery.headers.contains_key(WEBHOOK_SIGNATURE) => return Ok(None),
            Self::WhenPresent(secrets) | Self::Required(secrets) => secrets,
        };
        let signed = SignedHeaders::of(delivery)?;
        signed.check_age(tolerance_s, now)?;
        // The age was checked above, with this receiver's own tolerance.
        let is_by = |secrets: &[String], body: &[u8]| {
            let SignedHeaders { id: event_id, at_s, signatures } = signed;
            verify(secrets, SignedCallback { event_id, at_s, body, signatures }, at_s).is_ok()
        };
        if is_by(secrets, delivery.body) {
            return Ok(Some(signed.id));
        }
        Err(CallbackRefusal::SignatureWrong(diagnose(secrets, delivery.body, is_by)))
    }
}

impl<'a> SignedHeaders<'a> {
    fn of(delivery: &CallbackRequest<'a>) -> Result<Self, CallbackRefusal> {
        let text = |header: &'static str| {
            let value = delivery.headers.get(header).ok_or(CallbackRefusal::SignatureMissing { header })?;
            value.to_str().map_err(|_| CallbackRefusal::SignatureUnreadable { header })
        };
        let unreadable = |_| CallbackRefusal::SignatureUnreadable { header: WEBHOOK_TIMESTAMP };
        Ok(Self {
            id: text(WEBHOOK_ID)?,
            at_s: text(WEBHOOK_TIMESTAMP)?.parse().map_err(unreadable)?,
            signatures: text(WEBHOOK_SIGNATURE)?,
        })
    }

    fn check_age(&self, tolerance_s: i64, now: Timestamp) -> Result<(), CallbackRefusal> {
        let age_s = now.as_second().saturating_sub(self.at_s);
        if age_s > tolerance_s {
            return Err(CallbackRefusal::TooOld { age_s });
        }
        let ahead_s = age_s.saturating_neg();
        if ahead_s > tolerance_s { Err(CallbackRefusal::TooNew { ahead_s }) } else { Ok(()) }
    }
}

/// Prints only the variant, so that secrets stay out of logs.
impl fmt::Debug for SignatureRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unused => "Unused",
            Self::WhenPresent(_) => "WhenPresent([hidden])",
            Self::Required(_) => "Required([hidden])",
        })
    }
}
