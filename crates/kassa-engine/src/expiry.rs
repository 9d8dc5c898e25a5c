//! Retention: deletes page sessions, and everything that belongs to them, past their configured age.
//!
//! Every node does this once an hour. Nodes do not coordinate: the first one deletes, and the others find nothing. If a
//! node dies meanwhile, the rows stay until the next run.

use kassa_domain::time::{HOUR_MS, SECOND_MS};
use kassa_domain::{Actor, Timestamp};
use kassa_store::{ExpiredKind, StoreError};
use tokio_util::sync::CancellationToken;

use crate::audit::{Act, Requester, shorten_chains};
use crate::clock::Monotonic;
use crate::ids::first_uuid_of;
use crate::parts::EngineParts;

/// The time between two runs.
const LOOK_AGAIN_MS: i64 = HOUR_MS;

/// The longest pause after a step.
const LONGEST_PAUSE_MS: i64 = 10 * SECOND_MS;

/// Deletes what expired longer ago than the retention time, until `stop`.
pub(crate) async fn expire_until(engine: &EngineParts, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let begun = engine.clock.monotonic_now();
        let expire = async {
            for what in ExpiredKind::ALL {
                if let Err(error) = expire(engine, what, engine.clock.system_now()).await {
                    tracing::warn!(%error, ?what, "retention: could not delete expired rows; retrying in one hour");
                }
            }
            if let Err(error) = shorten_trail(engine).await {
                tracing::warn!(%error, "retention: could not remove old audit entries; retrying in one hour");
            }
            engine.clock.sleep_until(begun.plus_ms(LOOK_AGAIN_MS)).await;
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = expire => {}
        }
    }
}

/// Pauses as long as a step took, so that the store is free for other work half of the time. A machine that was
/// suspended during the step does not pause as long as it was.
pub(crate) async fn pause_after(engine: &EngineParts, begun: Monotonic) {
    let ended = engine.clock.monotonic_now();
    engine.clock.sleep_until(ended.plus_ms(ended.ms_since(begun).min(LONGEST_PAUSE_MS))).await;
}

/// Removes old entries of the audit trail, if they have a retention.
pub(crate) async fn shorten_trail(engine: &EngineParts) -> Result<(), StoreError> {
    match engine.audit_retention_ms {
        Some(ms) => shorten_chains(engine, engine.clock.system_now().plus_ms(-ms)).await,
        None => Ok(()),
    }
}

/// Goes through the rows, oldest first. Pauses after each step as long as the step took, so that the store is free for
/// other work half of the time. Keeps the rows of a merchant with its own clock: by that clock they may be young.
async fn expire(engine: &EngineParts, what: ExpiredKind, now: Timestamp) -> Result<(), StoreError> {
    let before = now.plus_ms(-engine.retention_ms);
    let first_kept_id = first_uuid_of(before);
    let mut place = String::new();
    let by = Requester::in_process(Actor::System);
    // The audit trail says before which instant the deleted sessions expired, once in each run that deletes.
    let mut is_recorded = false;
    loop {
        let begun = engine.clock.monotonic_now();
        let passed = engine.store.retention_candidates(what, &place, &first_kept_id, before).await?;
        let Some(last) = passed.last() else { return Ok(()) };
        place.clone_from(&last.place);
        let leaves = passed.iter().filter(|row| row.is_over && !engine.clock.is_own(&row.merchant_id));
        let leaving: Vec<_> = leaves.collect();
        let is_first = what == ExpiredKind::PageSessions && !leaving.is_empty() && !is_recorded;
        let act = match is_first {
            true => Some(engine.acts.record(&Act::sessions_expired(before), &by)?),
            false => None,
        };
        engine.store.remove(what, &leaving, act.as_ref()).await?;
        is_recorded |= is_first;
        if what == ExpiredKind::PageSessions {
            engine.metrics.sessions_left(leaving.len());
        }
        pause_after(engine, begun).await;
    }
}
