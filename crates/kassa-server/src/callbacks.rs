//! Callbacks on their way: claimed from the store, attempted side by side, settled with what came of it.

mod delivery;

use std::time::Duration;

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
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Delivers callbacks until `stop`; what is under way then is finished.
pub(crate) async fn deliver_until(app: App, stop: CancellationToken) {
    let mut attempts = JoinSet::new();
    while !stop.is_cancelled() {
        let wait = match start_due(&app, &mut attempts).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::warn!(%error, "callbacks cannot be claimed; trying again");
                LOOK_AGAIN
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = app.callbacks_committed.notified() => {}
            () = app.clock.sleep(wait) => {}
            // The end of an attempt frees a place, and may free the next callback of its session.
            Some(_) = attempts.join_next() => {}
        }
    }
    while attempts.join_next().await.is_some() {}
}

/// Starts what is due and has a place; says how long nothing else falls due.
async fn start_due(app: &App, attempts: &mut JoinSet<()>) -> Result<Duration, StoreError> {
    while attempts.try_join_next().is_some() {}
    let free = SIDE_BY_SIDE - attempts.len();
    if free == 0 {
        return Ok(LOOK_AGAIN);
    }
    let now = app.clock.scheduling_now();
    let limit = i64::try_from(free).unwrap_or(i64::MAX);
    let claim = Claim { now, lease_until: now.plus_ms(LEASE_MS), limit };
    let claimed = app.store.claim_callbacks(claim).await?;
    for callback in claimed {
        let app = app.clone();
        attempts.spawn(async move { delivery::attempt(&app, &callback).await });
    }
    let next = app.store.next_callback_due_at().await?;
    Ok(match next.map(|due_at| due_at.ms_since(now)) {
        Some(ms) if ms > 0 => Duration::from_millis(ms.unsigned_abs()),
        // Due now, yet not claimed: it waits for its predecessor, whose end wakes us.
        Some(_) | None => LOOK_AGAIN,
    })
}
