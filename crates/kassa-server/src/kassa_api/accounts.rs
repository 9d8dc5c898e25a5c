//! `/kassa/v1/credentials`: a merchant's own credentials, to be rotated. `/kassa/v1/merchants`: merchants and their
//! credentials, for operators.

use axum::extract::{FromRequestParts, Path, State};
use http::StatusCode;
use http::request::Parts;
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::{AskedMerchant, CredentialList, MerchantList, NewCredential, NewMerchant};

use crate::accounts::{Made, NAME_RULE, RevokeOutcome};
use crate::api_error::ApiError;
use crate::app::App;
use crate::authentication::{Caller, check, login_of, refuse};
use crate::body::{Body, Json};
use crate::limits::Audience;

/// Proves that an operator calls.
pub(super) struct Operator;

impl FromRequestParts<App> for Operator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let login = login_of(app, parts, Audience::Operators)?;
        let checked = check(app, &login, app.store.operator(&login.username), |operator| operator).await;
        checked.map(|_| Self).map_err(|failure| refuse(app, &login, failure))
    }
}

pub(super) async fn own_credentials(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<CredentialList>, ApiError> {
    let credentials = app.credentials_of(caller.merchant.id.as_str()).await?;
    Ok(Json(StatusCode::OK, CredentialList { credentials }))
}

/// Makes a new credential, shown this once. The others stay good.
pub(super) async fn add_own_credential(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<NewCredential>, ApiError> {
    add_credential_of(&app, caller.merchant.id.as_str()).await
}

/// Ends a rotation: the credential is refused from now on.
pub(super) async fn revoke_own_credential(
    State(app): State<App>,
    caller: Caller,
    Path(username): Path<String>,
) -> Result<StatusCode, ApiError> {
    match app.revoke_own_credential(&caller.merchant.id, &username).await? {
        RevokeOutcome::Revoked => Ok(StatusCode::NO_CONTENT),
        RevokeOutcome::Unknown => Err(no_credential()),
        RevokeOutcome::Last => {
            let message = "The last credential cannot be revoked: make a new one first";
            Err(ApiError::refused(ErrorCode::Conflict, message))
        }
    }
}

pub(super) async fn merchants(
    State(app): State<App>,
    _operator: Operator,
) -> Result<Json<MerchantList>, ApiError> {
    Ok(Json(StatusCode::OK, MerchantList { merchants: app.merchants_by_id().await? }))
}

/// Makes a merchant with its first credential and its callback secret, shown this once.
pub(super) async fn add_merchant(
    State(app): State<App>,
    _operator: Operator,
    body: Body,
) -> Result<Json<NewMerchant>, ApiError> {
    let asked: AskedMerchant = body.json()?;
    match app.make_merchant(&asked.merchant_id, &asked.name).await? {
        Made::New(made) => Ok(Json(StatusCode::CREATED, made)),
        Made::Taken => {
            let message = format!("The merchant {} is there already", asked.merchant_id);
            Err(ApiError::refused(ErrorCode::Conflict, message))
        }
        Made::Unusable(fields) => {
            let rule = format!("An id has letters, digits, - and _, 64 at most. {NAME_RULE}");
            Err(ApiError::bad_values_by_rule(fields, &rule))
        }
    }
}

pub(super) async fn credentials(
    State(app): State<App>,
    _operator: Operator,
    Path(merchant): Path<String>,
) -> Result<Json<CredentialList>, ApiError> {
    let credentials = app.credentials_of(&merchant).await?;
    match credentials.is_empty() {
        true => Err(no_merchant()),
        false => Ok(Json(StatusCode::OK, CredentialList { credentials })),
    }
}

pub(super) async fn add_credential(
    State(app): State<App>,
    _operator: Operator,
    Path(merchant): Path<String>,
) -> Result<Json<NewCredential>, ApiError> {
    add_credential_of(&app, &merchant).await
}

/// Takes a credential back, the last one too: so an operator shuts a merchant out.
pub(super) async fn revoke_credential(
    State(app): State<App>,
    _operator: Operator,
    Path((merchant, username)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let merchant = kassa_domain::MerchantId::new(merchant);
    match app.merchants.revoke_credential(&username, Some(&merchant)).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(no_credential()),
    }
}

async fn add_credential_of(app: &App, merchant: &str) -> Result<Json<NewCredential>, ApiError> {
    let made = app.make_credential(merchant).await?.ok_or_else(no_merchant)?;
    Ok(Json(StatusCode::CREATED, made))
}

fn no_merchant() -> ApiError {
    ApiError::refused(ErrorCode::NotFound, "The merchant does not exist")
}

fn no_credential() -> ApiError {
    ApiError::refused(ErrorCode::NotFound, "There is no such credential that is good")
}
