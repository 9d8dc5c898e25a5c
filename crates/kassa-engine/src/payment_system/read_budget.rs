//! Limits on reads. Payment systems limit the calls of an account, and a consumer can reload a page as often as they
//! like.
//!
//! In any second, a node makes at most the configured number of reads for an account. Scheduled reads get half of it,
//! so that the reads for consumers and merchants who wait always have the other half. A tenth is for references of
//! orders.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use kassa_domain::payment_session::PaymentSession;
use kassa_domain::time::SECOND_MS;
use parking_lot::Mutex;

use super::ReadCause;
use crate::clock::{Clock, Monotonic};

/// Reads per second of one payment session.
const OF_A_SESSION: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");

/// Reads of one payment session at once, after some seconds without reads.
const BURST_OF_A_SESSION: NonZeroU32 = NonZeroU32::new(20).expect("twenty is not zero");

/// Number of sessions, or of accounts, from which on those that were not read lately are forgotten.
const MANY: usize = 10_000;

/// Limits on reads per second, on this node.
pub struct ReadBudget {
    reads_per_second: usize,
    accounts: Mutex<HashMap<String, Account>>,
    sessions: RateLimiter<String, DashMapStateStore<String>, SteadyClock, NoOpMiddleware<Nanos>>,
    clock: Arc<dyn Clock>,
}

/// The reads of an account within the last second.
#[derive(Default)]
struct Account {
    all: LastSecond,
    scheduled: LastSecond,
    references: LastSecond,
}

/// The instants of reads within the last second. A token bucket would allow twice the number in the first second after
/// a pause.
#[derive(Default)]
struct LastSecond(VecDeque<Monotonic>);

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
        let of_session = Quota::per_second(OF_A_SESSION).allow_burst(BURST_OF_A_SESSION);
        Self {
            reads_per_second: usize::try_from(reads_per_second).unwrap_or(usize::MAX).max(1),
            accounts: Mutex::default(),
            sessions: RateLimiter::dashmap_with_clock(of_session, SteadyClock(clock.clone())),
            clock,
        }
    }

    /// Whether a payment session, or an order of it, may be read now. Counts the read.
    #[must_use]
    pub fn admits(&self, payment: &PaymentSession, cause: ReadCause) -> bool {
        if self.sessions.len() > MANY {
            self.sessions.retain_recent();
        }
        self.sessions.check_key(&payment.id.to_string()).is_ok() && self.account_admits(payment, cause)
    }

    fn account_admits(&self, payment: &PaymentSession, cause: ReadCause) -> bool {
        let now = self.clock.monotonic_now();
        let mut accounts = self.accounts.lock();
        if accounts.len() > MANY {
            accounts.retain(|_, account| account.all.count(now) > 0);
        }
        let account = accounts.entry(format!("{:?} {}", payment.system, payment.merchant_id)).or_default();
        account.admits(self.reads_per_second, cause, now)
    }
}

impl Account {
    fn admits(&mut self, reads_per_second: usize, cause: ReadCause, now: Monotonic) -> bool {
        let of_schedule = reads_per_second.div_ceil(2);
        let of_references = reads_per_second.div_ceil(10);
        let mut counted = vec![(&mut self.all, reads_per_second)];
        match cause {
            ReadCause::Caller => {}
            ReadCause::Confirmation => counted.push((&mut self.scheduled, of_schedule)),
            ReadCause::Reference => {
                counted.extend([(&mut self.scheduled, of_schedule), (&mut self.references, of_references)]);
            }
        }
        let is_admitted = counted.iter_mut().all(|(reads, limit)| reads.count(now) < *limit);
        if is_admitted {
            counted.into_iter().for_each(|(reads, _)| reads.0.push_back(now));
        }
        is_admitted
    }
}

impl LastSecond {
    /// The number of reads in the second before `now`.
    fn count(&mut self, now: Monotonic) -> usize {
        while self.0.front().is_some_and(|at| now.ms_since(*at) >= SECOND_MS) {
            self.0.pop_front();
        }
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Monotonic {
        Monotonic::from_ms(ms)
    }

    /// The number of reads that are allowed at this instant.
    fn admitted(account: &mut Account, cause: ReadCause, ms: i64) -> usize {
        (0..100).filter(|_| account.admits(7, cause, at(ms))).count()
    }

    #[test]
    fn no_second_has_more_reads_than_the_budget() {
        let mut account = Account::default();
        let mut reads_at = Vec::new();
        for ms in (5_000..9_000).step_by(130) {
            reads_at.extend(std::iter::repeat_n(ms, admitted(&mut account, ReadCause::Caller, ms)));
        }
        assert!(reads_at.windows(8).all(|reads| reads[7] - reads[0] >= 1_000), "{reads_at:?}");
        assert_eq!(reads_at.len(), 4 * 7, "and every second has all of it");
    }

    #[test]
    fn scheduled_reads_get_half_of_the_budget() {
        let mut account = Account::default();
        assert_eq!(admitted(&mut account, ReadCause::Confirmation, 0), 4);
        assert_eq!(admitted(&mut account, ReadCause::Caller, 1), 3, "the other half is left");
        assert_eq!(admitted(&mut account, ReadCause::Caller, 1_000), 4);
        assert_eq!(admitted(&mut account, ReadCause::Confirmation, 1_000), 0, "callers may use all of it");
        assert_eq!(admitted(&mut account, ReadCause::Confirmation, 2_000), 4);
    }

    #[test]
    fn references_leave_room_for_confirmations() {
        let mut account = Account::default();
        assert_eq!(admitted(&mut account, ReadCause::Reference, 0), 1);
        assert_eq!(admitted(&mut account, ReadCause::Confirmation, 0), 3);
        assert_eq!(admitted(&mut account, ReadCause::Reference, 1_000), 1);
        assert_eq!(admitted(&mut account, ReadCause::Reference, 1_999), 0);
    }

    #[test]
    fn the_smallest_budget_has_scheduled_reads() {
        let mut account = Account::default();
        assert!(account.admits(1, ReadCause::Confirmation, at(0)));
        assert!(!account.admits(1, ReadCause::Caller, at(999)));
        assert!(account.admits(1, ReadCause::Caller, at(1_000)));
    }
}
