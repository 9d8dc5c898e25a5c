//! Payments at a remote payment system: Kassa reads what happened there, and changes the status by what it read.
//!
//! A browser, a callback or a notification only makes a claim. A claim causes a read, and the read is evidence. If the
//! browser closes, [`confirmations`] read on a schedule. So the outcome does not depend on the browser.

mod adoption;
mod claim;
pub(crate) mod confirmations;
mod evidence;
mod merchants_order;
mod notified;
pub(crate) mod references;
mod start;
mod started;
mod visit;

use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::PaymentSession;
use kassa_store::{CommitOutcome, PayButton, ReadSchedule, RemoteContent};

use crate::clock::Monotonic;
use crate::error::EngineError;
use crate::parts::EngineParts;
use crate::payment_system::{NoAnswer, PaymentRead, ReadCause};

pub use adoption::Adoption;
pub(crate) use adoption::adopt;
pub use claim::{ClaimKind, PaymentClaim};
pub(crate) use claim::{ask_first, claim, started};
pub(crate) use evidence::sibling_orders;
pub(crate) use merchants_order::merchant_ordered;
pub(crate) use notified::notified;
pub use start::PaymentStart;
pub(crate) use start::start_payment;
pub(crate) use started::{forget_started, release_started};
pub(crate) use visit::visit;
pub use visit::{Reachability, Visit};

/// A read, with the copy of the payment session that it refreshed.
struct FreshPayment {
    payment: PaymentSession,
    read: PaymentRead,
}

/// Reads a payment at its payment system because a caller waits for it, and replaces the copy of its content.
async fn read_payment(
    engine: &EngineParts,
    payment: PaymentSession,
    deadline: Monotonic,
) -> Result<Result<FreshPayment, NoAnswer>, EngineError> {
    if !engine.payment_systems.of(&payment)?.admits_read(&payment, ReadCause::Caller) {
        return Ok(Err(without_answer(engine, &payment, NoAnswer::OverBudget)));
    }
    read_admitted(engine, payment, deadline).await
}

/// Reads a payment whose read the payment system has admitted.
async fn read_admitted(
    engine: &EngineParts,
    payment: PaymentSession,
    deadline: Monotonic,
) -> Result<Result<FreshPayment, NoAnswer>, EngineError> {
    let system = engine.payment_systems.of(&payment)?;
    let read = tokio::select! {
        read = system.read(&payment, deadline) => read,
        () = engine.clock.sleep_until(deadline) => Err(NoAnswer::Silent("no answer in time".to_string())),
    };
    let read = match read {
        Ok(read) => read,
        Err(no_answer) => return Ok(Err(without_answer(engine, &payment, no_answer))),
    };
    let payment = match &read.content {
        Some(content) => refreshed(engine, payment, content).await?,
        None => payment,
    };
    Ok(Ok(FreshPayment { payment, read }))
}

/// Logs and counts a read without an answer.
fn without_answer(engine: &EngineParts, payment: &PaymentSession, no_answer: NoAnswer) -> NoAnswer {
    engine.metrics.operations.unanswered(&no_answer);
    tracing::warn!(payment_session_id = %payment.id, %no_answer, "a payment could not be read");
    no_answer
}

/// Replaces the copy by the content that was read. If another node replaced it meanwhile, this one uses that copy.
async fn refreshed(
    engine: &EngineParts,
    mut payment: PaymentSession,
    content: &RemoteContent,
) -> Result<PaymentSession, EngineError> {
    let is_current = payment.body == content.body
        && payment.expires_at == content.expires_at
        && payment.authorization_token == content.authorization_token;
    if is_current || payment.is_complete() {
        return Ok(payment);
    }
    let read_at = engine.time.lease_now();
    let (id, version) = (&payment.id, payment.version);
    match engine.store.refresh_payment_session(id, version, content, read_at).await? {
        CommitOutcome::Done => {
            payment.version += 1;
            payment.body.clone_from(&content.body);
            payment.expires_at = content.expires_at;
            payment.authorization_token.clone_from(&content.authorization_token);
            Ok(payment)
        }
        CommitOutcome::Stale => Ok(engine.store.payment_session(&payment.id).await?.unwrap_or(payment)),
    }
}

/// The payment session that a page session hosts, as the database has it.
async fn stored_payment(engine: &EngineParts, session: &PageSession) -> Result<PaymentSession, EngineError> {
    let found = engine.store.payment_session(&session.payment_session_id).await?;
    found.ok_or_else(|| EngineError::NoPaymentSession(session.id.clone()))
}

/// The reads of a page session's payment, until it expires.
fn schedule(
    engine: &EngineParts,
    payment: &PaymentSession,
    first_after_ms: i64,
    pressed: PayButton,
) -> ReadSchedule {
    let started_at = engine.time.lease_now();
    let remaining_ms = payment.expires_at.ms_since(engine.clock.now(&payment.merchant_id));
    let (due_at, ends_at) = (started_at.plus_ms(first_after_ms), started_at.plus_ms(remaining_ms));
    ReadSchedule { started_at, due_at, ends_at, pressed }
}
