//! Carries out payment operations. A status change that needs a payment system's order records the operation first,
//! with its exact request; only then is the request sent.
//!
//! A claim is a lease with a fence, so that one node at a time makes an attempt, and a claim that is no longer the
//! latest commits nothing. The node that records an operation makes the first attempt. If it dies, its lease ends and
//! another node repeats the same bytes with the same key. An operation whose outcome stays unknown until its
//! authorization has expired is stuck: an operator settles it.

mod disable;
mod outcome;
pub(crate) mod queue;
pub(crate) mod recording;
mod stuck;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use kassa_domain::time::SECOND_MS;
use kassa_store::{ClaimedOperation, StoreError};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::error::EngineError;
use crate::pace::Pace;
use crate::parts::EngineParts;
use crate::payment_system::{Operation, Outcome};
use crate::traces::{OpenSpan, SpanKind, within};

pub(crate) use disable::disable;
pub use recording::{order_operation_id, release_operation_id};
pub(crate) use stuck::settle_stuck;
pub use stuck::{SettleOutcome, StuckVerdict};

use queue::{Ended, FirstAttempt};
use recording::{ATTEMPT_MS, LEASE_MS};

/// The time between two reads of the store for operations that are due.
const LOOK_AGAIN_MS: i64 = SECOND_MS;

/// Maximum number of attempts that run at once on a node.
const ATTEMPTS_AT_ONCE: usize = 64;

/// Carries out operations until `stop`. Attempts under way then are finished.
pub(crate) async fn carry_out_until(engine: Arc<EngineParts>, stop: CancellationToken) {
    let mut worker = Worker { engine: engine.clone(), attempts: JoinSet::new() };
    let open = engine.operations.open();
    let mut pace = Pace::new(&*engine.clock, LOOK_AGAIN_MS);
    while worker.next_turn(&mut pace, &stop).await {
        if let Err(error) = worker.turn().await {
            tracing::warn!(%error, "payment operations cannot be claimed; the node retries within one second");
        }
    }
    worker.start_first_attempts();
    drop(open);
    while worker.attempts.join_next().await.is_some() {}
}

struct Worker {
    engine: Arc<EngineParts>,
    attempts: JoinSet<()>,
}

impl Worker {
    /// Starts the attempts that are due.
    async fn turn(&mut self) -> Result<(), StoreError> {
        while self.attempts.try_join_next().is_some() {}
        self.start_first_attempts();
        let free = ATTEMPTS_AT_ONCE.saturating_sub(self.attempts.len());
        if free == 0 {
            return Ok(());
        }
        let now = self.engine.time.lease_now();
        let limit = i64::try_from(free).unwrap_or(i64::MAX);
        for claimed in self.engine.store.claim_operations(now, now.plus_ms(LEASE_MS), limit).await? {
            self.start(claimed, None);
        }
        Ok(())
    }

    /// Waits for the next turn. Meanwhile starts each first attempt as soon as it is handed over.
    async fn next_turn(&mut self, pace: &mut Pace<'_>, stop: &CancellationToken) -> bool {
        let engine = self.engine.clone();
        loop {
            tokio::select! {
                is_due = pace.next_look(stop) => return is_due,
                () = engine.operations.handed_over() => self.start_first_attempts(),
            }
        }
    }

    fn start_first_attempts(&mut self) {
        for FirstAttempt { operation, ended } in self.engine.operations.first_attempts() {
            self.start(operation, Some(ended));
        }
    }

    /// Starts an attempt. `ended` is dropped when the attempt has ended.
    fn start(&mut self, claimed: ClaimedOperation, ended: Option<Ended>) {
        let engine = self.engine.clone();
        self.attempts.spawn(async move {
            let attempt = AssertUnwindSafe(attempt(&engine, &claimed)).catch_unwind().await;
            let page_session_id = claimed.page_session_id();
            match attempt {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::warn!(%page_session_id, ?error, "the outcome of a payment operation was not stored; the \
                        attempt is repeated when the lease ends");
                }
                Err(_) => {
                    tracing::error!(%page_session_id, "an attempt of a payment operation panicked; it is repeated when \
                                                       the lease ends");
                }
            }
            drop(ended);
        });
    }
}

/// Makes one attempt, and commits what follows from its outcome, in a span of its own.
async fn attempt(engine: &EngineParts, claimed: &ClaimedOperation) -> Result<(), EngineError> {
    let name = || format!("payment operation {}", claimed.kind.as_str());
    let span = engine.traces.begin(claimed.page_session_id(), SpanKind::Internal, name);
    within(span.as_ref(), attempt_within(engine, claimed, span.as_deref())).await
}

async fn attempt_within(
    engine: &EngineParts,
    claimed: &ClaimedOperation,
    span: Option<&OpenSpan>,
) -> Result<(), EngineError> {
    let payment_session_id = &claimed.authorization.payment_session_id;
    let Some(payment) = engine.store.payment_session(payment_session_id).await? else {
        return Err(EngineError::NoPaymentSession(claimed.page_session_id().clone()));
    };
    let system = engine.payment_systems.of(&payment)?;
    let deadline = engine.clock.monotonic_now().plus_ms(ATTEMPT_MS);
    let began_at = Instant::now();
    let outcome = tokio::select! {
        outcome = system.carry_out(&payment, Operation::of(claimed), deadline) => outcome,
        () = engine.clock.sleep_until(deadline) => Outcome::Unknown("no answer within 15 seconds".to_string()),
    };
    let outcome = outcome.without_token(&claimed.authorization.token);
    tracing::info!(
        page_session_id = %claimed.page_session_id(),
        operation = claimed.kind.as_str(),
        key = %claimed.id,
        attempt = claimed.attempts + 1,
        outcome = outcome.name(),
        reason = outcome.reason(),
        "payment operation attempted"
    );
    if let Some(span) = span {
        span.note("kassa.attempt", claimed.attempts + 1);
        span.note("kassa.outcome", outcome.name());
    }
    engine.metrics.operations.attempted(claimed.kind, outcome.name(), began_at.elapsed());
    outcome::apply(engine, claimed, outcome).await
}
