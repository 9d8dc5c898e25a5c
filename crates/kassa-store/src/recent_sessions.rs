//! The number of the youngest page sessions in each status.

use kassa_domain::lifecycle::Status;
use kassa_sql::{Row, columns, sql};

use crate::engine::Statement;
use crate::reading::ReadColumn as _;
use crate::{Store, StoreError};

columns! {
    status_count { status, sessions = "count(*)" }
}

impl Store {
    /// The number of page sessions in each status, among the youngest `limit` of those whose ids are not before
    /// `first_id`. Ids are in the order of their creation. So the query reads the end of the primary key, and the cost
    /// does not grow with the number of stored sessions.
    pub async fn recent_sessions_by_status(
        &self,
        first_id: &str,
        limit: i64,
    ) -> Result<Vec<(Status, i64)>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {status_count} from (
                   select status from page_session where page_session_id >= $1
                   order by page_session_id desc limit $2) recent
                 group by status",
                status_count
            ),
            [first_id.into(), limit.into()],
        );
        let read = |row: &mut Row| {
            Ok((row.word(status_count::status, Status::parse)?, row.get(status_count::sessions)?))
        };
        self.rows(statement, read).await
    }
}
