//! Pay: checks the form, asks the payment system for a decision, and commits it.

use std::net::IpAddr;

use super::language::LanguagePreference;
use super::pages::Pages;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{FromRequest as _, Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use kassa_domain::Actor;
use kassa_domain::payment_session::PaymentSession;
use kassa_engine::{Advanced, Consumer, Decision, Missing, Paid, Presentation, SignUp, StartChoice};
use kassa_http::{ApiError, PathParameter, body_timed_out};
use kassa_incoming::is_too_slow;
use kassa_wire::error::ErrorCode;

use super::filled::{PageContext, PageNotes, order_seen};
use super::form::PayForm;
use super::pages::opened;
use super::redirect;
use super::show::{open_page, see_outcome};
use super::typed::{self, TypedCookie};
use super::view::{FieldError, Notice};

/// Whether the consumer can still pay.
pub(super) enum Purchase {
    Open,
    Over,
}

pub(super) async fn pay(
    State(pages): State<Pages>,
    PathParameter(token): PathParameter,
    request: Request,
) -> Result<Response, ApiError> {
    let is_kept = typed::is_kept(request.headers());
    let preference = LanguagePreference::of(request.headers());
    let consumer_ip = pages.calls.client(request.headers(), request.extensions());
    let Form(form) = Form::<PayForm>::from_request(request, &pages).await.map_err(unreadable)?;
    // In boxes, as in `show::enter`.
    let paid = Box::pin(pay_with(&pages, &token, (&form, &preference), consumer_ip)).await;
    let (purchase, mut response) = match paid {
        Ok(answer) => answer,
        // The consumer may have paid at the payment system already.
        Err(ApiError::Refused(ErrorCode::MerchantSuspended, _)) => {
            let opened = Box::pin(open_page(&pages, &token, (&form, &preference))).await;
            (Purchase::Open, opened.unwrap_or_else(IntoResponse::into_response))
        }
        Err(error) => (Purchase::Open, error.into_response()),
    };
    let cookie = TypedCookie::of(&pages, &token);
    match purchase {
        Purchase::Open => cookie.keep(&mut response, &form),
        Purchase::Over if is_kept => cookie.forget(&mut response),
        Purchase::Over => {}
    }
    Ok(response)
}

async fn pay_with(
    pages: &Pages,
    token: &str,
    (form, preference): (&PayForm, &LanguagePreference),
    consumer_ip: Option<IpAddr>,
) -> Result<(Purchase, Response), ApiError> {
    let session = opened(pages, token).await?;
    if session.status.is_final() {
        return Ok((Purchase::Over, see_outcome(token)));
    }
    if session.open_operation.is_some() {
        return Ok((Purchase::Open, see_outcome(token)));
    }
    let (payment, offer) = pages.engine.hosted(&session).await?;
    let context = PageContext::of(pages, &session, (&payment, &offer), (form, preference)).await?;
    if !form.order_seen.is_empty() && form.order_seen != order_seen(&payment) {
        let notes = PageNotes { notice: Some(Notice::OrderChanged), ..PageNotes::default() };
        return Ok((Purchase::Open, pay_page_with(&context, token, notes)));
    }
    if !context.offers(&form.payment_method_category) {
        let notes = PageNotes { errors: vec![FieldError::CategoryNotChosen], ..PageNotes::default() };
        return Ok((Purchase::Open, pay_page_with(&context, token, notes)));
    }
    if let Presentation::Redirect(_) = context.presentation {
        let choice = StartChoice { category: &form.payment_method_category, consumer_ip };
        return redirect::start(pages, token, &session, choice).await;
    }
    let now = pages.engine.now(&session.merchant_id);
    let decision = pages.engine.authorize(&payment, &consumer(form), now).await?;
    if matches!(decision, Decision::Declined(_)) && context.can_fall_back() {
        let notes = PageNotes { notice: Some(Notice::CategoryDeclined), ..PageNotes::default() };
        return Ok((Purchase::Open, pay_page_with(&context.fallen_back(), token, notes)));
    }
    commit_decision(&context, &payment, token, decision).await
}

#[expect(clippy::needless_pass_by_value, reason = "it maps an error")]
fn unreadable(rejection: FormRejection) -> ApiError {
    match is_too_slow(&rejection) {
        true => body_timed_out(),
        false => ApiError::refused(ErrorCode::BadRequest, rejection.body_text()),
    }
}

async fn commit_decision(
    context: &PageContext<'_>,
    payment: &PaymentSession,
    token: &str,
    decision: Decision,
) -> Result<(Purchase, Response), ApiError> {
    let (session, form) = (context.session.clone(), context.form);
    let (engine, category) = (&context.pages.engine, &form.payment_method_category);
    match engine.apply_decision(session, payment, category, decision, Actor::Consumer).await? {
        Paid::Decided(advanced) => Ok((purchase_after(&advanced), see_outcome(token))),
        Paid::Incomplete(missing) => {
            let asks_to_sign_up = missing.iter().any(Missing::is_of_sign_up);
            let errors = missing.iter().filter_map(|field| field_error(*field, form)).collect();
            let notes = PageNotes { errors, asks_to_sign_up, ..PageNotes::default() };
            Ok((Purchase::Open, pay_page_with(context, token, notes)))
        }
    }
}

pub(super) fn purchase_after(advanced: &Advanced) -> Purchase {
    match advanced {
        Advanced::Moved(session)
        | Advanced::Stayed(session)
        | Advanced::Refused(session)
        | Advanced::Outdated(session)
        | Advanced::Confirming(session)
            if !session.status.is_final() =>
        {
            Purchase::Open
        }
        Advanced::Moved(_)
        | Advanced::Stayed(_)
        | Advanced::Refused(_)
        | Advanced::Outdated(_)
        | Advanced::Confirming(_)
        | Advanced::Gone => Purchase::Over,
    }
}

/// Shows the pay page again, with its errors. Nothing was committed.
fn pay_page_with(context: &PageContext<'_>, token: &str, notes: PageNotes) -> Response {
    context.pay_page_response(token, notes, StatusCode::UNPROCESSABLE_ENTITY)
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
