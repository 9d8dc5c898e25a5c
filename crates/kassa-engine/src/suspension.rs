//! A suspended merchant takes no new payments. Every place where a payment begins asks here.
//!
//! A payment that began before may end: reads of a payment system, recorded operations and orders of authorizations
//! do not ask.

use kassa_domain::MerchantId;
use kassa_domain::merchant::MerchantState;
use kassa_store::StoreError;

use crate::error::EngineError;
use crate::parts::EngineParts;

/// Whether a merchant takes new payments.
pub(crate) async fn merchant_state(
    engine: &EngineParts,
    merchant: &MerchantId,
) -> Result<MerchantState, StoreError> {
    let merchant = engine.merchants.merchant(merchant).await?;
    Ok(match merchant.is_none_or(|merchant| merchant.takes_payments()) {
        true => MerchantState::Active,
        false => MerchantState::Suspended,
    })
}

/// Refuses to begin a payment of a suspended merchant.
pub(crate) async fn require_takes_payments(
    engine: &EngineParts,
    merchant: &MerchantId,
) -> Result<(), EngineError> {
    match merchant_state(engine, merchant).await? {
        MerchantState::Active => Ok(()),
        MerchantState::Suspended => Err(EngineError::MerchantSuspended(merchant.clone())),
    }
}
