//! What has outlived its use leaves: page sessions with their history, payment sessions, authorizations, messages, and
//! answers kept for idempotency keys. Orders and customer tokens stay.

use kassa_domain::Timestamp;
use kassa_domain::time::{HOUR_MS, MINUTE_MS};
use kassa_store::StoreError;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::ids::first_uuid_of;

/// How often it is looked for.
const LOOK_AGAIN_MS: i64 = HOUR_MS;

/// Removes what expired longer ago than the retention time, until `stop`. Every node does: whoever comes first.
pub async fn expire_until(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let begun = app.clock.system_now();
        let next = match remove_some(&app, begun).await {
            // A pause as long as the work leaves the store to the others for half of the time.
            Ok(true) => begun.plus_ms(2 * app.clock.system_now().ms_since(begun)),
            Ok(false) => begun.plus_ms(LOOK_AGAIN_MS),
            Err(error) => {
                tracing::warn!(%error, "what has outlived its use stays for now");
                begun.plus_ms(MINUTE_MS)
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = app.clock.sleep_until(next) => {}
        }
    }
}

/// Removes a batch; says whether there is more.
async fn remove_some(app: &App, now: Timestamp) -> Result<bool, StoreError> {
    let before = now.plus_ms(-app.configuration.retention_ms);
    let left = app.store.remove_outlived(&first_uuid_of(before), before).await?;
    app.metrics.sessions_left(left.page_sessions);
    Ok(left.goes_on)
}
