//! The schedule of reads: a pure function of the time since the last change and of the channel that brings changes.
//!
//! `n` reads cost `n` calls, and a pause of `p` delays a change by `p / 2` on average. The sum is smallest if the pause
//! is proportional to one over the square root of the probability of a change. A consumer on the page mostly decides
//! within minutes, and a consumer who left rarely returns. So pauses are short after a change, and then grow with the
//! time without one, up to a limit. If callbacks arrive, reads only find the changes of lost callbacks. If the feed
//! delivers changes, reads only find changes from before the registration.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::clock::{ms_between, plus_ms};

/// The pauses between reads. A change is observed within one pause and one read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReadIntervals {
    /// The shortest pause, just after a change.
    pub shortest_ms: i64,
    /// The longest pause while the next change is expected.
    pub expecting_ms: i64,
    /// How long after a change the next one is expected.
    pub expecting_for_ms: i64,
    /// The shortest pause of a session whose callbacks arrive.
    pub guarding_ms: i64,
    /// The longest pause. If only a read observes a completed payment, the tracker may learn of it this late, and the
    /// token of the payment is valid for 60 minutes.
    pub longest_ms: i64,
}

impl Default for ReadIntervals {
    fn default() -> Self {
        Self {
            shortest_ms: 5_000,
            expecting_ms: 15_000,
            expecting_for_ms: 15 * 60_000,
            guarding_ms: 60_000,
            longest_ms: 15 * 60_000,
        }
    }
}

/// The channel that should bring the next change of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// A read, because no callback has come.
    Reads,
    /// A callback, as for the last change.
    Callbacks,
    /// The feed, which delivers changes at present.
    Feed,
}

/// The input of the schedule for one session.
#[derive(Clone, Copy, Debug)]
pub struct ScheduleInput {
    /// The time of the last observed change, or of the registration.
    pub since: Timestamp,
    /// The channel that should bring the next change.
    pub channel: Channel,
    /// The number of consecutive failed reads.
    pub failures: u32,
    /// The session's end, if known.
    pub expires_at: Option<Timestamp>,
}

/// The pause while the feed delivers changes, in milliseconds.
const FEED_PAUSE_MS: i64 = 6 * 3_600_000;

/// The last read happens this long before the session's end, in milliseconds.
const LAST_READ_BEFORE_END_MS: i64 = 10_000;

/// One more read happens this long after the end, in milliseconds, to see the 404 or a change of the last seconds.
const READ_AFTER_END_MS: i64 = 2_000;

/// The pause before the next read, in milliseconds, without jitter. It ignores the session's end.
#[must_use]
pub fn pause_ms(pace: &ReadIntervals, quiet: &ScheduleInput, now: Timestamp) -> i64 {
    let longest_ms = pace.longest_ms.max(pace.shortest_ms);
    if quiet.failures > 0 {
        let doubled = pace.shortest_ms << quiet.failures.min(20);
        return doubled.clamp(pace.shortest_ms, longest_ms);
    }
    let quiet_ms = ms_between(quiet.since, now).max(0);
    match quiet.channel {
        Channel::Reads => {
            let is_expected = quiet_ms < pace.expecting_for_ms;
            let most = if is_expected { pace.expecting_ms.min(longest_ms) } else { longest_ms };
            (quiet_ms / 10).clamp(pace.shortest_ms, most.max(pace.shortest_ms))
        }
        Channel::Callbacks => (quiet_ms / 4).clamp(pace.guarding_ms, longest_ms.max(pace.guarding_ms)),
        Channel::Feed => FEED_PAUSE_MS,
    }
}

/// When the session is read next. `chance` (0 to 999) shortens the pause by up to a fifth, so that sessions that were
/// registered together are not read together. Jitter never makes the pause longer.
#[must_use]
pub fn next_read_at(pace: &ReadIntervals, quiet: &ScheduleInput, now: Timestamp, chance: i64) -> Timestamp {
    let pause = pause_ms(pace, quiet, now);
    let planned = plus_ms(now, pause - pause / 5 * chance / 1000);
    let Some(end) = quiet.expires_at else { return planned };
    let last = plus_ms(end, -LAST_READ_BEFORE_END_MS);
    let after = plus_ms(end, READ_AFTER_END_MS);
    if now < last {
        planned.min(last)
    } else if now < after {
        planned.min(after)
    } else {
        planned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i64 = 1000;
    const MIN: i64 = 60 * S;
    const H: i64 = 60 * MIN;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    fn check(quiet_ms: i64, channel: Channel, failures: u32, expected_ms: i64) {
        let quiet = ScheduleInput { since: at(0), channel, failures, expires_at: None };
        let pause = pause_ms(&ReadIntervals::default(), &quiet, at(quiet_ms));
        assert_eq!(pause, expected_ms, "{quiet_ms} ms of quiet, {channel:?}, {failures} failures");
    }

    #[test]
    fn the_pause_is_short_after_a_change_and_then_grows() {
        use Channel::{Callbacks, Feed, Reads};
        check(0, Reads, 0, 5 * S);
        check(30 * S, Reads, 0, 5 * S);
        check(2 * MIN, Reads, 0, 12 * S);
        check(14 * MIN, Reads, 0, 15 * S);
        check(15 * MIN, Reads, 0, 90 * S);
        check(40 * H, Reads, 0, 15 * MIN);
        check(0, Callbacks, 0, MIN);
        check(8 * MIN, Callbacks, 0, 2 * MIN);
        check(40 * H, Callbacks, 0, 15 * MIN);
        check(0, Feed, 0, 6 * H);
        check(-5, Reads, 0, 5 * S);
    }

    #[test]
    fn failures_double_the_pause() {
        for (failures, pause) in [(1, 10 * S), (2, 20 * S), (5, 160 * S), (60, 15 * MIN)] {
            check(0, Channel::Reads, failures, pause);
        }
    }

    fn check_end(now_ms: i64, expected_ms: i64) {
        let quiet = ScheduleInput {
            since: at(0),
            channel: Channel::Reads,
            failures: 0,
            expires_at: Some(at(47 * H)),
        };
        assert_eq!(
            next_read_at(&ReadIntervals::default(), &quiet, at(now_ms), 0),
            at(expected_ms),
            "{now_ms}"
        );
    }

    #[test]
    fn one_read_happens_just_before_the_end_and_one_just_after() {
        check_end(46 * H, 46 * H + 15 * MIN);
        check_end(47 * H - MIN, 47 * H - 10 * S);
        check_end(47 * H - 10 * S, 47 * H + 2 * S);
        check_end(47 * H + 2 * S, 47 * H + 2 * S + 15 * MIN);
    }

    #[test]
    fn jitter_shortens_the_pause_by_a_fifth_at_most() {
        let quiet = ScheduleInput { since: at(0), channel: Channel::Reads, failures: 0, expires_at: None };
        let next =
            |chance| next_read_at(&ReadIntervals::default(), &quiet, at(H), chance).as_millisecond() - H;
        assert_eq!(next(0), 6 * MIN);
        assert!(next(999) > 6 * MIN * 4 / 5 - S && next(999) < 6 * MIN * 4 / 5 + S);
    }
}
