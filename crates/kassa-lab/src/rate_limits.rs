//! `GET|PUT|DELETE /lab/v1/rate-limits`: the calls that the merchant may make in a second.

use std::num::NonZeroU32;

use axum::extract::State;
use http::StatusCode;
use kassa_engine::Rates;
use kassa_http::{ApiError, Body, Caller, Json};
use kassa_wire::lab::RateLimitSetting;

use super::Lab;

pub(super) async fn read(State(lab): State<Lab>, caller: Caller) -> Json<RateLimitSetting> {
    answer(&lab, &caller)
}

/// Sets the limits until the node stops, and begins to count anew.
pub(super) async fn put(
    State(lab): State<Lab>,
    caller: Caller,
    body: Body,
) -> Result<Json<RateLimitSetting>, ApiError> {
    let asked: RateLimitSetting = body.read()?;
    let limit = |asked: Option<u32>| asked.and_then(NonZeroU32::new);
    let rates = Rates { creations: limit(asked.creations), other_calls: limit(asked.other_calls) };
    lab.rate_limits.set(&caller.merchant.id, Some(rates));
    Ok(answer(&lab, &caller))
}

/// Restores the limits of the configuration.
pub(super) async fn clear(State(lab): State<Lab>, caller: Caller) -> StatusCode {
    lab.rate_limits.set(&caller.merchant.id, None);
    StatusCode::NO_CONTENT
}

fn answer(lab: &Lab, caller: &Caller) -> Json<RateLimitSetting> {
    let Rates { creations, other_calls } = lab.rate_limits.of(&caller.merchant.id);
    let setting = RateLimitSetting {
        creations: creations.map(NonZeroU32::get),
        other_calls: other_calls.map(NonZeroU32::get),
    };
    Json(StatusCode::OK, setting)
}
