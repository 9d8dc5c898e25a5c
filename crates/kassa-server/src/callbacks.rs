//! Callbacks on their way: claimed from the store, attempted side by side, settled with what came of it.

mod delivery;

use kassa_domain::Timestamp;
use kassa_domain::time::SECOND_MS;
use kassa_store::{Claim, StoreError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::App;

/// Attempts under way at once.
const SIDE_BY_SIDE: usize = 256;

/// A claim's lease: longer than an attempt with its settlement takes, so that no callback is attempted twice
/// at a time; short enough that a crash delays it little.
const LEASE_MS: i64 = 30 * SECOND_MS;

/// How long to wait before looking again where nothing says when the next callback falls due.
const LOOK_AGAIN_MS: i64 = SECOND_MS;

/// Delivers callbacks until `stop`; what is under way then is finished.
pub(crate) async fn deliver_until(app: App, stop: CancellationToken) {
    let mut attempts = JoinSet::new();
    while !stop.is_cancelled() {
        let now = app.clock.scheduling_now();
        let next = start_due(&app, now, &mut attempts).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "callbacks cannot be claimed; trying again");
            now.plus_ms(LOOK_AGAIN_MS)
        });
        tokio::select! {
            () = stop.cancelled() => {}
            () = app.callbacks_committed.notified() => {}
            () = app.clock.sleep_until(next) => {}
            // The end of an attempt frees a place, and may free the next callback of its session.
            Some(_) = attempts.join_next() => {}
        }
    }
    while attempts.join_next().await.is_some() {}
}

/// Starts what is due and has a place; says when to look again.
async fn start_due(app: &App, now: Timestamp, attempts: &mut JoinSet<()>) -> Result<Timestamp, StoreError> {
    while attempts.try_join_next().is_some() {}
    let look_again = now.plus_ms(LOOK_AGAIN_MS);
    let free = SIDE_BY_SIDE - attempts.len();
    if free == 0 {
        return Ok(look_again);
    }
    let limit = i64::try_from(free).unwrap_or(i64::MAX);
    let claim = Claim { now, lease_until: now.plus_ms(LEASE_MS), limit };
    for callback in app.store.claim_callbacks(claim).await? {
        let app = app.clone();
        attempts.spawn(async move { delivery::attempt(&app, &callback).await });
    }
    // What is due now, yet not claimed, waits for its predecessor, whose end wakes us.
    let next = app.store.next_callback_due_at().await?.filter(|due_at| *due_at > now);
    Ok(next.unwrap_or(look_again))
}
