//! Computes when a callback is attempted again.

use alloc::vec;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::time::{HOUR_MS, MINUTE_MS, SECOND_MS};

/// The longest delay by a receiver's `Retry-After`.
pub const LONGEST_RETRY_AFTER_MS: i64 = HOUR_MS;

/// The longest timeout of one attempt. It bounds the lease of the attempt.
pub const LONGEST_TIMEOUT_MS: i64 = 10 * SECOND_MS;

/// The number of a callback's attempts, the waits between them, and their timeout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetrySchedule {
    /// Milliseconds to wait after the first, second, ... attempt. There is one more attempt than waits.
    pub waits_ms: Vec<i64>,
    /// Milliseconds for one attempt: connecting, sending, and receiving the head of the answer.
    pub timeout_ms: i64,
    /// The largest random addition to a wait, in percent of the wait. It spreads the retries of callbacks that
    /// failed at the same time.
    #[serde(default)]
    pub jitter_percent: i64,
}

impl Default for RetrySchedule {
    /// Returns the vendor's schedule: four attempts of three seconds each, "a few seconds" apart
    /// (docs/wire.md#callback-delivery).
    fn default() -> Self {
        Self { waits_ms: vec![5 * SECOND_MS; 3], timeout_ms: 3 * SECOND_MS, jitter_percent: 0 }
    }
}

impl RetrySchedule {
    /// Returns a schedule of ten attempts over three days, with growing waits.
    #[must_use]
    pub fn durable() -> Self {
        let waits_ms = vec![
            5 * SECOND_MS,
            MINUTE_MS,
            5 * MINUTE_MS,
            30 * MINUTE_MS,
            2 * HOUR_MS,
            6 * HOUR_MS,
            12 * HOUR_MS,
            24 * HOUR_MS,
            27 * HOUR_MS,
        ];
        Self { waits_ms, timeout_ms: 3 * SECOND_MS, jitter_percent: 10 }
    }

    /// Returns when to attempt again, or `None` after the last attempt.
    #[must_use]
    pub fn next_attempt_at(&self, failed: &FailedAttempt) -> Option<Timestamp> {
        let wait_ms = *self.waits_ms.get(failed.attempts_made.checked_sub(1)?)?;
        let longest_jitter_ms = wait_ms.saturating_mul(self.jitter_percent) / 100;
        let jitter_ms =
            i64::try_from((i128::from(longest_jitter_ms) * i128::from(failed.chance)) >> 32).unwrap_or(0);
        let asked_ms = failed.retry_after_ms.unwrap_or(0).min(LONGEST_RETRY_AFTER_MS);
        Some(failed.ended_at.plus_ms((wait_ms + jitter_ms).max(asked_ms)))
    }

    /// Returns the name of the first field with an invalid value, if there is one.
    #[must_use]
    pub fn problem(&self) -> Option<&'static str> {
        let is_wait = |wait_ms: &i64| (0..=7 * 24 * HOUR_MS).contains(wait_ms);
        if self.waits_ms.len() > 30 || !self.waits_ms.iter().all(is_wait) {
            return Some("waits_ms");
        }
        if !(100..=LONGEST_TIMEOUT_MS).contains(&self.timeout_ms) {
            return Some("timeout_ms");
        }
        (!(0..=100).contains(&self.jitter_percent)).then_some("jitter_percent")
    }
}

/// The facts about a failed attempt that decide when to attempt again.
#[derive(Clone, Copy, Debug)]
pub struct FailedAttempt {
    /// The number of attempts made, including this one.
    pub attempts_made: usize,
    /// When the attempt ended.
    pub ended_at: Timestamp,
    /// The receiver's `Retry-After`, in milliseconds.
    pub retry_after_ms: Option<i64>,
    /// A random number that chooses the jitter: 0 adds nothing, `u32::MAX` almost the largest addition.
    pub chance: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(schedule: &RetrySchedule, retry_after_ms: Option<i64>, chance: u32) -> Vec<Option<i64>> {
        let ended_at = Timestamp::from_ms(1_000);
        let wait = |attempts_made| {
            let failed = FailedAttempt { attempts_made, ended_at, retry_after_ms, chance };
            schedule.next_attempt_at(&failed).map(|at| at.ms_since(ended_at))
        };
        (1..=4).map(wait).collect()
    }

    #[test]
    fn the_default_schedule_makes_four_attempts() {
        let schedule = RetrySchedule::default();
        assert_eq!(waits(&schedule, None, u32::MAX), [Some(5_000), Some(5_000), Some(5_000), None]);
    }

    #[test]
    fn retry_after_lengthens_a_wait_up_to_its_bound() {
        let schedule = RetrySchedule::default();
        assert_eq!(waits(&schedule, Some(1_000), 0)[0], Some(5_000));
        assert_eq!(waits(&schedule, Some(60_000), 0)[0], Some(60_000));
        assert_eq!(waits(&schedule, Some(i64::MAX), 0)[0], Some(LONGEST_RETRY_AFTER_MS));
    }

    #[test]
    fn jitter_lengthens_a_wait_by_at_most_its_percentage() {
        let schedule = RetrySchedule { waits_ms: vec![10_000], timeout_ms: 3_000, jitter_percent: 10 };
        assert_eq!(waits(&schedule, None, 0)[0], Some(10_000));
        assert_eq!(waits(&schedule, None, 1 << 31)[0], Some(10_500));
        assert_eq!(waits(&schedule, None, u32::MAX)[0], Some(10_999));
    }

    #[test]
    fn the_durable_schedule_lasts_three_days() {
        let total_ms: i64 = RetrySchedule::durable().waits_ms.iter().sum();
        assert!((70 * HOUR_MS..=73 * HOUR_MS).contains(&total_ms));
        assert_eq!(RetrySchedule::durable().problem(), None);
    }

    #[test]
    fn an_invalid_schedule_names_its_invalid_field() {
        let with =
            |waits_ms, timeout_ms, jitter_percent| RetrySchedule { waits_ms, timeout_ms, jitter_percent };
        assert_eq!(with(vec![-1], 3_000, 0).problem(), Some("waits_ms"));
        assert_eq!(with(vec![], 0, 0).problem(), Some("timeout_ms"));
        assert_eq!(with(vec![], 3_000, 101).problem(), Some("jitter_percent"));
        assert_eq!(with(vec![], 3_000, 0).problem(), None, "one attempt");
    }
}
