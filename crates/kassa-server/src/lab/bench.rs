//! What the lab keeps in memory of each merchant: a bench, with a journal and the weather over it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kassa_domain::MerchantId;

use super::crossing::Crossing;
use super::journal::Journal;
use super::weather::Weather;

/// The benches of all merchants.
#[derive(Default)]
pub(crate) struct Lab {
    benches: Mutex<HashMap<MerchantId, Arc<Bench>>>,
}

impl Lab {
    /// The merchant's bench.
    pub(crate) fn bench(&self, of: &MerchantId) -> Arc<Bench> {
        let mut benches = self.benches();
        match benches.get(of) {
            Some(bench) => bench.clone(),
            None => benches.entry(of.clone()).or_default().clone(),
        }
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
