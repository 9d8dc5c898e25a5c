//! Breakers for calls to payment systems: after five calls without an answer, no call is made for ten seconds. So a
//! page does not wait for a payment system that is down.

use std::collections::HashMap;
use std::sync::Arc;

use kassa_domain::time::SECOND_MS;
use parking_lot::Mutex;

use crate::clock::{Clock, Monotonic};

/// The number of failures in a row that opens a breaker.
const FAILURES: u32 = 5;

/// How long a breaker stays open. The next call decides.
const OPEN_MS: i64 = 10 * SECOND_MS;

/// The breakers, one for each base URL.
pub struct CallBreakers {
    clock: Arc<dyn Clock>,
    by_base_url: Mutex<HashMap<String, Arc<CallBreaker>>>,
}

/// Counts the calls to one base URL that failed in a row.
pub struct CallBreaker(Mutex<State>);

struct State {
    failures: u32,
    closed_again_at: Monotonic,
}

impl CallBreakers {
    /// Breakers by this clock.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, by_base_url: Mutex::default() }
    }

    /// The breaker of a base URL.
    #[must_use]
    pub fn of(&self, base_url: &str) -> Arc<CallBreaker> {
        let mut breakers = self.by_base_url.lock();
        let new = || {
            Arc::new(CallBreaker(Mutex::new(State {
                failures: 0,
                closed_again_at: self.clock.monotonic_now(),
            })))
        };
        breakers.entry(base_url.to_string()).or_insert_with(new).clone()
    }
}

impl CallBreaker {
    /// Whether a call may be made now. While the breaker is open, one call every ten seconds tries again.
    #[must_use]
    pub fn admits(&self, now: Monotonic) -> bool {
        let mut state = self.0.lock();
        if state.failures < FAILURES {
            return true;
        }
        if now.ms_since(state.closed_again_at) < 0 {
            return false;
        }
        state.closed_again_at = now.plus_ms(OPEN_MS);
        true
    }

    /// Counts a call.
    pub fn record(&self, has_failed: bool, now: Monotonic) {
        let mut state = self.0.lock();
        if has_failed {
            state.failures = state.failures.saturating_add(1);
            if state.failures == FAILURES {
                state.closed_again_at = now.plus_ms(OPEN_MS);
            }
        } else {
            state.failures = 0;
        }
    }
}
