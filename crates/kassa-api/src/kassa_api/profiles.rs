//! `/kassa/v1/merchants/{merchant_id}/profiles`: the profiles of merchants, for operators.

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_engine::{Accounts, BadFields, ProfileChange, Profiles};
use kassa_http::{ApiError, Body, CallOrigin, Json, Operator};
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::{Profile, ProfileList};

use super::accounts::{found, no_merchant};

pub(super) async fn profiles(
    State(accounts): State<Accounts>,
    State(profiles): State<Profiles>,
    _operator: Operator,
    Path(merchant): Path<String>,
) -> Result<Json<ProfileList>, ApiError> {
    let merchant = found(&accounts, merchant).await?;
    let profiles = profiles.list(&merchant).await?;
    Ok(Json(StatusCode::OK, ProfileList { profiles }))
}

pub(super) async fn create_profile(
    State(accounts): State<Accounts>,
    State(profiles): State<Profiles>,
    operator: Operator,
    origin: CallOrigin,
    Path(merchant): Path<String>,
    body: Body,
) -> Result<Json<Profile>, ApiError> {
    let merchant = found(&accounts, merchant).await?;
    let change = profiles.create(&merchant, body.read()?, &origin.of(&operator.actor)).await?;
    stored_profile(change).map(|profile| Json(StatusCode::CREATED, profile))
}

pub(super) async fn profile(
    State(accounts): State<Accounts>,
    State(profiles): State<Profiles>,
    _operator: Operator,
    Path((merchant, profile)): Path<(String, String)>,
) -> Result<Json<Profile>, ApiError> {
    let merchant = found(&accounts, merchant).await?;
    let profile = profiles.profile(&merchant, &profile).await?.ok_or_else(no_profile)?;
    Ok(Json(StatusCode::OK, profile))
}

/// Replaces a profile as a whole. Existing page sessions keep the values that they got.
pub(super) async fn replace_profile(
    State(accounts): State<Accounts>,
    State(profiles): State<Profiles>,
    operator: Operator,
    origin: CallOrigin,
    Path((merchant, profile)): Path<(String, String)>,
    body: Body,
) -> Result<Json<Profile>, ApiError> {
    let merchant = found(&accounts, merchant).await?;
    if profiles.profile(&merchant, &profile).await?.is_none() {
        return Err(no_profile());
    }
    let change = profiles.replace(&merchant, &profile, body.read()?, &origin.of(&operator.actor)).await?;
    stored_profile(change).map(|profile| Json(StatusCode::OK, profile))
}

pub(super) async fn delete_profile(
    State(accounts): State<Accounts>,
    State(profiles): State<Profiles>,
    operator: Operator,
    origin: CallOrigin,
    Path((merchant, profile)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let merchant = found(&accounts, merchant).await?;
    match profiles.delete(&merchant, &profile, &origin.of(&operator.actor)).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(no_profile()),
    }
}

/// The profile after a change, or the error of the change.
pub fn stored_profile(change: ProfileChange) -> Result<Profile, ApiError> {
    match change {
        ProfileChange::Stored(profile) => Ok(*profile),
        ProfileChange::Taken => Err(ApiError::refused(
            ErrorCode::Conflict,
            "The merchant has a profile with this id: replace it, or choose another id",
        )),
        ProfileChange::UnknownMerchant => Err(no_merchant()),
        ProfileChange::UnknownProfile => Err(no_profile()),
        ProfileChange::Unusable(problems) => Err(bad_values(&problems)),
    }
}

/// The error of a merchant that has no profile with an id.
pub fn no_profile() -> ApiError {
    ApiError::refused(ErrorCode::NotFound, "The merchant has no profile with this id")
}

fn bad_values(problems: &BadFields) -> ApiError {
    ApiError::Refused(ErrorCode::BadValue, problems.messages())
}
