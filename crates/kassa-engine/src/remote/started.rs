//! The end of a payment that a consumer started on a page of the payment system, when Kassa ends it.

use kassa_domain::Actor;
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::Authorization;
use kassa_store::{CommitOutcome, NewOperation, Note};

use super::stored_payment;
use crate::error::EngineError;
use crate::operations::recording::{begin_release, release_of_started};
use crate::parts::EngineParts;

/// Releases the payment that was started on a page session which has ended, so that nobody pays on a page of the
/// payment system that is still open. If it was paid meanwhile and cannot be released, the operation is stuck, and an
/// operator gives the money back.
pub(crate) async fn release_started(
    engine: &EngineParts,
    session: &PageSession,
    because: &str,
) -> Result<(), EngineError> {
    if !engine.payment_systems.starts_payments() {
        return Ok(());
    }
    loop {
        let payment = stored_payment(engine, session).await?;
        let Some(system) = engine.payment_systems.redirecting_of(&payment) else { return Ok(()) };
        let own = payment.started.as_ref().filter(|started| started.page_session_id == session.id);
        let Some(started) = own.filter(|_| !payment.is_complete()) else { return Ok(()) };
        let release = release_of_started(engine, system, &payment, started);
        match engine.store.record_started_payment(&payment, None, Some(&release)).await? {
            CommitOutcome::Done => return begin_noted_release(engine, release, because).await,
            CommitOutcome::Stale => {}
        }
    }
}

/// Adds a note about a recorded release of a started payment, and begins its first attempt.
pub(super) async fn begin_noted_release(
    engine: &EngineParts,
    release: NewOperation,
    because: &str,
) -> Result<(), EngineError> {
    if let Some(of) = &release.authorization.page_session_id {
        let at = engine.clock.now(&release.authorization.merchant_id);
        let detail = format!("A payment that was started is released: {because}.");
        let note = Note { at, kind: "PaymentReleased", detail, actor: Actor::System };
        engine.store.add_note(of, &note).await?;
    }
    begin_release(engine, release);
    Ok(())
}

/// Forgets the started payment whose authorization Kassa releases, so that its end does not look like a decline.
pub(crate) async fn forget_started(
    engine: &EngineParts,
    authorization: &Authorization,
) -> Result<(), EngineError> {
    if !engine.payment_systems.starts_payments() {
        return Ok(());
    }
    let Some(payment) = engine.store.payment_session(&authorization.payment_session_id).await? else {
        return Ok(());
    };
    let is_its_start = payment.started.as_ref().is_some_and(|started| {
        started.body == authorization.body && started.category == authorization.category
    });
    if !is_its_start {
        return Ok(());
    }
    match engine.store.record_started_payment(&payment, None, None).await? {
        // If the payment session changed meanwhile, the next read forgets the payment.
        CommitOutcome::Done | CommitOutcome::Stale => Ok(()),
    }
}
