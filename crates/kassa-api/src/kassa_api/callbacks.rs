//! `/kassa/v1/callbacks`: the retry schedule of a merchant's callbacks, and the secrets that sign them.

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::merchant::{CallbackSecret, MerchantSettings, SecretRevocation};
use kassa_domain::retry::RetrySchedule;
use kassa_engine::Accounts;
use kassa_http::{ApiError, Body, CallOrigin, Caller, Json};
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::{
    CallbackSettings, CustomSchedule, ListedSecret, Schedule, SecretCreated, SecretList,
};
use kassa_wire::time::Instant;

/// Characters of a secret that a list shows.
const SHOWN_CHARACTERS: usize = 4;

pub(super) async fn settings(caller: Caller) -> Json<CallbackSettings> {
    Json(StatusCode::OK, shown(&caller.merchant.settings))
}

/// Replaces the settings. They apply to attempts that begin after this call.
pub async fn put_callback_settings(
    State(accounts): State<Accounts>,
    caller: Caller,
    origin: CallOrigin,
    body: Body,
) -> Result<Json<CallbackSettings>, ApiError> {
    let given: CallbackSettings = body.read()?;
    let schedule = schedule(given.retry_schedule)?;
    let change = |settings: &mut MerchantSettings| {
        settings.retry_schedule = schedule.clone();
        settings.disabled_calls_back = given.disabled_calls_back;
        shown(settings)
    };
    Ok(Json(
        StatusCode::OK,
        accounts.change_settings(&caller.merchant.id, &origin.of(&caller.actor), change).await?,
    ))
}

pub(super) async fn secrets(caller: Caller) -> Json<SecretList> {
    let secrets = caller.merchant.settings.callback_secrets.iter().map(listed).collect();
    Json(StatusCode::OK, SecretList { secrets })
}

/// Creates a secret. Only this answer shows it. The previous secret stays active and signs, too.
pub async fn add_secret(
    State(accounts): State<Accounts>,
    caller: Caller,
    origin: CallOrigin,
) -> Result<Json<SecretCreated>, ApiError> {
    let new = accounts.new_callback_secret(caller.now);
    let add = |settings: &mut MerchantSettings| settings.add_secret(new.clone());
    accounts.change_settings(&caller.merchant.id, &origin.of(&caller.actor), add).await?;
    let created_at = Instant::from_ms(new.created_at.as_ms());
    Ok(Json(StatusCode::CREATED, SecretCreated { id: new.id, created_at, secret: new.secret }))
}

/// Revokes a secret, which ends a rotation.
pub async fn revoke_secret(
    State(accounts): State<Accounts>,
    caller: Caller,
    origin: CallOrigin,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let revoke = |settings: &mut MerchantSettings| settings.revoke_secret(&id);
    match accounts.change_settings(&caller.merchant.id, &origin.of(&caller.actor), revoke).await? {
        SecretRevocation::Done => Ok(StatusCode::NO_CONTENT),
        SecretRevocation::Unknown => Err(ApiError::refused(ErrorCode::NotFound, "The secret does not exist")),
        SecretRevocation::Last => {
            let message = "The last secret cannot be revoked: make a new one first";
            Err(ApiError::refused(ErrorCode::Conflict, message))
        }
    }
}

fn listed(secret: &CallbackSecret) -> ListedSecret {
    let skipped = secret.secret.chars().count().saturating_sub(SHOWN_CHARACTERS);
    ListedSecret {
        id: secret.id.clone(),
        created_at: Instant::from_ms(secret.created_at.as_ms()),
        ends_with: secret.secret.chars().skip(skipped).collect(),
    }
}

fn shown(settings: &MerchantSettings) -> CallbackSettings {
    let kept = &settings.retry_schedule;
    let retry_schedule = if *kept == RetrySchedule::default() {
        Schedule::Named("vendor".to_string())
    } else if *kept == RetrySchedule::durable() {
        Schedule::Named("durable".to_string())
    } else {
        Schedule::Custom(CustomSchedule {
            waits_ms: kept.waits_ms.clone(),
            timeout_ms: kept.timeout_ms,
            jitter_percent: kept.jitter_percent,
        })
    };
    CallbackSettings { retry_schedule, disabled_calls_back: settings.disabled_calls_back }
}

fn schedule(given: Schedule) -> Result<RetrySchedule, ApiError> {
    let own = match given {
        Schedule::Named(name) if name == "vendor" => return Ok(RetrySchedule::default()),
        Schedule::Named(name) if name == "durable" => return Ok(RetrySchedule::durable()),
        Schedule::Named(_) => return Err(ApiError::bad_values(["retry_schedule"])),
        Schedule::Custom(own) => own,
    };
    let CustomSchedule { waits_ms, timeout_ms, jitter_percent } = own;
    let schedule = RetrySchedule { waits_ms, timeout_ms, jitter_percent };
    match schedule.problem() {
        Some(field) => Err(ApiError::bad_values([format!("retry_schedule.{field}")])),
        None => Ok(schedule),
    }
}
