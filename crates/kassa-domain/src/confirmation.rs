//! Confirmations: when Kassa reads a payment at its payment system, because a browser may never tell the outcome.

use crate::Timestamp;
use crate::time::{MINUTE_MS, SECOND_MS};

/// The wait before the first read after the consumer pressed Pay, in milliseconds.
pub const FIRST_READ_AFTER_MS: i64 = 4 * SECOND_MS;

/// The wait before the first read after the consumer opened the page, in milliseconds.
pub const FIRST_READ_AFTER_ENTRY_MS: i64 = 5 * MINUTE_MS;

/// The time for which Kassa looks for an authorization after a page session was cancelled or disabled, in milliseconds.
/// An authorization can be used for an hour, so it is found and released.
pub const READS_AFTER_END_MS: i64 = 70 * MINUTE_MS;

/// The waits before the second and later reads, in milliseconds.
const FIRST_WAITS_MS: [i64; 4] = [8 * SECOND_MS, 16 * SECOND_MS, 32 * SECOND_MS, MINUTE_MS];

/// Returns when the next read is due after `reads_made` reads, the last of which ended at `ended_at`. The reads become
/// rarer with the time since the consumer was last known to pay (`started_at`). An authorization can be used for an
/// hour, so even the rarest reads find each one.
#[must_use]
pub fn next_read_at(reads_made: i64, started_at: Timestamp, ended_at: Timestamp) -> Timestamp {
    let index = usize::try_from(reads_made - 1).unwrap_or(0);
    let wait_ms = FIRST_WAITS_MS.get(index).copied().unwrap_or_else(|| match ended_at.ms_since(started_at) {
        ..900_000 => MINUTE_MS,
        900_000..7_200_000 => 5 * MINUTE_MS,
        7_200_000.. => 20 * MINUTE_MS,
    });
    ended_at.plus_ms(wait_ms)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::time::HOUR_MS;

    #[test]
    fn reads_are_frequent_at_first_and_never_more_than_twenty_minutes_apart() {
        let started_at = Timestamp::from_ms(0);
        let mut read_at = started_at.plus_ms(FIRST_READ_AFTER_MS);
        let mut waits_s = Vec::new();
        for reads_made in 1.. {
            let next = next_read_at(reads_made, started_at, read_at);
            waits_s.push(next.ms_since(read_at) / SECOND_MS);
            read_at = next;
            if read_at.ms_since(started_at) > 4 * HOUR_MS {
                break;
            }
        }
        assert_eq!(waits_s[..6], [8, 16, 32, 60, 60, 60]);
        assert!(waits_s.is_sorted(), "{waits_s:?}");
        assert_eq!(waits_s.last(), Some(&1200));
        let in_the_first_hour = waits_s
            .iter()
            .scan(4, |at, wait| {
                *at += wait;
                Some(*at)
            })
            .filter(|at| *at <= 3600)
            .count();
        assert!(in_the_first_hour <= 30, "{in_the_first_hour}");
    }
}
