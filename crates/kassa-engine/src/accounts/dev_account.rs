//! The account of `kassa dev`, whose password is published, and the checks that no other database has it.

use kassa_domain::{Actor, MerchantId};
use kassa_store::StoreError;

use crate::audit::Requester;

use super::Accounts;

/// The merchant of `kassa dev`.
pub const DEV_MERCHANT: &str = "PK00000";

/// The published credential of that merchant.
const DEV_USERNAME: &str = "PK00000_dev";
const DEV_PASSWORD: &str = "dev";

/// A credential for `kassa dev`, and the secret that verifies its callbacks.
#[derive(Clone, Debug)]
pub struct DevCredential {
    /// The username.
    pub username: &'static str,
    /// The password.
    pub password: &'static str,
    /// Signs callbacks: `whsec_<base64>`.
    pub callback_secret: String,
}

/// Accounts in a database that a sandbox made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SandboxAccounts {
    /// Whether the published credential is accepted.
    pub accepts_published_credential: bool,
    /// Test merchants with an active credential. The people who ran the tests know these credentials.
    pub test_merchants: i64,
}

/// Whether the account of `kassa dev` may be added to a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DevAccount {
    /// The database is new, or `kassa dev` made it.
    Fits,
    /// It has merchants, but not that of `kassa dev`: `kassa serve` made it.
    OthersData,
    /// The published credential is there, but revoked.
    Revoked,
}

impl Accounts {
    /// The username of the published credential.
    pub const PUBLISHED_USERNAME: &str = DEV_USERNAME;

    /// Adds the fixed account of `kassa dev`, unless it exists from an earlier run.
    pub async fn add_dev_merchant(&self) -> Result<DevCredential, StoreError> {
        let (name, by) = ("Kassa Demo Shop", Requester::in_process(Actor::System));
        self.add_merchant(DEV_MERCHANT, name, DEV_USERNAME, DEV_PASSWORD, &by).await?;
        let callback_secret = self.callback_secret(DEV_MERCHANT).await?;
        Ok(DevCredential { username: DEV_USERNAME, password: DEV_PASSWORD, callback_secret })
    }

    /// The accounts that a sandbox made and that are still active.
    pub async fn sandbox_accounts(&self) -> Result<SandboxAccounts, StoreError> {
        let found = self.0.store.credential(DEV_USERNAME).await?;
        let accepts_published_credential = found.is_some_and(|(_, credential)| {
            credential.revoked_at.is_none() && self.0.keys.is_secret_of(DEV_PASSWORD, &credential.secret_hash)
        });
        let test_merchants = self.0.store.active_test_merchants().await?;
        Ok(SandboxAccounts { accepts_published_credential, test_merchants })
    }

    /// Whether the account of `kassa dev` may be added. Its published credential must not open a database of `kassa
    /// serve`.
    pub async fn dev_account(&self) -> Result<DevAccount, StoreError> {
        if self.0.store.merchant(&MerchantId::new(DEV_MERCHANT)).await?.is_none() {
            let is_new = self.0.store.merchants().await?.is_empty();
            return Ok(if is_new { DevAccount::Fits } else { DevAccount::OthersData });
        }
        let is_revoked = |(_, credential): (_, kassa_store::Credential)| credential.revoked_at.is_some();
        let is_revoked = self.0.store.credential(DEV_USERNAME).await?.is_some_and(is_revoked);
        Ok(if is_revoked { DevAccount::Revoked } else { DevAccount::Fits })
    }
}
