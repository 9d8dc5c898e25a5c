//! Reads payments on a schedule, because a browser may never tell what the consumer did.
//!
//! A claim is a lease with a fence, as for payment operations: one node at a time reads, and if it dies, another reads
//! when the lease ends. Reading twice does no harm, because a read changes nothing at the payment system, and `advance`
//! applies an authorization once.

use std::sync::Arc;

use kassa_domain::Actor;
use kassa_domain::confirmation::{READS_AFTER_END_MS, next_read_at};
use kassa_domain::lifecycle::Status;
use kassa_domain::page_session::PageSession;
use kassa_domain::time::SECOND_MS;
use kassa_store::{ClaimedConfirmation, NextRead, StoreError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::evidence::{Applied, Consent, Evidence, apply};
use super::{read_payment, stored_payment};
use crate::advance::Advanced;
use crate::error::EngineError;
use crate::parts::EngineParts;

/// The time between two reads of the store for confirmations that are due.
const LOOK_AGAIN_MS: i64 = SECOND_MS;

/// The time for one read.
const READ_MS: i64 = 10 * SECOND_MS;

/// The lease of a claim: longer than a read, so that no read outlasts it.
const LEASE_MS: i64 = 2 * READ_MS;

/// Maximum number of reads that run at once on a node.
const READS_AT_ONCE: usize = 20;

/// Reads the payments that are due until `stop`. Reads under way then are finished.
pub(crate) async fn confirm_until(engine: Arc<EngineParts>, stop: CancellationToken) {
    if !engine.payment_systems.has_remote() {
        return;
    }
    let mut reads = JoinSet::new();
    while !stop.is_cancelled() {
        if let Err(error) = start_reads(&engine, &mut reads).await {
            tracing::warn!(%error, "confirmations cannot be claimed; the node retries in one second");
        }
        let next = engine.clock.monotonic_now().plus_ms(LOOK_AGAIN_MS);
        tokio::select! {
            () = stop.cancelled() => {}
            () = engine.clock.sleep_until(next) => {}
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
    for claimed in engine.store.claim_confirmations(now, now.plus_ms(LEASE_MS), limit).await? {
        let engine = engine.clone();
        reads.spawn(async move {
            if let Err(error) = confirm(&engine, &claimed).await {
                let page_session_id = &claimed.page_session_id;
                tracing::warn!(
                    %page_session_id,
                    ?error,
                    "a payment could not be confirmed; the node reads it again when the lease ends"
                );
            }
        });
    }
    Ok(())
}

/// Reads one payment, changes the status by what it found, and stores when to read next.
async fn confirm(engine: &EngineParts, claimed: &ClaimedConfirmation) -> Result<(), EngineError> {
    let (outcome, next) = match engine.store.page_session(&claimed.page_session_id).await? {
        None => ("the page session was deleted", NextRead::Never),
        Some(session) if session.status == Status::Completed => ("completed", NextRead::Never),
        Some(session) => read_and_apply(engine, claimed, session).await?,
    };
    tracing::debug!(page_session_id = %claimed.page_session_id, outcome, ?next, "payment read");
    Ok(engine.store.end_read(claimed, outcome, next).await?)
}

async fn read_and_apply(
    engine: &EngineParts,
    claimed: &ClaimedConfirmation,
    session: PageSession,
) -> Result<(&'static str, NextRead), EngineError> {
    let payment = stored_payment(engine, &session).await?;
    let deadline = engine.clock.monotonic_now().plus_ms(READ_MS);
    let Ok(fresh) = read_payment(engine, payment, deadline).await? else {
        return Ok(("no answer", next(engine, claimed)));
    };
    let evidence =
        Evidence { fresh: &fresh, consent: Consent::Unknown, category: None, actor: Actor::System };
    Ok(match apply(engine, session, evidence).await? {
        Applied::Gone(_) => ("the payment session has expired", NextRead::Never),
        Applied::Nothing(session) => ("not authorized", next_of(engine, claimed, &session)),
        Applied::Advanced(advanced) => match *advanced {
            Advanced::Moved(session) | Advanced::Stayed(session) if session.status == Status::Completed => {
                ("completed", NextRead::Never)
            }
            Advanced::Moved(session)
            | Advanced::Stayed(session)
            | Advanced::Refused(session)
            | Advanced::Outdated(session)
            | Advanced::Confirming(session) => ("authorized", next_of(engine, claimed, &session)),
            Advanced::Gone => ("the page session has expired", NextRead::Never),
        },
    })
}

/// The next read of a session. A cancelled or disabled session is read as long as an authorization of it could be used.
fn next_of(engine: &EngineParts, claimed: &ClaimedConfirmation, session: &PageSession) -> NextRead {
    let age_ms = engine.clock.now(&session.merchant_id).ms_since(session.updated_at);
    match session.status.is_final() && age_ms > READS_AFTER_END_MS {
        true => NextRead::Never,
        false => next(engine, claimed),
    }
}

fn next(engine: &EngineParts, claimed: &ClaimedConfirmation) -> NextRead {
    let at = next_read_at(claimed.reads + 1, claimed.started_at, engine.time.lease_now());
    if at < claimed.ends_at { NextRead::At(at) } else { NextRead::Never }
}
