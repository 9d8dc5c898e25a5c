//! The content of a payment session as the sandbox stores it.

use kassa_domain::page_session::PaymentMethodCategory;
use kassa_wire::payments::PaymentSession;
use kassa_wire::stored::Stored;
use serde::{Deserialize, Serialize};

/// The merchant's description, and the settings of the merchant at the creation of the payment session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredContent {
    /// The merchant's description.
    #[serde(flatten)]
    pub(crate) session: PaymentSession,
    /// The categories that the merchant's settings chose. A later change of the settings does not change a page that a
    /// consumer has open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) offered_categories: Vec<PaymentMethodCategory>,
}

impl Stored for StoredContent {
    const NAME: &'static str = "payment session";
}
