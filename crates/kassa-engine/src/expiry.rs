//! Retention: deletes page sessions, and everything that belongs to them, past their configured age. Classes of data
//! with an age of their own are deleted earlier.
//!
//! Every node does this once an hour. Nodes do not coordinate: the first one deletes, and the others find nothing. If a
//! node dies meanwhile, the rows stay until the next run.

use kassa_domain::time::{DAY_MS, HOUR_MS, SECOND_MS};
use kassa_domain::{Actor, MerchantId, Timestamp};
use kassa_store::{ExpiredKind, StoreError};
use tokio_util::sync::CancellationToken;

use crate::audit::{Act, Requester, shorten_chains};
use crate::clock::Monotonic;
use crate::ids::first_uuid_of;
use crate::metrics::ORDER_CONTACTS;
use crate::pace::Pace;
use crate::parts::EngineParts;

/// The time between two runs.
const LOOK_AGAIN_MS: i64 = HOUR_MS;

/// The time after which a run looks at all rows again. Rows that were changed can have data again: a merchant can give
/// an old order another address, and the answer to a redelivered callback belongs to an old page session.
const LOOK_AT_ALL_MS: i64 = DAY_MS;

/// The longest pause after a step.
const LONGEST_PAUSE_MS: i64 = 10 * SECOND_MS;

/// Answers of idempotency keys are kept twice as long as a key is valid.
const ANSWERS_KEPT_MS: i64 = 2 * DAY_MS;

/// How long classes of data are kept that are deleted before their page sessions, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassRetention {
    /// Messages, since they were accepted.
    pub messages_ms: i64,
    /// Recorded requests, since their last repetition.
    pub requests_ms: i64,
    /// The answers of merchants to callbacks, since the last attempt of a page session.
    pub callback_answers_ms: i64,
    /// The contact data in orders, since the order was placed. `None` keeps them.
    pub order_contacts_ms: Option<i64>,
}

impl Default for ClassRetention {
    fn default() -> Self {
        let month = 30 * DAY_MS;
        Self { messages_ms: month, requests_ms: month, callback_answers_ms: month, order_contacts_ms: None }
    }
}

/// The places that earlier runs reached, of kinds whose rows are changed and not deleted. They are in memory only, so a
/// node begins at the beginning after its start, and once a day.
struct ReachedPlaces {
    begun_at: Monotonic,
    callback_answers: String,
    orders: String,
}

impl ReachedPlaces {
    const fn beginning(begun_at: Monotonic) -> Self {
        Self { begun_at, callback_answers: String::new(), orders: String::new() }
    }

    /// Goes back to the beginning once a day.
    fn begin_again_if_due(&mut self, now: Monotonic) {
        if now.ms_since(self.begun_at) >= LOOK_AT_ALL_MS {
            *self = Self::beginning(now);
        }
    }
}

/// Deletes what expired longer ago than the retention time, until `stop`.
pub(crate) async fn expire_until(engine: &EngineParts, stop: CancellationToken) {
    let mut reached = ReachedPlaces::beginning(engine.clock.monotonic_now());
    engine.metrics.retention.completed(engine.clock.system_now());
    let mut pace = Pace::new(&*engine.clock, LOOK_AGAIN_MS);
    while pace.next_look(&stop).await {
        stop.run_until_cancelled(expire_all(engine, &mut reached)).await;
    }
}

/// Goes through all kinds once.
async fn expire_all(engine: &EngineParts, reached: &mut ReachedPlaces) {
    reached.begin_again_if_due(engine.clock.monotonic_now());
    let mut is_complete = true;
    let mut failed = |what: &str, error: StoreError| {
        is_complete = false;
        tracing::warn!(%error, what, "retention: could not delete expired rows; retrying in one hour");
    };
    for what in ExpiredKind::ALL {
        let keeps_rows = what == ExpiredKind::CallbackAnswers;
        let from = if keeps_rows { reached.callback_answers.clone() } else { String::new() };
        match expire(engine, what, from, engine.clock.system_now()).await {
            Ok(place) if keeps_rows => reached.callback_answers = place,
            Ok(_) => {}
            Err(error) => failed(what.as_str(), error),
        }
    }
    if let Err(error) = redact_orders(engine, &mut reached.orders).await {
        failed(ORDER_CONTACTS, error);
    }
    if let Err(error) = shorten_trail(engine).await {
        failed("audit_entries", error);
    }
    if is_complete {
        engine.metrics.retention.completed(engine.clock.system_now());
    }
}

/// Replaces the contact data in orders past their age, if they have one.
async fn redact_orders(engine: &EngineParts, place: &mut String) -> Result<(), StoreError> {
    let Some(ms) = engine.class_retention.order_contacts_ms else { return Ok(()) };
    let first_kept_id = first_uuid_of(engine.clock.system_now().plus_ms(-ms));
    loop {
        let begun = engine.clock.monotonic_now();
        let keeps = |merchant: &MerchantId| engine.clock.is_own(merchant);
        let Some(page) = engine.store.redact_orders(place, &first_kept_id, keeps).await? else {
            return Ok(());
        };
        *place = page.last;
        engine.metrics.retention.removed(ORDER_CONTACTS, page.changed);
        pause_after(engine, begun).await;
    }
}

/// How long rows of a kind are kept.
const fn kept_ms(engine: &EngineParts, what: ExpiredKind) -> i64 {
    match what {
        ExpiredKind::PageSessions
        | ExpiredKind::PaymentSessions
        | ExpiredKind::RemotePaymentSessions
        | ExpiredKind::Authorizations
        | ExpiredKind::SealedAuthorizations => engine.retention_ms,
        ExpiredKind::Messages => engine.class_retention.messages_ms,
        ExpiredKind::IdempotentAnswers => ANSWERS_KEPT_MS,
        ExpiredKind::RecordedRequests => engine.class_retention.requests_ms,
        ExpiredKind::CallbackAnswers => engine.class_retention.callback_answers_ms,
    }
}

/// Pauses as long as a step took, so that the store is free for other work half of the time. A machine that was
/// suspended during the step does not pause as long as it was.
pub(crate) async fn pause_after(engine: &EngineParts, begun: Monotonic) {
    let ended = engine.clock.monotonic_now();
    engine.clock.sleep_until(ended.plus_ms(ended.ms_since(begun).min(LONGEST_PAUSE_MS))).await;
}

/// Removes old entries of the audit trail, if they have a retention.
pub(crate) async fn shorten_trail(engine: &EngineParts) -> Result<(), StoreError> {
    match engine.audit_retention_ms {
        Some(ms) => shorten_chains(engine, engine.clock.system_now().plus_ms(-ms)).await,
        None => Ok(()),
    }
}

/// Goes through the rows, oldest first. Pauses after each step as long as the step took, so that the store is free for
/// other work half of the time. Keeps the rows of a merchant with its own clock: by that clock they may be young.
/// Returns the place from which the next run goes on.
async fn expire(
    engine: &EngineParts,
    what: ExpiredKind,
    from: String,
    now: Timestamp,
) -> Result<String, StoreError> {
    let before = now.plus_ms(-kept_ms(engine, what));
    let first_kept_id = first_uuid_of(before);
    let mut place = from.clone();
    let (mut done, mut is_first_kept_ahead) = (from, true);
    let by = Requester::in_process(Actor::System);
    // The audit trail says before which instant the deleted sessions expired, once in each run that deletes.
    let mut is_recorded = false;
    loop {
        let begun = engine.clock.monotonic_now();
        let passed = engine.store.retention_candidates(what, &place, &first_kept_id, before).await?;
        let Some(last) = passed.last() else { return Ok(done) };
        place.clone_from(&last.place);
        let leaves = passed.iter().filter(|row| row.is_over && !engine.clock.is_own(&row.merchant_id));
        let leaving: Vec<_> = leaves.collect();
        is_first_kept_ahead &= leaving.len() == passed.len();
        if is_first_kept_ahead {
            done.clone_from(&place);
        }
        let is_first = what == ExpiredKind::PageSessions && !leaving.is_empty() && !is_recorded;
        let act = match is_first {
            true => Some(engine.acts.record(&Act::sessions_expired(before), &by)?),
            false => None,
        };
        engine.store.remove(what, &leaving, act.as_ref()).await?;
        engine.metrics.retention.removed(what.as_str(), leaving.len());
        is_recorded |= is_first;
        if what == ExpiredKind::PageSessions {
            engine.metrics.sessions_left(leaving.len());
        }
        pause_after(engine, begun).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_rows_are_looked_at_again_once_a_day() {
        let mut reached = ReachedPlaces::beginning(Monotonic::from_ms(0));
        reached.orders = "order".to_string();
        reached.callback_answers = "answer".to_string();
        reached.begin_again_if_due(Monotonic::from_ms(DAY_MS - 1));
        assert_eq!((reached.orders.as_str(), reached.callback_answers.as_str()), ("order", "answer"));
        reached.begin_again_if_due(Monotonic::from_ms(DAY_MS));
        assert_eq!((reached.orders.as_str(), reached.callback_answers.as_str()), ("", ""));
        reached.orders = "order".to_string();
        reached.begin_again_if_due(Monotonic::from_ms(DAY_MS + 1));
        assert_eq!(reached.orders, "order");
    }
}
