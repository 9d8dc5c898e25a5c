//! The number of payment operations without a known outcome.

use kassa_domain::Timestamp;
use kassa_sql::{Row, columns, sql};

use crate::engine::Statement;
use crate::reading::ReadColumn as _;
use crate::{Store, StoreError};

/// The payment operations without a known outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OperationsBacklog {
    /// Operations that Kassa still attempts.
    pub due: i64,
    /// Operations that an operator has to settle.
    pub stuck: i64,
    /// When the oldest operation of either kind was recorded.
    pub oldest_recorded_at: Option<Timestamp>,
}

columns! {
    operations_backlog {
        due = "(select count(*) from payment_operation where state = 'DUE')",
        stuck = "(select count(*) from payment_operation where state = 'STUCK')",
        oldest_recorded_at = "(select min(recorded_at) from payment_operation where state in ('DUE', 'STUCK'))",
    }
}

impl Store {
    /// The payment operations without a known outcome, now.
    pub async fn operations_backlog(&self) -> Result<OperationsBacklog, StoreError> {
        let statement = Statement::new(sql!("select {operations_backlog}", operations_backlog), []);
        Ok(self.row(statement, read_backlog).await?.unwrap_or_default())
    }
}

fn read_backlog(row: &mut Row) -> Result<OperationsBacklog, StoreError> {
    Ok(OperationsBacklog {
        due: row.get(operations_backlog::due)?,
        stuck: row.get(operations_backlog::stuck)?,
        oldest_recorded_at: row.optional_instant(operations_backlog::oldest_recorded_at)?,
    })
}
