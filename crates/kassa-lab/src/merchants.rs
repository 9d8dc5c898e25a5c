//! `POST /lab/v1/merchants`, `DELETE /lab/v1/merchants/{id}` and `POST /lab/v1/reset`: a merchant for each test.

use crate::Lab;
use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::MerchantId;
use kassa_engine::{AccountCreation, NAME_RULE, is_name, new_uuid};
use kassa_http::{ApiError, Body, CallOrigin, Caller, Json};
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::MerchantCreated;
use kassa_wire::lab::{TestMerchantCreated, TestMerchantCreation};

pub(super) async fn create_merchant(
    State(lab): State<Lab>,
    caller: Caller,
    origin: CallOrigin,
    body: Body,
) -> Result<Json<TestMerchantCreated>, ApiError> {
    let asked: TestMerchantCreation = body.read_or_default()?;
    let name = asked.name.unwrap_or_else(|| "Test Shop".to_string());
    if !is_name(&name) {
        return Err(ApiError::bad_values_by_rule(["name"], NAME_RULE));
    }
    let at = caller.now;
    let merchant_id = format!("test-{}", new_uuid(lab.engine.random(), at));
    let (id, actor) = (MerchantId::new(&merchant_id), &caller.actor);
    lab.controls.add_test_merchant(&id, &caller.merchant.id, at, actor).await?;
    let AccountCreation::New(made) =
        lab.accounts.create_merchant(&merchant_id, &name, &origin.of(actor)).await?
    else {
        return Err(ApiError::Fault("the id of a new merchant exists already".to_string()));
    };
    let MerchantCreated { merchant_id, username, password, callback_secret } = made;
    Ok(Json(
        StatusCode::CREATED,
        TestMerchantCreated { merchant_id, name, username, password, callback_secret },
    ))
}

/// Deletes a merchant with all its data: the caller itself, or a merchant that it created.
pub(super) async fn delete_merchant(
    State(lab): State<Lab>,
    caller: Caller,
    origin: CallOrigin,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let id = MerchantId::new(id);
    let made_by = lab.controls.maker_of_test_merchant(&id).await?;
    match made_by {
        Some(made_by) if caller.owns(&id) || caller.owns(&made_by) => {}
        Some(_) => return Err(ApiError::refused(ErrorCode::NotFound, "There is no such merchant")),
        None if caller.owns(&id) => {
            let message = "This merchant was not made for a test; POST /lab/v1/reset clears it";
            return Err(ApiError::refused(ErrorCode::InvalidOperation, message));
        }
        None => return Err(ApiError::refused(ErrorCode::NotFound, "There is no such merchant")),
    }
    let merchant_lab = lab.merchant_lab(&id);
    let _moving = merchant_lab.clock_lock.lock().await;
    lab.controls.erase_merchant(&id, &origin.of(&caller.actor)).await?;
    lab.time.set(&id, None);
    lab.forget(&id);
    lab.rate_limits.set(&id, None);
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes all data of the caller. Its credential and its secrets stay.
pub(super) async fn reset(
    State(lab): State<Lab>,
    caller: Caller,
    origin: CallOrigin,
) -> Result<StatusCode, ApiError> {
    let merchant = &caller.merchant.id;
    let merchant_lab = lab.merchant_lab(merchant);
    let _moving = merchant_lab.clock_lock.lock().await;
    lab.controls.reset_merchant(merchant, &origin.of(&caller.actor)).await?;
    lab.time.set(merchant, None);
    merchant_lab.set_faults(None);
    lab.rate_limits.set(merchant, None);
    merchant_lab.journal.clear();
    Ok(StatusCode::NO_CONTENT)
}
