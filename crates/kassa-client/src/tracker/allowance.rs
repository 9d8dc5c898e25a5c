//! The rate limit of an account's reads: a token bucket.

use jiff::Timestamp;

use crate::clock::ms_between;

/// The bucket counts thousandths of a read, so that it also fills at low rates.
const ONE_READ: i64 = 1000;

/// The reads that may be made now. The vendor allows 50 per second on its playground and 200 live
/// (docs/wire.md#rate-limits).
#[derive(Clone, Copy, Debug)]
pub(super) struct ReadBudget {
    per_second: i64,
    available: i64,
    filled_at: Option<Timestamp>,
}

impl ReadBudget {
    pub(super) const fn of(per_second: u32) -> Self {
        let per_second = per_second as i64;
        Self { per_second, available: per_second * ONE_READ, filled_at: None }
    }

    /// The number of whole reads that may be made now.
    pub(super) fn now(&mut self, now: Timestamp) -> i64 {
        let passed_ms = self.filled_at.map_or(0, |at| ms_between(at, now).max(0));
        self.filled_at = Some(now);
        self.available = self.available.saturating_add(passed_ms.saturating_mul(self.per_second));
        self.available = self.available.min(self.per_second * ONE_READ);
        self.available / ONE_READ
    }

    /// Subtracts reads that are made.
    pub(super) const fn spend(&mut self, reads: i64) {
        self.available -= reads * ONE_READ;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allowance_grows_to_the_reads_of_one_second() {
        let mut allowance = ReadBudget::of(10);
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        assert_eq!(allowance.now(at(0)), 10);
        allowance.spend(10);
        assert_eq!(allowance.now(at(50)), 0);
        assert_eq!(allowance.now(at(100)), 1);
        assert_eq!(allowance.now(at(60_000)), 10);
    }
}
