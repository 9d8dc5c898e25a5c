//! One attempt of one callback.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use kassa_domain::retry::RetrySchedule;
use kassa_domain::time::SECOND_MS;
use kassa_domain::{EventId, Timestamp};
use kassa_store::{Attempt, AttemptResult, ClaimedCallback, Settlement, StoreError};
use kassa_wire::headers::{CORRELATION_ID, WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP};
use kassa_wire::signature::sign;

use crate::app::App;
use crate::outgoing::{Call, CallAnswer, CallError};

/// How we introduce ourselves.
const OUR_NAME: &str = concat!("Kassa/", env!("CARGO_PKG_VERSION"));

/// How much of an answer's body the timeline keeps, in bytes.
const KEPT_ANSWER: usize = 4096;

/// Makes one attempt and settles the callback. Where the store fails, the lease runs out and it is made again.
pub(super) async fn attempt(app: &App, callback: &ClaimedCallback) {
    if let Err(error) = try_attempt(app, callback).await {
        tracing::warn!(page_session_id = %callback.page_session_id, %error, "an attempt was not recorded");
    }
}

async fn try_attempt(app: &App, callback: &ClaimedCallback) -> Result<(), StoreError> {
    let missing = || StoreError::Fault("a callback without its event or merchant".to_string());
    let (event_id, body) = app.store.event_to_deliver(callback).await?.ok_or_else(missing)?;
    let merchant = app.store.merchant(&callback.merchant_id).await?.ok_or_else(missing)?;
    let schedule = &merchant.settings.retry_schedule;
    let started_at = app.clock.now(&merchant.id);
    let secrets = &merchant.settings.callback_secrets;
    let call = call(app, callback, &event_id, body.into(), started_at, secrets, schedule);
    let answer = app.outgoing.call(call).await;
    let attempt = Attempt { started_at, ended_at: app.clock.now(&merchant.id), result: result(answer) };
    let settlement = settlement(schedule, callback.attempts + 1, &attempt.result, app.clock.scheduling_now());
    tracing::info!(
        page_session_id = %callback.page_session_id,
        %event_id,
        attempt = callback.attempts + 1,
        ?settlement,
        "callback attempted"
    );
    app.store.settle_callback(callback, &attempt, settlement).await
}

fn call(
    app: &App,
    callback: &ClaimedCallback,
    event_id: &EventId,
    body: Bytes,
    at: Timestamp,
    secrets: &[String],
    schedule: &RetrySchedule,
) -> Call {
    let at_s = at.as_ms() / SECOND_MS;
    let headers = vec![
        ("content-type", "application/json".to_string()),
        ("user-agent", OUR_NAME.to_string()),
        (CORRELATION_ID, app.new_correlation_id()),
        (WEBHOOK_ID, event_id.as_str().to_string()),
        (WEBHOOK_TIMESTAMP, at_s.to_string()),
        (WEBHOOK_SIGNATURE, sign(secrets, event_id.as_str(), at_s, &body)),
    ];
    let timeout = Duration::from_millis(schedule.timeout_ms.unsigned_abs());
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
        Ok(answer) => {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            AttemptResult::Answered { status: answer.status.as_u16(), body }
        }
        Err(error) => AttemptResult::Failed(error.detail),
    }
}

/// Any 2xx ends a callback; anything else is a failure, and the schedule says what follows (spec 3.2).
fn settlement(
    schedule: &RetrySchedule,
    attempts_made: i64,
    result: &AttemptResult,
    now: Timestamp,
) -> Settlement {
    if matches!(result, AttemptResult::Answered { status: 200..=299, .. }) {
        return Settlement::Delivered;
    }
    let made = usize::try_from(attempts_made).unwrap_or(usize::MAX);
    schedule.next_attempt_at(made, now).map_or(Settlement::GivenUp, Settlement::AgainAt)
}
