//! Reads the short reference of an order that the payment system placed without telling it.
//!
//! The page session is COMPLETED, and its callback is sent. These reads only add the reference to what a read of the
//! page session shows. A claim is a lease with a fence, as for confirmations. Reading twice does no harm.

use std::sync::Arc;

use kassa_domain::Actor;
use kassa_domain::lifecycle::Status;
use kassa_domain::order_reference::{FIRST_REFERENCE_READ_AFTER_MS, next_reference_read_at};
use kassa_domain::page_session::{OrderReference, PageSession};
use kassa_domain::payment_session::{PaymentCompletion, PaymentSession};
use kassa_domain::time::SECOND_MS;
use kassa_store::{ClaimedReferenceRead, CommitOutcome, Note, Notification, ReferenceSchedule, StoreError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::stored_payment;
use crate::error::EngineError;
use crate::pace::Pace;
use crate::parts::EngineParts;
use crate::payment_system::{NoAnswer, ReadCause};

/// The time between two reads of the store for references that are due.
const LOOK_AGAIN_MS: i64 = SECOND_MS;

/// The time for one read.
const READ_MS: i64 = 10 * SECOND_MS;

/// The lease of a claim: longer than a read, so that no read outlasts it.
const LEASE_MS: i64 = 2 * READ_MS;

/// Maximum number of reads that run at once on a node. It is small, because no consumer waits for a reference.
const READS_AT_ONCE: usize = 4;

/// The reads of the reference of a page session's order; `None` if it has no order or its reference is known.
pub(crate) fn schedule_reference_reads(
    engine: &EngineParts,
    session: &PageSession,
) -> Option<ReferenceSchedule> {
    let is_unknown = session.order.as_ref().is_some_and(|order| order.klarna_reference.is_empty());
    if session.status != Status::Completed || !is_unknown || !engine.payment_systems.has_remote() {
        return None;
    }
    let completed_at = engine.time.lease_now();
    Some(ReferenceSchedule { completed_at, due_at: completed_at.plus_ms(FIRST_REFERENCE_READ_AFTER_MS) })
}

/// Reads the references that are due until `stop`. Reads under way then are finished.
pub(crate) async fn read_references_until(engine: Arc<EngineParts>, stop: CancellationToken) {
    if !engine.payment_systems.has_remote() {
        return;
    }
    let mut reads = JoinSet::new();
    let mut pace = Pace::new(&*engine.clock, LOOK_AGAIN_MS);
    while pace.next_look(&stop).await {
        if let Err(error) = start_reads(&engine, &mut reads).await {
            tracing::warn!(%error, "reads of references cannot be claimed; the node retries within one second");
        }
    }
    while reads.join_next().await.is_some() {}
}

async fn start_reads(engine: &Arc<EngineParts>, reads: &mut JoinSet<()>) -> Result<(), StoreError> {
    while reads.try_join_next().is_some() {}
    let free = READS_AT_ONCE.saturating_sub(reads.len());
    if free == 0 {
        return Ok(());
    }
    let now = engine.time.lease_now();
    let limit = i64::try_from(free).unwrap_or(i64::MAX);
    for claimed in engine.store.claim_reference_reads(now, now.plus_ms(LEASE_MS), limit).await? {
        let engine = engine.clone();
        reads.spawn(async move {
            if let Err(error) = find_reference(&engine, &claimed).await {
                let page_session_id = &claimed.page_session_id;
                tracing::warn!(
                    %page_session_id,
                    ?error,
                    "the reference of an order was not stored; the node reads it again when the lease ends"
                );
            }
        });
    }
    Ok(())
}

/// Finds the reference of one page session's order, and stores it.
async fn find_reference(engine: &EngineParts, claimed: &ClaimedReferenceRead) -> Result<(), EngineError> {
    let of = &claimed.page_session_id;
    let found = engine.store.page_session(of).await?;
    let nameless = found.and_then(|session| {
        let order = session.order.clone().filter(|order| order.klarna_reference.is_empty())?;
        Some((session, order))
    });
    let Some((session, order)) = nameless else {
        return Ok(engine.store.end_reference_reads(of, None).await?);
    };
    let payment = stored_payment(engine, &session).await?;
    let read = match known_reference(&payment, &order) {
        Some(known) => Ok(Some(known)),
        None => read_reference(engine, &payment, &order).await?,
    };
    match read {
        Ok(Some(klarna_reference)) => {
            let order = OrderReference { klarna_reference, ..order };
            Ok(store_reference(engine, &session, &order).await?)
        }
        Ok(None) => Ok(engine.store.end_reference_reads(of, None).await?),
        Err(NoAnswer::OverBudget) => {
            let due_at = engine.time.lease_now().plus_ms(LOOK_AGAIN_MS);
            Ok(engine.store.repeat_reference_read_at(claimed, claimed.reads, due_at).await?)
        }
        Err(no_answer) => Ok(repeat(engine, claimed, &session, &no_answer).await?),
    }
}

/// The reference, if another page session of the payment session has read it.
fn known_reference(payment: &PaymentSession, order: &OrderReference) -> Option<String> {
    match &payment.completion {
        Some(PaymentCompletion::Order(known)) if known.order_id == order.order_id => {
            Some(known.klarna_reference.clone()).filter(|reference| !reference.is_empty())
        }
        Some(PaymentCompletion::Order(_) | PaymentCompletion::UnnamedOrder) | None => None,
    }
}

async fn read_reference(
    engine: &EngineParts,
    payment: &PaymentSession,
    order: &OrderReference,
) -> Result<Result<Option<String>, NoAnswer>, EngineError> {
    let system = engine.payment_systems.of(payment)?;
    if !system.admits_read(payment, ReadCause::Reference) {
        return Ok(Err(NoAnswer::OverBudget));
    }
    let deadline = engine.clock.monotonic_now().plus_ms(READ_MS);
    Ok(tokio::select! {
        read = system.read_reference(payment, &order.order_id, deadline) => read,
        () = engine.clock.sleep_until(deadline) => Err(NoAnswer::Silent("no answer in time".to_string())),
    })
}

/// Stores the reference, and wakes the readers who wait for a change. There is no callback, because the status stays.
async fn store_reference(
    engine: &EngineParts,
    session: &PageSession,
    order: &OrderReference,
) -> Result<(), StoreError> {
    let OrderReference { order_id, klarna_reference } = order;
    let note =
        note(engine, session, "ReferenceRead", format!("The order has the reference {klarna_reference}."));
    match engine.store.store_order_reference(session, order, &note).await? {
        CommitOutcome::Done => {}
        CommitOutcome::Stale => return engine.store.end_reference_reads(&session.id, None).await,
    }
    tracing::info!(page_session_id = %session.id, %order_id, klarna_reference, "the reference of an order is known");
    let (page_session_id, merchant_id) = (session.id.clone(), session.merchant_id.clone());
    engine.news.wake(&page_session_id, &merchant_id);
    engine.store.announce(Notification::Changed { page_session_id, merchant_id });
    Ok(())
}

/// Waits for the next read. After the last one, the page session stays as it is, without the reference.
async fn repeat(
    engine: &EngineParts,
    claimed: &ClaimedReferenceRead,
    session: &PageSession,
    no_answer: &NoAnswer,
) -> Result<(), StoreError> {
    engine.metrics.operations.unanswered(no_answer);
    let page_session_id = &session.id;
    let (reads, ended_at) = (claimed.reads + 1, engine.time.lease_now());
    if let Some(due_at) = next_reference_read_at(reads, claimed.completed_at, ended_at) {
        tracing::info!(%page_session_id, reads, %no_answer, "the reference of an order is not known yet");
        return engine.store.repeat_reference_read_at(claimed, reads, due_at).await;
    }
    tracing::warn!(
        %page_session_id,
        reads,
        %no_answer,
        "the reference of an order stays unknown, because Kassa stopped asking for it; the order itself is placed"
    );
    let detail = format!("Kassa stopped asking for the reference of the order: {no_answer}.");
    let note = note(engine, session, "ReferenceMissing", detail);
    engine.store.end_reference_reads(page_session_id, Some(&note)).await
}

fn note(engine: &EngineParts, session: &PageSession, kind: &'static str, detail: String) -> Note {
    Note { at: engine.clock.now(&session.merchant_id), kind, detail, actor: Actor::System }
}
