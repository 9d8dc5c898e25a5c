//! The merchant: an account with its callback settings.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::lifecycle::{CallbackRule, Status, rule};
use crate::page_session::PaymentMethodCategory;
use crate::retry::RetrySchedule;
use crate::{MerchantId, Timestamp};

/// The maximum number of secrets: the old one and the new one during a rotation.
const MAX_SECRETS: usize = 2;

/// A merchant's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    /// The merchant's id.
    pub id: MerchantId,
    /// The name that the page shows to the consumer.
    pub name: String,
    /// The merchant's settings.
    pub settings: MerchantSettings,
    /// When an operator suspended the merchant. `None` if it is active.
    pub suspended_at: Option<Timestamp>,
}

impl Merchant {
    /// Whether consumers can begin to pay this merchant. A suspended merchant takes no new payments.
    #[must_use]
    pub const fn takes_payments(&self) -> bool {
        self.suspended_at.is_none()
    }
}

/// Whether a merchant takes new payments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MerchantState {
    /// It takes payments.
    Active,
    /// An operator suspended it. It takes no new payments. Payments that a consumer has confirmed are completed, and
    /// callbacks, reads, captures and refunds go on.
    Suspended,
}

/// The settings of a merchant. The defaults are the vendor's.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MerchantSettings {
    /// The secrets that sign callbacks, newest first: two during a rotation.
    pub callback_secrets: Vec<CallbackSecret>,
    /// Whether `DISABLED` sends a callback. The vendor's sources contradict each other (docs/wire.md#contradictions).
    pub disabled_calls_back: bool,
    /// The schedule of a callback's attempts.
    pub retry_schedule: RetrySchedule,
    /// The payment method categories that new payment sessions offer. If empty, they offer the default ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub payment_method_categories: Vec<PaymentMethodCategory>,
    /// The time from the opening of the page until a page session without an outcome becomes `TIMEOUT`, in seconds.
    /// `None` for never (docs/wire.md#timeout).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumer_timeout_s: Option<u32>,
}

/// A secret that signs callbacks.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredSecret")]
pub struct CallbackSecret {
    /// The secret's id, by which the merchant revokes it.
    pub id: String,
    /// The secret in the form `whsec_<base64>`.
    pub secret: String,
    /// When the secret was created.
    pub created_at: Timestamp,
}

impl AsRef<str> for CallbackSecret {
    fn as_ref(&self) -> &str {
        &self.secret
    }
}

/// The stored form of a secret. The oldest form has neither an id nor a time.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredSecret {
    Bare(String),
    Named { id: String, secret: String, created_at: Timestamp },
}

impl From<StoredSecret> for CallbackSecret {
    fn from(stored: StoredSecret) -> Self {
        match stored {
            StoredSecret::Bare(secret) => {
                Self { id: String::from("first"), secret, created_at: Timestamp::from_ms(0) }
            }
            StoredSecret::Named { id, secret, created_at } => Self { id, secret, created_at },
        }
    }
}

/// The outcome of a revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretRevocation {
    /// The secret is removed and no longer signs.
    Done,
    /// The secret is the last one, so it stays: without it, callbacks would be unsigned.
    Last,
    /// No secret has this id.
    Unknown,
}

impl core::fmt::Debug for MerchantSettings {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("MerchantSettings")
            .field("callback_secrets", &"[hidden]")
            .field("disabled_calls_back", &self.disabled_calls_back)
            .field("retry_schedule", &self.retry_schedule)
            .field("payment_method_categories", &self.payment_method_categories)
            .field("consumer_timeout_s", &self.consumer_timeout_s)
            .finish()
    }
}

impl MerchantSettings {
    /// Adds a secret. The previous one keeps signing until the merchant revokes it; older ones are removed.
    pub fn add_secret(&mut self, secret: CallbackSecret) {
        self.callback_secrets.insert(0, secret);
        self.callback_secrets.truncate(MAX_SECRETS);
    }

    /// Revokes the secret with this id, unless it is the last one.
    pub fn revoke_secret(&mut self, id: &str) -> SecretRevocation {
        match self.callback_secrets.iter().position(|secret| secret.id == id) {
            None => SecretRevocation::Unknown,
            Some(_) if self.callback_secrets.len() == 1 => SecretRevocation::Last,
            Some(index) => {
                self.callback_secrets.remove(index);
                SecretRevocation::Done
            }
        }
    }

    /// Whether reaching this status sends a callback to this merchant.
    #[must_use]
    pub fn calls_back(&self, status: Status) -> bool {
        match rule(status).callback {
            CallbackRule::Always => true,
            CallbackRule::OnRequest => self.disabled_calls_back,
            CallbackRule::Never => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn secret(id: &str) -> CallbackSecret {
        CallbackSecret { id: id.to_string(), secret: id.to_string(), created_at: Timestamp::from_ms(1) }
    }

    fn ids(settings: &MerchantSettings) -> Vec<&str> {
        settings.callback_secrets.iter().map(|secret| secret.id.as_str()).collect()
    }

    #[test]
    fn at_most_two_secrets_sign_and_the_last_one_cannot_be_revoked() {
        let mut settings = MerchantSettings::default();
        for id in ["a", "b", "c"] {
            settings.add_secret(secret(id));
        }
        assert_eq!(ids(&settings), ["c", "b"]);
        assert_eq!(settings.revoke_secret("a"), SecretRevocation::Unknown);
        assert_eq!(settings.revoke_secret("c"), SecretRevocation::Done);
        assert_eq!(settings.revoke_secret("b"), SecretRevocation::Last);
        assert_eq!(ids(&settings), ["b"]);
    }

    #[test]
    fn settings_with_a_secret_in_the_oldest_form_are_read() {
        let old = r#"{"callback_secrets":["whsec_YQ=="],"disabled_calls_back":true}"#;
        let settings: MerchantSettings = serde_json::from_str(old).unwrap();
        assert_eq!(settings.callback_secrets[0].secret, "whsec_YQ==");
        let again = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<MerchantSettings>(&again).unwrap(), settings);
    }
}
