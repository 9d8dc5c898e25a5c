//! The fields of the pay form.

use serde::Deserialize;

/// The form of the pay page. Fields that the browser omits are empty.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct PayForm {
    pub(super) payment_method_category: String,
    pub(super) email: String,
    pub(super) one_time_code: String,
    pub(super) given_name: Option<String>,
    pub(super) family_name: Option<String>,
    pub(super) date_of_birth: Option<String>,
    /// The hash of the order that the consumer saw. The page's form always contains it.
    pub(super) order_seen: String,
    /// Present if the page offered the other categories after a decline.
    pub(super) fell_back: Option<String>,
}
