//! The account of `kassa dev`, whose password is published, and what keeps it apart from accounts that are to be secret.

use kassa_domain::MerchantId;
use kassa_store::StoreError;

use crate::app::{App, DEV_MERCHANT, DEV_PASSWORD, DEV_USERNAME};

/// Accounts in a database that a sandbox made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SandboxAccounts {
    /// Whether the published credential is accepted.
    pub accepts_published_credential: bool,
    /// Merchants that the lab made for tests and that have an active credential: whoever ran the tests knows it.
    pub test_merchants: i64,
}

/// Whether the account of `kassa dev` may be added to a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DevAccount {
    /// The database is new, or `kassa dev` made it.
    Fits,
    /// It has merchants, and that of `kassa dev` is not among them: `kassa serve` made it.
    OthersData,
    /// The credential is there, and was revoked.
    Revoked,
}

impl App {
    /// The username of the published credential.
    pub const PUBLISHED_USERNAME: &str = DEV_USERNAME;

    /// The accounts that a sandbox made and that are still active.
    pub async fn sandbox_accounts(&self) -> Result<SandboxAccounts, StoreError> {
        let found = self.store.credential(DEV_USERNAME).await?;
        let accepts_published_credential = found.is_some_and(|(_, credential)| {
            credential.revoked_at.is_none() && self.keys.is_secret_of(DEV_PASSWORD, &credential.secret_hash)
        });
        let test_merchants = self.store.active_test_merchants().await?;
        Ok(SandboxAccounts { accepts_published_credential, test_merchants })
    }

    /// Whether the account of `kassa dev` may be added. Its credential must not open a database of secret accounts.
    pub async fn dev_account(&self) -> Result<DevAccount, StoreError> {
        if self.store.merchant(&MerchantId::new(DEV_MERCHANT)).await?.is_none() {
            let is_new = self.store.merchants().await?.is_empty();
            return Ok(if is_new { DevAccount::Fits } else { DevAccount::OthersData });
        }
        let is_revoked = |(_, credential): (_, kassa_store::Credential)| credential.revoked_at.is_some();
        let is_revoked = self.store.credential(DEV_USERNAME).await?.is_some_and(is_revoked);
        Ok(if is_revoked { DevAccount::Revoked } else { DevAccount::Fits })
    }
}
