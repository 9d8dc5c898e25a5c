//! Encrypts the passwords of all accounts with the newest key, so that the old key can be removed.

use kassa_domain::{Actor, MerchantId};
use kassa_store::{PaymentAccountRow, StoreError};

use super::keys::AccountKeys;
use super::{Parts, PaymentAccountError, PaymentAccounts, UnreadableAccount, binding};
use crate::change_log::log_administration;

/// Maximum number of accounts that one statement reads.
const ROWS_AT_ONCE: i64 = 500;

/// The outcome of a re-encryption.
#[derive(Debug, Default)]
pub struct Reencryption {
    /// The number of accounts that the newest key encrypts now and did not before.
    pub reencrypted: usize,
    /// The accounts that are still under another key, because they cannot be decrypted.
    pub unreadable: Vec<UnreadableRow>,
}

/// An account that cannot be decrypted.
#[derive(Debug, PartialEq, Eq)]
pub struct UnreadableRow {
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// Scheme, host and port of the payment system's API.
    pub base_url: String,
    /// The reason, and what to do.
    pub problem: UnreadableAccount,
}

/// Whether somebody else changed an account while it was re-encrypted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Race {
    Won,
    Lost,
}

impl PaymentAccounts {
    /// Encrypts the passwords of all accounts with the newest key. The accounts stay usable meanwhile. It may be called
    /// again after a failure, and continues with the accounts that remain.
    pub async fn reencrypt(&self, actor: &Actor) -> Result<Reencryption, PaymentAccountError> {
        let keys = self.0.keys.as_ref().ok_or(UnreadableAccount::NoKeys)?;
        let mut outcome = Reencryption::default();
        // An account that somebody else changed meanwhile may still be under another key.
        while self.reencrypt_once(keys, &mut outcome).await? == Race::Lost {}
        self.0.rows.forget();
        log_administration(actor, "payment accounts re-encrypted", keys.newest());
        Ok(outcome)
    }

    async fn reencrypt_once(
        &self,
        keys: &AccountKeys,
        outcome: &mut Reencryption,
    ) -> Result<Race, StoreError> {
        outcome.unreadable.clear();
        let mut race = Race::Won;
        let mut last: Option<PaymentAccountRow> = None;
        loop {
            let store = &self.0.store;
            let rows =
                store.payment_accounts_of_other_keys(keys.newest(), last.as_ref(), ROWS_AT_ONCE).await?;
            for row in &rows {
                match self.reencrypted(keys, row) {
                    Err(problem) => outcome.unreadable.push(unreadable(row, problem)),
                    Ok(secret) if store.replace_payment_secret(row, &secret, keys.newest()).await? => {
                        outcome.reencrypted += 1;
                    }
                    Ok(_) => race = Race::Lost,
                }
            }
            last = rows.into_iter().last();
            if last.is_none() {
                return Ok(race);
            }
        }
    }

    /// The password of an account, encrypted with the newest key.
    fn reencrypted(&self, keys: &AccountKeys, row: &PaymentAccountRow) -> Result<String, UnreadableAccount> {
        let Parts { random, .. } = &*self.0;
        let password = self.password_of(row)?;
        let bound_to = binding(&row.merchant_id, &row.base_url, &row.username);
        Ok(keys.encrypt(&password, &bound_to, &**random))
    }
}

fn unreadable(row: &PaymentAccountRow, problem: UnreadableAccount) -> UnreadableRow {
    UnreadableRow { merchant_id: row.merchant_id.clone(), base_url: row.base_url.clone(), problem }
}
