//! What the lab asks of the tables that are there anyway.

use kassa_domain::lifecycle::Status;
use kassa_domain::{MerchantId, PageSessionId, Timestamp};

use crate::engine::{Row, Statement, Unit};
use crate::{Store, StoreError};

/// Something whose time ran out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    /// When.
    pub at: Timestamp,
    /// The page session.
    pub page_session_id: PageSessionId,
    /// Where the page session stands, if it is what expired; else its authorization did.
    pub status: Option<Status>,
}

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

    /// Puts the merchant's callbacks apart from those that are due by the system's time: at endpoints of its own. Those
    /// that have ended too, since they can be redelivered.
    pub async fn give_callbacks_own_time(&self, of: &MerchantId) -> Result<(), StoreError> {
        let statement = Statement::new(
            "update callback set endpoint = endpoint || ' ' || merchant_id
             where merchant_id = $1 and endpoint not like '% %'",
            [of.as_str().into()],
        );
        self.run_unguarded(Unit::of(statement)).await.map(drop)
    }

    /// When the merchant's next callback falls due, at each of its endpoints; held ones count, being under way.
    pub async fn callbacks_due(&self, of: &MerchantId) -> Result<Vec<(String, Timestamp)>, StoreError> {
        let statement = Statement::new(
            "select endpoint, min(due_at) from callback
             where merchant_id = $1 and state = 'DUE' group by endpoint",
            [of.as_str().into()],
        );
        self.rows(statement, |row| Ok((row.text()?, row.instant()?))).await
    }

    /// Whether one of the merchant's callbacks is due at this instant, or has been before, and was not settled.
    pub async fn is_callback_due(&self, of: &MerchantId, at: Timestamp) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "select 1 from callback where state = 'DUE' and merchant_id = $1 and due_at <= $2 limit 1",
            [of.as_str().into(), at.into()],
        );
        Ok(self.row(statement, |_| Ok(())).await?.is_some())
    }

    /// What of the merchant's expired after one instant, up to another: open page sessions and unused authorizations.
    pub async fn expired_between(
        &self,
        of: &MerchantId,
        after: Timestamp,
        up_to: Timestamp,
    ) -> Result<Vec<Expired>, StoreError> {
        let statement = Statement::new(
            "select expires_at, page_session_id, status from page_session
             where merchant_id = $1 and expires_at > $2 and expires_at <= $3
               and status not in ('COMPLETED', 'CANCELLED', 'DISABLED')
             union all
             select expires_at, page_session_id, null from payment_authorization
             where merchant_id = $1 and expires_at > $2 and expires_at <= $3 and state = 'OPEN'",
            [of.as_str().into(), after.into(), up_to.into()],
        );
        let read = |row: &mut Row| {
            let (at, page_session_id) = (row.instant()?, PageSessionId::new(row.text()?));
            let status = row.optional_text()?.map(|word| {
                Status::parse(&word)
                    .ok_or_else(|| StoreError::Fault(format!("an unknown word is stored: {word}")))
            });
            Ok(Expired { at, page_session_id, status: status.transpose()? })
        };
        self.rows(statement, read).await
    }
}
