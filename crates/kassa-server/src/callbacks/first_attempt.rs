//! From the commit of a change to the first attempt of its callback, without a detour.

use std::sync::Arc;

use kassa_domain::merchant::Merchant;
use kassa_domain::page_session::PageSession;
use kassa_domain::time::SECOND_MS;
use kassa_domain::{EventId, Timestamp};
use kassa_store::{ClaimedCallback, NewCallback, StoreError};

use super::delivery::Ready;
use super::endpoint::endpoint_of;
use super::places::Place;
use super::tell_due;
use crate::app::App;
use crate::lab;

/// The lease of a callback. An attempt that could outlast it is not begun.
pub(super) const LEASE_MS: i64 = 10 * SECOND_MS;

/// The first attempt of a callback that is about to be committed.
pub(crate) struct FirstAttempt {
    endpoint: String,
    due_at: Timestamp,
    kept: Option<Kept>,
}

/// A place that is kept for it, with what the attempt needs.
struct Kept {
    place: Place,
    merchant: Arc<Merchant>,
    leased_until: Timestamp,
}

/// The callback that a session in this status asks for, where it and its merchant want one.
pub(crate) async fn callback_of(
    app: &App,
    session: &PageSession,
) -> Result<Option<(NewCallback, FirstAttempt)>, StoreError> {
    let Some(url) = session.status_update_url() else { return Ok(None) };
    let merchant = app.merchants.merchant(&session.merchant_id).await?;
    let wanting = merchant.filter(|merchant| merchant.settings.calls_back(session.status));
    let delay_ms = lab::delay_ms(app, session);
    Ok(wanting.map(|merchant| prepare(app, merchant, url, delay_ms)))
}

fn prepare(app: &App, merchant: Arc<Merchant>, url: String, delay_ms: i64) -> (NewCallback, FirstAttempt) {
    let endpoint = endpoint_of(&url, app.clock.is_own(&merchant.id).then_some(&merchant.id));
    let due_at = app.time.due_now_of(&merchant.id).plus_ms(delay_ms);
    let leased_until = app.time.lease_now().plus_ms(LEASE_MS);
    let place = (delay_ms == 0).then(|| app.callbacks.keep_place(&endpoint)).flatten();
    let kept = place.map(|place| Kept { place, merchant, leased_until });
    let leased_until = kept.as_ref().map(|kept| kept.leased_until);
    (
        NewCallback { endpoint: endpoint.clone(), url, due_at, leased_until },
        FirstAttempt { endpoint, due_at, kept },
    )
}

impl FirstAttempt {
    /// Begins it, after the commit: on the place that was kept, where the callback is held under our lease; else
    /// whoever claims it begins.
    pub(crate) fn begin(self, app: &App, held: Option<ClaimedCallback>, event_id: EventId, body: String) {
        match self.kept.zip(held) {
            Some((Kept { place, merchant, leased_until }, callback)) => {
                place.hand_over(Ready { callback, event_id, body, merchant, leased_until });
            }
            None => tell_due(app, self.endpoint, self.due_at),
        }
    }
}
