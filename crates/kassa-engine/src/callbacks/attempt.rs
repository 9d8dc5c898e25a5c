//! One attempt of one callback.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use kassa_domain::Timestamp;
use kassa_domain::retry::FailedAttempt;
use kassa_domain::time::SECOND_MS;
use kassa_store::{Attempt, AttemptResult, ClaimedCallback, Settlement, StoreError};
use kassa_wire::headers::{CORRELATION_ID, WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP};
use kassa_wire::signature::sign;
use tokio::time::Instant;

use super::breaker::ReceiverHealth;
use super::delivery::Delivery;
use super::slots::AttemptSlot;
use crate::change_log::CALLBACK_LOG;
use crate::courier::AttemptOutcome;
use crate::ids::new_secret;
use crate::parts::EngineParts;
use crate::traces::{OpenSpan, SpanKind};
use kassa_outgoing::{Call, CallAnswer, CallError, retry_after_ms};

/// The `User-Agent` of callbacks.
const OUR_NAME: &str = concat!("Kassa/", env!("CARGO_PKG_VERSION"));

/// The header that names the span of a call.
const TRACEPARENT: &str = "traceparent";

/// The part of an answer's body that the timeline keeps, in bytes.
const KEPT_ANSWER: usize = 4096;

/// The headers of an answer that the timeline keeps.
const KEPT_HEADERS: [&str; 5] =
    ["content-type", "location", "retry-after", "server", "klarna-correlation-id"];

/// Makes one attempt of a callback that was claimed.
pub(super) async fn attempt_claimed(
    engine: &EngineParts,
    callback: ClaimedCallback,
    leased_until: Timestamp,
    slot: AttemptSlot,
) {
    let page_session_id = callback.page_session_id.clone();
    match load(engine, callback, leased_until).await {
        Ok(delivery) => attempt(engine, delivery, slot).await,
        Err(error) => {
            tracing::warn!(%page_session_id, %error, "an attempt could not be made; it is made when the lease ends");
        }
    }
}

/// Makes one attempt and records its result. If the store fails, the lease ends and the attempt is made again.
pub(super) async fn attempt(engine: &EngineParts, delivery: Delivery, slot: AttemptSlot) {
    if let Err(error) = try_attempt(engine, &delivery, slot).await {
        let page_session_id = &delivery.callback.page_session_id;
        tracing::warn!(%page_session_id, %error, "an attempt was not recorded; it is made again when the lease ends");
    }
}

async fn load(
    engine: &EngineParts,
    callback: ClaimedCallback,
    leased_until: Timestamp,
) -> Result<Delivery, StoreError> {
    let missing = || StoreError::Fault("a callback without its event or merchant".into());
    let (event_id, body) = engine.store.event_to_deliver(&callback).await?.ok_or_else(missing)?;
    let merchant = engine.merchants.merchant(&callback.merchant_id).await?.ok_or_else(missing)?;
    Ok(Delivery { callback, event_id, body, merchant, leased_until })
}

/// Frees the slot as soon as the call has ended, so that the endpoint does not wait for the record.
async fn try_attempt(engine: &EngineParts, delivery: &Delivery, slot: AttemptSlot) -> Result<(), StoreError> {
    let Delivery { callback, merchant, .. } = delivery;
    let now = engine.time.lease_now();
    // While this process was suspended, its lease may have ended and another worker may have claimed the callback.
    let timeout_ms = delivery.schedule().timeout_ms;
    let outlasts = now.plus_ms(2 * timeout_ms) >= delivery.leased_until;
    if outlasts && !engine.store.extend_lease(callback, now, longest(timeout_ms, now)).await? {
        return Ok(());
    }
    let started_at = engine.clock.now(&merchant.id);
    let began_at = Instant::now();
    let span = engine.traces.begin(&callback.page_session_id, SpanKind::Client, || "callback".to_string());
    let call = call(engine, delivery, span.as_deref());
    let AttemptOutcome { answer, again_after_ms, reached_network } =
        engine.courier.send(delivery, call).await;
    if let Some(span) = span {
        describe(&span, delivery, &answer);
    }
    let took = began_at.elapsed();
    slot.ended(health(&answer, reached_network));
    let ended_at = engine.clock.now(&merchant.id).max(started_at);
    let due_now = engine.time.due_now_of(&merchant.id);
    let settlement = match again_after_ms {
        Some(wait_ms) => Settlement::AgainAt(due_now.plus_ms(wait_ms)),
        None => settlement(engine, delivery, answer.as_ref().ok(), due_now),
    };
    log_attempt(delivery, &answer, settlement, ended_at.ms_since(started_at));
    let attempt = Attempt { started_at, ended_at, result: result(answer) };
    engine.metrics.attempted(callback, started_at, &attempt.result, took);
    engine.courier.attempted(callback, &attempt);
    let next_is_due = engine.store.settle_callback(callback, &attempt, settlement).await?;
    if next_is_due {
        engine.callbacks.report(&callback.endpoint, due_now);
    }
    if let Settlement::AgainAt(due_at) = settlement {
        engine.callbacks.report(&callback.endpoint, due_at);
    }
    engine.courier.recorded(callback);
    Ok(())
}

/// Logs an attempt. A merchant's URL can contain secrets, so the line has its endpoint alone.
fn log_attempt(
    delivery: &Delivery,
    answer: &Result<CallAnswer, CallError>,
    settlement: Settlement,
    duration_ms: i64,
) {
    let Delivery { callback, event_id, .. } = delivery;
    tracing::info!(
        target: CALLBACK_LOG,
        page_session_id = %callback.page_session_id,
        %event_id,
        attempt = callback.attempts + 1,
        of = delivery.schedule().waits_ms.len() + 1,
        endpoint = callback.endpoint.origin.as_str(),
        answer = answer.as_ref().ok().map(|answer| answer.status.as_u16()),
        duration_ms,
        ?settlement,
        reason = answer.as_ref().err().map(|error| error.detail.as_str()),
        failure = answer.as_ref().err().map(tracing::field::debug),
        "callback attempted"
    );
}

/// The receiver's health. An attempt that did not reach the network says nothing about it.
fn health(answer: &Result<CallAnswer, CallError>, reached_network: bool) -> ReceiverHealth {
    match answer {
        Ok(_) => ReceiverHealth::Answered,
        Err(_) if reached_network => ReceiverHealth::Silent,
        Err(_) => ReceiverHealth::Unknown,
    }
}

/// A lease that outlasts this timeout.
fn longest(timeout_ms: i64, now: Timestamp) -> Timestamp {
    now.plus_ms(2 * timeout_ms + 5 * SECOND_MS)
}

/// Adds what the span of an attempt shows: no URL, because a merchant's URL may contain a secret.
fn describe(span: &OpenSpan, delivery: &Delivery, answer: &Result<CallAnswer, CallError>) {
    let Delivery { callback, event_id, merchant, .. } = delivery;
    span.note("kassa.event_id", event_id.as_str().to_string());
    span.note("kassa.merchant_id", merchant.id.as_str().to_string());
    span.note("kassa.attempt", callback.attempts + 1);
    match answer {
        Ok(answer) => span.note("http.response.status_code", i64::from(answer.status.as_u16())),
        Err(error) => span.note("error.type", error.kind.as_str()),
    }
    if !answer.as_ref().is_ok_and(|answer| answer.status.is_success()) {
        span.fail();
    }
}

fn call(engine: &EngineParts, delivery: &Delivery, span: Option<&OpenSpan>) -> Call {
    let Delivery { callback, event_id, body, merchant, .. } = delivery;
    // The receiver compares this with its own clock, so it is the real time and not the merchant's.
    let at_s = engine.clock.system_now().as_ms() / SECOND_MS;
    let settings = &merchant.settings;
    let body = Bytes::copy_from_slice(body.as_bytes());
    let mut headers = vec![
        ("content-type", "application/json".to_string()),
        ("user-agent", OUR_NAME.to_string()),
        (CORRELATION_ID, engine.new_correlation_id()),
        (WEBHOOK_ID, event_id.as_str().to_string()),
        (WEBHOOK_TIMESTAMP, at_s.to_string()),
        (WEBHOOK_SIGNATURE, sign(&settings.callback_secrets, event_id.as_str(), at_s, &body)),
    ];
    headers.extend(span.and_then(OpenSpan::header).map(|header| (TRACEPARENT, header)));
    let timeout = Duration::from_millis(delivery.schedule().timeout_ms.unsigned_abs());
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

/// Any 2xx delivers the callback and 410 ends it. Everything else is a failure, and the retry schedule decides.
fn settlement(
    engine: &EngineParts,
    delivery: &Delivery,
    answer: Option<&CallAnswer>,
    due_now: Timestamp,
) -> Settlement {
    match answer.map(|answer| answer.status) {
        Some(status) if status.is_success() => return Settlement::Delivered,
        Some(StatusCode::GONE) => return Settlement::GivenUp,
        Some(_) | None => {}
    }
    // A date of the receiver is on its clock, and a merchant's time of the lab is on none.
    let now_ms = engine.clock.system_now().as_ms();
    let failed = FailedAttempt {
        attempts_made: usize::try_from(delivery.callback.attempts + 1).unwrap_or(usize::MAX),
        ended_at: due_now,
        retry_after_ms: answer.and_then(|answer| retry_after_ms(&answer.headers, now_ms)),
        chance: u32::from_le_bytes(new_secret(&*engine.ephemeral_random)),
    };
    let next = delivery.schedule().next_attempt_at(&failed);
    next.map_or(Settlement::GivenUp, Settlement::AgainAt)
}
