//! Notifications between nodes: sends this node's commits to the others, and wakes this node's waiters after commits of
//! the others. Notifications only reduce latency.

use kassa_store::Notification;
use tokio_util::sync::CancellationToken;

use crate::parts::EngineParts;

/// Exchanges notifications until `stop`.
pub(crate) async fn exchange_until(engine: &EngineParts, stop: CancellationToken) {
    let on_notification = |notification| match notification {
        Notification::Changed { page_session_id, merchant_id } => {
            engine.news.wake(&page_session_id, &merchant_id);
        }
        Notification::PaymentSessionChanged(id) => engine.news.wake_pages(&id),
        Notification::Due { endpoint, due_at } => {
            engine.callbacks.report(&endpoint, due_at);
        }
        Notification::Missed => engine.news.wake_all(),
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = engine.store.exchange_notifications(on_notification) => {}
    }
}
