//! What the whole system keeps for itself, such as its keys.

use crate::engine::{Row, Statement, Unit};
use crate::{Store, StoreError};

impl Store {
    /// The setting of this name; where there is none, `fresh` becomes it. Two processes that start together agree.
    pub async fn setting_or(&self, name: &str, fresh: &str) -> Result<String, StoreError> {
        self.run_unguarded(Unit::of(Statement::new(
            "insert into setting (name, value) values ($1, $2) on conflict do nothing",
            [name.into(), fresh.into()],
        )))
        .await?;
        let statement = Statement::new("select value from setting where name = $1", [name.into()]);
        let value = self.row(statement, Row::text).await?;
        value.ok_or_else(|| StoreError::Fault(format!("the setting {name} was not kept")))
    }

    /// Proves that the database can be written, durably.
    pub async fn prove_writable(&self) -> Result<(), StoreError> {
        self.run_unguarded(Unit::of(Statement::new(
            "insert into setting (name, value) values ($1, '') on conflict (name) do update set value = ''",
            ["write_probe".into()],
        )))
        .await
        .map(drop)
    }
}
