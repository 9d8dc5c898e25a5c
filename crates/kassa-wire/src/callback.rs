//! The body of a status callback (spec 3.1).

use serde::{Deserialize, Serialize};

use crate::hpp::SessionRead;

/// What a callback sends: the event's id, and the session as it was read at that instant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StatusUpdate {
    /// The same in every attempt, for de-duplication.
    pub event_id: String,
    /// The snapshot, in the shape of the read endpoint.
    pub session: SessionRead,
}
