//! Pay: checks the form, asks the payment system for a decision, and commits it.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{FromRequest as _, Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use kassa_domain::payment_session::PaymentSession;
use kassa_engine::{Consumer, Decision, Missing, Paid, SignUp};
use kassa_http::{ApiError, not_in_time};
use kassa_incoming::is_too_slow;
use kassa_wire::error::ErrorCode;

use super::Pages;
use super::filled::{PageContext, PageNotes, order_seen};
use super::form::PayForm;
use super::opened;
use super::policy::written;
use super::show::see_outcome;
use super::view::{FieldError, Notice};

pub(super) async fn pay(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let Form(form) = Form::<PayForm>::from_request(request, &pages).await.map_err(unreadable)?;
    let session = opened(&pages, &token).await?;
    if session.status.is_final() {
        return Ok(see_outcome(&token));
    }
    let (payment, offer) = pages.engine.hosted(&session).await?;
    let context = PageContext::of(&pages, &session, &payment, &offer, &form).await?;
    if !form.order_seen.is_empty() && form.order_seen != order_seen(&payment) {
        return Ok(pay_page_with(
            &context,
            &token,
            PageNotes { notice: Some(Notice::OrderChanged), ..PageNotes::default() },
        ));
    }
    if !context.offers(&form.payment_method_category) {
        let errors = vec![FieldError::CategoryNotChosen];
        return Ok(pay_page_with(&context, &token, PageNotes { errors, ..PageNotes::default() }));
    }
    let now = pages.engine.now(&session.merchant_id);
    let decision = pages.engine.authorize(&payment, &consumer(&form), now).await;
    if matches!(decision, Decision::Declined(_)) && context.can_fall_back() {
        return Ok(pay_page_with(
            &context.fallen_back(),
            &token,
            PageNotes { notice: Some(Notice::CategoryDeclined), ..PageNotes::default() },
        ));
    }
    commit_decision(&context, &payment, &token, decision).await
}

#[expect(clippy::needless_pass_by_value, reason = "it maps an error")]
fn unreadable(rejection: FormRejection) -> ApiError {
    match is_too_slow(&rejection) {
        true => not_in_time(),
        false => ApiError::refused(ErrorCode::BadRequest, rejection.body_text()),
    }
}

async fn commit_decision(
    context: &PageContext<'_>,
    payment: &PaymentSession,
    token: &str,
    decision: Decision,
) -> Result<Response, ApiError> {
    let (session, form) = (context.session.clone(), context.form);
    match context
        .pages
        .engine
        .apply_decision(session, payment, &form.payment_method_category, decision)
        .await?
    {
        Paid::Decided(_) => Ok(see_outcome(token)),
        Paid::Incomplete(missing) => {
            let asks_to_sign_up = missing.iter().any(Missing::is_of_sign_up);
            let errors = missing.iter().filter_map(|field| field_error(*field, form)).collect();
            Ok(pay_page_with(context, token, PageNotes { errors, asks_to_sign_up, ..PageNotes::default() }))
        }
    }
}

/// Shows the pay page again, with its errors. Nothing was committed.
fn pay_page_with(context: &PageContext<'_>, token: &str, notes: PageNotes) -> Response {
    let render = |nonce: &str| context.pay_page(nonce, token, notes);
    written(context.pages, Some(context.session), StatusCode::UNPROCESSABLE_ENTITY, render)
}

fn consumer(form: &PayForm) -> Consumer {
    let sign_up = form.given_name.as_ref().map(|given_name| SignUp {
        given_name: given_name.clone(),
        family_name: form.family_name.clone().unwrap_or_default(),
        date_of_birth: form.date_of_birth.clone().unwrap_or_default(),
    });
    Consumer {
        email: form.email.trim().to_string(),
        one_time_code: form.one_time_code.chars().filter(|c| !c.is_whitespace()).collect(),
        category: form.payment_method_category.clone(),
        sign_up,
    }
}

fn field_error(missing: Missing, form: &PayForm) -> Option<FieldError> {
    match missing {
        Missing::Email => Some(FieldError::EmailNotReadable),
        Missing::OneTimeCode if form.one_time_code.trim().len() == 6 => Some(FieldError::CodeRejected),
        Missing::OneTimeCode => Some(FieldError::CodeNotReadable),
        // The page shows the sign-up fields for the first time, so they have no errors yet.
        Missing::SignUp => None,
        Missing::GivenName => Some(FieldError::GivenNameMissing),
        Missing::FamilyName => Some(FieldError::FamilyNameMissing),
        Missing::DateOfBirth => Some(FieldError::DateOfBirthNotReadable),
    }
}
