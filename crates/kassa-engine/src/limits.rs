//! Limits on how often something may happen. Each node counts in memory, by its own steady clock, also for a merchant
//! whose clock the lab moves.
//!
//! Each key may do a number of things at once, then one after each pause. Memory is bounded for any number of keys.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};

use parking_lot::{Mutex, MutexGuard};

use crate::clock::Monotonic;

/// Keys in each of two generations. When one is full it becomes the older one, and the older one is forgotten.
const LARGEST_GENERATION: usize = 10_000;

/// The allowance of one key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LimitRule {
    /// The number that is allowed at once.
    pub(crate) burst: u32,
    /// The time after which one more is allowed, in milliseconds.
    pub(crate) one_per_ms: i64,
    /// The pause when all are used up. Each further pause is twice as long.
    pub(crate) first_pause_ms: i64,
    /// The longest pause.
    pub(crate) longest_pause_ms: i64,
}

impl LimitRule {
    /// Allows `burst` at once, and one more after each `one_per_ms` milliseconds.
    pub(crate) const fn steady(burst: u32, one_per_ms: i64) -> Self {
        Self { burst, one_per_ms, first_pause_ms: one_per_ms, longest_pause_ms: one_per_ms }
    }
}

/// Nothing more is allowed for this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitPause {
    /// The length of the pause in milliseconds.
    pub for_ms: i64,
}

/// Something that a limit counts, hashed with a secret, so that nobody can choose keys that collide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key(pub(crate) u64);

/// Applies a rule to each key.
pub(crate) struct Limiter {
    rule: LimitRule,
    hasher: RandomState,
    buckets: Mutex<Buckets>,
}

#[derive(Default)]
struct Buckets {
    young: HashMap<Key, Bucket>,
    old: HashMap<Key, Bucket>,
}

/// The used part of a key's allowance.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    used: u32,
    /// The moment up to which the allowance that returned with time was added.
    given_back_at: Monotonic,
    next_pause_ms: i64,
    paused_until: Monotonic,
}

impl Limiter {
    pub(crate) fn new(rule: LimitRule) -> Self {
        Self { rule, hasher: RandomState::new(), buckets: Mutex::default() }
    }

    pub(crate) fn key(&self, of: &impl Hash) -> Key {
        Key(self.hasher.hash_one(of))
    }

    /// Whether one more is allowed. Counts nothing.
    pub(crate) fn check(&self, key: Key, now: Monotonic) -> Result<(), LimitPause> {
        let buckets = self.buckets();
        let bucket = buckets.young.get(&key).or_else(|| buckets.old.get(&key));
        bucket.map_or(Ok(()), |bucket| bucket.check(now))
    }

    /// Counts one.
    pub(crate) fn count(&self, key: Key, now: Monotonic) {
        self.buckets().bucket(key, self.rule, now).count(self.rule, now);
    }

    /// Counts one if it is allowed.
    pub(crate) fn take(&self, key: Key, now: Monotonic) -> Result<(), LimitPause> {
        let mut buckets = self.buckets();
        let bucket = buckets.bucket(key, self.rule, now);
        bucket.check(now)?;
        bucket.count(self.rule, now);
        Ok(())
    }

    fn buckets(&self) -> MutexGuard<'_, Buckets> {
        self.buckets.lock()
    }
}

impl Buckets {
    /// The bucket of a key, in the young generation.
    fn bucket(&mut self, key: Key, rule: LimitRule, now: Monotonic) -> &mut Bucket {
        let known = self.old.remove(&key);
        if !self.young.contains_key(&key) && self.young.len() >= LARGEST_GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.entry(key).or_insert_with(|| known.unwrap_or_else(|| Bucket::unused(rule, now)))
    }
}

impl Bucket {
    fn unused(rule: LimitRule, now: Monotonic) -> Self {
        Self { used: 0, given_back_at: now, next_pause_ms: rule.first_pause_ms, paused_until: now }
    }

    fn check(&self, now: Monotonic) -> Result<(), LimitPause> {
        let for_ms = self.paused_until.ms_since(now);
        if for_ms > 0 { Err(LimitPause { for_ms }) } else { Ok(()) }
    }

    fn count(&mut self, rule: LimitRule, now: Monotonic) {
        let count = now.ms_since(self.given_back_at) / rule.one_per_ms;
        self.given_back_at = self.given_back_at.plus_ms(count * rule.one_per_ms);
        self.used = self.used.saturating_sub(u32::try_from(count).unwrap_or(u32::MAX));
        if self.used == 0 {
            *self = Self::unused(rule, now);
        }
        self.used = (self.used + 1).min(rule.burst);
        if self.used == rule.burst {
            self.paused_until = now.plus_ms(self.next_pause_ms);
            self.next_pause_ms = (self.next_pause_ms * 2).min(rule.longest_pause_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROWING: LimitRule =
        LimitRule { burst: 3, one_per_ms: 10_000, first_pause_ms: 2_000, longest_pause_ms: 7_000 };

    fn at(ms: i64) -> Monotonic {
        Monotonic::from_ms(ms)
    }

    /// Takes one at each of these moments. Returns the pause after each, or 0 if it was allowed.
    fn takes<const N: usize>(rule: LimitRule, moments: [i64; N]) -> [i64; N] {
        let limiter = Limiter::new(rule);
        let key = limiter.key(&"key");
        moments.map(|ms| limiter.take(key, at(ms)).err().map_or(0, |paused| paused.for_ms))
    }

    #[test]
    fn a_burst_is_allowed_and_then_one_after_each_growing_pause() {
        let taken = takes(GROWING, [0, 0, 0, 1, 2_000, 2_001, 6_000, 6_001, 13_000, 13_001]);
        assert_eq!(taken, [0, 0, 0, 1_999, 0, 3_999, 0, 6_999, 0, 6_999]);
    }

    #[test]
    fn the_allowance_that_returned_in_a_long_pause_is_used_at_once() {
        let rule = LimitRule { one_per_ms: 1_000, ..GROWING };
        assert_eq!(takes(rule, [0, 0, 0, 2_000, 2_001, 6_000]), [0, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn after_a_quiet_time_the_full_burst_and_the_first_pause_apply_again() {
        assert_eq!(takes(GROWING, [0, 0, 0, 2_000, 40_000, 40_000, 40_000, 40_000])[7], 2_000);
    }

    #[test]
    fn a_steady_rate_has_equal_pauses() {
        let rule = LimitRule::steady(2, 1_000);
        assert_eq!(takes(rule, [0, 0, 0, 1_000, 1_000, 2_000, 2_500]), [0, 0, 1_000, 0, 1_000, 0, 500]);
    }

    #[test]
    fn keys_have_limits_of_their_own_and_a_check_uses_up_nothing() {
        let limiter = Limiter::new(LimitRule::steady(1, 1_000));
        let (one, other) = (limiter.key(&"one"), limiter.key(&"other"));
        for _ in 0..3 {
            assert_eq!(limiter.check(one, at(0)), Ok(()));
        }
        limiter.count(one, at(0));
        assert_eq!(limiter.check(one, at(0)), Err(LimitPause { for_ms: 1_000 }));
        assert_eq!(limiter.check(other, at(0)), Ok(()));
    }

    #[test]
    fn any_number_of_keys_takes_bounded_memory_and_a_busy_key_is_remembered() {
        let limiter = Limiter::new(LimitRule::steady(1, 1_000));
        let busy = limiter.key(&"busy");
        for number in 0..5 * LARGEST_GENERATION {
            limiter.count(limiter.key(&number), at(0));
            limiter.count(busy, at(0));
        }
        let buckets = limiter.buckets();
        assert!(buckets.young.len() + buckets.old.len() <= 2 * LARGEST_GENERATION);
        assert!(buckets.young.contains_key(&busy) || buckets.old.contains_key(&busy));
    }
}
