//! The lab's memory: the data of each merchant, with its journal and its faults. A restart deletes it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kassa_domain::MerchantId;

use super::faults::Faults;
use super::fired::FiredAttempts;
use super::journal::Journal;
use super::redirect_sync::RedirectSync;

/// The lab data of all merchants.
#[derive(Default)]
pub struct MerchantLabs(Mutex<HashMap<MerchantId, Arc<MerchantLab>>>);

impl MerchantLabs {
    /// Returns the lab data of the merchant.
    pub(crate) fn of(&self, of: &MerchantId) -> Arc<MerchantLab> {
        let mut merchant_labs = self.locked();
        match merchant_labs.get(of) {
            Some(merchant_lab) => merchant_lab.clone(),
            None => merchant_labs.entry(of.clone()).or_default().clone(),
        }
    }

    /// Drops the lab data of a deleted merchant.
    pub(crate) fn forget(&self, merchant: &MerchantId) {
        self.locked().remove(merchant);
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<MerchantId, Arc<MerchantLab>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lab's data of one merchant.
#[derive(Default)]
pub struct MerchantLab {
    pub(crate) journal: Journal,
    pub(crate) redirect_sync: RedirectSync,
    pub(crate) fired: FiredAttempts,
    /// Only the call that has this lock may move the merchant's clock.
    pub(crate) clock_lock: tokio::sync::Mutex<()>,
    faults: Mutex<Option<Arc<Faults>>>,
}

impl MerchantLab {
    /// Returns the faults; `None` if there are no rules.
    pub(crate) fn faults(&self) -> Option<Arc<Faults>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_faults(&self, faults: Option<Faults>) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults.map(Arc::new);
    }
}
