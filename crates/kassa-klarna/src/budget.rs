//! Limits on reads. Klarna limits the calls of an account, and a consumer can reload a page as often as they like.

use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use kassa_domain::payment_session::PaymentSession;

/// Reads per second of one payment session.
const OF_A_SESSION: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");

/// Reads of one payment session at once, after a second without reads.
const BURST_OF_A_SESSION: NonZeroU32 = NonZeroU32::new(20).expect("twenty is not zero");

/// Limits on reads per second, on this node.
pub(crate) struct Budget {
    accounts: DefaultKeyedRateLimiter<String>,
    sessions: DefaultKeyedRateLimiter<String>,
}

impl Budget {
    pub(crate) fn new(reads_per_second: u32) -> Self {
        let of_account = NonZeroU32::new(reads_per_second).unwrap_or(NonZeroU32::MIN);
        let of_session = Quota::per_second(OF_A_SESSION).allow_burst(BURST_OF_A_SESSION);
        Self {
            accounts: RateLimiter::keyed(Quota::per_second(of_account)),
            sessions: RateLimiter::keyed(of_session),
        }
    }

    /// Whether a payment session may be read now. Counts the read.
    pub(crate) fn admits(&self, base_url: &str, payment: &PaymentSession) -> bool {
        self.forget_when_large();
        let account = format!("{base_url} {}", payment.merchant_id);
        self.sessions.check_key(&payment.id.to_string()).is_ok() && self.accounts.check_key(&account).is_ok()
    }

    /// Forgets sessions that have not been read for a while.
    fn forget_when_large(&self) {
        if self.sessions.len() > 10_000 {
            self.sessions.retain_recent();
        }
    }
}
