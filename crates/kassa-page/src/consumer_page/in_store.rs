//! The pages of a shop with staff: the page of the staff, and the screen that faces the customer
//! (docs/wire.md#distribution-module). The token in the path is the only authority. It is another one than that of the
//! consumer's link, so that a consumer cannot confirm an identity document.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use kassa_api::distribute;
use kassa_domain::Actor;
use kassa_domain::id_check::IdVerdict;
use kassa_domain::page_session::PageSession;
use kassa_engine::Advanced;
use kassa_http::{ApiError, Body, Caller};
use kassa_wire::error::ErrorCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error_page::Place;
use super::filled::PageContext;
use super::form::PayForm;
use super::language::LanguagePreference;
use super::live::{ShownPage, follow_status};
use super::pages::{Pages, followed_by_staff, opened_by_staff};
use super::policy::{written, written_in_any_frame};
use super::show::see_other;
use super::view::StaffNotice;

/// The `view_id` of the screen that faces the customer, and its path. Every other view is the page of the staff.
const DISPLAY: &str = "display";

/// The query of a page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct View {
    view_id: String,
    /// The result of the last act, which the page shows once.
    told: String,
}

/// Shows the page of the staff, or leads to the screen that faces the customer.
pub(super) async fn show(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    Query(view): Query<View>,
    preference: LanguagePreference,
) -> Result<Response, ApiError> {
    let session = opened_by_staff(&pages, &token).await?;
    let page = path_of(&token);
    if view.view_id.eq_ignore_ascii_case(DISPLAY) {
        return Ok(see_other(&format!("{page}/{DISPLAY}")));
    }
    let (payment, offer) = pages.engine.hosted(&session).await?;
    let browser = (&PayForm::default(), &preference);
    let context = PageContext::of(&pages, &session, (&payment, &offer), browser).await?;
    let notice = told(&view.told);
    Ok(written(&pages, StatusCode::OK, |nonce| context.staff_page(nonce, &page, notice)))
}

/// Shows the screen that faces the customer.
pub(super) async fn display(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    preference: LanguagePreference,
) -> Result<Response, ApiError> {
    let session = opened_by_staff(&pages, &token).await?;
    let (payment, offer) = pages.engine.hosted(&session).await?;
    let browser = (&PayForm::default(), &preference);
    let context = PageContext::of(&pages, &session, (&payment, &offer), browser).await?;
    let page = path_of(&token);
    Ok(written_in_any_frame(&pages, |nonce| context.display_page(nonce, &page)))
}

/// Tells an open page when the status changes.
pub(super) async fn follow(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    Query(shown): Query<ShownPage>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let session = followed_by_staff(&pages, &token).await?;
    follow_status(pages, &session, shown, &headers).await
}

/// Accepts reports of a view and ignores them, because their contract is not public (docs/wire.md#undocumented-urls).
pub(super) async fn ignore_report() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// The form that sends the link: to an e-mail address, or to a phone number of a country.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SendForm {
    email: String,
    phone: String,
    country: String,
}

/// Sends the link, as the merchant's own call does.
pub(super) async fn send(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    Form(form): Form<SendForm>,
) -> Result<Response, ApiError> {
    let session = opened_by_staff(&pages, &token).await?;
    let caller = staff_of(&pages, &session).await?;
    let body = Body::of(&form.distribution())?;
    let (engine, reads) = (State(pages.engine.clone()), State(pages.reads.clone()));
    let (links, languages) = (State(pages.links.clone()), State(pages.languages.clone()));
    let path = Path(session.id.as_str().to_string());
    let told = match distribute(engine, reads, links, languages, caller, path, body).await {
        Ok(_) => StaffNotice::Sent,
        Err(ApiError::Refused(..) | ApiError::TooMany { .. }) => StaffNotice::NotSent,
        Err(error) => return Err(error),
    };
    Ok(see_page(&token, Some(told)))
}

impl SendForm {
    /// The body of the merchant's call for the same message.
    fn distribution(&self) -> Value {
        if self.email.is_empty() {
            let contact = json!({ "phone": self.phone, "phone_country": self.country });
            return json!({ "method": "sms", "contact_information": contact });
        }
        json!({ "method": "email", "contact_information": { "email": self.email } })
    }
}

/// The answer to the check of an identity document, with the code that the staff saw.
#[derive(Deserialize)]
pub(super) struct CheckForm {
    code: String,
    verdict: Verdict,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Passed,
    Failed,
}

/// Answers the check of the consumer's identity document, unless another check began since.
pub(super) async fn answer_id_check(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    Form(form): Form<CheckForm>,
) -> Result<Response, ApiError> {
    let session = opened_by_staff(&pages, &token).await?;
    let is_this_check = session.id_check.as_ref().is_some_and(|check| check.challenge.code == form.code);
    if !is_this_check {
        return Ok(see_page(&token, Some(StaffNotice::CheckIsOver)));
    }
    let verdict = match form.verdict {
        Verdict::Passed => IdVerdict::Passed,
        Verdict::Failed => IdVerdict::Failed,
    };
    let told = match pages.engine.answer_id_check(session, verdict, Actor::Staff).await? {
        Advanced::Moved(_) | Advanced::Confirming(_) => None,
        Advanced::Stayed(_) | Advanced::Refused(_) | Advanced::Outdated(_) => Some(StaffNotice::CheckIsOver),
        Advanced::Gone => return Err(ApiError::without_message(ErrorCode::Gone)),
    };
    Ok(see_page(&token, told))
}

/// Withdraws the link. If the consumer has paid meanwhile, the page shows it.
pub(super) async fn disable(
    State(pages): State<Pages>,
    Path(token): Path<String>,
) -> Result<Response, ApiError> {
    let session = opened_by_staff(&pages, &token).await?;
    pages.engine.disable(session, Actor::Staff).await?;
    Ok(see_page(&token, None))
}

/// Shows the page if somebody opens the address of a form by hand.
pub(super) async fn to_the_page(
    State(pages): State<Pages>,
    Path(token): Path<String>,
) -> Result<Response, ApiError> {
    opened_by_staff(&pages, &token).await?;
    Ok(see_page(&token, None))
}

/// The staff, as a caller of the merchant's own API.
async fn staff_of(pages: &Pages, session: &PageSession) -> Result<Caller, ApiError> {
    let merchant = pages.accounts.merchant(&session.merchant_id).await?;
    let merchant = merchant.ok_or_else(|| ApiError::without_message(ErrorCode::NotFound))?;
    let now = pages.engine.now(&session.merchant_id);
    Ok(Caller { merchant, actor: Actor::Staff, now })
}

fn path_of(token: &str) -> String {
    format!("{}/{token}", Place::Staff.path())
}

fn see_page(token: &str, told: Option<StaffNotice>) -> Response {
    let told = told.map_or_else(String::new, |notice| format!("?told={}", word(notice)));
    see_other(&format!("{}{told}", path_of(token)))
}

const NOTICES: [StaffNotice; 3] = [StaffNotice::Sent, StaffNotice::NotSent, StaffNotice::CheckIsOver];

const fn word(notice: StaffNotice) -> &'static str {
    match notice {
        StaffNotice::Sent => "sent",
        StaffNotice::NotSent => "not-sent",
        StaffNotice::CheckIsOver => "check-is-over",
    }
}

fn told(word_of_query: &str) -> Option<StaffNotice> {
    NOTICES.into_iter().find(|notice| word(*notice) == word_of_query)
}
