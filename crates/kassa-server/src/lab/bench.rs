//! The lab's memory: one bench per merchant, with its journal and its faults. A restart deletes it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use kassa_domain::MerchantId;

use super::crossing::Crossing;
use super::fired::FiredAttempts;
use super::journal::Journal;
use super::time::MerchantTime;
use super::weather::Weather;

/// The benches and the clocks of all merchants.
pub(crate) struct Lab {
    pub(super) time: Arc<MerchantTime>,
    /// The merchant whose lab `/lab` opens. Without one there is no page.
    pub(super) page_merchant: OnceLock<MerchantId>,
    benches: Mutex<HashMap<MerchantId, Arc<Bench>>>,
}

impl Lab {
    pub(crate) fn new(time: Arc<MerchantTime>) -> Self {
        Self { time, page_merchant: OnceLock::new(), benches: Mutex::default() }
    }

    /// Opens the page for this merchant.
    pub(crate) fn open_page(&self, of: &str) {
        self.page_merchant.get_or_init(|| MerchantId::new(of));
    }

    /// Returns whether there is a page.
    pub(crate) fn has_page(&self) -> bool {
        self.page_merchant.get().is_some()
    }

    /// Returns the merchant's bench.
    pub(crate) fn bench(&self, of: &MerchantId) -> Arc<Bench> {
        let mut benches = self.benches();
        match benches.get(of) {
            Some(bench) => bench.clone(),
            None => benches.entry(of.clone()).or_default().clone(),
        }
    }

    /// Drops the bench of a deleted merchant.
    pub(super) fn forget(&self, merchant: &MerchantId) {
        self.benches().remove(merchant);
    }

    fn benches(&self) -> MutexGuard<'_, HashMap<MerchantId, Arc<Bench>>> {
        self.benches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lab's data of one merchant.
#[derive(Default)]
pub(crate) struct Bench {
    pub(super) journal: Journal,
    pub(super) crossing: Crossing,
    pub(super) fired: FiredAttempts,
    /// A lock for moving the merchant's clock: one call moves it at a time.
    pub(super) moving: tokio::sync::Mutex<()>,
    weather: Mutex<Option<Arc<Weather>>>,
}

impl Bench {
    /// Returns the faults; `None` if there are no rules.
    pub(super) fn weather(&self) -> Option<Arc<Weather>> {
        self.weather.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_weather(&self, weather: Option<Weather>) {
        *self.weather.lock().unwrap_or_else(PoisonError::into_inner) = weather.map(Arc::new);
    }
}
