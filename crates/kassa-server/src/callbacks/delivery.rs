//! One attempt of one callback.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use kassa_domain::merchant::Merchant;
use kassa_domain::retry::FailedAttempt;
use kassa_domain::time::SECOND_MS;
use kassa_domain::{EventId, Timestamp};
use kassa_store::{Attempt, AttemptResult, ClaimedCallback, Settlement, StoreError};
use kassa_wire::headers::{CORRELATION_ID, WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP};
use kassa_wire::signature::sign;

use super::breaker::Health;
use super::places::Place;
use crate::app::App;
use crate::ids::new_secret;
use crate::lab::{self, Sent};
use kassa_outgoing::{Call, CallAnswer, CallError, CallErrorKind, retry_after_ms};

/// How we introduce ourselves.
const OUR_NAME: &str = concat!("Kassa/", env!("CARGO_PKG_VERSION"));

/// How much of an answer's body the timeline keeps, in bytes.
const KEPT_ANSWER: usize = 4096;

/// The headers of an answer that the timeline keeps.
const KEPT_HEADERS: [&str; 5] =
    ["content-type", "location", "retry-after", "server", "klarna-correlation-id"];

/// A callback under a lease, with all that an attempt of it needs.
pub(crate) struct Ready {
    pub(crate) callback: ClaimedCallback,
    pub(crate) event_id: EventId,
    pub(crate) body: String,
    pub(crate) merchant: Arc<Merchant>,
    pub(crate) leased_until: Timestamp,
}

/// Makes one attempt of a callback that was claimed.
pub(super) async fn attempt_claimed(
    app: &App,
    callback: ClaimedCallback,
    leased_until: Timestamp,
    place: Place,
) {
    let page_session_id = callback.page_session_id.clone();
    match ready(app, callback, leased_until).await {
        Ok(ready) => attempt(app, ready, place).await,
        Err(error) => tracing::warn!(%page_session_id, %error, "an attempt could not be made"),
    }
}

/// Makes one attempt and settles the callback. Where the store fails, the lease runs out and it is made again.
pub(super) async fn attempt(app: &App, ready: Ready, place: Place) {
    if let Err(error) = try_attempt(app, &ready, place).await {
        let page_session_id = &ready.callback.page_session_id;
        tracing::warn!(%page_session_id, %error, "an attempt was not recorded");
    }
}

async fn ready(app: &App, callback: ClaimedCallback, leased_until: Timestamp) -> Result<Ready, StoreError> {
    let missing = || StoreError::Fault("a callback without its event or merchant".into());
    let (event_id, body) = app.store.event_to_deliver(&callback).await?.ok_or_else(missing)?;
    let merchant = app.merchants.merchant(&callback.merchant_id).await?.ok_or_else(missing)?;
    Ok(Ready { callback, event_id, body, merchant, leased_until })
}

/// The place is free for the next attempt once the call has ended: what the record waits for, no endpoint waits for.
async fn try_attempt(app: &App, ready: &Ready, place: Place) -> Result<(), StoreError> {
    let Ready { callback, event_id, merchant, .. } = ready;
    let now = app.time.lease_now();
    // A process that was asleep may hold a lease that has passed to another: it must not begin.
    let outlasts = now.plus_ms(2 * merchant.settings.retry_schedule.timeout_ms) >= ready.leased_until;
    if outlasts && !app.store.extend_lease(callback, now, longest(merchant, now)).await? {
        return Ok(());
    }
    let started_at = app.clock.now(&merchant.id);
    let Sent { answer, again_after_ms } = lab::send(app, ready, call(app, ready)).await;
    place.ended(health(&answer));
    let ended_at = app.clock.now(&merchant.id).max(started_at);
    let due_now = app.time.due_now_of(&merchant.id);
    let settlement = match again_after_ms {
        Some(wait_ms) => Settlement::AgainAt(due_now.plus_ms(wait_ms)),
        None => settlement(app, ready, answer.as_ref().ok(), due_now),
    };
    let failure = answer.as_ref().err();
    tracing::info!(
        page_session_id = %callback.page_session_id,
        %event_id,
        attempt = callback.attempts + 1,
        ?settlement,
        failure = failure.map(tracing::field::debug),
        "callback attempted"
    );
    let attempt = Attempt { started_at, ended_at, result: result(answer) };
    app.metrics.attempted(callback, started_at, &attempt.result);
    lab::note_attempt(app, callback, &attempt);
    let next_is_due = app.store.settle_callback(callback, &attempt, settlement).await?;
    if next_is_due {
        app.callbacks.tell(&callback.endpoint, due_now);
    }
    if let Settlement::AgainAt(due_at) = settlement {
        app.callbacks.tell(&callback.endpoint, due_at);
    }
    lab::tell_settled(app, callback);
    Ok(())
}

/// How the receiver stands. An attempt that the weather kept back says nothing about it.
fn health(answer: &Result<CallAnswer, CallError>) -> Health {
    match answer {
        Ok(_) => Health::Answered,
        Err(error) if error.kind == CallErrorKind::Weather => Health::Unknown,
        Err(_) => Health::Silent,
    }
}

/// A lease that outlasts the merchant's own timeout.
fn longest(merchant: &Merchant, now: Timestamp) -> Timestamp {
    now.plus_ms(2 * merchant.settings.retry_schedule.timeout_ms + 5 * SECOND_MS)
}

fn call(app: &App, ready: &Ready) -> Call {
    let Ready { callback, event_id, body, merchant, .. } = ready;
    // A receiver compares it with its own clock, and knows nothing of a merchant's time.
    let at_s = app.clock.system_now().as_ms() / SECOND_MS;
    let settings = &merchant.settings;
    let body = Bytes::copy_from_slice(body.as_bytes());
    let headers = vec![
        ("content-type", "application/json".to_string()),
        ("user-agent", OUR_NAME.to_string()),
        (CORRELATION_ID, app.new_correlation_id()),
        (WEBHOOK_ID, event_id.as_str().to_string()),
        (WEBHOOK_TIMESTAMP, at_s.to_string()),
        (WEBHOOK_SIGNATURE, sign(&settings.callback_secrets, event_id.as_str(), at_s, &body)),
    ];
    let timeout = Duration::from_millis(settings.retry_schedule.timeout_ms.unsigned_abs());
    Call {
        method: Method::POST,
        url: callback.url.clone(),
        headers,
        body,
        timeout,
        answer_limit: KEPT_ANSWER,
        is_repeatable: true,
    }
}

fn result(answer: Result<CallAnswer, CallError>) -> AttemptResult {
    match answer {
        Ok(answer) => AttemptResult::Answered {
            status: answer.status.as_u16(),
            headers: kept_headers(&answer.headers),
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        },
        Err(error) => AttemptResult::Failed { kind: error.kind.as_str(), detail: error.detail },
    }
}

fn kept_headers(headers: &HeaderMap) -> String {
    let kept =
        KEPT_HEADERS.iter().filter_map(|name| Some((*name, headers.get(*name)?.to_str().ok()?.into())));
    serde_json::Value::Object(kept.map(|(name, value)| (name.to_string(), value)).collect()).to_string()
}

/// Any 2xx ends a callback, and so does 410; anything else is a failure, and the schedule says what follows.
fn settlement(app: &App, ready: &Ready, answer: Option<&CallAnswer>, due_now: Timestamp) -> Settlement {
    match answer.map(|answer| answer.status) {
        Some(status) if status.is_success() => return Settlement::Delivered,
        Some(StatusCode::GONE) => return Settlement::GivenUp,
        Some(_) | None => {}
    }
    // A date of the receiver is on its clock, and a merchant's time of the lab is on none.
    let now_ms = app.clock.system_now().as_ms();
    let failed = FailedAttempt {
        attempts_made: usize::try_from(ready.callback.attempts + 1).unwrap_or(usize::MAX),
        ended_at: due_now,
        retry_after_ms: answer.and_then(|answer| retry_after_ms(&answer.headers, now_ms)),
        chance: u32::from_le_bytes(new_secret(&*app.passing)),
    };
    let next = ready.merchant.settings.retry_schedule.next_attempt_at(&failed);
    next.map_or(Settlement::GivenUp, Settlement::AgainAt)
}
