//! Encrypts the passwords of all accounts, and all other encrypted texts, with the newest key. Then the old key can be
//! removed.

use kassa_domain::MerchantId;
use kassa_store::{KeyRegistration, PaymentAccountRow, Resealing, SealScope, StoreError};

use super::keys::AccountKeys;
use super::{Parts, PaymentAccountError, PaymentAccounts, UnreadableAccount, binding};
use crate::audit::{Act, ActKind, Requester, log_act};

/// Maximum number of accounts that one statement reads.
const ROWS_AT_ONCE: i64 = 500;

/// The outcome of a re-encryption.
#[derive(Debug, Default)]
pub struct Reencryption {
    /// The number of accounts that the newest key encrypts now and did not before.
    pub reencrypted: usize,
    /// The accounts that are still under another key, because they cannot be decrypted.
    pub unreadable: Vec<UnreadableRow>,
    /// The outcome for all other encrypted texts.
    pub texts: Resealing,
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
    /// Encrypts the passwords of all accounts, and all other encrypted texts, with the newest key. They stay usable
    /// meanwhile. It may be called again after a failure, and continues with the rest.
    pub async fn reencrypt(&self, by: &Requester) -> Result<Reencryption, PaymentAccountError> {
        let keys = self.0.keys.as_ref().ok_or(UnreadableAccount::NoKeys)?;
        // The changes take many transactions. The act is recorded first, so that no change is without it.
        let act = Act::on(ActKind::Reencrypted, keys.newest());
        self.0.store.record_act(&self.0.acts.record(&act, by)?).await?;
        let mut outcome = Reencryption::default();
        // An account that somebody else changed meanwhile may still be under another key.
        while self.reencrypt_once(keys, &mut outcome).await? == Race::Lost {}
        self.0.rows.forget();
        outcome.texts = self.0.store.reseal().await?;
        log_act(&act, by);
        Ok(outcome)
    }

    /// Forgets that the database needs a key. The texts that it encrypts stay unreadable. `false` if the database does
    /// not need it.
    pub async fn forget_key(&self, name: &str, by: &Requester) -> Result<bool, StoreError> {
        let act = Act::on(ActKind::KeyForgotten, name);
        let is_forgotten = self.0.store.forget_token_key(name, &self.0.acts.record(&act, by)?).await?;
        if is_forgotten {
            log_act(&act, by);
        }
        Ok(is_forgotten)
    }

    /// Records that the database needs the newest key from now on. A node calls this before it serves, and a
    /// command before it stores encrypted data. An `Err` names a key that the database needs and this process does not
    /// have.
    pub async fn register_keys(&self) -> Result<(), StoreError> {
        match self.0.store.register_token_keys().await? {
            KeyRegistration::Expected => {}
            KeyRegistration::FirstKeyOfUsedDatabase => tracing::warn!(
                "the database was used without an account_key_file, so its older rows are in clear text: run kassa \
                 encryption reencrypt once to encrypt them"
            ),
        }
        Ok(())
    }

    /// Learns what is encrypted from now on.
    pub async fn seal_scope(&self) -> Result<SealScope, StoreError> {
        self.0.store.learn_seal_scope().await
    }

    /// Has callback secrets and data of consumers encrypted from now on, by every node. Nodes of earlier versions no
    /// longer start.
    pub async fn seal_contents(&self, by: &Requester) -> Result<SealScope, StoreError> {
        let act = Act::on(ActKind::EncryptionExtended, "all data");
        let scope = self.0.store.seal_contents(&self.0.acts.record(&act, by)?).await?;
        log_act(&act, by);
        Ok(scope)
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
