//! When Kassa reads the short reference of an order again, if the payment system did not tell it with the order.

use crate::Timestamp;
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};

/// The wait before the first read after the page session was completed, in milliseconds.
pub const FIRST_REFERENCE_READ_AFTER_MS: i64 = SECOND_MS;

/// The time for which Kassa tries to read a reference, in milliseconds. A page session without it is complete, too.
const READS_FOR_MS: i64 = 3 * DAY_MS;

/// The waits before the second and later reads in the first hour, in milliseconds. The last one is repeated.
const WAITS_MS: [i64; 5] = [2 * SECOND_MS, 5 * SECOND_MS, 15 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS];

/// Returns when the next read of a reference is due after `reads_made` reads, the last of which ended at `ended_at`.
/// `None` if the page session was completed too long ago, at `completed_at`.
#[must_use]
pub fn next_reference_read_at(
    reads_made: i64,
    completed_at: Timestamp,
    ended_at: Timestamp,
) -> Option<Timestamp> {
    let index = usize::try_from(reads_made - 1).unwrap_or(0).min(WAITS_MS.len() - 1);
    let is_early = ended_at.ms_since(completed_at) < HOUR_MS;
    let next = ended_at.plus_ms(if is_early { WAITS_MS[index] } else { HOUR_MS });
    (next.ms_since(completed_at) < READS_FOR_MS).then_some(next)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn reads_are_frequent_for_an_hour_and_end_after_three_days() {
        let completed_at = Timestamp::from_ms(0);
        let mut read_at = completed_at.plus_ms(FIRST_REFERENCE_READ_AFTER_MS);
        let mut waits_s = Vec::new();
        for reads_made in 1.. {
            let Some(next) = next_reference_read_at(reads_made, completed_at, read_at) else { break };
            waits_s.push(next.ms_since(read_at) / SECOND_MS);
            read_at = next;
        }
        assert_eq!(waits_s[..6], [2, 5, 15, 60, 300, 300]);
        assert!(waits_s.is_sorted(), "{waits_s:?}");
        assert_eq!(waits_s.last(), Some(&3600));
        assert_eq!(read_at.ms_since(completed_at) / HOUR_MS, 71);
        assert!(waits_s.len() < 100, "{} reads", waits_s.len());
    }
}
