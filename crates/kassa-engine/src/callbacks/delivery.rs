//! A callback that is ready to be attempted.

use std::borrow::Cow;
use std::sync::Arc;

use kassa_domain::merchant::Merchant;
use kassa_domain::retry::RetrySchedule;
use kassa_domain::{EventId, Timestamp};
use kassa_store::ClaimedCallback;

/// A callback under a lease, with everything that an attempt needs.
pub struct Delivery {
    /// The callback.
    pub callback: ClaimedCallback,
    /// The event that it delivers.
    pub event_id: EventId,
    /// The body, which is the same in every attempt.
    pub body: String,
    /// The merchant whose receiver is called.
    pub merchant: Arc<Merchant>,
    /// The end of the lease.
    pub(crate) leased_until: Timestamp,
}

impl Delivery {
    /// The schedule of its attempts: that of its kind, or else the merchant's.
    pub(super) fn schedule(&self) -> Cow<'_, RetrySchedule> {
        let own = self.callback.kind.and_then(kassa_domain::callback::PaymentCallback::own_schedule);
        own.map_or(Cow::Borrowed(&self.merchant.settings.retry_schedule), Cow::Owned)
    }
}
