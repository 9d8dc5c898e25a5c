//! What the lab keeps in memory of each merchant: a bench, with a journal and the weather over it.

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
    /// The merchant whose lab the page shows first; without one there is no page.
    pub(super) page_of: OnceLock<MerchantId>,
    benches: Mutex<HashMap<MerchantId, Arc<Bench>>>,
}

impl Lab {
    pub(crate) fn new(time: Arc<MerchantTime>) -> Self {
        Self { time, page_of: OnceLock::new(), benches: Mutex::default() }
    }

    /// Opens the page, for this merchant.
    pub(crate) fn open_page(&self, of: &str) {
        self.page_of.get_or_init(|| MerchantId::new(of));
    }

    /// Whether there is a page.
    pub(crate) fn has_page(&self) -> bool {
        self.page_of.get().is_some()
    }

    /// The merchant's bench.
    pub(crate) fn bench(&self, of: &MerchantId) -> Arc<Bench> {
        let mut benches = self.benches();
        match benches.get(of) {
            Some(bench) => bench.clone(),
            None => benches.entry(of.clone()).or_default().clone(),
        }
    }

    /// Clears the bench of a merchant that is gone.
    pub(super) fn forget(&self, merchant: &MerchantId) {
        self.benches().remove(merchant);
    }

    fn benches(&self) -> MutexGuard<'_, HashMap<MerchantId, Arc<Bench>>> {
        self.benches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One merchant's bench.
#[derive(Default)]
pub(crate) struct Bench {
    pub(super) journal: Journal,
    pub(super) crossing: Crossing,
    pub(super) fired: FiredAttempts,
    /// Held while the merchant's clock is moved: one moves it at a time.
    pub(super) moving: tokio::sync::Mutex<()>,
    weather: Mutex<Option<Arc<Weather>>>,
}

impl Bench {
    /// The weather; `None` where it is fair.
    pub(super) fn weather(&self) -> Option<Arc<Weather>> {
        self.weather.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_weather(&self, weather: Option<Weather>) {
        *self.weather.lock().unwrap_or_else(PoisonError::into_inner) = weather.map(Arc::new);
    }
}
