//! The end of an order's fraud check before its time, as the lab asks for it.

use kassa_domain::callback::PaymentCallback;
use kassa_domain::{PageSessionId, Timestamp};

use crate::engine::{Answer, Guard, Statement, Unit};
use crate::{Store, StoreError, StoredOrder};

/// The notification of an order whose fraud check has ended.
#[derive(Clone, Debug)]
pub struct DueNotification {
    /// The page session that led to the order.
    pub page_session_id: PageSessionId,
    /// The body, which is the same in every attempt.
    pub body: String,
    /// When its first attempt is due, in the merchant's time.
    pub due_at: Timestamp,
}

/// The outcome of ending a fraud check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FraudCheckCommit {
    /// It is durable.
    Done {
        /// The URL of the notification, if there is one.
        endpoint: Option<String>,
    },
    /// Somebody else changed the order first: read it again.
    Stale,
}

impl Store {
    /// Replaces the body of an order, guarded by the version it was read at, and makes its notification due. A
    /// notification that was claimed before stays as it is.
    pub async fn end_fraud_check(
        &self,
        order: &StoredOrder,
        body: &str,
        notification: Option<&DueNotification>,
    ) -> Result<FraudCheckCommit, StoreError> {
        let replace = Statement::new(
            "update placed_order set body = $1, version = version + 1 where order_id = $2 and version = $3",
            [body.into(), order.reference.order_id.as_str().into(), order.version.into()],
        );
        let mut unit = Unit::of(replace.guarding(Guard::Order));
        if let Some(notification) = notification {
            unit.push(make_due(notification));
        }
        match self.run(unit).await? {
            Answer::Committed(rows) => {
                let endpoint = rows.into_iter().next().map(|mut row| row.only()).transpose()?;
                Ok(FraudCheckCommit::Done { endpoint })
            }
            Answer::Refused(_) => Ok(FraudCheckCommit::Stale),
        }
    }
}

fn make_due(notification: &DueNotification) -> Statement {
    Statement::new(
        "update callback set due_at = $1, body = $2
         where page_session_id = $3 and sequence = $4 and state = 'DUE' and fence = 0
         returning endpoint",
        [
            notification.due_at.as_ms().into(),
            notification.body.as_str().into(),
            notification.page_session_id.as_str().into(),
            PaymentCallback::Notification.sequence().into(),
        ],
    )
}
