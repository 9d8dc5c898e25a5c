//! The calls of the pay page while a payment system's script shows the form. The browser says what the script answered;
//! the payment system is asked, and decides.

use axum::Form;
use axum::body::Bytes;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use kassa_domain::Actor;
use kassa_engine::{Advanced, ClaimKind, PaymentClaim, Reachability, Visit};
use kassa_http::{ApiError, Json};
use kassa_wire::error::ErrorCode;
use serde::{Deserialize, Serialize};

use super::filled::PageContext;
use super::form::PayForm;
use super::language::{LanguagePreference, PagePath};
use super::pages::{Pages, opened};
use super::policy::written;
use super::show::{see_other, see_outcome, session_after};

/// The consumer pressed Pay in the form of the script. That is recorded in any case, because the payment may have begun
/// at the payment system.
pub(super) async fn started(
    State(pages): State<Pages>,
    Path(token): Path<String>,
) -> Result<StatusCode, ApiError> {
    let session = opened(&pages, &token).await?;
    pages.engine.payment_started(&session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The answer of the script, as the browser reports it.
#[derive(Deserialize)]
pub(super) struct ScriptAnswer {
    /// `approved`, `declined`, or `failed` if the script could not run.
    answer: String,
    #[serde(default)]
    payment_method_category: String,
}

/// The page to which the browser goes.
#[derive(Serialize)]
pub(super) struct NextPage {
    next: String,
}

/// Asks the payment system because of what the script answered, and says where the browser goes.
pub(super) async fn claim(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    answer: Result<Form<ScriptAnswer>, FormRejection>,
) -> Result<Json<NextPage>, ApiError> {
    let unreadable = |error: FormRejection| ApiError::refused(ErrorCode::BadRequest, error.body_text());
    let Form(ScriptAnswer { answer, payment_method_category: category }) = answer.map_err(unreadable)?;
    let kind = match answer.as_str() {
        "approved" => ClaimKind::Approved,
        "declined" => ClaimKind::Declined,
        "failed" => ClaimKind::ScriptFailed,
        _ => return Err(ApiError::bad_values(["answer"])),
    };
    let session = opened(&pages, &token).await?;
    let advanced = pages.engine.claim(session, PaymentClaim { kind, category }, Actor::Consumer).await?;
    let next = match advanced {
        Advanced::Confirming(session) if session.open_operation.is_none() => {
            format!("/pay/{token}/confirming")
        }
        Advanced::Stayed(session) | Advanced::Outdated(session) if !session.status.is_final() => {
            format!("/pay/{token}")
        }
        Advanced::Moved(_)
        | Advanced::Stayed(_)
        | Advanced::Refused(_)
        | Advanced::Outdated(_)
        | Advanced::Confirming(_)
        | Advanced::Gone => format!("/pay/{token}/outcome"),
    };
    Ok(Json(StatusCode::OK, NextPage { next }))
}

/// The page while it is unknown whether the payment is authorized, because the payment system does not answer. It opens
/// itself again until the payment system answers.
pub(super) async fn confirming(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    preference: LanguagePreference,
) -> Result<Response, ApiError> {
    let session = opened(&pages, &token).await?;
    let Visit { advanced, payment, offer, reachability, merchant_state: _ } =
        pages.engine.visit(session, Actor::Consumer).await?;
    let session = session_after(advanced)?;
    if !session.can_be_paid() {
        return Ok(see_outcome(&token));
    }
    match reachability {
        Reachability::Reached | Reachability::NotReached => Ok(see_other(&format!("/pay/{token}"))),
        Reachability::NotReachedAfterPay => {
            let nothing_entered = PayForm::default();
            let browser = (&nothing_entered, &preference);
            let context = PageContext::of(&pages, &session, (&payment, &offer), browser).await?;
            let again = format!("/pay/{token}/confirming");
            let render = |nonce: &str| context.confirming_page(nonce, (&token, PagePath::Confirming), &again);
            Ok(written(&pages, StatusCode::OK, render))
        }
    }
}

/// A browser reports that the page's policy refused something. Kassa counts and logs the report, so that an operator
/// learns that a source is missing. Anybody can send a report, so it changes nothing.
pub(super) async fn policy_violation(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    report: Bytes,
) -> Result<Response, ApiError> {
    let session = opened(&pages, &token).await?;
    let report = String::from_utf8_lossy(&report[..report.len().min(LONGEST_REPORT)]).into_owned();
    pages.engine.count_policy_violation();
    tracing::warn!(page_session_id = %session.id, report, "the page's policy refused something: see [klarna] \
                                                          extra_sources");
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The longest part of a report that is logged, in bytes.
const LONGEST_REPORT: usize = 2_000;
