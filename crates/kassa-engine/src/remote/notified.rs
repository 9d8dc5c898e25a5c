//! A payment system says that a payment changed. That is a claim: the payment is read sooner, and nothing else follows.

use kassa_domain::PaymentSessionId;
use kassa_store::StoreError;

use crate::parts::EngineParts;

/// Makes the reads of a payment due now.
pub(crate) async fn notified(engine: &EngineParts, of: &PaymentSessionId) -> Result<(), StoreError> {
    let Some(payment) = engine.store.payment_session(of).await? else { return Ok(()) };
    let mut reading = engine.store.open_page_sessions(of).await?;
    // The page session that started the payment may be disabled. Its authorization is released then.
    reading.extend(payment.started.map(|started| started.page_session_id));
    reading.sort_unstable();
    reading.dedup();
    for id in reading {
        engine.store.hasten_confirmation(&id, engine.time.lease_now()).await?;
    }
    Ok(())
}
