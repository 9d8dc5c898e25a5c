//! `/kassa/v1/credentials`: a merchant's own credentials, to be rotated. `/kassa/v1/merchants`: merchants and their
//! credentials, for operators.

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::MerchantId;
use kassa_domain::merchant::MerchantState;
use kassa_engine::{AccountCreation, Accounts, NAME_RULE, Requester, RevokeOutcome};
use kassa_http::{ApiError, Body, CallOrigin, Caller, Json, Operator};
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::{
    CredentialCreated, CredentialList, ListedMerchant, MerchantChange, MerchantCreated, MerchantCreation,
    MerchantList,
};

pub(super) async fn own_credentials(
    State(accounts): State<Accounts>,
    caller: Caller,
) -> Result<Json<CredentialList>, ApiError> {
    let credentials = accounts.credentials_of(caller.merchant.id.as_str()).await?;
    Ok(Json(StatusCode::OK, CredentialList { credentials }))
}

/// Creates a credential. Only this answer shows its password. The other credentials stay active.
pub(super) async fn add_own_credential(
    State(accounts): State<Accounts>,
    caller: Caller,
    origin: CallOrigin,
) -> Result<Json<CredentialCreated>, ApiError> {
    add_credential_of(&accounts, caller.merchant.id.as_str(), &origin.of(&caller.actor)).await
}

/// Revokes a credential, which ends a rotation.
pub(super) async fn revoke_own_credential(
    State(accounts): State<Accounts>,
    caller: Caller,
    origin: CallOrigin,
    Path(username): Path<String>,
) -> Result<StatusCode, ApiError> {
    match accounts.revoke_own_credential(&caller.merchant.id, &username, &origin.of(&caller.actor)).await? {
        RevokeOutcome::Revoked => Ok(StatusCode::NO_CONTENT),
        RevokeOutcome::Unknown => Err(no_credential()),
        RevokeOutcome::Last => {
            let message = "The last credential cannot be revoked: make a new one first";
            Err(ApiError::refused(ErrorCode::Conflict, message))
        }
    }
}

pub(super) async fn merchants(
    State(accounts): State<Accounts>,
    _operator: Operator,
) -> Result<Json<MerchantList>, ApiError> {
    Ok(Json(StatusCode::OK, MerchantList { merchants: accounts.merchants_by_id().await? }))
}

/// Creates a merchant with its first credential and its callback secret. Only this answer shows them.
pub(super) async fn add_merchant(
    State(accounts): State<Accounts>,
    operator: Operator,
    origin: CallOrigin,
    body: Body,
) -> Result<Json<MerchantCreated>, ApiError> {
    let asked: MerchantCreation = body.read()?;
    match accounts.create_merchant(&asked.merchant_id, &asked.name, &origin.of(&operator.actor)).await? {
        AccountCreation::New(made) => Ok(Json(StatusCode::CREATED, made)),
        AccountCreation::Taken => {
            let message = format!("The merchant {} exists already", asked.merchant_id);
            Err(ApiError::refused(ErrorCode::Conflict, message))
        }
        AccountCreation::Unusable(fields) => {
            let rule = format!("An id has letters, digits, - and _, 64 at most. {NAME_RULE}");
            Err(ApiError::bad_values_by_rule(fields, &rule))
        }
    }
}

/// Changes a merchant, from the next call on.
pub(super) async fn change_merchant(
    State(accounts): State<Accounts>,
    operator: Operator,
    origin: CallOrigin,
    Path(merchant): Path<String>,
    body: Body,
) -> Result<Json<ListedMerchant>, ApiError> {
    let id = accounts.merchant(&MerchantId::new(merchant)).await?.ok_or_else(no_merchant)?.id.clone();
    let MerchantChange { name, is_suspended } = body.read()?;
    let by = origin.of(&operator.actor);
    if let Some(name) = name {
        match accounts.rename_merchant(&id, &name, &by).await? {
            Some(true) => {}
            Some(false) => return Err(ApiError::bad_values_by_rule(["name"], NAME_RULE)),
            None => return Err(no_merchant()),
        }
    }
    if let Some(is_suspended) = is_suspended {
        let state = if is_suspended { MerchantState::Suspended } else { MerchantState::Active };
        accounts.set_merchant_state(&id, state, &by).await?;
    }
    let changed = accounts.listed_merchant(&id).await?.ok_or_else(no_merchant)?;
    Ok(Json(StatusCode::OK, changed))
}

pub(super) async fn credentials(
    State(accounts): State<Accounts>,
    _operator: Operator,
    Path(merchant): Path<String>,
) -> Result<Json<CredentialList>, ApiError> {
    let credentials = accounts.credentials_of(&merchant).await?;
    match credentials.is_empty() {
        true => Err(no_merchant()),
        false => Ok(Json(StatusCode::OK, CredentialList { credentials })),
    }
}

pub(super) async fn add_credential(
    State(accounts): State<Accounts>,
    operator: Operator,
    origin: CallOrigin,
    Path(merchant): Path<String>,
) -> Result<Json<CredentialCreated>, ApiError> {
    add_credential_of(&accounts, &merchant, &origin.of(&operator.actor)).await
}

/// Revokes a credential, the last one too. An operator can so lock a merchant out.
pub(super) async fn revoke_credential(
    State(accounts): State<Accounts>,
    operator: Operator,
    origin: CallOrigin,
    Path((merchant, username)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let merchant = MerchantId::new(merchant);
    match accounts.revoke_credential_of(&merchant, &username, &origin.of(&operator.actor)).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(no_credential()),
    }
}

async fn add_credential_of(
    accounts: &Accounts,
    merchant: &str,
    by: &Requester,
) -> Result<Json<CredentialCreated>, ApiError> {
    let made = accounts.create_credential(merchant, by).await?.ok_or_else(no_merchant)?;
    Ok(Json(StatusCode::CREATED, made))
}

/// The merchant that a path names, if it exists.
pub(super) async fn found(accounts: &Accounts, merchant: String) -> Result<MerchantId, ApiError> {
    let merchant = accounts.merchant(&MerchantId::new(merchant)).await?.ok_or_else(no_merchant)?;
    Ok(merchant.id.clone())
}

pub(super) fn no_merchant() -> ApiError {
    ApiError::refused(ErrorCode::NotFound, "The merchant does not exist")
}

fn no_credential() -> ApiError {
    ApiError::refused(ErrorCode::NotFound, "No active credential has this username")
}
