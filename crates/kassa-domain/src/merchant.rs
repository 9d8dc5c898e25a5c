//! The merchant: an account, and what it has settled about its callbacks.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::MerchantId;
use crate::lifecycle::{CallsBack, Status, rule};
use crate::retry::RetrySchedule;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    /// Names it.
    pub id: MerchantId,
    /// What a consumer reads on the page.
    pub name: String,
    /// What it has settled.
    pub settings: MerchantSettings,
}

/// What a merchant can settle. What it leaves out follows the vendor.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MerchantSettings {
    /// The secrets that sign callbacks, newest first, in the form `whsec_<base64>`. Two during a rotation.
    pub callback_secrets: Vec<String>,
    /// Whether `DISABLED` calls back; the vendor's sources contradict each other (spec 10).
    pub disabled_calls_back: bool,
    /// When a callback is attempted again.
    pub retry_schedule: RetrySchedule,
}

impl core::fmt::Debug for MerchantSettings {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("MerchantSettings")
            .field("callback_secrets", &"[hidden]")
            .field("disabled_calls_back", &self.disabled_calls_back)
            .field("retry_schedule", &self.retry_schedule)
            .finish()
    }
}

impl MerchantSettings {
    /// Whether arriving at this status calls this merchant back.
    #[must_use]
    pub fn calls_back(&self, status: Status) -> bool {
        match rule(status).calls_back {
            CallsBack::Always => true,
            CallsBack::OnRequest => self.disabled_calls_back,
            CallsBack::Never => false,
        }
    }
}
