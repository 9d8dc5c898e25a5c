//! The state of a callback: the HTTP call that tells a merchant about an event.

use serde::{Deserialize, Serialize};

use crate::page_session::words;

words! {
    /// The state of a callback.
    CallbackState {
        /// An earlier callback of the session waits for its first attempt.
        Blocked = "BLOCKED"
        /// An attempt is due, now or later.
        Due = "DUE"
        /// The merchant answered with 2xx.
        Delivered = "DELIVERED"
        /// No further attempt follows, unless the merchant asks for one.
        GivenUp = "GIVEN_UP"
    }
}
