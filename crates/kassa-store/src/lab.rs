//! The lab's queries on tables that exist without the lab, too.

use kassa_domain::lifecycle::Status;
use kassa_domain::{Endpoint, MerchantId, PageSessionId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::engine::{Statement, Unit};
use crate::reading::ReadColumn as _;
use crate::{Store, StoreError};

/// A page session or an authorization that has expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    /// When it expired.
    pub at: Timestamp,
    /// The page session, or the payment session of an authorization without a page session.
    pub page_session_id: PageSessionId,
    /// The page session's status, if the page session expired. `None` if its authorization did.
    pub status: Option<Status>,
}

columns! {
    callback_due {
        endpoint,
        origin = "min(origin)",
        clock_merchant_id = "min(clock_merchant_id)",
        due_at = "min(due_at)",
    }
    expired { expires_at, page_session_id, status }
    expired_authorization like expired { expires_at, page_session_id, status = "null" }
}

impl Store {
    /// Whether the callback of an event has had no attempt yet.
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

    /// Makes the merchant's callbacks due by its own clock, at endpoints that no other merchant shares. This includes
    /// callbacks that have ended, because they can be redelivered.
    pub async fn give_callbacks_own_time(&self, of: &MerchantId) -> Result<(), StoreError> {
        let statement = Statement::new(
            "update callback set endpoint = endpoint || ' ' || merchant_id, origin = coalesce(origin, endpoint),
               clock_merchant_id = merchant_id
             where merchant_id = $1 and endpoint not like '% ' || merchant_id",
            [of.as_str().into()],
        );
        self.run_unguarded(Unit::of(statement)).await.map(drop)
    }

    /// When the merchant's next callback falls due, at each of its endpoints. Callbacks with an attempt under way
    /// count, too.
    pub async fn callbacks_due(&self, of: &MerchantId) -> Result<Vec<(Endpoint, Timestamp)>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {callback_due} from callback
             where merchant_id = $1 and state = 'DUE' group by endpoint",
                callback_due
            ),
            [of.as_str().into()],
        );
        let read = |row: &mut Row| {
            use callback_due::{clock_merchant_id, due_at, endpoint, origin};
            Ok((row.endpoint(endpoint, origin, clock_merchant_id)?, row.instant(due_at)?))
        };
        self.rows(statement, read).await
    }

    /// Whether a callback of the merchant is due at this instant and not settled.
    pub async fn is_callback_due(&self, of: &MerchantId, at: Timestamp) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "select 1 from callback where state = 'DUE' and merchant_id = $1 and due_at <= $2 limit 1",
            [of.as_str().into(), at.as_ms().into()],
        );
        Ok(self.row(statement, |_| Ok(())).await?.is_some())
    }

    /// The merchant's open page sessions and unused authorizations that expired after one instant, up to another.
    pub async fn expired_between(
        &self,
        of: &MerchantId,
        after: Timestamp,
        up_to: Timestamp,
    ) -> Result<Vec<Expired>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {expired} from page_session
             where merchant_id = $1 and expires_at > $2 and expires_at <= $3
               and status not in ('COMPLETED', 'CANCELLED', 'DISABLED')
             union all
             select {expired_authorization} from payment_authorization
             where merchant_id = $1 and expires_at > $2 and expires_at <= $3 and state = 'OPEN'",
                expired,
                expired_authorization
            ),
            [of.as_str().into(), after.as_ms().into(), up_to.as_ms().into()],
        );
        let read = |row: &mut Row| {
            Ok(Expired {
                at: row.instant(expired::expires_at)?,
                page_session_id: PageSessionId::new(row.text(expired::page_session_id)?),
                status: row.optional_word(expired::status, Status::parse)?,
            })
        };
        self.rows(statement, read).await
    }
}
