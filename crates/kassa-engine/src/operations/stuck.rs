//! An operator settles a stuck operation, after looking the order up at the payment system.

use kassa_domain::PageSessionId;
use kassa_domain::operation::{OperationKind, OperationState};
use kassa_domain::page_session::{OrderReference, PageSession};
use kassa_store::SystemOrder;

use super::outcome::{end, not_ordered, ordered};
use crate::audit::{Act, Requester};
use crate::error::EngineError;
use crate::parts::EngineParts;

/// The outcome that an operator found at the payment system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StuckVerdict {
    /// The order exists.
    Ordered(OrderReference),
    /// No order was placed.
    NotOrdered,
}

/// The outcome of settling a stuck operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettleOutcome {
    /// The operation is settled, and the page session is as shown.
    Settled(Box<PageSession>),
    /// The verdict contradicts the page session, which is as shown. Nothing changed.
    Contradiction(Box<PageSession>),
    /// The page session has no stuck operation.
    NothingStuck,
}

/// Settles the stuck operation of a page session.
pub(crate) async fn settle_stuck(
    engine: &EngineParts,
    id: &PageSessionId,
    verdict: StuckVerdict,
    by: &Requester,
) -> Result<SettleOutcome, EngineError> {
    let order = match &verdict {
        StuckVerdict::Ordered(order) => Some(order.order_id.as_str()),
        StuckVerdict::NotOrdered => None,
    };
    let act = engine.acts.record(&Act::settled(id, order), by)?;
    let Some(claimed) = engine.store.claim_stuck_operation(id, &act).await? else {
        return Ok(SettleOutcome::NothingStuck);
    };
    let actor = by.actor.clone();
    match (claimed.kind, verdict) {
        (OperationKind::Release, StuckVerdict::Ordered(_) | StuckVerdict::NotOrdered) => {
            end(engine, &claimed, OperationState::Done, "settled by an operator", actor).await?;
        }
        (OperationKind::PlaceOrder, StuckVerdict::Ordered(reference)) => {
            ordered(engine, &claimed, SystemOrder::Remote(reference), actor).await?;
        }
        (OperationKind::PlaceOrder, StuckVerdict::NotOrdered) => {
            let reason = "An operator found that no order was placed.";
            not_ordered(engine, &claimed, reason, actor).await?;
        }
    }
    Ok(match engine.store.page_session(id).await? {
        Some(session) if session.open_operation.as_ref() == Some(&claimed.id) => {
            SettleOutcome::Contradiction(Box::new(session))
        }
        Some(session) => SettleOutcome::Settled(Box::new(session)),
        None => SettleOutcome::NothingStuck,
    })
}
