//! The state of a callback: the HTTP call that tells a merchant about an event.

use alloc::vec;

use serde::{Deserialize, Serialize};

use crate::page_session::words;
use crate::retry::RetrySchedule;
use crate::time::SECOND_MS;

words! {
    /// The state of a callback.
    CallbackState {
        /// An earlier callback of the session waits for its first attempt.
        Blocked = "BLOCKED"
        /// An attempt is due, now or later.
        Due = "DUE"
        /// The merchant answered with 2xx.
        Delivered = "DELIVERED"
        /// No further attempt follows, unless the merchant asks for one.
        GivenUp = "GIVEN_UP"
    }
}

words! {
    /// A callback to one of a payment session's own URLs (docs/wire.md#payments-callbacks). A page session has at most
    /// one of each kind, because it leads to at most one authorization and one order.
    PaymentCallback {
        /// After the authorization.
        Authorization = "AUTHORIZATION"
        /// After the order.
        Push = "PUSH"
        /// When the fraud check of a pending order has ended.
        Notification = "NOTIFICATION"
    }
}

impl PaymentCallback {
    /// The number under which a page session stores this callback, beside its events, which count from 1.
    #[must_use]
    pub const fn sequence(self) -> i64 {
        FIRST_SEQUENCE + self as i64
    }

    /// The number of this callback about an authorization without a page session, which was given at this version of
    /// the payment session. A payment session leads to any number of authorizations, and to one order.
    #[must_use]
    pub const fn sequence_at(self, payment_version: i64) -> i64 {
        match self {
            Self::Authorization => FIRST_SEQUENCE + Self::ALL.len() as i64 + payment_version,
            Self::Push | Self::Notification => self.sequence(),
        }
    }

    /// Returns the schedule of this callback, if it has its own. The others follow the merchant's schedule.
    #[must_use]
    pub fn own_schedule(self) -> Option<RetrySchedule> {
        match self {
            Self::Authorization => Some(RetrySchedule {
                waits_ms: vec![SECOND_MS, 2 * SECOND_MS],
                timeout_ms: 4 * SECOND_MS,
                jitter_percent: 0,
            }),
            Self::Push | Self::Notification => None,
        }
    }
}

/// Far above the number of any event: these callbacks come after all callbacks of events.
const FIRST_SEQUENCE: i64 = 1_000_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_payments_callback_has_a_number_of_its_own() {
        let mut numbers = PaymentCallback::ALL.iter().map(|kind| kind.sequence());
        assert!(numbers.clone().is_sorted_by(|a, b| a < b));
        assert_eq!(numbers.next(), Some(FIRST_SEQUENCE));
    }

    #[test]
    fn every_authorization_of_a_payment_session_has_a_number_of_its_own() {
        let fixed = PaymentCallback::ALL.iter().map(|kind| kind.sequence());
        let of_versions = (0..3).map(|version| PaymentCallback::Authorization.sequence_at(version));
        assert!(fixed.chain(of_versions).is_sorted_by(|a, b| a < b));
        assert_eq!(PaymentCallback::Push.sequence_at(7), PaymentCallback::Push.sequence());
    }

    #[test]
    fn an_authorization_is_announced_three_times_with_growing_pauses() {
        let schedule = PaymentCallback::Authorization.own_schedule().unwrap();
        assert_eq!((schedule.waits_ms, schedule.timeout_ms), (vec![1_000, 2_000], 4_000));
    }
}
