//! The due callbacks of each endpoint, and their number.

use kassa_domain::{Endpoint, Timestamp};
use kassa_sql::{Row, columns, sql};

use super::key_of;
use crate::engine::Statement;
use crate::reading::ReadColumn as _;
use crate::{Store, StoreError};

/// How much waits to be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Callbacks that are neither delivered nor given up.
    pub waiting: i64,
    /// When the oldest of them that may be claimed fell due.
    pub oldest_due_at: Option<Timestamp>,
}

columns! {
    endpoint_due {
        endpoint = "due.endpoint",
        origin = "(select c.origin from callback c
                where c.state = 'DUE' and c.endpoint = due.endpoint order by c.due_at limit 1)",
        clock_merchant_id = "(select c.clock_merchant_id from callback c
                where c.state = 'DUE' and c.endpoint = due.endpoint order by c.due_at limit 1)",
        due_at = "(select c.due_at from callback c
                where c.state = 'DUE' and c.endpoint = due.endpoint and c.leased_until <= $2
                order by c.due_at limit 1)",
    }
    endpoint_due_over_servers like endpoint_due {
        endpoint,
        origin = "min(origin)",
        clock_merchant_id = "min(clock_merchant_id)",
        due_at = "min(case when leased_until <= $2 then due_at end)",
    }
    backlog {
        waiting = "(select count(*) from callback where state = 'DUE')
               + (select count(*) from callback where state = 'BLOCKED')",
        oldest_due_at = "(select min(due_at) from callback where state = 'DUE')",
    }
}

impl Store {
    /// The endpoints with callbacks to attempt, each with when its first callback without a lease falls due; in the order of
    /// their keys after `after`, at most `limit`. The query skips from key to key, so a long backlog costs no more than a
    /// short one.
    pub async fn endpoints_due(
        &self,
        after: Option<&Endpoint>,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<(Endpoint, Option<Timestamp>)>, StoreError> {
        let statement = Statement::new(
            sql!(
                "with recursive due (endpoint) as (
               select min(endpoint) from callback where state = 'DUE' and endpoint > $1
               union all
               select (select min(c.endpoint) from callback c where c.state = 'DUE' and c.endpoint > due.endpoint)
               from due where due.endpoint is not null)
             select {endpoint_due} from due where due.endpoint is not null limit $3",
                endpoint_due
            ),
            [after.map(key_of).unwrap_or_default().into(), now.as_ms().into(), limit.into()],
        )
        // A query that skips from key to key belongs to no single server. This one reads the whole backlog, each server
        // its part.
        .or_over_servers(sql!(
            "select {endpoint_due_over_servers}
             from callback where state = 'DUE' and endpoint > $1 group by endpoint order by endpoint limit $3",
            endpoint_due_over_servers
        ));
        let read = |row: &mut Row| {
            use endpoint_due::{clock_merchant_id, due_at, endpoint, origin};
            Ok((row.endpoint(endpoint, origin, clock_merchant_id)?, row.optional_instant(due_at)?))
        };
        self.rows(statement, read).await
    }

    /// When the next callback of an endpoint without a lease falls due.
    pub async fn endpoint_due_at(
        &self,
        endpoint: &Endpoint,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let statement = Statement::new(
            "select due_at from callback
             where state = 'DUE' and endpoint = $1 and leased_until <= $2 order by due_at limit 1",
            [key_of(endpoint).into(), now.as_ms().into()],
        );
        Ok(self.row(statement, |row| Ok(row.only()?)).await?.map(Timestamp::from_ms))
    }

    /// How much waits to be delivered.
    pub async fn backlog(&self) -> Result<Backlog, StoreError> {
        let statement = Statement::new(sql!("select {backlog}", backlog), []);
        let read = |row: &mut Row| {
            let oldest_due_at = row.optional_instant(backlog::oldest_due_at)?;
            Ok(Backlog { waiting: row.get(backlog::waiting)?, oldest_due_at })
        };
        Ok(self.row(statement, read).await?.unwrap_or(Backlog { waiting: 0, oldest_due_at: None }))
    }
}
