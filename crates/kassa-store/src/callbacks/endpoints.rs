//! What is due, endpoint by endpoint, and how much of it there is.

use kassa_domain::Timestamp;

use crate::engine::{Row, Statement};
use crate::{Store, StoreError};

/// How much waits to be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Callbacks that are neither delivered nor given up.
    pub waiting: i64,
    /// When the oldest of them that may be claimed fell due.
    pub oldest_due_at: Option<Timestamp>,
}

impl Store {
    /// The endpoints that have something to claim, now or later, each with when; in the order of their names after
    /// `after`, so many at most. It skips from name to name, so that a long backlog costs no more than a short one.
    pub async fn endpoints_due(
        &self,
        after: &str,
        limit: i64,
    ) -> Result<Vec<(String, Timestamp)>, StoreError> {
        let statement = Statement::new(
            "with recursive due (endpoint) as (
               select min(endpoint) from callback where state = 'DUE' and endpoint > $1
               union all
               select (select min(c.endpoint) from callback c where c.state = 'DUE' and c.endpoint > due.endpoint)
               from due where due.endpoint is not null)
             select due.endpoint,
               (select min(c.due_at) from callback c where c.state = 'DUE' and c.endpoint = due.endpoint)
             from due where due.endpoint is not null limit $2",
            [after.into(), limit.into()],
        );
        self.rows(statement, |row| Ok((row.text()?, row.instant()?))).await
    }

    /// When the next callback of an endpoint falls due, claimed ones included.
    pub async fn endpoint_due_at(&self, endpoint: &str) -> Result<Option<Timestamp>, StoreError> {
        let statement = Statement::new(
            "select due_at from callback where state = 'DUE' and endpoint = $1 order by due_at limit 1",
            [endpoint.into()],
        );
        self.row(statement, Row::instant).await
    }

    /// How much waits to be delivered.
    pub async fn backlog(&self) -> Result<Backlog, StoreError> {
        let statement = Statement::new(
            "select (select count(*) from callback where state = 'DUE')
               + (select count(*) from callback where state = 'BLOCKED'),
               (select min(due_at) from callback where state = 'DUE')",
            [],
        );
        let read = |row: &mut Row| {
            let (waiting, oldest) = (row.int()?, row.optional_int()?);
            Ok(Backlog { waiting, oldest_due_at: oldest.map(Timestamp::from_ms) })
        };
        Ok(self.row(statement, read).await?.unwrap_or(Backlog { waiting: 0, oldest_due_at: None }))
    }
}
