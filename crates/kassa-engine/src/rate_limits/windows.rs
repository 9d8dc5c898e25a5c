//! The calls of each merchant within one second. A second begins with the first call after the previous one ended, so
//! that a test that makes a few calls does not cross into the next second by chance.

use std::collections::HashMap;

use kassa_domain::MerchantId;
use kassa_domain::time::SECOND_MS;

use super::RateCategory;
use crate::clock::Monotonic;

/// The lowest number of merchants at which those without a call in the last second are removed.
const FEWEST_SWEPT: usize = 1_024;

/// A call that was counted or refused, and the rest of the allowance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedCall {
    /// The number of calls in a second.
    pub limit: u32,
    /// The number of further calls until the allowance is reset.
    pub remaining: u32,
    /// When the allowance is reset, in milliseconds from now: 1 to 1000.
    pub resets_after_ms: i64,
    /// Whether the limit was used up before this call.
    pub is_refused: bool,
}

/// The present second of each merchant and category. A second that is over needs no entry, so only merchants that call
/// now take up memory.
pub(super) struct RateWindows {
    merchants: HashMap<MerchantId, [Window; RateCategory::COUNT]>,
    swept_at: usize,
}

/// One second of one category.
#[derive(Clone, Copy, Debug)]
struct Window {
    began_at: Monotonic,
    used: u32,
}

impl Default for RateWindows {
    fn default() -> Self {
        Self { merchants: HashMap::new(), swept_at: FEWEST_SWEPT }
    }
}

impl RateWindows {
    /// Counts a call, unless the limit is used up.
    pub(super) fn count(
        &mut self,
        merchant: &MerchantId,
        category: RateCategory,
        limit: u32,
        now: Monotonic,
    ) -> CountedCall {
        if let Some(windows) = self.merchants.get_mut(merchant) {
            return windows[category as usize].count(limit, now);
        }
        self.sweep(now);
        let windows = self.merchants.entry(merchant.clone()).or_insert([Window::OVER; RateCategory::COUNT]);
        windows[category as usize].count(limit, now)
    }

    pub(super) fn forget(&mut self, merchant: &MerchantId) {
        self.merchants.remove(merchant);
    }

    /// Removes merchants without a call in the last second, whenever their number has doubled.
    fn sweep(&mut self, now: Monotonic) {
        if self.merchants.len() >= self.swept_at {
            self.merchants.retain(|_, windows| windows.iter().any(|window| !window.is_over(now)));
            self.swept_at = FEWEST_SWEPT.max(2 * self.merchants.len());
        }
    }
}

impl Window {
    const OVER: Self = Self { began_at: Monotonic::from_ms(i64::MIN), used: 0 };

    fn is_over(&self, now: Monotonic) -> bool {
        now.ms_since(self.began_at) >= SECOND_MS
    }

    fn count(&mut self, limit: u32, now: Monotonic) -> CountedCall {
        if self.is_over(now) {
            *self = Self { began_at: now, used: 0 };
        }
        let is_refused = self.used >= limit;
        if !is_refused {
            self.used += 1;
        }
        CountedCall {
            limit,
            remaining: limit.saturating_sub(self.used),
            resets_after_ms: SECOND_MS - now.ms_since(self.began_at),
            is_refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RateCategory::{CustomerTokens, OtherCalls, PageSessions, PaymentSessions};

    fn at(ms: i64) -> Monotonic {
        Monotonic::from_ms(ms)
    }

    fn merchant(name: &impl ToString) -> MerchantId {
        MerchantId::new(name.to_string())
    }

    /// Makes a call at each of these moments. Returns the rest of the allowance after each; `None` if it was refused.
    fn calls<const N: usize>(limit: u32, moments: [i64; N]) -> [Option<u32>; N] {
        let mut windows = RateWindows::default();
        moments.map(|ms| {
            let counted = windows.count(&merchant(&"merchant"), OtherCalls, limit, at(ms));
            (!counted.is_refused).then_some(counted.remaining)
        })
    }

    #[test]
    fn a_second_begins_with_its_first_call() {
        assert_eq!(
            calls(2, [700, 1_100, 1_699, 1_700, 5_000, 5_999, 6_000]),
            [Some(1), Some(0), None, Some(1), Some(1), Some(0), Some(1)]
        );
    }

    #[test]
    fn refused_calls_do_not_prolong_the_second() {
        assert_eq!(calls(1, [0, 1, 500, 999, 1_000]), [Some(0), None, None, None, Some(0)]);
    }

    #[test]
    fn the_allowance_is_reset_at_the_end_of_the_second() {
        let mut windows = RateWindows::default();
        let mut count = |ms| windows.count(&merchant(&"merchant"), OtherCalls, 1, at(ms));
        assert_eq!(
            count(250),
            CountedCall { limit: 1, remaining: 0, resets_after_ms: 1_000, is_refused: false }
        );
        assert_eq!(
            count(1_249),
            CountedCall { limit: 1, remaining: 0, resets_after_ms: 1, is_refused: true }
        );
    }

    #[test]
    fn merchants_and_categories_are_counted_apart() {
        let mut windows = RateWindows::default();
        for name in ["one", "other"] {
            for category in [PaymentSessions, CustomerTokens, PageSessions, OtherCalls] {
                let mut is_refused = || windows.count(&merchant(&name), category, 1, at(0)).is_refused;
                assert_eq!([is_refused(), is_refused()], [false, true], "{name} {category:?}");
            }
        }
    }

    #[test]
    fn only_merchants_that_call_now_take_up_memory() {
        let mut windows = RateWindows::default();
        let busy = merchant(&"busy");
        for number in 0..20 * FEWEST_SWEPT {
            let now = at(i64::try_from(number).unwrap());
            windows.count(&merchant(&number), OtherCalls, 1, now);
            windows.count(&busy, OtherCalls, u32::MAX, now);
        }
        assert!(windows.merchants.len() <= 2 * FEWEST_SWEPT, "{}", windows.merchants.len());
        assert!(windows.merchants.contains_key(&busy));
    }
}
