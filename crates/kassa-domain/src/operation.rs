//! Payment operations: recorded requests to a payment system that move money. Kassa repeats each one, with the same key
//! and bytes, until its outcome is known.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::page_session::words;
use crate::time::{MINUTE_MS, SECOND_MS};

words! {
    /// The request of a payment operation.
    OperationKind {
        /// Places the order of an authorization, and captures it if the page session asks for that.
        PlaceOrder = "PLACE_ORDER"
        /// Releases an authorization that will have no order.
        Release = "RELEASE"
    }
}

words! {
    /// The state of a payment operation.
    OperationState {
        /// An attempt is due, now or later.
        Due = "DUE"
        /// The outcome is known.
        Done = "DONE"
        /// The outcome is unknown, and Kassa no longer asks for it. An operator settles the operation.
        Stuck = "STUCK"
    }
}

/// The waits before the second and later attempts, in milliseconds. The last one is repeated.
const WAITS_MS: [i64; 6] =
    [SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS, 15 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS];

/// Returns when the next attempt of an operation is due after `attempts_made` attempts, the last of which ended at
/// `ended_at`. Returns `None` if that would be at or after `gives_up_at`.
#[must_use]
pub fn next_attempt_at(attempts_made: i64, ended_at: Timestamp, gives_up_at: Timestamp) -> Option<Timestamp> {
    let index = usize::try_from(attempts_made - 1).unwrap_or(0).min(WAITS_MS.len() - 1);
    let next = ended_at.plus_ms(WAITS_MS[index]);
    (next < gives_up_at).then_some(next)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::payment_session::AUTHORIZATION_LIFETIME_MS;

    #[test]
    fn the_waits_grow_to_five_minutes_and_end_with_the_token() {
        let recorded_at = Timestamp::from_ms(0);
        let gives_up_at = recorded_at.plus_ms(AUTHORIZATION_LIFETIME_MS);
        let mut attempted_at = recorded_at;
        let mut waits_s = Vec::new();
        for attempts_made in 1.. {
            let Some(next) = next_attempt_at(attempts_made, attempted_at, gives_up_at) else { break };
            waits_s.push(next.ms_since(attempted_at) / SECOND_MS);
            attempted_at = next;
        }
        assert_eq!(waits_s[..7], [1, 2, 5, 15, 60, 300, 300]);
        assert_eq!(waits_s.len(), 16, "1 h of attempts");
        assert!(attempted_at < gives_up_at);
    }
}
