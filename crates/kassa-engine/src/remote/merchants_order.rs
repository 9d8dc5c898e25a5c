//! A merchant places an order itself at a remote payment system, and this node sees the answer.

use kassa_domain::page_session::OrderReference;
use kassa_domain::{AuthorizationToken, MerchantId};
use kassa_store::CommitOutcome;

use crate::advance::complete_siblings_or_later;
use crate::error::EngineError;
use crate::parts::EngineParts;

/// Completes the page sessions of the payment session that a merchant's order completed. The token names the payment
/// session, if a page handed it out. If Kassa does not know the token, the next read finds the order.
pub(crate) async fn merchant_ordered(
    engine: &EngineParts,
    merchant: &MerchantId,
    token: &AuthorizationToken,
    order: &OrderReference,
) -> Result<(), EngineError> {
    let Some(authorization) = engine.store.authorization(token).await? else { return Ok(()) };
    if authorization.merchant_id != *merchant {
        return Ok(());
    }
    let of = &authorization.payment_session_id;
    let at = engine.clock.now(merchant);
    match engine.store.complete_payment_session_elsewhere(of, Some(order), at).await? {
        CommitOutcome::Done => complete_siblings_or_later(engine, of).await,
        // An order is known already, from a read or from an earlier answer to the same call.
        CommitOutcome::Stale => {}
    }
    Ok(())
}
