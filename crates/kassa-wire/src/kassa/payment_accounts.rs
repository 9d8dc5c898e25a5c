//! The bodies of `/kassa/v1/merchants/{merchant_id}/payment-accounts`.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shape::{TEXT, body};
use crate::time::Instant;

/// A password that a caller sends. Its `Debug` output does not contain it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

body! {
    /// `PUT /kassa/v1/merchants/{merchant_id}/payment-accounts`: the account to set.
    PaymentAccountSetting unknown Refused {
        required {
            /// Scheme, host and port of the payment system's API: `https://api.klarna.com`.
            base_url: String = TEXT,
            /// The merchant's username there.
            username: String = TEXT,
            /// The merchant's password there. No answer shows it.
            password: Password = TEXT,
        }
        optional {}
    }
}

/// `GET /kassa/v1/merchants/{merchant_id}/payment-accounts`: the payment accounts of a merchant.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PaymentAccountList {
    /// The accounts, by base URL.
    pub payment_accounts: Vec<ListedPaymentAccount>,
}

/// A payment account in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListedPaymentAccount {
    /// Scheme, host and port of the payment system's API.
    pub base_url: String,
    /// The merchant's username there.
    pub username: String,
    /// The last four characters of the password. Absent if the password is short or cannot be decrypted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub password_ends_with: Option<String>,
    /// The name of the key that encrypts the password.
    pub key: String,
    /// The reason why the password cannot be decrypted, and what to do. Absent if it can.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub problem: Option<String>,
    /// When the account was first set.
    pub created_at: Instant,
    /// When the account was last set.
    pub updated_at: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_debug_output_of_an_account_does_not_contain_its_password() {
        let account = PaymentAccountSetting {
            base_url: "https://api.klarna.com".to_string(),
            username: "PK1".to_string(),
            password: Password("s3cr3t".to_string()),
        };
        let shown = format!("{account:?}");
        assert!(shown.contains("PK1") && !shown.contains("s3cr3t"), "{shown}");
    }
}
