//! Reads with which the verification of the audit trail compares the tables.

use kassa_domain::{MerchantId, PageSessionId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::engine::Statement;
use crate::operators::{OperatorIdentity, identity_of};
use crate::reading::ReadColumn as _;
use crate::seal::Purpose;
use crate::{Store, StoreError};

/// A page session and the event that led to its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedSession {
    /// The session.
    pub id: PageSessionId,
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// The session's status, as it is stored.
    pub status: String,
    /// The session's version.
    pub version: i64,
    /// The status of the event with that number; `None` if there is no such event.
    pub status_of_event: Option<String>,
    /// The merchant of that event.
    pub merchant_of_event: Option<String>,
}

/// An account that an administrative act must have created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedAccount {
    /// The username of a credential or an operator, the id of a merchant, the merchant and base URL of a payment
    /// account, or the merchant and id of a profile.
    pub name: String,
    /// The text that later acts vouch for: the hash of a password, the settings of a merchant, or the content of a
    /// profile.
    pub vouched: String,
    /// When the account was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The name that consumers read of a merchant, the role of an operator, or the name of a profile.
    pub title: Option<String>,
    /// The hash of the password that an operator chose.
    pub chosen_password: Option<String>,
    /// The identity of an operator at an OpenID provider.
    pub identity: Option<OperatorIdentity>,
    /// Whether it is the default profile of its merchant.
    pub is_default: bool,
}

columns! {
    compared_operator { username, secret_hash, revoked_at, role, password_hash, openid_issuer, openid_subject }
    compared_session {
        page_session_id = "s.page_session_id",
        merchant_id = "s.merchant_id",
        status = "s.status",
        version = "s.version",
        status_of_event = "e.status",
        merchant_of_event = "e.merchant_id",
    }
    compared_credential { username, secret_hash, revoked_at }
    compared_merchant { merchant_id, settings, name, suspended_at }
    compared_payment_account { merchant_id, base_url }
    compared_profile { merchant_id, profile_id, name, is_default, content }
}

impl Store {
    /// The next page sessions, by id, each with the event that led to its version.
    pub async fn compared_sessions(
        &self,
        after: &str,
        limit: i64,
    ) -> Result<Vec<ComparedSession>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {compared_session}
                 from page_session s
                   left join status_event e on e.page_session_id = s.page_session_id and e.sequence = s.version
                 where s.page_session_id > $1 order by s.page_session_id limit $2",
                compared_session
            ),
            [after.into(), limit.into()],
        );
        let read = |row: &mut Row| {
            Ok(ComparedSession {
                id: PageSessionId::new(row.text(compared_session::page_session_id)?),
                merchant_id: MerchantId::new(row.text(compared_session::merchant_id)?),
                status: row.text(compared_session::status)?,
                version: row.get(compared_session::version)?,
                status_of_event: row.get(compared_session::status_of_event)?,
                merchant_of_event: row.get(compared_session::merchant_of_event)?,
            })
        };
        self.rows(statement, read).await
    }

    /// Whether a page session is stored.
    pub async fn has_page_session(&self, id: &str) -> Result<bool, StoreError> {
        let sql = "select 1 from page_session where page_session_id = $1";
        Ok(self.row(Statement::new(sql, [id.into()]), |row| Ok(row.only::<i64>()?)).await?.is_some())
    }

    /// Every credential.
    pub async fn compared_credentials(&self) -> Result<Vec<ComparedAccount>, StoreError> {
        let statement = Statement::new(
            sql!("select {compared_credential} from credential order by username", compared_credential),
            [],
        );
        self.rows(statement, read_credential).await
    }

    /// Every operator.
    pub async fn compared_operators(&self) -> Result<Vec<ComparedAccount>, StoreError> {
        let statement = Statement::new(
            sql!("select {compared_operator} from operator order by username", compared_operator),
            [],
        );
        let read = |row: &mut Row| {
            Ok(ComparedAccount {
                name: row.text(compared_operator::username)?,
                vouched: row.text(compared_operator::secret_hash)?,
                revoked_at: row.optional_instant(compared_operator::revoked_at)?,
                title: row.get(compared_operator::role)?,
                chosen_password: row.get(compared_operator::password_hash)?,
                identity: identity_of(
                    row.get(compared_operator::openid_issuer)?,
                    row.get(compared_operator::openid_subject)?,
                ),
                is_default: false,
            })
        };
        self.rows(statement, read).await
    }

    /// Every merchant, with the text of its settings.
    pub async fn compared_merchants(&self) -> Result<Vec<ComparedAccount>, StoreError> {
        let statement = Statement::new(
            sql!("select {compared_merchant} from merchant order by merchant_id", compared_merchant),
            [],
        );
        let read = |row: &mut Row| {
            Ok(ComparedAccount {
                name: row.text(compared_merchant::merchant_id)?,
                vouched: self.seal.text(row, compared_merchant::settings, Purpose::MerchantSettings)?,
                revoked_at: row.optional_instant(compared_merchant::suspended_at)?,
                title: row.get(compared_merchant::name)?,
                chosen_password: None,
                identity: None,
                is_default: false,
            })
        };
        self.rows(statement, read).await
    }

    /// Every payment account.
    pub async fn compared_payment_accounts(&self) -> Result<Vec<ComparedAccount>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {compared_payment_account} from payment_account order by merchant_id, base_url",
                compared_payment_account
            ),
            [],
        );
        let read = |row: &mut Row| {
            let merchant = row.text(compared_payment_account::merchant_id)?;
            let base_url = row.text(compared_payment_account::base_url)?;
            Ok(ComparedAccount {
                name: format!("{merchant} {base_url}"),
                vouched: String::new(),
                revoked_at: None,
                title: None,
                chosen_password: None,
                identity: None,
                is_default: false,
            })
        };
        self.rows(statement, read).await
    }

    /// Every profile.
    pub async fn compared_profiles(&self) -> Result<Vec<ComparedAccount>, StoreError> {
        let statement = Statement::new(
            sql!("select {compared_profile} from profile order by merchant_id, profile_id", compared_profile),
            [],
        );
        let read = |row: &mut Row| {
            let merchant = row.text(compared_profile::merchant_id)?;
            let profile = row.text(compared_profile::profile_id)?;
            Ok(ComparedAccount {
                name: format!("{merchant} {profile}"),
                vouched: row.text(compared_profile::content)?,
                revoked_at: None,
                title: row.get(compared_profile::name)?,
                chosen_password: None,
                identity: None,
                is_default: row.get(compared_profile::is_default)?,
            })
        };
        self.rows(statement, read).await
    }
}

fn read_credential(row: &mut Row) -> Result<ComparedAccount, StoreError> {
    Ok(ComparedAccount {
        name: row.text(compared_credential::username)?,
        vouched: row.text(compared_credential::secret_hash)?,
        revoked_at: row.optional_instant(compared_credential::revoked_at)?,
        title: None,
        chosen_password: None,
        identity: None,
        is_default: false,
    })
}
