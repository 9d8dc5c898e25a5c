//! Events that time causes: a check of an identity document expires, and a consumer times out.
//!
//! A timer is stored with the change that starts it, so it does not depend on the node. It belongs to that version of
//! the page session: after another change it has nothing to do. Every node looks for timers that are due. If two nodes
//! apply the same one, `advance` refuses the second event.

use kassa_domain::lifecycle::{Event, Status};
use kassa_domain::page_session::PageSession;
use kassa_domain::time::SECOND_MS;
use kassa_domain::{Actor, MerchantId, Timestamp};
use kassa_store::{NewTimer, SessionTimer, StoreError};
use tokio_util::sync::CancellationToken;

use crate::advance::{Occurrence, advance};
use crate::error::EngineError;
use crate::pace::Pace;
use crate::parts::EngineParts;

/// The time between two reads of the store for timers that are due.
const LOOK_AGAIN_MS: i64 = SECOND_MS;

/// Maximum number of timers in one read.
pub(crate) const AT_ONCE: i64 = 100;

/// The timer that a page session starts when it reaches its status.
pub(crate) async fn timer_of(
    engine: &EngineParts,
    session: &PageSession,
) -> Result<Option<NewTimer>, StoreError> {
    Ok(match session.status {
        Status::ManualIdCheck => session
            .id_check
            .as_ref()
            .map(|check| NewTimer { event: Event::IdCheckExpired, due_at: check.challenge.expires_at }),
        Status::InProgress => {
            let merchant = engine.merchants.merchant(&session.merchant_id).await?;
            let timeout_s = merchant.and_then(|merchant| merchant.settings.consumer_timeout_s);
            timeout_s.map(|after_s| NewTimer {
                event: Event::ConsumerTimedOut,
                due_at: session.updated_at.plus_ms(i64::from(after_s) * SECOND_MS),
            })
        }
        Status::Waiting
        | Status::Back
        | Status::Failed
        | Status::Error
        | Status::Timeout
        | Status::Completed
        | Status::Cancelled
        | Status::Disabled => None,
    })
}

/// Applies the timers that are due until `stop`.
pub(crate) async fn apply_timers_until(engine: &EngineParts, stop: CancellationToken) {
    let mut pace = Pace::new(&*engine.clock, LOOK_AGAIN_MS);
    while pace.next_look(&stop).await {
        if let Err(error) = apply_due(engine).await {
            tracing::warn!(
                ?error,
                "the timers of page sessions could not be applied; the node retries within one second"
            );
        }
    }
}

/// Applies every timer that is due. A merchant with a time of its own has timers of its own.
async fn apply_due(engine: &EngineParts) -> Result<(), EngineError> {
    let now = engine.clock.system_now();
    apply_all(engine, &engine.store.timers_until(now, AT_ONCE).await?).await?;
    for (merchant, _) in engine.store.clocks().await? {
        apply_timers_of(engine, &merchant).await?;
    }
    Ok(())
}

/// Applies the timers of a merchant that are due by its clock.
pub(crate) async fn apply_timers_of(engine: &EngineParts, merchant: &MerchantId) -> Result<(), EngineError> {
    apply_all(engine, &engine.store.timers_of(merchant, AT_ONCE).await?).await
}

async fn apply_all(engine: &EngineParts, timers: &[SessionTimer]) -> Result<(), EngineError> {
    for timer in timers.iter().filter(|timer| is_due(engine, &timer.merchant_id, timer.due_at)) {
        apply(engine, timer).await?;
    }
    Ok(())
}

fn is_due(engine: &EngineParts, merchant: &MerchantId, at: Timestamp) -> bool {
    engine.clock.now(merchant) >= at
}

async fn apply(engine: &EngineParts, timer: &SessionTimer) -> Result<(), EngineError> {
    let session = engine.store.page_session(&timer.page_session_id).await?;
    if let Some(session) = session.filter(|session| session.version == timer.version)
        && let Some(occurrence) = occurrence_of(timer.event)
    {
        advance(engine, session, occurrence, Actor::System).await?;
    }
    engine.store.end_timer(timer).await?;
    Ok(())
}

/// The event of a timer; `None` for events that time does not cause.
const fn occurrence_of(event: Event) -> Option<Occurrence> {
    match event {
        Event::IdCheckExpired => Some(Occurrence::IdCheckExpired),
        Event::ConsumerTimedOut => Some(Occurrence::ConsumerTimedOut),
        Event::ConsumerEntered
        | Event::ConsumerWentBack
        | Event::ConsumerCancelled
        | Event::IdCheckRequested
        | Event::PaymentAuthorized
        | Event::PaymentDeclined
        | Event::PaymentErrored
        | Event::PaymentSessionCompleted
        | Event::MerchantDisabled => None,
    }
}
