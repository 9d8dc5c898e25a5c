//! Operators who are signed in to the console.

use kassa_domain::{Role, Timestamp, Username};
use kassa_sql::{Row, columns, sql};

use crate::engine::{Statement, Unit};
use crate::operators::role_of;
use crate::reading::ReadColumn as _;
use crate::{Store, StoreError};

/// A new sign-in.
#[derive(Clone, Debug)]
pub struct NewConsoleSession {
    /// The keyed hash of the secret in the browser's cookie.
    pub token_hash: String,
    /// The operator.
    pub operator: Username,
    /// When the operator signed in.
    pub created_at: Timestamp,
    /// From this instant on, the operator must sign in again.
    pub expires_at: Timestamp,
}

/// A sign-in, with the operator as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleSession {
    /// The operator.
    pub operator: Username,
    /// The operator's role.
    pub role: Role,
    /// When the console session was used last, to the minute.
    pub used_at: Timestamp,
    /// From this instant on, the operator must sign in again.
    pub expires_at: Timestamp,
    /// Whether the operator has chosen a password.
    pub has_own_password: bool,
    /// Whether the operator signs in with OpenID Connect.
    pub has_identity: bool,
}

columns! {
    console_session {
        operator = "s.operator",
        role = "o.role",
        used_at = "s.used_at",
        expires_at = "s.expires_at",
        has_own_password = "case when o.password_hash is null then 0 else 1 end",
        has_identity = "case when o.openid_subject is null then 0 else 1 end",
    }
}

impl Store {
    /// Stores a sign-in, and deletes those that have expired.
    pub async fn add_console_session(&self, new: &NewConsoleSession) -> Result<(), StoreError> {
        let mut unit = Unit::of(Statement::new(
            "delete from console_session where expires_at <= $1",
            [new.created_at.as_ms().into()],
        ));
        unit.push(Statement::new(
            "insert into console_session (token_hash, operator, created_at, used_at, expires_at)
             values ($1, $2, $3, $3, $4)",
            [
                new.token_hash.as_str().into(),
                new.operator.as_str().into(),
                new.created_at.as_ms().into(),
                new.expires_at.as_ms().into(),
            ],
        ));
        self.run_unguarded(unit).await.map(drop)
    }

    /// The sign-in with this hash, unless its operator was revoked.
    pub async fn console_session(&self, token_hash: &str) -> Result<Option<ConsoleSession>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {console_session}
             from console_session s join operator o on o.username = s.operator
             where s.token_hash = $1 and o.revoked_at is null",
                console_session
            ),
            [token_hash.into()],
        );
        self.row(statement, read_console_session).await
    }

    /// Stores that a console session was used.
    pub async fn use_console_session(&self, token_hash: &str, at: Timestamp) -> Result<(), StoreError> {
        let statement = Statement::new(
            "update console_session set used_at = $1 where token_hash = $2",
            [at.as_ms().into(), token_hash.into()],
        );
        self.run_unguarded(Unit::of(statement)).await.map(drop)
    }

    /// Deletes all sign-ins of an operator.
    pub async fn end_console_sessions_of(&self, operator: &Username) -> Result<(), StoreError> {
        let sql = "delete from console_session where operator = $1";
        self.run_unguarded(Unit::of(Statement::new(sql, [operator.as_str().into()]))).await.map(drop)
    }

    /// Deletes a sign-in.
    pub async fn end_console_session(&self, token_hash: &str) -> Result<(), StoreError> {
        let sql = "delete from console_session where token_hash = $1";
        self.run_unguarded(Unit::of(Statement::new(sql, [token_hash.into()]))).await.map(drop)
    }
}

fn read_console_session(row: &mut Row) -> Result<ConsoleSession, StoreError> {
    Ok(ConsoleSession {
        operator: Username::new(row.text(console_session::operator)?),
        role: role_of(row.optional_word(console_session::role, Role::parse)?),
        used_at: row.instant(console_session::used_at)?,
        expires_at: row.instant(console_session::expires_at)?,
        has_own_password: row.get::<i64>(console_session::has_own_password)? == 1,
        has_identity: row.get::<i64>(console_session::has_identity)? == 1,
    })
}
