//! Reads payments on a schedule, because a browser may never tell what the consumer did.
//!
//! A claim is a lease with a fence, as for payment operations: one node at a time reads, and if it dies, another reads
//! when the lease ends. Reading twice does no harm, because a read changes nothing at the payment system, and `advance`
//! applies an authorization once.

use std::sync::Arc;

use kassa_domain::confirmation::{READS_AFTER_END_MS, next_read_at};
use kassa_domain::lifecycle::Status;
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::PaymentSession;
use kassa_domain::time::SECOND_MS;
use kassa_domain::{Actor, Timestamp};
use kassa_store::{ClaimedConfirmation, NextRead, StoreError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::evidence::{Applied, Consent, Evidence, apply};
use super::{read_admitted, release_started, stored_payment};
use crate::advance::Advanced;
use crate::error::EngineError;
use crate::pace::Pace;
use crate::parts::EngineParts;
use crate::payment_system::ReadCause;

/// The time between two reads of the store for confirmations that are due.
const LOOK_AGAIN_MS: i64 = SECOND_MS;

/// The time for one read.
const READ_MS: i64 = 10 * SECOND_MS;

/// The lease of a claim: longer than a read, so that no read outlasts it.
const LEASE_MS: i64 = 2 * READ_MS;

/// Maximum number of reads that run at once on a node.
const READS_AT_ONCE: usize = 20;

/// A claim has room for the latest started and for the longest due. Otherwise, if all places but one were busy, only
/// the longest due would be read.
const FEWEST_CLAIMED: usize = 2;

/// One read of this many is for the confirmation that has been due for the longest time.
const FOR_THE_LONGEST_DUE: u64 = 5;

/// Reads the payments that are due until `stop`. Reads under way then are finished.
pub(crate) async fn confirm_until(engine: Arc<EngineParts>, stop: CancellationToken) {
    if !engine.payment_systems.has_remote() {
        return;
    }
    let mut worker = Worker { engine: engine.clone(), reads: JoinSet::new(), started: 0 };
    let mut pace = Pace::new(&*engine.clock, LOOK_AGAIN_MS);
    while pace.next_look(&stop).await {
        if let Err(error) = worker.turn().await {
            tracing::warn!(%error, "confirmations cannot be claimed; the node retries within one second");
        }
    }
    while worker.reads.join_next().await.is_some() {}
}

struct Worker {
    engine: Arc<EngineParts>,
    reads: JoinSet<()>,
    /// The number of reads that were started.
    started: u64,
}

impl Worker {
    /// Starts the reads that are due, as far as the payment systems admit them. The order of the claims decides which.
    async fn turn(&mut self) -> Result<(), StoreError> {
        while self.reads.try_join_next().is_some() {}
        let free = READS_AT_ONCE.saturating_sub(self.reads.len());
        if free < FEWEST_CLAIMED {
            return Ok(());
        }
        let now = self.engine.time.lease_now();
        let limit = i64::try_from(free).unwrap_or(i64::MAX);
        let claimed = self.engine.store.claim_confirmations(now, now.plus_ms(LEASE_MS), limit).await?;
        let (mut latest, mut longest) = (claimed.latest_started.into_iter(), claimed.longest_due.into_iter());
        loop {
            let is_for_the_longest_due = self.started % FOR_THE_LONGEST_DUE == FOR_THE_LONGEST_DUE - 1;
            let next = match is_for_the_longest_due {
                true => longest.next().or_else(|| latest.next()),
                false => latest.next().or_else(|| longest.next()),
            };
            let Some(claimed) = next else { return Ok(()) };
            if let Err(error) = self.start(&claimed).await {
                report(&claimed, &error);
            }
        }
    }

    /// Starts a read, or ends the claim without a read.
    async fn start(&mut self, claimed: &ClaimedConfirmation) -> Result<(), EngineError> {
        let (engine, claimed) = (self.engine.clone(), claimed.clone());
        match next_step(&engine, &claimed).await? {
            Step::Read(session, payment) => {
                self.started += 1;
                self.reads.spawn(async move {
                    if let Err(error) = confirm(&engine, &claimed, *session, *payment).await {
                        report(&claimed, &error);
                    }
                });
            }
            Step::End(outcome) => engine.store.end_read(&claimed, outcome, NextRead::Never).await?,
            Step::Postpone(due_at) => engine.store.postpone_read(&claimed, due_at).await?,
        }
        Ok(())
    }
}

fn report(claimed: &ClaimedConfirmation, error: &EngineError) {
    let page_session_id = &claimed.page_session_id;
    tracing::warn!(
        %page_session_id,
        ?error,
        "a payment could not be confirmed; the node reads it again when the lease ends"
    );
}

/// The consequence of a claim.
enum Step {
    Read(Box<PageSession>, Box<PaymentSession>),
    /// There is nothing to read any more, for this reason.
    End(&'static str),
    /// The budget does not admit the read now. It does not count, and is due again at this instant.
    Postpone(Timestamp),
}

async fn next_step(engine: &EngineParts, claimed: &ClaimedConfirmation) -> Result<Step, EngineError> {
    let Some(session) = engine.store.page_session(&claimed.page_session_id).await? else {
        return Ok(Step::End("the page session was deleted"));
    };
    if session.status == Status::Completed {
        return Ok(Step::End("completed"));
    }
    let payment = stored_payment(engine, &session).await?;
    if engine.payment_systems.of(&payment)?.admits_read(&payment, ReadCause::Confirmation) {
        return Ok(Step::Read(Box::new(session), Box::new(payment)));
    }
    let due_at = engine.time.lease_now().plus_ms(LOOK_AGAIN_MS);
    Ok(match due_at < claimed.ends_at {
        true => Step::Postpone(due_at),
        false => Step::End("the payment session has expired"),
    })
}

/// Reads one payment, changes the status by what it found, and stores when to read next.
async fn confirm(
    engine: &EngineParts,
    claimed: &ClaimedConfirmation,
    session: PageSession,
    payment: PaymentSession,
) -> Result<(), EngineError> {
    let (outcome, next) = read_and_apply(engine, claimed, session, payment).await?;
    tracing::debug!(page_session_id = %claimed.page_session_id, outcome, ?next, "payment read");
    Ok(engine.store.end_read(claimed, outcome, next).await?)
}

async fn read_and_apply(
    engine: &EngineParts,
    claimed: &ClaimedConfirmation,
    session: PageSession,
    payment: PaymentSession,
) -> Result<(&'static str, NextRead), EngineError> {
    let deadline = engine.clock.monotonic_now().plus_ms(READ_MS);
    let Ok(fresh) = read_admitted(engine, payment, deadline).await? else {
        let next = next(engine, claimed);
        release_unread(engine, &session, next).await?;
        return Ok(("no answer", next));
    };
    let evidence =
        Evidence { fresh: &fresh, consent: Consent::Unknown, category: None, actor: Actor::System };
    Ok(match apply(engine, session, evidence).await? {
        Applied::Gone(_) => ("the payment session has expired", NextRead::Never),
        Applied::Nothing(session) => {
            let next = next_of(engine, claimed, &session);
            release_unread(engine, &session, next).await?;
            ("not authorized", next)
        }
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

/// Releases a started payment that no read follows any more. Its page may still be open, and nobody would notice that
/// it is paid.
async fn release_unread(
    engine: &EngineParts,
    session: &PageSession,
    next: NextRead,
) -> Result<(), EngineError> {
    match next {
        NextRead::Never if session.status != Status::Completed => {
            release_started(engine, session, "its page session is over").await
        }
        NextRead::Never | NextRead::At(_) => Ok(()),
    }
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
