//! Advances a merchant's clock. The clock stops at each instant at which a timer of a page session or a callback is
//! due, until the status has changed and the callback is attempted.

use crate::Lab;
use kassa_domain::Timestamp;
use kassa_domain::time::SECOND_MS;
use kassa_http::{ApiError, Caller};
use kassa_store::{Expired, StoreError};
use kassa_wire::error::ErrorCode;
use kassa_wire::lab::{ClockAdvanced, Fired, FiredKind};
use kassa_wire::time::format_ms;

use super::{Target, report_due_callbacks, set};
use crate::merchant_lab::MerchantLab;
use kassa_engine::{READ_AGAIN_MS, WaitOutcome};

/// Maximum real time for the callbacks of one instant.
const MAX_SETTLING_MS: i64 = 30 * SECOND_MS;

/// Advances the caller's clock, and returns everything that was due. The clock does not move during the attempts, so
/// each attempt has the instant at which it was due.
pub(super) async fn advance_to(
    lab: &Lab,
    caller: &Caller,
    target: Target,
) -> Result<ClockAdvanced, ApiError> {
    let merchant = &caller.merchant.id;
    let merchant_lab = lab.merchant_lab(merchant);
    let _moving = merchant_lab.clock_lock.lock().await;
    let is_frozen = lab.time.is_frozen(merchant);
    let from = lab.clock.now(merchant);
    let to = match target {
        Target::By(ms) => from.plus_ms(ms),
        Target::To(at) => at,
    };
    if to < from {
        let message = "The clock is past that already; PUT /lab/v1/clock sets it back";
        return Err(ApiError::refused(ErrorCode::Conflict, message));
    }
    merchant_lab.fired.begin(from);
    // Callbacks that were stored by the system's clock follow the merchant's own clock from now on.
    set(lab, caller, lab.time.from(from, true)).await?;
    lab.controls.give_callbacks_own_time(merchant, &caller.actor).await?;
    let mut has_settled = true;
    let mut at = from;
    loop {
        set(lab, caller, lab.time.from(at, true)).await?;
        lab.controls.apply_due_timers(merchant).await?;
        has_settled &= attempt_due_callbacks(lab, caller, &merchant_lab, at).await?;
        let callbacks = lab.controls.callbacks_due(merchant).await?;
        let next = callbacks.into_iter().chain(lab.controls.timers_due(merchant).await?);
        match next.filter(|due_at| *due_at > at && *due_at <= to).min() {
            Some(due_at) => at = due_at,
            None if at < to => at = to,
            None => break,
        }
    }
    set(lab, caller, lab.time.from(to, is_frozen)).await?;
    let mut fired = merchant_lab.fired.end();
    fired.extend(lab.controls.expired_between(merchant, from, to).await?.iter().map(expired));
    fired.sort();
    Ok(ClockAdvanced { now: format_ms(to.as_ms()), frozen: is_frozen, settled: has_settled, fired })
}

/// Waits until every due callback has been attempted. Returns `false` if that takes too long.
async fn attempt_due_callbacks(
    lab: &Lab,
    caller: &Caller,
    merchant_lab: &MerchantLab,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let until = lab.clock.monotonic_now().plus_ms(MAX_SETTLING_MS);
    loop {
        let news = merchant_lab.redirect_sync.news();
        if !lab.controls.is_callback_due(&caller.merchant.id, at).await? {
            return Ok(true);
        }
        let again_at = lab.clock.monotonic_now().plus_ms(READ_AGAIN_MS);
        if lab.news.wait(news, again_at, until).await == WaitOutcome::TimeIsOver {
            return Ok(false);
        }
        report_due_callbacks(lab, caller).await?;
    }
}

fn expired(expired: &Expired) -> Fired {
    let session_id = expired.page_session_id.as_str().to_string();
    let what = match expired.status {
        Some(status) => FiredKind::SessionExpired { session_id, status: status.as_str().to_string() },
        None => FiredKind::AuthorizationExpired { session_id },
    };
    Fired { at: format_ms(expired.at.as_ms()), what }
}
