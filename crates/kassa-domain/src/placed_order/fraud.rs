//! The fraud check of a placed order (docs/wire.md#fraud-status). Like an expiry, its end is an instant: the status is
//! computed, so no work has to be done when it comes.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::page_session::words;

words! {
    /// The wire's `fraud_status` of an order.
    FraudStatus {
        /// The order may be captured and delivered.
        Accepted = "ACCEPTED"
        /// The fraud check goes on: the order cannot be captured yet.
        Pending = "PENDING"
        /// The order is fraudulent, and thereby cancelled.
        Rejected = "REJECTED"
    }
}

words! {
    /// The result of a fraud check.
    Verdict {
        /// The order is accepted.
        Accept = "ACCEPT"
        /// The order is rejected, which cancels it.
        Reject = "REJECT"
    }
}

impl Verdict {
    /// Returns the fraud status that the result leads to.
    #[must_use]
    pub fn status(self) -> FraudStatus {
        match self {
            Self::Accept => FraudStatus::Accepted,
            Self::Reject => FraudStatus::Rejected,
        }
    }
}

/// A fraud check that ends at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FraudCheck {
    /// The result.
    pub verdict: Verdict,
    /// The result applies from this instant on.
    pub ends_at: Timestamp,
}

impl FraudCheck {
    pub(super) fn status(self, now: Timestamp) -> FraudStatus {
        if now < self.ends_at { FraudStatus::Pending } else { self.verdict.status() }
    }
}
