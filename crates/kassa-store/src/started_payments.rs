//! The payment that a consumer started at the external payment system. It is part of the payment session's row, so that
//! a payment session has one at a time.

use kassa_domain::payment_session::{PaymentSession, StartedPayment};

use crate::engine::{Answer, Guard, Statement, Unit};
use crate::operations::insert_operation;
use crate::seal::Purpose;
use crate::{CommitOutcome, NewOperation, Store, StoreError};

impl Store {
    /// Records the payment that is about to be started, guarded by the version at which the payment session was read.
    /// `release` releases the payment that it replaces. `None` removes the started payment, because it is over.
    pub async fn record_started_payment(
        &self,
        payment: &PaymentSession,
        started: Option<&StartedPayment>,
        release: Option<&NewOperation>,
    ) -> Result<CommitOutcome, StoreError> {
        let text = started.map(serde_json::to_string).transpose()?;
        let text = self.seal.seal_optional(Purpose::StartedPayment, text.as_deref());
        let record = Statement::new(
            "update payment_session set started = $1, version = version + 1
             where payment_session_id = $2 and version = $3 and order_id is null",
            [text, payment.id.as_str().into(), payment.version.into()],
        );
        let mut unit = Unit::of(record.guarding(Guard::PaymentSession)).contending_for(payment.id.as_str());
        if let Some(release) = release {
            unit.push(insert_operation(&self.seal, release)?);
        }
        match self.run(unit).await? {
            Answer::Committed(_) => Ok(CommitOutcome::Done),
            Answer::Refused(_) => Ok(CommitOutcome::Stale),
        }
    }
}
