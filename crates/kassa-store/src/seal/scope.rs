//! Whether the contents of payment sessions, orders, messages and settings are sealed, and not only texts with a token.
//!
//! Nodes of versions before schema 17 cannot read sealed contents. A new database seals them from its beginning. An
//! older one begins when somebody asks for it, once no older node runs. From then on, older nodes do not start.

use std::sync::atomic::Ordering;

use crate::audit::{NewAct, push_act, unit_with_act};
use crate::engine::{Statement, Unit};
use crate::{Store, StoreError};

/// The setting that says whether contents are sealed: [`SealScope::Contents`] if it is `contents`.
const SCOPE_SETTING: &str = "sealed_data";

/// The data that the seal of a database encrypts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealScope {
    /// Nothing, because this process has no keys.
    Nothing,
    /// Authorization tokens, and texts that may contain one.
    Tokens,
    /// Also the data of consumers and the secrets that sign callbacks.
    Contents,
}

impl Store {
    /// Learns what is sealed from now on. A node asks until it is [`SealScope::Contents`], which is for good.
    pub async fn learn_seal_scope(&self) -> Result<SealScope, StoreError> {
        if self.seal.newest().is_none() {
            return Ok(SealScope::Nothing);
        }
        let statement = Statement::new("select value from setting where name = $1", [SCOPE_SETTING.into()]);
        let scope = self.row(statement, |row| Ok(row.only::<String>()?)).await?;
        if scope.as_deref() != Some("contents") {
            return Ok(SealScope::Tokens);
        }
        if !self.seal.seals_contents.load(Ordering::Relaxed) {
            self.keep_older_nodes_out().await?;
            self.seal.seals_contents.store(true, Ordering::Relaxed);
        }
        Ok(SealScope::Contents)
    }

    /// Has contents sealed from now on, by every node that learns it. Nodes of earlier versions no longer start. It
    /// changes nothing if the seal has no keys.
    pub async fn seal_contents(&self, act: &NewAct) -> Result<SealScope, StoreError> {
        if self.seal.newest().is_some() {
            let statement = Statement::new(
                "insert into setting (name, value) values ($1, 'contents')
                 on conflict (name) do update set value = excluded.value",
                [SCOPE_SETTING.into()],
            );
            let mut unit = unit_with_act();
            unit.push(statement);
            push_act(&mut unit, act);
            self.run_unguarded(unit).await?;
        }
        self.learn_seal_scope().await
    }

    /// Has programs before schema 17 refuse this database at their start, because they cannot read sealed contents.
    async fn keep_older_nodes_out(&self) -> Result<(), StoreError> {
        let statement = Statement::new(
            "update setting set value = '17'
             where name = 'oldest_schema' and cast(value as integer) < 17",
            [],
        );
        self.run_unguarded(Unit::of(statement)).await.map(drop)
    }
}
