//! `POST /lab/v1/merchants`, `DELETE /lab/v1/merchants/{id}` and `POST /lab/v1/reset`: a merchant for each test.

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::MerchantId;
use kassa_domain::merchant::MerchantSettings;
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::NewMerchant;
use kassa_wire::lab::{TestMerchant, TestMerchantCreation};

use super::own_lab;
use crate::accounts::{Made, NAME_RULE, is_name};
use crate::api_error::ApiError;
use crate::app::App;
use crate::authentication::Caller;
use crate::body::{Body, Json};
use crate::ids::new_uuid;

pub(super) async fn make(
    State(app): State<App>,
    caller: Caller,
    body: Body,
) -> Result<Json<TestMerchant>, ApiError> {
    let asked: TestMerchantCreation =
        if body.is_empty() { TestMerchantCreation::default() } else { body.json()? };
    let name = asked.name.unwrap_or_else(|| "Test Shop".to_string());
    if !is_name(&name) {
        return Err(ApiError::bad_values_by_rule(["name"], NAME_RULE));
    }
    let at = caller.now;
    let merchant_id = format!("test-{}", new_uuid(&*app.random, at));
    app.store.add_test_merchant(&MerchantId::new(&merchant_id), &caller.merchant.id, at).await?;
    let Made::New(made) = app.make_merchant(&merchant_id, &name).await? else {
        return Err(ApiError::Fault("the id of a new merchant exists already".to_string()));
    };
    let NewMerchant { merchant_id, username, password, callback_secret } = made;
    Ok(Json(StatusCode::CREATED, TestMerchant { merchant_id, name, username, password, callback_secret }))
}

/// Deletes a merchant with all its data: the caller itself, or a merchant that it created.
pub(super) async fn throw_away(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let id = MerchantId::new(id);
    let made_by = app.store.maker_of_test_merchant(&id).await?;
    match made_by {
        Some(made_by) if caller.owns(&id) || caller.owns(&made_by) => {}
        Some(_) => return Err(ApiError::refused(ErrorCode::NotFound, "There is no such merchant")),
        None if caller.owns(&id) => {
            let message = "This merchant was not made for a test; POST /lab/v1/reset clears it";
            return Err(ApiError::refused(ErrorCode::InvalidOperation, message));
        }
        None => return Err(ApiError::refused(ErrorCode::NotFound, "There is no such merchant")),
    }
    let lab = own_lab(&app)?;
    let bench = lab.bench(&id);
    let _moving = bench.moving.lock().await;
    app.merchants.erase(&id).await?;
    lab.time.set(&id, None);
    lab.forget(&id);
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes all data of the caller. Its credential and its secrets stay.
pub(super) async fn reset(State(app): State<App>, caller: Caller) -> Result<StatusCode, ApiError> {
    let lab = own_lab(&app)?;
    let merchant = &caller.merchant.id;
    let bench = lab.bench(merchant);
    let _moving = bench.moving.lock().await;
    app.store.erase_history(merchant).await?;
    lab.time.set(merchant, None);
    let keep_secrets = |settings: &mut MerchantSettings| {
        let callback_secrets = std::mem::take(&mut settings.callback_secrets);
        *settings = MerchantSettings { callback_secrets, ..MerchantSettings::default() };
    };
    app.merchants.change_settings(merchant, keep_secrets).await?;
    bench.set_weather(None);
    bench.journal.clear();
    Ok(StatusCode::NO_CONTENT)
}
