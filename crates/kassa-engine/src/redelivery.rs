//! Redelivery: makes the callback of one event due again, or those that were given up.

use kassa_domain::{MerchantId, PageSessionId, Timestamp};
use kassa_store::{FeedEvent, RedeliveredCallbacks, StoreError};
use kassa_wire::time::format_ms;

use crate::audit::{Act, ActKind, Requester};
use crate::callbacks::report_due;
use crate::change_log::log_change;
use crate::engine::Engine;
use crate::limits::LimitPause;
use crate::parts::EngineParts;

/// The reason why a redelivery did not begin.
#[derive(Debug, thiserror::Error)]
pub enum RedeliveryError {
    /// The merchant has used up its redeliveries for now.
    #[error("too many redeliveries")]
    LimitPause(LimitPause),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Engine {
    /// Makes the callback of one event due again, also if it was delivered. One whose first attempt has not begun, or
    /// whose attempt is under way, stays as it is.
    pub async fn redeliver_event(
        &self,
        of: &MerchantId,
        event: &FeedEvent,
        by: &Requester,
    ) -> Result<RedeliveredCallbacks, RedeliveryError> {
        let engine = self.parts();
        let now = admit(engine, of, event.event_id.as_str())?;
        let act = Act::on(ActKind::EventRedelivered, event.event_id.as_str()).with("merchant", of.as_str());
        let record = engine.acts.record(&act, by)?;
        let redelivered = engine.store.redeliver_event(event, now, engine.time.lease_now(), &record).await?;
        log_change(&by.actor, act.kind.words(), &act.object);
        Ok(start(engine, redelivered, now))
    }

    /// Makes the callbacks of a session due again that were given up.
    pub async fn redeliver_session(
        &self,
        of: &MerchantId,
        session: &PageSessionId,
        by: &Requester,
    ) -> Result<RedeliveredCallbacks, RedeliveryError> {
        let engine = self.parts();
        let now = admit(engine, of, session.as_str())?;
        let act = Act::on(ActKind::SessionRedelivered, session.as_str()).with("merchant", of.as_str());
        let redelivered =
            engine.store.redeliver_session(session, now, &engine.acts.record(&act, by)?).await?;
        log_change(&by.actor, act.kind.words(), &act.object);
        Ok(start(engine, redelivered, now))
    }

    /// Makes the merchant's callbacks due again that were given up since an instant.
    pub async fn redeliver_since(
        &self,
        of: &MerchantId,
        since: Timestamp,
        by: &Requester,
    ) -> Result<RedeliveredCallbacks, RedeliveryError> {
        let engine = self.parts();
        let now = admit(engine, of, "since")?;
        let act = Act::on(ActKind::MerchantRedelivered, of.as_str()).with("since", format_ms(since.as_ms()));
        let record = engine.acts.record(&act, by)?;
        let redelivered = engine.store.redeliver_since(of, since, now, &record).await?;
        log_change(&by.actor, act.kind.words(), &act.object);
        Ok(start(engine, redelivered, now))
    }
}

/// Applies the merchant's limit: each redelivery is a call to somebody's server. Returns the date of the redelivery.
fn admit(engine: &EngineParts, of: &MerchantId, what: &str) -> Result<Timestamp, RedeliveryError> {
    let admitted = engine.limits.redeliver(of, what, engine.clock.monotonic_now());
    admitted.map_err(|paused| {
        engine.metrics.node.limited("redelivery");
        RedeliveryError::LimitPause(paused)
    })?;
    Ok(engine.time.due_now_of(of))
}

fn start(engine: &EngineParts, redelivered: RedeliveredCallbacks, now: Timestamp) -> RedeliveredCallbacks {
    for endpoint in &redelivered.endpoints {
        report_due(engine, endpoint.clone(), now);
    }
    redelivered
}
