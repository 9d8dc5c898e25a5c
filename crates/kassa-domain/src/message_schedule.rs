//! When Kassa tries again to send a message to a consumer.

use crate::Timestamp;
use crate::time::{DAY_MS, MINUTE_MS, SECOND_MS};

/// The time for which Kassa tries to send a message, in milliseconds.
const TRIES_FOR_MS: i64 = DAY_MS;

/// The waits after the first and later attempts, in milliseconds. The last one is repeated. A server that uses
/// greylisting refuses a first attempt, and accepts one a few minutes later.
const WAITS_MS: [i64; 5] = [15 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 30 * MINUTE_MS];

/// Maximum number of attempts with an unknown outcome. Each of them may have reached the consumer.
const MOST_UNANSWERED: i64 = 3;

/// The attempts to send a message so far.
#[derive(Clone, Copy, Debug)]
pub struct MessageAttempts {
    /// Their number.
    pub ended: i64,
    /// The number of those with an unknown outcome.
    pub unanswered: i64,
}

/// Returns when the next attempt is due after these, the last of which ended at `ended_at`. `None` if the message was
/// accepted too long ago, at `accepted_at`, or if too many outcomes are unknown.
#[must_use]
pub fn next_message_attempt_at(
    attempts: MessageAttempts,
    accepted_at: Timestamp,
    ended_at: Timestamp,
) -> Option<Timestamp> {
    let MessageAttempts { ended: attempts, unanswered } = attempts;
    if unanswered >= MOST_UNANSWERED {
        return None;
    }
    let index = usize::try_from(attempts - 1).unwrap_or(0).min(WAITS_MS.len() - 1);
    let next = ended_at.plus_ms(WAITS_MS[index]);
    (next.ms_since(accepted_at) < TRIES_FOR_MS).then_some(next)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn waits_grow_to_half_an_hour_and_end_after_a_day() {
        let accepted_at = Timestamp::from_ms(0);
        let (mut at, mut waits_s) = (accepted_at, Vec::new());
        for ended in 1.. {
            let attempts = MessageAttempts { ended, unanswered: 0 };
            let Some(next) = next_message_attempt_at(attempts, accepted_at, at) else { break };
            waits_s.push(next.ms_since(at) / SECOND_MS);
            at = next;
        }
        assert_eq!(waits_s[..6], [15, 60, 300, 900, 1800, 1800]);
        assert!(waits_s.is_sorted() && waits_s.len() < 60, "{waits_s:?}");
        assert!(at.ms_since(accepted_at) > DAY_MS - 31 * MINUTE_MS);
    }

    #[test]
    fn a_consumer_gets_at_most_three_copies() {
        let now = Timestamp::from_ms(0);
        let next = |unanswered| next_message_attempt_at(MessageAttempts { ended: 4, unanswered }, now, now);
        assert!(next(2).is_some() && next(3).is_none());
    }
}
