//! Reports callbacks that are due.

use kassa_domain::{Endpoint, Timestamp};
use kassa_store::Notification;

use super::slots::Capacity;
use crate::parts::EngineParts;

/// Reports a callback that is due from an instant on and has no lease. If this node has no slot for it, the other nodes
/// are notified.
pub(crate) fn report_due(engine: &EngineParts, endpoint: Endpoint, due_at: Timestamp) {
    match engine.callbacks.report(&endpoint, due_at) {
        Capacity::Available => {}
        Capacity::Exhausted => engine.store.announce(Notification::Due { endpoint, due_at }),
    }
}
