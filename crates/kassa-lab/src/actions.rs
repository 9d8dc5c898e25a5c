//! `POST /lab/v1/sessions/{session_id}/enter|approve|decline|error|back|cancel`: acts as the consumer.

use crate::Lab;
use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::Actor;
use kassa_domain::id_check::IdVerdict;
use kassa_domain::merchant::MerchantState;
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::{CategoryVisibility, Offer, PaymentSession};
use kassa_engine::{
    Advanced, Approval, Consumer, Decision, Paid, Visit, new_authorization_token, session_snapshot,
};
use kassa_http::{ApiError, Body, Caller, Json};
use kassa_wire::error::ErrorCode;
use kassa_wire::lab::ConsumerActionDetails;
use kassa_wire::one_line::one_line;
use kassa_wire::snapshot::SessionSnapshot;

use kassa_api::{own_session, session_not_found};

/// A one-time code that the sandbox accepts.
const RIGHT_CODE: &str = "123456";

/// Performs a consumer's action by the same functions as the page, and returns the session as a read shows it.
pub(super) async fn act(
    State(lab): State<Lab>,
    caller: Caller,
    Path((id, act)): Path<(String, String)>,
    body: Body,
) -> Result<Json<SessionSnapshot>, ApiError> {
    let session = own_session(&lab.reads, &caller, id).await?;
    let details: ConsumerActionDetails = body.read_or_default()?;
    let ConsumerActionDetails { reason, email, payment_method_category: category } = details;
    let reason = reason.unwrap_or_else(|| "Requested in the lab.".to_string());
    let advanced = match act.as_str() {
        "enter" => enter(&lab, session).await?,
        "back" => lab.engine.press_back(session, Actor::Lab).await?,
        "cancel" => cancel(&lab, session).await?,
        "approve" => {
            let (payment, _) = lab.engine.hosted(&session).await?;
            let approval = approval(&lab, &caller, &payment, email).await?;
            decide(&lab, session, category, Decision::Authorized(approval)).await?
        }
        "request-id-check" => {
            let (payment, _) = lab.engine.hosted(&session).await?;
            let approval = approval(&lab, &caller, &payment, email).await?;
            decide(&lab, session, category, Decision::IdCheck(approval)).await?
        }
        "expire-id-check" => lab.engine.expire_id_check(session, Actor::Lab).await?,
        "time-out" => lab.engine.time_out(session, Actor::Lab).await?,
        "pass-id-check" => lab.engine.answer_id_check(session, IdVerdict::Passed, Actor::Lab).await?,
        "fail-id-check" => lab.engine.answer_id_check(session, IdVerdict::Failed, Actor::Lab).await?,
        "decline" => decide(&lab, session, category, Decision::Declined(reason)).await?,
        "error" => decide(&lab, session, category, Decision::Errored(reason)).await?,
        _ => return Err(ApiError::refused(ErrorCode::NotFound, format!("The consumer cannot {act}"))),
    };
    if let Advanced::Moved(session) = &advanced {
        lab.engine.before_redirect(session).await?;
    }
    answer(&act, advanced)
}

/// The approval of a consumer with this e-mail address, if there is one.
pub(super) async fn approval(
    lab: &Lab,
    caller: &Caller,
    payment: &PaymentSession,
    email: Option<String>,
) -> Result<Approval, ApiError> {
    let Some(email) = email else {
        let token = new_authorization_token(lab.engine.random(), caller.now);
        return Ok(Approval { token, consumer: None });
    };
    let consumer = Consumer { email, one_time_code: RIGHT_CODE.to_string(), ..Consumer::default() };
    match lab.engine.authorize(payment, &consumer, caller.now).await? {
        Decision::Authorized(approval) | Decision::IdCheck(approval) => Ok(approval),
        Decision::Declined(_) | Decision::Errored(_) | Decision::Incomplete(_) => {
            Err(ApiError::bad_values(["email"]))
        }
    }
}

/// Opens the page. Consumers do not enter the page of a suspended merchant.
async fn enter(lab: &Lab, session: PageSession) -> Result<Advanced, ApiError> {
    let Visit { advanced, merchant_state, .. } = lab.engine.visit(session, Actor::Lab).await?;
    let is_suspended = merchant_state == MerchantState::Suspended;
    if is_suspended && matches!(&advanced, Advanced::Stayed(session) if session.can_be_paid()) {
        return Err(ApiError::merchant_suspended());
    }
    Ok(advanced)
}

async fn cancel(lab: &Lab, session: PageSession) -> Result<Advanced, ApiError> {
    let (_, offer) = lab.engine.hosted(&session).await?;
    Ok(lab.engine.confirm_cancel(session, offer.channel, Actor::Lab).await?)
}

async fn decide(
    lab: &Lab,
    session: PageSession,
    category: Option<String>,
    decision: Decision,
) -> Result<Advanced, ApiError> {
    let (payment, offer) = lab.engine.hosted(&session).await?;
    let category = chosen_category(&session, &offer, category)?;
    match lab.engine.apply_decision(session, &payment, &category, decision, Actor::Lab).await? {
        Paid::Decided(advanced) => Ok(*advanced),
        Paid::Incomplete(_) => Err(ApiError::Fault("a forced decision was incomplete".to_string())),
    }
}

/// Returns the category that the consumer chooses: one that the page shows, or its first one.
fn chosen_category(session: &PageSession, offer: &Offer, chosen: Option<String>) -> Result<String, ApiError> {
    let options = session.options.payment_method_categories.iter();
    let mut shown: Vec<String> = options.map(|category| category.as_str().to_ascii_lowercase()).collect();
    if shown.is_empty() {
        let by_default = offer.categories.iter();
        let by_default = by_default.filter(|category| category.visibility == CategoryVisibility::ByDefault);
        shown.extend(by_default.map(|category| category.identifier.clone()));
    }
    let Some(chosen) = chosen else {
        return Ok(shown.into_iter().next().unwrap_or_else(|| "klarna".to_string()));
    };
    if let Some(found) = shown.iter().find(|category| category.eq_ignore_ascii_case(&chosen)) {
        return Ok(found.clone());
    }
    Err(ApiError::Refused(
        ErrorCode::BadValue,
        vec![
            "Bad value: payment_method_category".to_string(),
            format!("The page does not show {}; expected one of {}", one_line(&chosen), shown.join(", ")),
        ],
    ))
}

fn answer(act: &str, advanced: Advanced) -> Result<Json<SessionSnapshot>, ApiError> {
    match advanced {
        Advanced::Moved(session) | Advanced::Stayed(session) => {
            Ok(Json(StatusCode::OK, session_snapshot(&session.snapshot())))
        }
        Advanced::Refused(session) => {
            let message = format!("The consumer cannot {act} while the session is {}", session.status);
            Err(ApiError::refused(ErrorCode::Conflict, message))
        }
        Advanced::Outdated(_) => Err(ApiError::refused(
            ErrorCode::Conflict,
            "The payment session changed meanwhile; nothing was paid",
        )),
        Advanced::Confirming(_) => Err(ApiError::refused(
            ErrorCode::Conflict,
            "An order of the session is being placed, and its outcome is not known yet",
        )),
        Advanced::Gone => Err(session_not_found()),
    }
}
