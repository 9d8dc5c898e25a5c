//! Operators: people and programs that run the system. The role of each says what it may do.

use kassa_domain::{Role, Timestamp, Username};
use kassa_sql::{Row, columns, sql};

use crate::audit::{NewAct, push_act, unit_with_act};
use crate::engine::{Guard, Statement};
use crate::reading::ReadColumn as _;
use crate::{Credential, Store, StoreError};

/// The identity of an operator at an OpenID provider. A provider never gives the subject of one person to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorIdentity {
    /// The issuer: the URL of the provider.
    pub issuer: String,
    /// The subject: the provider's own id of the person.
    pub subject: String,
}

/// An operator as a login needs it.
#[derive(Clone)]
pub struct OperatorRow {
    /// The name, and the generated password.
    pub credential: Credential,
    /// The role.
    pub role: Role,
    /// The argon2id hash of the password that the operator chose for the console, if any.
    pub password_hash: Option<String>,
    /// The identity of an operator who signs in with OpenID Connect.
    pub identity: Option<OperatorIdentity>,
}

/// An operator in the list.
#[derive(Clone, Debug)]
pub struct DatedOperator {
    /// The name.
    pub username: Username,
    /// The role.
    pub role: Role,
    /// When the operator was created.
    pub created_at: Timestamp,
    /// When the operator was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The identity of an operator who signs in with OpenID Connect.
    pub identity: Option<OperatorIdentity>,
}

columns! {
    operator { username, secret_hash, revoked_at, role, password_hash, openid_issuer, openid_subject }
    listed_operator { username, role, created_at, revoked_at, openid_issuer, openid_subject }
}

impl Store {
    /// Adds an operator, with its identity if it signs in with OpenID Connect. `false` if the name or the identity
    /// exists.
    pub async fn add_operator(
        &self,
        operator: &Credential,
        role: Role,
        identity: Option<&OperatorIdentity>,
        at: Timestamp,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "insert into operator (username, secret_hash, created_at, role, openid_issuer, openid_subject)
             values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
            [
                operator.username.as_str().into(),
                operator.secret_hash.as_str().into(),
                at.as_ms().into(),
                role.as_str().into(),
                identity.map(|identity| identity.issuer.as_str()).into(),
                identity.map(|identity| identity.subject.as_str()).into(),
            ],
        );
        let mut unit = unit_with_act();
        unit.push(statement.guarding(Guard::NewUsername));
        push_act(&mut unit, act);
        self.run_guarded(unit).await
    }

    /// The operator with this name.
    pub async fn operator(&self, username: &str) -> Result<Option<OperatorRow>, StoreError> {
        let statement = Statement::new(
            sql!("select {operator} from operator where username = $1", operator),
            [username.into()],
        );
        self.row(statement, read_operator).await
    }

    /// The operator with this identity at an OpenID provider.
    pub async fn operator_with_identity(
        &self,
        identity: &OperatorIdentity,
    ) -> Result<Option<OperatorRow>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {operator} from operator where openid_issuer = $1 and openid_subject = $2",
                operator
            ),
            [identity.issuer.as_str().into(), identity.subject.as_str().into()],
        );
        self.row(statement, read_operator).await
    }

    /// The operators, oldest first.
    pub async fn operators(&self) -> Result<Vec<DatedOperator>, StoreError> {
        let statement = Statement::new(
            sql!("select {listed_operator} from operator order by created_at, username", listed_operator),
            [],
        );
        self.rows(statement, read_listed).await
    }

    /// Changes the role of an active operator; `false` if no active operator has this name.
    pub async fn set_operator_role(
        &self,
        username: &str,
        role: Role,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let change = Statement::new(
            "update operator set role = $1 where username = $2 and revoked_at is null",
            [role.as_str().into(), username.into()],
        );
        self.change_operator(change, None, act).await
    }

    /// Replaces the generated password of an active operator, forgets the chosen one, and ends all sign-ins. Returns
    /// `false` if no active operator has this name.
    pub async fn reset_operator(&self, new: &Credential, act: &NewAct) -> Result<bool, StoreError> {
        let change = Statement::new(
            "update operator set secret_hash = $1, password_hash = null
             where username = $2 and revoked_at is null",
            [new.secret_hash.as_str().into(), new.username.as_str().into()],
        );
        let end_sign_ins =
            Statement::new("delete from console_session where operator = $1", [new.username.as_str().into()]);
        self.change_operator(change, Some(end_sign_ins), act).await
    }

    /// Stores the hash of the password that an active operator chose, and ends all sign-ins of the operator except one.
    /// Returns `false` if no active operator has this name.
    pub async fn set_operator_password(
        &self,
        operator: &str,
        password_hash: &str,
        except: &str,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let change = Statement::new(
            "update operator set password_hash = $1 where username = $2 and revoked_at is null",
            [password_hash.into(), operator.into()],
        );
        let end_sign_ins = Statement::new(
            "delete from console_session where operator = $1 and token_hash <> $2",
            [operator.into(), except.into()],
        );
        self.change_operator(change, Some(end_sign_ins), act).await
    }

    /// Revokes an operator; `false` if no active operator has this name.
    pub async fn revoke_operator(
        &self,
        username: &str,
        at: Timestamp,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let change = Statement::new(
            "update operator set revoked_at = $1 where username = $2 and revoked_at is null",
            [at.as_ms().into(), username.into()],
        );
        self.change_operator(change, None, act).await
    }

    /// Lets a revoked operator sign in again, with this generated password and no chosen one. All sign-ins from before
    /// have ended. Returns `false` if no revoked operator has this name.
    pub async fn restore_operator(&self, new: &Credential, act: &NewAct) -> Result<bool, StoreError> {
        let change = Statement::new(
            "update operator set secret_hash = $1, password_hash = null, revoked_at = null
             where username = $2 and revoked_at is not null",
            [new.secret_hash.as_str().into(), new.username.as_str().into()],
        );
        let end_sign_ins =
            Statement::new("delete from console_session where operator = $1", [new.username.as_str().into()]);
        self.change_operator(change, Some(end_sign_ins), act).await
    }

    /// Makes a change that must find one operator, and what follows from it, with the record of the act.
    async fn change_operator(
        &self,
        change: Statement,
        then: Option<Statement>,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let mut unit = unit_with_act();
        unit.push(change.guarding(Guard::ActiveCredential));
        if let Some(statement) = then {
            unit.push(statement);
        }
        push_act(&mut unit, act);
        self.run_guarded(unit).await
    }
}

/// The role of an operator whose row has this one. An operator of an earlier version could do everything.
pub(crate) fn role_of(stored: Option<Role>) -> Role {
    stored.unwrap_or(Role::Admin)
}

fn read_operator(row: &mut Row) -> Result<OperatorRow, StoreError> {
    Ok(OperatorRow {
        credential: Credential {
            username: Username::new(row.text(operator::username)?),
            secret_hash: row.get(operator::secret_hash)?,
            revoked_at: row.optional_instant(operator::revoked_at)?,
        },
        role: role_of(row.optional_word(operator::role, Role::parse)?),
        password_hash: row.get(operator::password_hash)?,
        identity: identity_of(row.get(operator::openid_issuer)?, row.get(operator::openid_subject)?),
    })
}

fn read_listed(row: &mut Row) -> Result<DatedOperator, StoreError> {
    Ok(DatedOperator {
        username: Username::new(row.text(listed_operator::username)?),
        role: role_of(row.optional_word(listed_operator::role, Role::parse)?),
        created_at: row.instant(listed_operator::created_at)?,
        revoked_at: row.optional_instant(listed_operator::revoked_at)?,
        identity: identity_of(
            row.get(listed_operator::openid_issuer)?,
            row.get(listed_operator::openid_subject)?,
        ),
    })
}

/// The identity in two columns.
pub(crate) fn identity_of(issuer: Option<String>, subject: Option<String>) -> Option<OperatorIdentity> {
    Some(OperatorIdentity { issuer: issuer?, subject: subject? })
}
