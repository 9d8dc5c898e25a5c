//! `GET|PUT /lab/v1/clock` and `POST /lab/v1/clock/advance`: reads, sets, freezes and advances the merchant's clock.

mod advance;

use axum::extract::State;
use http::StatusCode;
use kassa_domain::Timestamp;
use kassa_domain::time::DAY_MS;
use kassa_http::{ApiError, Body, Caller, Json};
use kassa_store::{MerchantClock, StoreError};
use kassa_wire::lab::{ClockAdvance, ClockAdvanced, ClockRead, ClockSetting};
use kassa_wire::time::{format_ms, parse_duration_ms, parse_ms};

use super::Lab;
use advance::advance_to;

/// Maximum distance of one advance.
const MAX_ADVANCE_MS: i64 = 3_660 * DAY_MS;

pub(super) async fn read(State(lab): State<Lab>, caller: Caller) -> Result<Json<ClockRead>, ApiError> {
    Ok(Json(StatusCode::OK, clock_read(&lab, &caller)))
}

/// Sets the clock. Everything that becomes due happens as soon as possible, in no particular order.
pub(super) async fn put(
    State(lab): State<Lab>,
    caller: Caller,
    body: Body,
) -> Result<Json<ClockRead>, ApiError> {
    let asked: ClockSetting = body.read()?;
    let merchant_lab = lab.merchant_lab(&caller.merchant.id);
    let _moving = merchant_lab.clock_lock.lock().await;
    let at = match &asked.now {
        Some(now) => instant(now).ok_or_else(|| ApiError::bad_values(["now"]))?,
        None => lab.clock.now(&caller.merchant.id),
    };
    let is_frozen = asked.frozen.unwrap_or_else(|| lab.time.is_frozen(&caller.merchant.id));
    set(&lab, &caller, lab.time.from(at, is_frozen)).await?;
    lab.controls.give_callbacks_own_time(&caller.merchant.id, &caller.actor).await?;
    report_due_callbacks(&lab, &caller).await?;
    Ok(Json(StatusCode::OK, clock_read(&lab, &caller)))
}

/// Advances the clock. If the caller disconnects, the advance still runs to its end.
pub(super) async fn advance(
    State(lab): State<Lab>,
    caller: Caller,
    body: Body,
) -> Result<Json<ClockAdvanced>, ApiError> {
    let asked: ClockAdvance = body.read()?;
    let target = target(&asked)?;
    let moved = tokio::spawn(async move { advance_to(&lab, &caller, target).await });
    let answer = moved.await.map_err(|error| ApiError::Fault(error.to_string()))??;
    Ok(Json(StatusCode::OK, answer))
}

/// The target of an advance.
#[derive(Clone, Copy, Debug)]
enum Target {
    By(i64),
    To(Timestamp),
}

fn target(asked: &ClockAdvance) -> Result<Target, ApiError> {
    match (&asked.by, &asked.to) {
        (Some(by), None) => {
            let by_ms = parse_duration_ms(by).filter(|by_ms| *by_ms <= MAX_ADVANCE_MS);
            by_ms.map(Target::By).ok_or_else(|| ApiError::bad_values(["by"]))
        }
        (None, Some(to)) => instant(to).map(Target::To).ok_or_else(|| ApiError::bad_values(["to"])),
        (Some(_), Some(_)) | (None, None) => Err(ApiError::bad_values(["by", "to"])),
    }
}

fn instant(text: &str) -> Option<Timestamp> {
    parse_ms(text).filter(|ms| *ms >= 0).map(Timestamp::from_ms)
}

fn clock_read(lab: &Lab, caller: &Caller) -> ClockRead {
    let merchant = &caller.merchant.id;
    ClockRead { now: format_ms(lab.clock.now(merchant).as_ms()), frozen: lab.time.is_frozen(merchant) }
}

/// Stores the caller's clock setting, applies it, and makes the delivery of callbacks read the clock again.
async fn set(lab: &Lab, caller: &Caller, time: MerchantClock) -> Result<(), StoreError> {
    lab.controls.set_clock(&caller.merchant.id, time, &caller.actor).await?;
    lab.time.set(&caller.merchant.id, Some(time));
    report_due_callbacks(lab, caller).await
}

/// Informs the delivery of callbacks when the caller's callbacks are due.
async fn report_due_callbacks(lab: &Lab, caller: &Caller) -> Result<(), StoreError> {
    lab.controls.report_due_callbacks(&caller.merchant.id).await
}
