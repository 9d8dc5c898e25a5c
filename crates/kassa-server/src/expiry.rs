//! What has outlived its use leaves: page sessions with their history, payment sessions, authorizations, messages, and
//! answers kept for idempotency keys. Orders and customer tokens stay.

use kassa_domain::Timestamp;
use kassa_domain::time::HOUR_MS;
use kassa_store::{Outlived, StoreError};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::ids::first_uuid_of;

/// How often it is looked for.
const LOOK_AGAIN_MS: i64 = HOUR_MS;

/// Removes what expired longer ago than the retention time, until `stop`. Every node does: whoever comes first.
pub async fn expire_until(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let begun = app.clock.monotonic_now();
        let expire = async {
            for what in Outlived::ALL {
                if let Err(error) = expire(&app, what, app.clock.system_now()).await {
                    tracing::warn!(%error, ?what, "what has outlived its use stays for now");
                }
            }
            app.clock.sleep_until(begun.plus_ms(LOOK_AGAIN_MS)).await;
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = expire => {}
        }
    }
}

/// Walks from the oldest on, with pauses as long as the work, which leave the store to the others for half of the time.
/// A merchant that lives in a time of its own keeps what it has: by its clock it may be young.
async fn expire(app: &App, what: Outlived, now: Timestamp) -> Result<(), StoreError> {
    let before = now.plus_ms(-app.configuration.retention_ms);
    let first_kept_id = first_uuid_of(before);
    let mut place = String::new();
    loop {
        let begun = app.clock.monotonic_now();
        let passed = app.store.pass_by(what, &place, &first_kept_id, before).await?;
        let Some(last) = passed.last() else { return Ok(()) };
        place.clone_from(&last.place);
        let leaves = passed.iter().filter(|row| row.is_over && !app.clock.is_own(&row.merchant_id));
        let leaving: Vec<_> = leaves.collect();
        app.store.remove(what, &leaving).await?;
        if what == Outlived::PageSessions {
            app.metrics.sessions_left(leaving.len());
        }
        let ended = app.clock.monotonic_now();
        app.clock.sleep_until(ended.plus_ms(ended.ms_since(begun))).await;
    }
}
