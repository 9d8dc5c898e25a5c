//! Limits on the calls that a merchant makes in a second (docs/wire.md#rate-limits). Each node counts in memory, by its
//! steady clock, also for a merchant whose clock the lab moves.

mod windows;

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use kassa_domain::MerchantId;

use crate::clock::{Clock, Monotonic};
use crate::log_throttle::LogThrottle;
use crate::metrics::Metrics;

use parking_lot::{Mutex, MutexGuard};
pub use windows::CountedCall;
use windows::RateWindows;

/// The limits of one merchant, in calls per second. `None` means no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// The limit of each kind of creation.
    pub creations: Option<NonZeroU32>,
    /// The limit of all other calls together.
    pub other_calls: Option<NonZeroU32>,
}

impl Rates {
    /// No limits.
    pub const NONE: Self = Self { creations: None, other_calls: None };

    /// The limits of the vendor's live service (docs/wire.md#rate-limits).
    pub const LIVE: Self = Self { creations: NonZeroU32::new(40), other_calls: NonZeroU32::new(200) };

    fn of(self, category: RateCategory) -> Option<NonZeroU32> {
        match category {
            RateCategory::PaymentSessions | RateCategory::CustomerTokens | RateCategory::PageSessions => {
                self.creations
            }
            RateCategory::OtherCalls => self.other_calls,
        }
    }
}

/// The calls that one limit counts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateCategory {
    /// Creations of payment sessions.
    PaymentSessions,
    /// Creations of customer tokens.
    CustomerTokens,
    /// Creations of page sessions.
    PageSessions,
    /// All other calls.
    OtherCalls,
}

impl RateCategory {
    const COUNT: usize = 4;

    const fn as_str(self) -> &'static str {
        match self {
            Self::PaymentSessions => "creations of payment sessions",
            Self::CustomerTokens => "creations of customer tokens",
            Self::PageSessions => "creations of page sessions",
            Self::OtherCalls => "other calls",
        }
    }
}

/// Counts the calls of each merchant.
#[derive(Clone)]
pub struct RateLimits(Arc<Parts>);

struct Parts {
    configured: Rates,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    logged: LogThrottle,
    merchants: Mutex<Merchants>,
}

#[derive(Default)]
struct Merchants {
    /// The limits that the lab set.
    own: HashMap<MerchantId, Rates>,
    windows: RateWindows,
}

impl RateLimits {
    pub(crate) fn new(configured: Rates, clock: Arc<dyn Clock>, metrics: Arc<Metrics>) -> Self {
        let (logged, merchants) = (LogThrottle::default(), Mutex::default());
        Self(Arc::new(Parts { configured, clock, metrics, logged, merchants }))
    }

    /// Counts a call of the merchant, unless its limit is used up. `None` if the call has no limit.
    #[must_use]
    pub fn count(&self, merchant: &MerchantId, category: RateCategory) -> Option<CountedCall> {
        let now = self.0.clock.monotonic_now();
        let mut merchants = self.locked();
        let rates = merchants.own.get(merchant).copied().unwrap_or(self.0.configured);
        let limit = rates.of(category)?;
        let counted = merchants.windows.count(merchant, category, limit.get(), now);
        drop(merchants);
        if counted.is_refused {
            self.report(merchant, category, now);
        }
        Some(counted)
    }

    /// The limits of the merchant.
    #[must_use]
    pub fn of(&self, merchant: &MerchantId) -> Rates {
        self.locked().own.get(merchant).copied().unwrap_or(self.0.configured)
    }

    /// Sets the limits of the merchant until the node stops, and resets the count. `None` sets those of the
    /// configuration.
    pub fn set(&self, merchant: &MerchantId, rates: Option<Rates>) {
        let mut merchants = self.locked();
        merchants.windows.forget(merchant);
        match rates {
            Some(rates) => merchants.own.insert(merchant.clone(), rates),
            None => merchants.own.remove(merchant),
        };
    }

    fn report(&self, merchant: &MerchantId, category: RateCategory, now: Monotonic) {
        self.0.metrics.node.limited("rate");
        if let Some(left_out) = self.0.logged.may_log(now) {
            let (merchant, calls) = (merchant.as_str(), category.as_str());
            tracing::info!(merchant, calls, left_out, "a rate limit is used up: the node answers with 429");
        }
    }

    fn locked(&self) -> MutexGuard<'_, Merchants> {
        self.0.merchants.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::metrics::CountedElsewhere;

    fn rates(creations: u32, other_calls: u32) -> Rates {
        Rates { creations: NonZeroU32::new(creations), other_calls: NonZeroU32::new(other_calls) }
    }

    /// The limit of each category, in calls per second.
    fn limits(limits: &RateLimits, merchant: &MerchantId) -> [Option<u32>; RateCategory::COUNT] {
        use RateCategory::{CustomerTokens, OtherCalls, PageSessions, PaymentSessions};
        [PaymentSessions, CustomerTokens, PageSessions, OtherCalls]
            .map(|category| limits.count(merchant, category).map(|counted| counted.limit))
    }

    #[test]
    fn a_merchant_has_the_configured_limits_until_it_gets_its_own() {
        let (one, other) = (MerchantId::new("one"), MerchantId::new("other"));
        let of_all = RateLimits::new(
            Rates::LIVE,
            Arc::new(SystemClock),
            Arc::new(Metrics::new(&CountedElsewhere::default())),
        );
        assert_eq!(limits(&of_all, &one), [Some(40), Some(40), Some(40), Some(200)]);
        of_all.set(&one, Some(rates(3, 0)));
        assert_eq!(limits(&of_all, &one), [Some(3), Some(3), Some(3), None]);
        assert_eq!(of_all.of(&one), rates(3, 0));
        assert_eq!(limits(&of_all, &other), [Some(40), Some(40), Some(40), Some(200)]);
        of_all.set(&one, None);
        assert_eq!(of_all.of(&one), Rates::LIVE);
    }

    #[test]
    fn new_limits_begin_to_count_anew() {
        let merchant = MerchantId::new("merchant");
        let of_all = RateLimits::new(
            rates(2, 2),
            Arc::new(SystemClock),
            Arc::new(Metrics::new(&CountedElsewhere::default())),
        );
        let remaining = || of_all.count(&merchant, RateCategory::OtherCalls).unwrap().remaining;
        assert_eq!(remaining(), 1);
        of_all.set(&merchant, Some(rates(2, 2)));
        assert_eq!(remaining(), 1);
    }
}
