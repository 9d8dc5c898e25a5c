//! Disabling a page session: never while an order of it may exist.

use kassa_domain::Actor;
use kassa_domain::page_session::PageSession;
use kassa_domain::time::SECOND_MS;

use crate::advance::{Advanced, Occurrence, advance};
use crate::error::EngineError;
use crate::news::{READ_AGAIN_MS, WaitOutcome};
use crate::parts::EngineParts;
use crate::remote::release_started;

/// The longest wait for the outcome of an order.
const WAIT_MS: i64 = 5 * SECOND_MS;

/// Disables a page session. If an order of it is being placed, asks the payment system at once and waits up to five
/// seconds for the outcome; [`Advanced::Confirming`] if it stays unknown.
pub(crate) async fn disable(
    engine: &EngineParts,
    session: PageSession,
    actor: Actor,
) -> Result<Advanced, EngineError> {
    let advanced = advance(engine, session, Occurrence::MerchantDisabled, actor.clone()).await?;
    let Advanced::Confirming(open) = advanced else { return disabled(engine, advanced).await };
    engine.store.hasten_operation(&open.id, engine.time.lease_now()).await?;
    let until = engine.clock.monotonic_now().plus_ms(WAIT_MS);
    let subscription = engine.news.for_page_session(&open.id);
    loop {
        let change = subscription.news();
        let Some(session) = engine.store.page_session(&open.id).await? else { return Ok(Advanced::Gone) };
        let advanced = advance(engine, session, Occurrence::MerchantDisabled, actor.clone()).await?;
        let Advanced::Confirming(_) = advanced else { return disabled(engine, advanced).await };
        let again_at = engine.clock.monotonic_now().plus_ms(READ_AGAIN_MS);
        if engine.news.wait(change, again_at, until).await == WaitOutcome::TimeIsOver {
            return Ok(advanced);
        }
    }
}

/// A disabled session is not paid any more, so the payment that its consumer started is released.
async fn disabled(engine: &EngineParts, advanced: Advanced) -> Result<Advanced, EngineError> {
    if let Advanced::Moved(session) = &advanced {
        release_started(engine, session, "the merchant disabled the page session").await?;
    }
    Ok(advanced)
}
