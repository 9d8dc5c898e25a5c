//! When a session is read next: a pure function of how quiet it has been.
//!
//! A change is most likely soon after the last one, so the pause grows with the quiet: a change after `q` of
//! quiet is seen within a tenth of `q`, never sooner than [`Pace::shortest_ms`] demands and never later than
//! [`Pace::longest_ms`]. Where callbacks arrive, reads only guard against the one that is lost.

use jiff::Timestamp;

use crate::clock::{ms_between, plus_ms};

/// How eagerly sessions are read. The bound of the promise: a change is seen within its pause and one read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The pause just after an expected step, in milliseconds.
    pub shortest_ms: i64,
    /// The pause of a session whose callbacks arrive, at least, in milliseconds.
    pub guarding_ms: i64,
    /// The pause of the quietest session, in milliseconds.
    pub longest_ms: i64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { shortest_ms: 5_000, guarding_ms: 60_000, longest_ms: 600_000 }
    }
}

/// Whether the session's last change was told by its callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callbacks {
    /// It was.
    Arriving,
    /// It was not, or there was none yet.
    Silent,
}

/// What the schedule is made from.
#[derive(Clone, Copy, Debug)]
pub struct Quiet {
    /// When something last happened: a change was heard, or the session was registered.
    pub since: Timestamp,
    /// How that was heard.
    pub callbacks: Callbacks,
    /// Reads that failed one after the other.
    pub failures: u32,
    /// When the session ends, where that is known.
    pub expires_at: Option<Timestamp>,
}

/// A last read so long before the end, in milliseconds.
const LAST_READ_BEFORE_END_MS: i64 = 10_000;

/// One more read so long after the end, in milliseconds: to see the 404, or the change of the last seconds.
const READ_AFTER_END_MS: i64 = 2_000;

/// The pause before the next read, in milliseconds, without jitter and without regard to the end.
#[must_use]
pub fn pause_ms(pace: &Pace, quiet: &Quiet, now: Timestamp) -> i64 {
    if quiet.failures > 0 {
        let doubled = pace.shortest_ms << quiet.failures.min(20);
        return doubled.clamp(pace.shortest_ms, pace.longest_ms);
    }
    let quiet_ms = ms_between(quiet.since, now).max(0);
    let (share, least) = match quiet.callbacks {
        Callbacks::Silent => (10, pace.shortest_ms),
        Callbacks::Arriving => (4, pace.guarding_ms),
    };
    (quiet_ms / share).clamp(least, pace.longest_ms.max(least))
}

/// When the session is read next. `chance` is from 0 to below 1000 and takes up to a fifth off the pause, so that
/// sessions that were registered together are not read together, and the bound holds all the same.
#[must_use]
pub fn next_read_at(pace: &Pace, quiet: &Quiet, now: Timestamp, chance: i64) -> Timestamp {
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

    fn check(quiet_ms: i64, callbacks: Callbacks, failures: u32, expected_ms: i64) {
        let quiet = Quiet { since: at(0), callbacks, failures, expires_at: None };
        let pause = pause_ms(&Pace::default(), &quiet, at(quiet_ms));
        assert_eq!(pause, expected_ms, "{quiet_ms} ms of quiet, {callbacks:?}, {failures} failures");
    }

    #[test]
    fn the_pause_grows_with_the_quiet() {
        use Callbacks::{Arriving, Silent};
        check(0, Silent, 0, 5 * S);
        check(30 * S, Silent, 0, 5 * S);
        check(2 * MIN, Silent, 0, 12 * S);
        check(30 * MIN, Silent, 0, 3 * MIN);
        check(40 * H, Silent, 0, 10 * MIN);
        check(0, Arriving, 0, MIN);
        check(8 * MIN, Arriving, 0, 2 * MIN);
        check(40 * H, Arriving, 0, 10 * MIN);
        check(-5, Silent, 0, 5 * S);
    }

    #[test]
    fn failures_double_the_pause() {
        for (failures, pause) in [(1, 10 * S), (2, 20 * S), (5, 160 * S), (60, 10 * MIN)] {
            check(0, Callbacks::Silent, failures, pause);
        }
    }

    fn check_end(now_ms: i64, expected_ms: i64) {
        let quiet =
            Quiet { since: at(0), callbacks: Callbacks::Silent, failures: 0, expires_at: Some(at(47 * H)) };
        assert_eq!(next_read_at(&Pace::default(), &quiet, at(now_ms), 0), at(expected_ms), "{now_ms}");
    }

    #[test]
    fn one_read_falls_just_before_the_end_and_one_just_after() {
        check_end(46 * H, 46 * H + 10 * MIN);
        check_end(47 * H - MIN, 47 * H - 10 * S);
        check_end(47 * H - 10 * S, 47 * H + 2 * S);
        check_end(47 * H + 2 * S, 47 * H + 2 * S + 10 * MIN);
    }

    #[test]
    fn jitter_only_shortens_and_by_a_fifth_at_most() {
        let quiet = Quiet { since: at(0), callbacks: Callbacks::Silent, failures: 0, expires_at: None };
        let next = |chance| next_read_at(&Pace::default(), &quiet, at(H), chance).as_millisecond() - H;
        assert_eq!(next(0), 6 * MIN);
        assert!(next(999) > 6 * MIN * 4 / 5 - S && next(999) < 6 * MIN * 4 / 5 + S);
    }
}
