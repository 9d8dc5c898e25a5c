//! The lab's state: the capabilities that it needs, and its own memory.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use axum::extract::FromRef;
use kassa_domain::MerchantId;
use kassa_engine::{
    Accounts, Clock, Engine, Links, News, Payments, Random, RateLimits, Reads, TestControls, Timelines,
};
use kassa_http::Calls;

use crate::merchant_lab::{MerchantLab, MerchantLabs};
use crate::time::MerchantTime;

/// The parts from which a lab is made.
pub struct LabSetup {
    /// The clocks of the merchants, which the engine uses, too.
    pub time: Arc<MerchantTime>,
    /// The memory, which the courier uses, too.
    pub merchant_labs: Arc<MerchantLabs>,
    /// Performs the consumer's actions.
    pub engine: Engine,
    /// Reads page sessions.
    pub reads: Reads,
    /// Reads the timelines of page sessions.
    pub timelines: Timelines,
    /// Authorizes payment sessions.
    pub payments: Payments,
    /// Creates test merchants.
    pub accounts: Accounts,
    /// The limits of the merchants' calls.
    pub rate_limits: RateLimits,
    /// The addresses of pages and QR codes.
    pub links: Links,
    /// Wakes live views.
    pub news: News,
    /// The records of the test controls.
    pub controls: TestControls,
    /// Correlation ids and the log.
    pub calls: Calls,
    /// The source of nonces.
    pub random: Arc<dyn Random>,
}

/// The lab of a node. Cloning it costs a reference count.
#[derive(Clone)]
pub struct Lab(Arc<LabParts>);

/// The lab's capabilities and memory, for its handlers.
pub struct LabParts {
    pub(crate) time: Arc<MerchantTime>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) engine: Engine,
    pub(crate) reads: Reads,
    pub(crate) timelines: Timelines,
    pub(crate) payments: Payments,
    pub(crate) accounts: Accounts,
    pub(crate) rate_limits: RateLimits,
    pub(crate) links: Links,
    pub(crate) news: News,
    pub(crate) controls: TestControls,
    pub(crate) calls: Calls,
    pub(crate) random: Arc<dyn Random>,
    /// The merchant whose lab `/lab` opens. Without one there is no page.
    pub(crate) page_merchant: OnceLock<MerchantId>,
    merchant_labs: Arc<MerchantLabs>,
    has_demo: OnceLock<()>,
}

impl Deref for Lab {
    type Target = LabParts;

    fn deref(&self) -> &LabParts {
        &self.0
    }
}

impl Lab {
    /// Creates the lab, without a page.
    #[must_use]
    pub fn new(setup: LabSetup) -> Self {
        let LabSetup {
            time,
            merchant_labs,
            engine,
            reads,
            timelines,
            payments,
            accounts,
            rate_limits,
            links,
            news,
            controls,
            calls,
            random,
        } = setup;
        Self(Arc::new(LabParts {
            clock: time.clone(),
            time,
            engine,
            reads,
            timelines,
            payments,
            accounts,
            rate_limits,
            links,
            news,
            controls,
            calls,
            random,
            page_merchant: OnceLock::new(),
            merchant_labs,
            has_demo: OnceLock::new(),
        }))
    }

    /// Opens the page for this merchant.
    pub fn open_page(&self, of: &str) {
        self.page_merchant.get_or_init(|| MerchantId::new(of));
    }

    /// Whether there is a page.
    #[must_use]
    pub fn has_page(&self) -> bool {
        self.page_merchant.get().is_some()
    }

    /// Links the demo shop from the page.
    pub fn link_demo(&self) {
        self.has_demo.get_or_init(|| ());
    }

    pub(crate) fn has_demo(&self) -> bool {
        self.has_demo.get().is_some()
    }

    /// Returns the lab data of the merchant.
    pub(crate) fn merchant_lab(&self, of: &MerchantId) -> Arc<MerchantLab> {
        self.merchant_labs.of(of)
    }

    /// Drops the lab data of a deleted merchant.
    pub(crate) fn forget(&self, merchant: &MerchantId) {
        self.merchant_labs.forget(merchant);
    }
}

impl FromRef<Lab> for Accounts {
    fn from_ref(lab: &Lab) -> Self {
        lab.accounts.clone()
    }
}

impl FromRef<Lab> for Calls {
    fn from_ref(lab: &Lab) -> Self {
        lab.calls.clone()
    }
}
