//! The first attempt of a callback, which the committing request starts itself.
//!
//! The request reserves a slot and commits the callback with a lease, so that no worker has to claim it. Without a free
//! slot the callback has no lease, and a worker claims it.

use std::sync::Arc;

use kassa_domain::merchant::Merchant;
use kassa_domain::page_session::PageSession;
use kassa_domain::time::SECOND_MS;
use kassa_domain::{DueClock, Endpoint, EventId, Timestamp};
use kassa_store::{ClaimedCallback, NewCallback, StoreError};

use super::delivery::Delivery;
use super::origin::origin_of;
use super::reporting::report_due;
use super::slots::AttemptSlot;
use crate::parts::EngineParts;

/// The lease of a callback. An attempt that could outlast it is not begun.
pub(super) const LEASE_MS: i64 = 10 * SECOND_MS;

/// The first attempt of a callback that is about to be committed.
pub(crate) struct FirstAttempt {
    endpoint: Endpoint,
    due_at: Timestamp,
    reserved: Option<Reserved>,
}

/// A reserved slot, with what the attempt needs.
struct Reserved {
    slot: AttemptSlot,
    merchant: Arc<Merchant>,
    leased_until: Timestamp,
}

/// The callback of a session in this status, if the session has a URL for it and the merchant wants it.
pub(crate) async fn callback_of(
    engine: &EngineParts,
    session: &PageSession,
) -> Result<Option<(NewCallback, FirstAttempt)>, StoreError> {
    let Some(url) = session.status_update_url() else { return Ok(None) };
    let merchant = engine.merchants.merchant(&session.merchant_id).await?;
    let wanting = merchant.filter(|merchant| merchant.settings.calls_back(session.status));
    let delay_ms = engine.courier.delay_ms(session);
    Ok(wanting.map(|merchant| prepare(engine, merchant, url, delay_ms)))
}

pub(super) fn prepare(
    engine: &EngineParts,
    merchant: Arc<Merchant>,
    url: String,
    delay_ms: i64,
) -> (NewCallback, FirstAttempt) {
    let clock = match engine.clock.is_own(&merchant.id) {
        true => DueClock::Merchant(merchant.id.clone()),
        false => DueClock::System,
    };
    let endpoint = Endpoint { origin: origin_of(&url), clock };
    let due_at = engine.time.due_now_of(&merchant.id).plus_ms(delay_ms);
    let leased_until = engine.time.lease_now().plus_ms(LEASE_MS);
    let slot = (delay_ms == 0).then(|| engine.callbacks.reserve_slot(&endpoint)).flatten();
    let reserved = slot.map(|slot| Reserved { slot, merchant, leased_until });
    let leased_until = reserved.as_ref().map(|reserved| reserved.leased_until);
    (
        NewCallback { endpoint: endpoint.clone(), url, due_at, leased_until },
        FirstAttempt { endpoint, due_at, reserved },
    )
}

impl FirstAttempt {
    /// Begins the attempt after the commit, if the callback has our lease. Otherwise a worker claims it.
    pub(crate) fn begin(
        self,
        engine: &EngineParts,
        lease: Option<ClaimedCallback>,
        event_id: EventId,
        body: String,
    ) {
        match self.reserved.zip(lease) {
            Some((Reserved { slot, merchant, leased_until }, callback)) => {
                slot.hand_over(Delivery { callback, event_id, body, merchant, leased_until });
            }
            None => report_due(engine, self.endpoint, self.due_at),
        }
    }
}
