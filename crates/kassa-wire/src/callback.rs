//! The body of a status callback (docs/wire.md#callback-request).

use serde::{Deserialize, Serialize};

use crate::id;
use crate::snapshot::SessionSnapshot;

/// The body of a callback: the event's id, and the page session right after the event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatusUpdate {
    /// The event's id, the same in every attempt. Receivers use it to skip duplicates.
    #[serde(deserialize_with = "id::deserialize")]
    pub event_id: String,
    /// The page session, in the shape of the read endpoint.
    pub session: SessionSnapshot,
}
