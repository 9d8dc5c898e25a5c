//! What the lab asks of the tables that are there anyway.

use kassa_domain::PageSessionId;

use crate::engine::Statement;
use crate::{Store, StoreError};

impl Store {
    /// Whether the callback of an event has its first attempt before it.
    pub async fn waits_for_first_attempt(
        &self,
        of: &PageSessionId,
        sequence: i64,
    ) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "select 1 from callback
             where page_session_id = $1 and sequence = $2 and attempts = 0 and state in ('DUE', 'BLOCKED')",
            [of.as_str().into(), sequence.into()],
        );
        Ok(self.row(statement, |_| Ok(())).await?.is_some())
    }
}
