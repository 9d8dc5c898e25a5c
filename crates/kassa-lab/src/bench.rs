//! The lab's memory: one bench per merchant, with its journal and its faults. A restart deletes it.

use std::collections::HashMap;
use std::sync::Arc;

use kassa_domain::MerchantId;
use parking_lot::{Mutex, MutexGuard};

use super::crossing::Crossing;
use super::faults::Faults;
use super::fired::FiredAttempts;
use super::journal::Journal;

/// The benches of all merchants.
#[derive(Default)]
pub struct Benches(Mutex<HashMap<MerchantId, Arc<Bench>>>);

impl Benches {
    /// Returns the merchant's bench.
    pub(crate) fn of(&self, of: &MerchantId) -> Arc<Bench> {
        let mut benches = self.locked();
        match benches.get(of) {
            Some(bench) => bench.clone(),
            None => benches.entry(of.clone()).or_default().clone(),
        }
    }

    /// Drops the bench of a deleted merchant.
    pub(crate) fn forget(&self, merchant: &MerchantId) {
        self.locked().remove(merchant);
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<MerchantId, Arc<Bench>>> {
        self.0.lock()
    }
}

/// The lab's data of one merchant.
#[derive(Default)]
pub struct Bench {
    pub(crate) journal: Journal,
    pub(crate) crossing: Crossing,
    pub(crate) fired: FiredAttempts,
    /// A lock for moving the merchant's clock: one call moves it at a time.
    pub(crate) moving: tokio::sync::Mutex<()>,
    faults: Mutex<Option<Arc<Faults>>>,
}

impl Bench {
    /// Returns the faults; `None` if there are no rules.
    pub(crate) fn faults(&self) -> Option<Arc<Faults>> {
        self.faults.lock().clone()
    }

    pub(crate) fn set_faults(&self, faults: Option<Faults>) {
        *self.faults.lock() = faults.map(Arc::new);
    }
}
