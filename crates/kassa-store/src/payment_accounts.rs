//! Merchants' accounts at payment systems. The store sees their passwords only encrypted.

use kassa_domain::{MerchantId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::audit::{NewAct, push_act, unit_with_act};
use crate::engine::{Answer, Guard, Statement, Unit};
use crate::reading::ReadColumn as _;
use crate::{Store, StoreError};

/// A merchant's account at a payment system, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentAccountRow {
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// Scheme, host and port of the payment system's API.
    pub base_url: String,
    /// The username there.
    pub username: String,
    /// The encrypted password.
    pub secret: String,
    /// The name of the key that decrypts the password.
    pub key_name: String,
    /// When the account was first set.
    pub created_at: Timestamp,
    /// When the account was last set. Another key does not change it.
    pub updated_at: Timestamp,
}

columns! {
    payment_account { merchant_id, base_url, username, secret, key_name, created_at, updated_at }
}

impl Store {
    /// Sets the account of this merchant and base URL. An existing one keeps its creation date. Returns the account as
    /// it is stored; `None`, and nothing is changed, if there is no such merchant.
    pub async fn set_payment_account(
        &self,
        account: &PaymentAccountRow,
        act: &NewAct,
    ) -> Result<Option<PaymentAccountRow>, StoreError> {
        let merchant = Statement::new(
            sql!("select 1 from merchant where merchant_id = $1 {share}"),
            [account.merchant_id.as_str().into()],
        );
        let statement = Statement::new(
            sql!(
                "insert into payment_account
               (merchant_id, base_url, username, secret, key_name, created_at, updated_at)
             select merchant_id, $1, $2, $3, $4, $5, $6 from merchant where merchant_id = $7
             on conflict (merchant_id, base_url) do update set username = excluded.username,
               secret = excluded.secret, key_name = excluded.key_name, updated_at = excluded.updated_at
             returning {payment_account}",
                payment_account
            ),
            [
                account.base_url.as_str().into(),
                account.username.as_str().into(),
                account.secret.as_str().into(),
                account.key_name.as_str().into(),
                account.created_at.as_ms().into(),
                account.updated_at.as_ms().into(),
                account.merchant_id.as_str().into(),
            ],
        );
        let mut unit = unit_with_act();
        unit.push(merchant.locking_for(Guard::Merchant));
        unit.push(statement);
        push_act(&mut unit, act);
        match self.run(unit).await? {
            Answer::Committed(mut rows) => rows.first_mut().map(read_account).transpose(),
            Answer::Refused(_) => Ok(None),
        }
    }

    /// The accounts of a merchant, by base URL.
    pub async fn payment_accounts(&self, of: &MerchantId) -> Result<Vec<PaymentAccountRow>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {payment_account} from payment_account where merchant_id = $1 order by base_url",
                payment_account
            ),
            [of.as_str().into()],
        );
        self.rows(statement, read_account).await
    }

    /// The account of a merchant at this base URL.
    pub async fn payment_account(
        &self,
        of: &MerchantId,
        base_url: &str,
    ) -> Result<Option<PaymentAccountRow>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {payment_account} from payment_account where merchant_id = $1 and base_url = $2",
                payment_account
            ),
            [of.as_str().into(), base_url.into()],
        );
        self.row(statement, read_account).await
    }

    /// Removes the account of a merchant at this base URL; `false` if there is none.
    pub async fn remove_payment_account(
        &self,
        of: &MerchantId,
        base_url: &str,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "delete from payment_account where merchant_id = $1 and base_url = $2",
            [of.as_str().into(), base_url.into()],
        );
        let mut unit = unit_with_act();
        unit.push(statement.guarding(Guard::PaymentAccount));
        push_act(&mut unit, act);
        self.run_guarded(unit).await
    }

    /// The accounts whose password is not encrypted with this key, by merchant and base URL: the first ones after
    /// `after`.
    pub async fn payment_accounts_of_other_keys(
        &self,
        key_name: &str,
        after: Option<&PaymentAccountRow>,
        limit: i64,
    ) -> Result<Vec<PaymentAccountRow>, StoreError> {
        let (merchant, base_url) =
            after.map_or(("", ""), |last| (last.merchant_id.as_str(), last.base_url.as_str()));
        let statement = Statement::new(
            sql!(
                "select {payment_account} from payment_account
             where key_name <> $1 and (merchant_id, base_url) > ($2, $3)
             order by merchant_id, base_url limit $4",
                payment_account
            ),
            [key_name.into(), merchant.into(), base_url.into(), limit.into()],
        );
        self.rows(statement, read_account).await
    }

    /// Replaces the encrypted password of an account, for another key; `false` if the account was changed or removed
    /// since it was read.
    pub async fn replace_payment_secret(
        &self,
        read: &PaymentAccountRow,
        secret: &str,
        key_name: &str,
    ) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "update payment_account set secret = $1, key_name = $2
             where merchant_id = $3 and base_url = $4 and secret = $5 returning 1",
            [
                secret.into(),
                key_name.into(),
                read.merchant_id.as_str().into(),
                read.base_url.as_str().into(),
                read.secret.as_str().into(),
            ],
        );
        Ok(!self.run_unguarded(Unit::of(statement)).await?.is_empty())
    }
}

fn read_account(row: &mut Row) -> Result<PaymentAccountRow, StoreError> {
    Ok(PaymentAccountRow {
        merchant_id: MerchantId::new(row.text(payment_account::merchant_id)?),
        base_url: row.get(payment_account::base_url)?,
        username: row.get(payment_account::username)?,
        secret: row.get(payment_account::secret)?,
        key_name: row.get(payment_account::key_name)?,
        created_at: row.instant(payment_account::created_at)?,
        updated_at: row.instant(payment_account::updated_at)?,
    })
}
