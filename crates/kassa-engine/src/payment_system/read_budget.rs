//! Limits on reads. Payment systems limit the calls of an account, and a consumer can reload a page as often as they
//! like.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use kassa_domain::payment_session::PaymentSession;

use crate::clock::Clock;

/// Reads per second of one payment session.
const OF_A_SESSION: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");

/// Reads of one payment session at once, after some seconds without reads.
const BURST_OF_A_SESSION: NonZeroU32 = NonZeroU32::new(20).expect("twenty is not zero");

/// Number of sessions from which on those that were not read lately are forgotten.
const MANY_SESSIONS: usize = 10_000;

/// Limits on reads per second, on this node.
pub struct ReadBudget {
    accounts: Limiter,
    sessions: Limiter,
}

type Limiter = RateLimiter<String, DashMapStateStore<String>, SteadyClock, NoOpMiddleware<Nanos>>;

/// The steady clock of the engine.
#[derive(Clone)]
struct SteadyClock(Arc<dyn Clock>);

impl fmt::Debug for SteadyClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SteadyClock")
    }
}

impl GovernorClock for SteadyClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.monotonic_now().as_ms().unsigned_abs().saturating_mul(1_000_000))
    }
}

impl ReadBudget {
    /// Limits the reads of each account to so many per second.
    #[must_use]
    pub fn new(reads_per_second: u32, clock: Arc<dyn Clock>) -> Self {
        let of_account = NonZeroU32::new(reads_per_second).unwrap_or(NonZeroU32::MIN);
        let of_session = Quota::per_second(OF_A_SESSION).allow_burst(BURST_OF_A_SESSION);
        let clock = SteadyClock(clock);
        Self {
            accounts: RateLimiter::dashmap_with_clock(Quota::per_second(of_account), clock.clone()),
            sessions: RateLimiter::dashmap_with_clock(of_session, clock),
        }
    }

    /// Whether a payment session may be read now. Counts the read.
    #[must_use]
    pub fn admits(&self, payment: &PaymentSession) -> bool {
        if self.sessions.len() > MANY_SESSIONS {
            self.sessions.retain_recent();
        }
        let account = format!("{:?} {}", payment.system, payment.merchant_id);
        self.sessions.check_key(&payment.id.to_string()).is_ok() && self.accounts.check_key(&account).is_ok()
    }
}
