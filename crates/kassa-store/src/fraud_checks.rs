//! The end of an order's fraud check before its time, as the lab asks for it.

use kassa_domain::callback::PaymentCallback;
use kassa_domain::{Endpoint, PageSessionId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::engine::{Answer, Guard, Statement, Unit};
use crate::reading::ReadColumn as _;
use crate::seal::{DataSeal, Purpose};
use crate::{Store, StoreError, StoredOrder};

/// The notification of an order whose fraud check has ended.
#[derive(Clone, Debug)]
pub struct DueNotification {
    /// The session under whose id the order's callbacks are stored.
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
        /// The endpoint of the notification, if the notification is due now.
        endpoint: Option<Endpoint>,
    },
    /// Somebody else changed the order first: read it again.
    Stale,
}

columns! {
    notification { endpoint, origin, clock_merchant_id }
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
            [
                self.seal.seal(Purpose::Order, body).into(),
                order.reference.order_id.as_str().into(),
                order.version.into(),
            ],
        );
        let mut unit = Unit::of(replace.guarding(Guard::Order));
        if let Some(notification) = notification {
            unit.push(make_due(&self.seal, notification));
        }
        match self.run(unit).await? {
            Answer::Committed(rows) => {
                let endpoint = rows.into_iter().next().map(|mut row| read_endpoint(&mut row)).transpose()?;
                Ok(FraudCheckCommit::Done { endpoint })
            }
            Answer::Refused(_) => Ok(FraudCheckCommit::Stale),
        }
    }
}

fn read_endpoint(row: &mut Row) -> Result<Endpoint, StoreError> {
    row.endpoint(notification::endpoint, notification::origin, notification::clock_merchant_id)
}

fn make_due(seal: &DataSeal, notification: &DueNotification) -> Statement {
    Statement::new(
        sql!(
            "update callback set due_at = $1, body = $2
             where page_session_id = $3 and sequence = $4 and state = 'DUE' and fence = 0{and met}
             returning {notification}",
            notification
        ),
        [
            notification.due_at.as_ms().into(),
            seal.seal(Purpose::CallbackBody, &notification.body).into(),
            notification.page_session_id.as_str().into(),
            PaymentCallback::Notification.sequence().into(),
        ],
    )
}
