//! The clock of each merchant: the system's, until the lab sets, freezes or advances the merchant's own.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use futures_util::future::BoxFuture;
use kassa_domain::{MerchantId, Timestamp};
use kassa_engine::{Clock, Monotonic};
use kassa_store::MerchantClock;

/// The clocks of all merchants, over the system's.
pub struct MerchantTime {
    system: Arc<dyn Clock>,
    own: RwLock<HashMap<MerchantId, MerchantClock>>,
}

impl MerchantTime {
    /// The clocks with their stored settings.
    #[must_use]
    pub fn new(settings: Vec<(MerchantId, MerchantClock)>, system: Arc<dyn Clock>) -> Self {
        Self { system, own: RwLock::new(settings.into_iter().collect()) }
    }

    pub(super) fn is_frozen(&self, merchant: &MerchantId) -> bool {
        matches!(self.own(merchant), Some(MerchantClock::Frozen(_)))
    }

    /// Returns the setting of the merchant's clock. A clock that was never set is ahead of the system's by nothing.
    pub(super) fn setting(&self, merchant: &MerchantId) -> MerchantClock {
        self.own(merchant).unwrap_or(MerchantClock::Ahead(0))
    }

    /// Returns the setting of a clock that is frozen at this instant, or runs from it.
    pub(super) fn from(&self, at: Timestamp, is_frozen: bool) -> MerchantClock {
        if is_frozen {
            MerchantClock::Frozen(at)
        } else {
            MerchantClock::Ahead(at.ms_since(self.system.system_now()))
        }
    }

    /// Sets the merchant's clock; `None` returns it to the system's.
    pub(super) fn set(&self, merchant: &MerchantId, time: Option<MerchantClock>) {
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        match time {
            Some(time) => own.insert(merchant.clone(), time),
            None => own.remove(merchant),
        };
    }

    fn own(&self, merchant: &MerchantId) -> Option<MerchantClock> {
        self.own.read().unwrap_or_else(PoisonError::into_inner).get(merchant).copied()
    }
}

impl Clock for MerchantTime {
    fn now(&self, merchant: &MerchantId) -> Timestamp {
        match self.own(merchant) {
            Some(MerchantClock::Ahead(ms)) => self.system.system_now().plus_ms(ms),
            Some(MerchantClock::Frozen(at)) => at,
            None => self.system.now(merchant),
        }
    }

    fn is_own(&self, merchant: &MerchantId) -> bool {
        self.own(merchant).is_some()
    }

    fn when(&self, merchant: &MerchantId, at: Timestamp) -> Option<Timestamp> {
        match self.own(merchant) {
            Some(MerchantClock::Ahead(ms)) => Some(at.plus_ms(-ms)),
            Some(MerchantClock::Frozen(stands_at)) => (at <= stands_at).then(|| self.system_now()),
            None => self.system.when(merchant, at),
        }
    }

    fn system_now(&self) -> Timestamp {
        self.system.system_now()
    }

    fn monotonic_now(&self) -> Monotonic {
        self.system.monotonic_now()
    }

    fn sleep_until(&self, at: Monotonic) -> BoxFuture<'static, ()> {
        self.system.sleep_until(at)
    }

    fn is_machine(&self) -> bool {
        self.system.is_machine()
    }
}
