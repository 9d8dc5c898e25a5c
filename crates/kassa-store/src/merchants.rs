//! Merchants and their credentials.

use kassa_domain::merchant::{Merchant, MerchantSettings};
use kassa_domain::{MerchantId, Timestamp, Username};
use kassa_sql::{Row, Value, columns, sql};

use crate::audit::{NewAct, push_act, unit_with_act};
use crate::engine::{Answer, Guard, Statement};
use crate::reading::{ReadColumn as _, stored_json};
use crate::seal::{DataSeal, Purpose};
use crate::{Store, StoreError};

/// The credential with which a merchant calls the API.
#[derive(Clone)]
pub struct Credential {
    /// The public half.
    pub username: Username,
    /// A keyed hash of the secret half, in hexadecimal.
    pub secret_hash: String,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A merchant in the list of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MerchantRow {
    /// The merchant's id.
    pub merchant_id: String,
    /// The name that the page shows to the consumer.
    pub name: String,
    /// When an operator suspended the merchant.
    pub suspended_at: Option<Timestamp>,
}

/// The public half of a credential, when it was created, and when it was revoked.
pub type DatedCredential = (Username, Timestamp, Option<Timestamp>);

columns! {
    merchant { merchant_id, name, settings, suspended_at }
    listed_merchant { merchant_id, name, suspended_at }
    dated_credential { username, created_at, revoked_at }
    merchant_with_credential {
        merchant_id = "m.merchant_id",
        name = "m.name",
        settings = "m.settings",
        suspended_at = "m.suspended_at",
        username = "c.username",
        secret_hash = "c.secret_hash",
        revoked_at = "c.revoked_at",
    }
}

impl Store {
    /// Adds a merchant with its first credential. Returns `false`, and changes nothing, if the merchant exists or the
    /// username exists.
    pub async fn add_merchant(
        &self,
        merchant: &Merchant,
        credential: &Credential,
        at: Timestamp,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "insert into merchant (merchant_id, name, settings, created_at) values ($1, $2, $3, $4)
             on conflict do nothing",
            [
                merchant.id.as_str().into(),
                merchant.name.as_str().into(),
                self.sealed_settings(&merchant.settings)?,
                at.as_ms().into(),
            ],
        );
        let mut unit = unit_with_act();
        unit.push(statement.guarding(Guard::NewMerchant));
        unit.push(insert_credential(&merchant.id, credential, at).guarding(Guard::NewUsername));
        push_act(&mut unit, act);
        self.run_guarded(unit).await
    }

    /// Changes a merchant's name; `false` if there is no such merchant.
    pub async fn rename_merchant(
        &self,
        id: &MerchantId,
        name: &str,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "update merchant set name = $1 where merchant_id = $2",
            [name.into(), id.as_str().into()],
        );
        let mut unit = unit_with_act();
        unit.push(statement.guarding(Guard::Settings));
        push_act(&mut unit, act);
        self.run_guarded(unit).await
    }

    /// Suspends a merchant at an instant, or makes it active again. Returns `false`, and changes nothing, if there is
    /// no such merchant or it has this state already.
    pub async fn set_suspended(
        &self,
        id: &MerchantId,
        at: Option<Timestamp>,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "update merchant set suspended_at = $1
             where merchant_id = $2 and (suspended_at is null) = (cast($1 as bigint) is not null)",
            [at.map(Timestamp::as_ms).into(), id.as_str().into()],
        );
        let mut unit = unit_with_act();
        unit.push(statement.guarding(Guard::Settings));
        push_act(&mut unit, act);
        self.run_guarded(unit).await
    }

    /// Changes a merchant's settings. If somebody else changes them meanwhile, `change` runs once more with the new
    /// settings. `record` makes the act of the change from the settings before and after. If both are equal, nothing is
    /// written.
    pub async fn change_settings<T>(
        &self,
        of: &MerchantId,
        change: impl Fn(&mut MerchantSettings) -> T,
        record: impl Fn(&MerchantSettings, &MerchantSettings) -> Result<NewAct, StoreError>,
    ) -> Result<T, StoreError> {
        loop {
            let sql = "select settings from merchant where merchant_id = $1";
            let found = self.row(Statement::new(sql, [of.as_str().into()]), |row| Ok(row.only()?)).await?;
            let before: String =
                found.ok_or_else(|| StoreError::Fault(format!("there is no merchant {of}").into()))?;
            let clear = self.seal.open(Purpose::MerchantSettings, before.clone())?;
            let read: MerchantSettings = stored_json(&clear)?;
            let mut settings = read.clone();
            let answer = change(&mut settings);
            if settings == read {
                return Ok(answer);
            }
            let act = record(&read, &settings)?;
            let statement = Statement::new(
                "update merchant set settings = $1 where merchant_id = $2 and settings = $3",
                [self.sealed_settings(&settings)?, of.as_str().into(), before.into()],
            );
            let mut unit = unit_with_act();
            unit.push(statement.guarding(Guard::Settings));
            push_act(&mut unit, &act);
            match self.run(unit).await? {
                Answer::Committed(_) => return Ok(answer),
                Answer::Refused(_) => {}
            }
        }
    }

    /// The merchants by id.
    pub async fn merchants(&self) -> Result<Vec<MerchantRow>, StoreError> {
        let statement = Statement::new(
            sql!("select {listed_merchant} from merchant order by merchant_id", listed_merchant),
            [],
        );
        let read = |row: &mut Row| {
            Ok(MerchantRow {
                merchant_id: row.get(listed_merchant::merchant_id)?,
                name: row.get(listed_merchant::name)?,
                suspended_at: row.optional_instant(listed_merchant::suspended_at)?,
            })
        };
        self.rows(statement, read).await
    }

    /// Adds a credential of a merchant; `false` if the username exists.
    pub async fn add_credential(
        &self,
        of: &MerchantId,
        credential: &Credential,
        at: Timestamp,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let statement = insert_credential(of, credential, at).guarding(Guard::NewUsername);
        let mut unit = unit_with_act();
        unit.push(statement);
        push_act(&mut unit, act);
        self.run_guarded(unit).await
    }

    /// Whether there is a merchant with this id. The answer needs no key.
    pub async fn has_merchant(&self, id: &MerchantId) -> Result<bool, StoreError> {
        let statement = Statement::new("select 1 from merchant where merchant_id = $1", [id.as_str().into()]);
        Ok(self.row(statement, |_| Ok(())).await?.is_some())
    }

    /// The credentials of a merchant, oldest first.
    pub async fn credentials_of(&self, merchant: &MerchantId) -> Result<Vec<DatedCredential>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {dated_credential} from credential where merchant_id = $1
             order by created_at, username",
                dated_credential
            ),
            [merchant.as_str().into()],
        );
        self.rows(statement, read_dated).await
    }

    /// Revokes a credential, of this merchant if one is given. Returns `false` if there is no such active credential.
    pub async fn revoke_credential(
        &self,
        username: &str,
        of: Option<&MerchantId>,
        at: Timestamp,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "update credential set revoked_at = $1
             where username = $2 and merchant_id = coalesce($3, merchant_id) and revoked_at is null",
            [at.as_ms().into(), username.into(), of.map(MerchantId::as_str).into()],
        );
        let mut unit = unit_with_act();
        unit.push(statement.guarding(Guard::ActiveCredential));
        push_act(&mut unit, act);
        self.run_guarded(unit).await
    }

    /// Revokes a credential of this merchant, unless it is the last active one. Returns `false` if nothing was changed.
    /// If two callers revoke at once, the second waits for the rows that the first read, and reads them again.
    pub async fn revoke_credential_unless_last(
        &self,
        username: &str,
        of: &MerchantId,
        at: Timestamp,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let statement = Statement::new(
            sql!(
                "with active as (
               select username from credential where merchant_id = $1 and revoked_at is null
               order by username {update})
             update credential set revoked_at = $2
             where username = $3 and merchant_id = $1 and revoked_at is null and (select count(*) from active) > 1"
            ),
            [of.as_str().into(), at.as_ms().into(), username.into()],
        );
        let mut unit = unit_with_act();
        unit.push(statement.guarding(Guard::ActiveCredential));
        push_act(&mut unit, act);
        self.run_guarded(unit).await
    }

    /// The merchant and the credential that a username names.
    pub async fn credential(&self, username: &str) -> Result<Option<(Merchant, Credential)>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {merchant_with_credential}
             from credential c join merchant m on m.merchant_id = c.merchant_id
             where c.username = $1",
                merchant_with_credential
            ),
            [username.into()],
        );
        self.row(statement, |row| read_merchant_with_credential(&self.seal, row)).await
    }

    /// The merchant with this id.
    pub async fn merchant(&self, id: &MerchantId) -> Result<Option<Merchant>, StoreError> {
        let statement = Statement::new(
            sql!("select {merchant} from merchant where merchant_id = $1", merchant),
            [id.as_str().into()],
        );
        self.row(statement, |row| read_merchant(&self.seal, row)).await
    }

    /// The settings of a merchant as they are stored.
    fn sealed_settings(&self, settings: &MerchantSettings) -> Result<Value<'static>, StoreError> {
        let text = serde_json::to_string(settings)?;
        Ok(Value::from(self.seal.seal(Purpose::MerchantSettings, &text)).into_owned())
    }
}

fn insert_credential(of: &MerchantId, credential: &Credential, at: Timestamp) -> Statement {
    Statement::new(
        sql!(
            "insert into credential (username, merchant_id, secret_hash, created_at) {values}$1, $2, $3, $4{end}
         on conflict do nothing"
        ),
        [
            credential.username.as_str().into(),
            of.as_str().into(),
            credential.secret_hash.as_str().into(),
            at.as_ms().into(),
        ],
    )
}

fn read_merchant(seal: &DataSeal, row: &mut Row) -> Result<Merchant, StoreError> {
    Ok(Merchant {
        id: MerchantId::new(row.text(merchant::merchant_id)?),
        name: row.get(merchant::name)?,
        settings: stored_json(&seal.text(row, merchant::settings, Purpose::MerchantSettings)?)?,
        suspended_at: row.optional_instant(merchant::suspended_at)?,
    })
}

fn read_merchant_with_credential(
    seal: &DataSeal,
    row: &mut Row,
) -> Result<(Merchant, Credential), StoreError> {
    use merchant_with_credential as of;
    let merchant = Merchant {
        id: MerchantId::new(row.text(of::merchant_id)?),
        name: row.get(of::name)?,
        settings: stored_json(&seal.text(row, of::settings, Purpose::MerchantSettings)?)?,
        suspended_at: row.optional_instant(of::suspended_at)?,
    };
    let credential = Credential {
        username: Username::new(row.text(of::username)?),
        secret_hash: row.get(of::secret_hash)?,
        revoked_at: row.optional_instant(of::revoked_at)?,
    };
    Ok((merchant, credential))
}

pub(crate) fn read_dated(row: &mut Row) -> Result<DatedCredential, StoreError> {
    let username = Username::new(row.text(dated_credential::username)?);
    let created_at = row.instant(dated_credential::created_at)?;
    Ok((username, created_at, row.optional_instant(dated_credential::revoked_at)?))
}
