//! `/kassa/v1/merchants/{merchant_id}/payment-accounts`: merchants' accounts at payment systems, for operators. No
//! answer shows a password.

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_engine::{ACCOUNT_RULE, Accounts, BaseUrl, PaymentAccounts, SetAccountOutcome, UnreadableAccount};
use kassa_http::{ApiError, Body, CallOrigin, Json, Operator, Parameters};
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::{ListedPaymentAccount, PaymentAccountList, PaymentAccountSetting};

use super::accounts::{found, no_merchant};

pub(super) async fn payment_accounts(
    State(accounts): State<Accounts>,
    State(payment_accounts): State<PaymentAccounts>,
    _operator: Operator,
    Path(merchant): Path<String>,
) -> Result<Json<PaymentAccountList>, ApiError> {
    let merchant = found(&accounts, merchant).await?;
    let payment_accounts = payment_accounts.list(&merchant).await?;
    Ok(Json(StatusCode::OK, PaymentAccountList { payment_accounts }))
}

/// Sets the account at a base URL. It replaces an account that was set before.
pub(super) async fn set_payment_account(
    State(accounts): State<Accounts>,
    State(payment_accounts): State<PaymentAccounts>,
    operator: Operator,
    origin: CallOrigin,
    Path(merchant): Path<String>,
    body: Body,
) -> Result<Json<ListedPaymentAccount>, ApiError> {
    let merchant = found(&accounts, merchant).await?;
    let asked: PaymentAccountSetting = body.read()?;
    match payment_accounts.set(&merchant, &asked, &origin.of(&operator.actor)).await? {
        SetAccountOutcome::Set(account) => Ok(Json(StatusCode::OK, account)),
        SetAccountOutcome::UnknownMerchant => Err(no_merchant()),
        SetAccountOutcome::Unusable(fields) => Err(ApiError::bad_values_by_rule(fields, ACCOUNT_RULE)),
        SetAccountOutcome::NoKeys => {
            Err(ApiError::refused(ErrorCode::Conflict, UnreadableAccount::NoKeys.to_string()))
        }
    }
}

/// Removes the account at a base URL.
pub(super) async fn remove_payment_account(
    State(accounts): State<Accounts>,
    State(payment_accounts): State<PaymentAccounts>,
    operator: Operator,
    origin: CallOrigin,
    Path(merchant): Path<String>,
    parameters: Parameters,
) -> Result<StatusCode, ApiError> {
    let merchant = found(&accounts, merchant).await?;
    let base_url: Option<BaseUrl> = parameters.parsed("base_url", |text| text.parse().ok())?;
    let base_url = base_url
        .ok_or_else(|| ApiError::bad_values_by_rule(["base_url"], "Name the account by its base_url"))?;
    match payment_accounts.remove(&merchant, &base_url, &origin.of(&operator.actor)).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::refused(
            ErrorCode::NotFound,
            "The merchant has no payment account with this base URL",
        )),
    }
}
