//! The callers that logged in within the last hour, in a table of fixed size that is read without a lock.

use std::sync::atomic::{AtomicU64, Ordering};

use kassa_domain::time::{HOUR_MS, MINUTE_MS};

use crate::clock::Monotonic;

/// Places in the table. If two callers share a place, each login replaces the other caller.
const PLACES: usize = 16_384;

/// How long a caller is known, in minutes.
const KNOWN_FOR_MINUTES: u32 = minutes(HOUR_MS);

/// One half of a caller's hash selects its place. The place has the other half and the minute of the last login,
/// counted from 1. A free place is 0.
pub(crate) struct KnownCallers(Box<[AtomicU64]>);

impl Default for KnownCallers {
    fn default() -> Self {
        Self((0..PLACES).map(|_| AtomicU64::new(0)).collect())
    }
}

impl KnownCallers {
    /// Whether the caller logged in within the last hour.
    pub(crate) fn is_known(&self, caller: u64, now: Monotonic) -> bool {
        let kept = self.place(caller).load(Ordering::Relaxed);
        let (half, minute) = (kept >> 32, low_half(kept));
        half == caller >> 32 && minute != 0 && minute_of(now).saturating_sub(minute) < KNOWN_FOR_MINUTES
    }

    /// Notes a login of the caller. Writes at most once a minute.
    pub(crate) fn note(&self, caller: u64, now: Monotonic) {
        let entry = caller >> 32 << 32 | u64::from(minute_of(now));
        let place = self.place(caller);
        if place.load(Ordering::Relaxed) != entry {
            place.store(entry, Ordering::Relaxed);
        }
    }

    fn place(&self, caller: u64) -> &AtomicU64 {
        &self.0[low_half(caller) as usize % PLACES]
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the upper half is cut off on purpose")]
const fn low_half(number: u64) -> u32 {
    number as u32
}

/// The minute of a moment, counted from 1.
fn minute_of(now: Monotonic) -> u32 {
    minutes(now.as_ms()).saturating_add(1)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "8,000 years fit")]
const fn minutes(ms: i64) -> u32 {
    (ms / MINUTE_MS) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_known_for_an_hour_after_its_last_login() {
        let callers = KnownCallers::default();
        let at = |minute: i64| Monotonic::from_ms(minute * MINUTE_MS);
        let caller = 7 << 32 | 3;
        assert!(!callers.is_known(caller, at(0)));
        callers.note(caller, at(0));
        assert!(callers.is_known(caller, at(59)) && !callers.is_known(caller, at(60)));
        callers.note(caller, at(59));
        assert!(callers.is_known(caller, at(100)));
        let in_the_same_place = 8 << 32 | 3;
        assert!(!callers.is_known(in_the_same_place, at(100)));
        callers.note(in_the_same_place, at(100));
        assert!(!callers.is_known(caller, at(100)), "it was pushed out");
    }
}
