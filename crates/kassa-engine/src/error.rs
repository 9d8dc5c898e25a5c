//! The reasons why the engine could not do something. None has an HTTP status: the HTTP layer chooses it.

use kassa_domain::{MerchantId, PageSessionId, PaymentSessionId};
use kassa_store::StoreError;

use crate::payment_system::UnreadableContent;

/// A failure of the engine, or the refusal to begin a payment. A refusal by the lifecycle table is a result, not an
/// error: see [`crate::Advanced`].
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The database is unavailable, or something is wrong with it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored text cannot be read, or a text cannot be written.
    #[error("a stored text cannot be read or written")]
    Json(#[from] serde_json::Error),
    /// The payment system cannot read the content of a payment session.
    #[error(transparent)]
    Content(#[from] UnreadableContent),
    /// The payment session of a page session is missing.
    #[error("the page session {0} has no payment session")]
    NoPaymentSession(PageSessionId),
    /// An operator suspended the merchant, so no payment begins. Nothing was changed.
    #[error("the merchant {0} is suspended and takes no new payments")]
    MerchantSuspended(MerchantId),
    /// The payment system of a payment session is not configured any more.
    #[error(
        "the payment system of the payment session {0} is not configured: see the setting payment_system"
    )]
    NoPaymentSystem(PaymentSessionId),
}
