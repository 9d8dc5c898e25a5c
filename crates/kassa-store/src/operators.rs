//! Operators, who may create merchants and their credentials over the API.

use kassa_domain::{Timestamp, Username};
use kassa_sql::{Row, columns, sql};

use crate::audit::{NewAct, push_act, unit_with_act};
use crate::engine::{Guard, Statement};
use crate::merchants::{DatedCredential, dated_credential, read_dated};
use crate::reading::ReadColumn as _;
use crate::{Credential, Store, StoreError};

columns! {
    operator { username, secret_hash, revoked_at }
}

impl Store {
    /// Adds an operator; `false` if the name exists.
    pub async fn add_operator(
        &self,
        operator: &Credential,
        at: Timestamp,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "insert into operator (username, secret_hash, created_at) values ($1, $2, $3)
             on conflict do nothing",
            [operator.username.as_str().into(), operator.secret_hash.as_str().into(), at.as_ms().into()],
        );
        let mut unit = unit_with_act();
        unit.push(statement.guarding(Guard::NewUsername));
        push_act(&mut unit, act);
        self.run_guarded(unit).await
    }

    /// The operator with this name.
    pub async fn operator(&self, username: &str) -> Result<Option<Credential>, StoreError> {
        let statement = Statement::new(
            sql!("select {operator} from operator where username = $1", operator),
            [username.into()],
        );
        self.row(statement, read_operator).await
    }

    /// The operators, oldest first.
    pub async fn operators(&self) -> Result<Vec<DatedCredential>, StoreError> {
        let statement = Statement::new(
            sql!("select {dated_credential} from operator order by created_at, username", dated_credential),
            [],
        );
        self.rows(statement, read_dated).await
    }

    /// Revokes an operator; `false` if no active operator has this name.
    pub async fn revoke_operator(
        &self,
        username: &str,
        at: Timestamp,
        act: &NewAct,
    ) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "update operator set revoked_at = $1 where username = $2 and revoked_at is null",
            [at.as_ms().into(), username.into()],
        );
        let mut unit = unit_with_act();
        unit.push(statement.guarding(Guard::ActiveCredential));
        push_act(&mut unit, act);
        self.run_guarded(unit).await
    }
}

fn read_operator(row: &mut Row) -> Result<Credential, StoreError> {
    Ok(Credential {
        username: Username::new(row.text(operator::username)?),
        secret_hash: row.get(operator::secret_hash)?,
        revoked_at: row.optional_instant(operator::revoked_at)?,
    })
}
