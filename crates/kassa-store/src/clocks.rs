//! The database's clock, and the clocks of merchants with a time of their own.

use kassa_domain::{MerchantId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::engine::{Statement, Unit};
use crate::reading::ReadColumn as _;
use crate::{Engine, Store, StoreError};

/// A merchant's own time, different from the system's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MerchantClock {
    /// The clock runs, this many milliseconds ahead of the system's.
    Ahead(i64),
    /// The clock is frozen at this instant.
    Frozen(Timestamp),
}

columns! {
    clock { merchant_id, ahead_ms, frozen_at }
}

impl Store {
    /// The date by the clock of the database's server; `None` for a file, which has no clock of its own.
    pub async fn database_now(&self) -> Result<Option<Timestamp>, StoreError> {
        match &*self.engine {
            Engine::Sqlite(_) => Ok(None),
            Engine::Postgres(postgres) => {
                let sql = "select floor(extract(epoch from pg_catalog.clock_timestamp()) * 1000)::bigint";
                let read = |row: &mut Row| Ok(Timestamp::from_ms(row.only()?));
                Ok(postgres.query(&Statement::new(sql, []), read).await?.into_iter().next())
            }
        }
    }

    /// The merchants with a time of their own.
    pub async fn clocks(&self) -> Result<Vec<(MerchantId, MerchantClock)>, StoreError> {
        let statement = Statement::new(sql!("select {clock} from merchant_clock", clock), []);
        let read = |row: &mut Row| {
            let merchant = MerchantId::new(row.text(clock::merchant_id)?);
            let ahead = MerchantClock::Ahead(row.get(clock::ahead_ms)?);
            Ok((merchant, row.optional_instant(clock::frozen_at)?.map_or(ahead, MerchantClock::Frozen)))
        };
        self.rows(statement, read).await
    }

    /// Stores a merchant's own time.
    pub async fn set_clock(&self, of: &MerchantId, time: MerchantClock) -> Result<(), StoreError> {
        let (ahead_ms, frozen_at) = match time {
            MerchantClock::Ahead(ahead_ms) => (ahead_ms, None),
            MerchantClock::Frozen(at) => (0, Some(at)),
        };
        let statement = Statement::new(
            "insert into merchant_clock (merchant_id, ahead_ms, frozen_at) values ($1, $2, $3)
             on conflict (merchant_id) do update set ahead_ms = excluded.ahead_ms, frozen_at = excluded.frozen_at",
            [of.as_str().into(), ahead_ms.into(), frozen_at.map(Timestamp::as_ms).into()],
        );
        self.run_unguarded(Unit::of(statement)).await.map(drop)
    }
}
