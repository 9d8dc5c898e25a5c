//! The body of a status callback (docs/wire.md#callback-request).

use serde::{Deserialize, Serialize};

use crate::hpp::SessionRead;

/// The body of a callback: the event's id, and the page session right after the event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StatusUpdate {
    /// The event's id, the same in every attempt. Receivers use it to skip duplicates.
    pub event_id: String,
    /// The page session, in the shape of the read endpoint.
    pub session: SessionRead,
}
