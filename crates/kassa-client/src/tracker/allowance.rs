//! How many reads an account may make now: a bucket that fills steadily.

use jiff::Timestamp;

use crate::clock::ms_between;

/// A thousandth of a read is the unit, so that slow rates fill too.
const WHOLE: i64 = 1000;

/// Reads that may be made. The vendor allows 50 a second on its playground and 200 live (spec 7).
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    per_second: i64,
    held: i64,
    filled_at: Option<Timestamp>,
}

impl Allowance {
    pub(super) const fn of(per_second: u32) -> Self {
        let per_second = per_second as i64;
        Self { per_second, held: per_second * WHOLE, filled_at: None }
    }

    /// So many whole reads may be made now.
    pub(super) fn now(&mut self, now: Timestamp) -> i64 {
        let passed_ms = self.filled_at.map_or(0, |at| ms_between(at, now).max(0));
        self.filled_at = Some(now);
        self.held = self.held.saturating_add(passed_ms.saturating_mul(self.per_second));
        self.held = self.held.min(self.per_second * WHOLE);
        self.held / WHOLE
    }

    /// Takes reads that are made.
    pub(super) const fn take(&mut self, reads: i64) {
        self.held -= reads * WHOLE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_s_worth_is_held_and_no_more() {
        let mut allowance = Allowance::of(10);
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        assert_eq!(allowance.now(at(0)), 10);
        allowance.take(10);
        assert_eq!(allowance.now(at(50)), 0);
        assert_eq!(allowance.now(at(100)), 1);
        assert_eq!(allowance.now(at(60_000)), 10);
    }
}
