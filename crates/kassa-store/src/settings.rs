//! Settings of the whole system, such as its keys.

use kassa_domain::Timestamp;

use crate::engine::{Statement, Unit};
use crate::{Store, StoreError};

impl Store {
    /// The setting with this name. If there is none, it becomes `fresh`. Two processes that start together get the same
    /// value.
    pub async fn setting_or(&self, name: &str, fresh: &str) -> Result<String, StoreError> {
        self.run_unguarded(Unit::of(Statement::new(
            "insert into setting (name, value) values ($1, $2) on conflict do nothing",
            [name.into(), fresh.into()],
        )))
        .await?;
        let statement = Statement::new("select value from setting where name = $1", [name.into()]);
        let value = self.row(statement, |row| Ok(row.only()?)).await?;
        value.ok_or_else(|| StoreError::Fault(format!("the setting {name} was not stored").into()))
    }

    /// Proves that the database can be written, durably. The value differs each time, because an engine need not write
    /// a value that is stored already.
    pub async fn prove_writable(&self, at: Timestamp) -> Result<(), StoreError> {
        let probe = at.as_ms().to_string();
        self.run_unguarded(Unit::of(Statement::new(
            "insert into setting (name, value) values ($1, $2)
             on conflict (name) do update set value = excluded.value",
            ["write_probe".into(), probe.into()],
        )))
        .await
        .map(drop)
    }
}
