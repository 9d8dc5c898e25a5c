//! Notifications between nodes: sends this node's commits to the others, and wakes this node's waiters after commits of
//! the others. Notifications only reduce latency.

use kassa_store::Notice;
use tokio_util::sync::CancellationToken;

use crate::parts::EngineParts;

/// Exchanges notifications until `stop`.
pub(crate) async fn exchange_until(engine: &EngineParts, stop: CancellationToken) {
    let hear = |notice| match notice {
        Notice::Changed { page_session_id, merchant_id } => engine.news.wake(&page_session_id, &merchant_id),
        Notice::Due { endpoint, due_at } => {
            engine.callbacks.report(&endpoint, due_at);
        }
        Notice::Missed => engine.news.wake_all(),
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = engine.store.exchange_notices(hear) => {}
    }
}
