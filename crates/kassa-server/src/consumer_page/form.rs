//! What the pay form sends.

use serde::Deserialize;

/// The form of the pay page. What a browser leaves out is empty.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct PayForm {
    pub(super) payment_method_category: String,
    pub(super) email: String,
    pub(super) one_time_code: String,
    pub(super) given_name: Option<String>,
    pub(super) family_name: Option<String>,
    pub(super) date_of_birth: Option<String>,
    /// The fingerprint of the order that the consumer saw. Every form of ours has it.
    pub(super) order_seen: String,
    /// Set once the other categories were offered after a decline.
    pub(super) fell_back: Option<String>,
}
