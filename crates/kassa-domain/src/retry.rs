//! When a callback is attempted again.

use alloc::vec;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::time::SECOND_MS;

/// How often, how patiently and how far apart a callback is attempted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetrySchedule {
    /// Milliseconds to wait after the first, second, ... attempt. One more attempt than waits is made.
    pub waits_ms: Vec<i64>,
    /// Milliseconds for one attempt: connect, send, and the head of the answer.
    pub timeout_ms: i64,
}

impl Default for RetrySchedule {
    /// The vendor's: four attempts, three seconds each, "a few seconds" apart (spec 3.2).
    fn default() -> Self {
        Self { waits_ms: vec![5 * SECOND_MS; 3], timeout_ms: 3 * SECOND_MS }
    }
}

impl RetrySchedule {
    /// When to attempt again after `attempts_made` failed attempts, the last of which ended at `ended_at`;
    /// `None` when the schedule is used up.
    #[must_use]
    pub fn next_attempt_at(&self, attempts_made: usize, ended_at: Timestamp) -> Option<Timestamp> {
        let wait_ms = self.waits_ms.get(attempts_made.checked_sub(1)?)?;
        Some(ended_at.plus_ms(*wait_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_makes_four_attempts_and_then_stops() {
        let schedule = RetrySchedule::default();
        let ended_at = Timestamp::from_ms(1_000);
        let waits: Vec<_> = (1..=4)
            .map(|made| schedule.next_attempt_at(made, ended_at).map(|at| at.ms_since(ended_at)))
            .collect();
        assert_eq!(waits, [Some(5_000), Some(5_000), Some(5_000), None]);
    }
}
