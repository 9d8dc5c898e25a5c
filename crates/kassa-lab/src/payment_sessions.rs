//! `POST /lab/v1/payment-sessions/{session_id}/approve|decline`: acts as the consumer of the merchant's own shop, who
//! authorizes the payment session without a page session and without a browser.

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::payment_session::PaymentSession;
use kassa_domain::{Actor, PaymentSessionId};
use kassa_http::{ApiError, Body, Caller, Json};
use kassa_store::CommitOutcome;
use kassa_wire::error::ErrorCode;
use kassa_wire::lab::{PaymentSessionActionDetails, PaymentSessionDecided};

use crate::Lab;
use crate::actions::approval;

/// Decides as the browser SDK's consumer would. A decline stores nothing, as at the vendor.
pub(super) async fn act(
    State(lab): State<Lab>,
    caller: Caller,
    Path((id, act)): Path<(String, String)>,
    body: Body,
) -> Result<Json<PaymentSessionDecided>, ApiError> {
    let details: PaymentSessionActionDetails = body.read_or_default()?;
    let id = PaymentSessionId::new(id);
    let payment = own_open_session(&lab, &caller, &id).await?;
    let authorization_token = match act.as_str() {
        "approve" => Some(approve(&lab, &caller, payment, details).await?),
        "decline" => None,
        _ => return Err(ApiError::refused(ErrorCode::NotFound, format!("The consumer cannot {act}"))),
    };
    Ok(Json(StatusCode::OK, PaymentSessionDecided { authorization_token }))
}

async fn approve(
    lab: &Lab,
    caller: &Caller,
    mut payment: PaymentSession,
    details: PaymentSessionActionDetails,
) -> Result<String, ApiError> {
    let PaymentSessionActionDetails { email, payment_method_category } = details;
    let offer = lab.engine.offer(&payment)?;
    let identifiers = || offer.categories.iter().map(|category| &category.identifier);
    let category = match payment_method_category {
        Some(chosen) if identifiers().any(|offered| *offered == chosen) => chosen,
        Some(_) => return Err(ApiError::bad_values(["payment_method_category"])),
        None => identifiers().next().cloned().unwrap_or_else(|| "klarna".to_string()),
    };
    let approval = approval(lab, caller, &payment, email).await?;
    let token = approval.token.as_str().to_string();
    loop {
        let committed = lab
            .payments
            .authorize_payment_session(&payment, &category, approval.clone(), &Actor::Lab)
            .await?;
        match committed {
            CommitOutcome::Done => return Ok(token),
            CommitOutcome::Stale => payment = own_open_session(lab, caller, &payment.id).await?,
        }
    }
}

async fn own_open_session(
    lab: &Lab,
    caller: &Caller,
    id: &PaymentSessionId,
) -> Result<PaymentSession, ApiError> {
    let found = lab.payments.payment_session(id).await?;
    let found = found.filter(|found| caller.owns(&found.merchant_id) && !found.is_expired(caller.now));
    let payment = found.ok_or_else(|| ApiError::refused(ErrorCode::NotFound, "Invalid session id"))?;
    if payment.is_complete() {
        let message = "The payment session is complete, so nothing can be authorized";
        return Err(ApiError::refused(ErrorCode::Conflict, message));
    }
    Ok(payment)
}
