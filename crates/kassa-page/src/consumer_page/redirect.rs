//! The way to a page of the payment system, and back from it. Both work without JavaScript.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use kassa_domain::Actor;
use kassa_domain::page_session::PageSession;
use kassa_engine::{Advanced, ClaimKind, PaymentClaim, PaymentStart, StartAddresses, StartChoice};
use kassa_http::ApiError;
use kassa_wire::error::ErrorCode;
use serde::Deserialize;

use super::filled::{PageContext, PageNotes};
use super::form::PayForm;
use super::language::{LanguagePreference, PagePath};
use super::pages::{Pages, opened};
use super::pay::{Purchase, purchase_after};
use super::policy::written;
use super::show::{see_other, see_outcome, session_after};
use super::view::Notice;

/// How often the page looks for the outcome after the consumer returned. Then it offers the payment again.
const LOOKS: u8 = 4;

/// Starts the payment, and sends the browser to the page of the payment system.
pub(super) async fn start(
    pages: &Pages,
    token: &str,
    session: &PageSession,
    choice: StartChoice<'_>,
) -> Result<(Purchase, Response), ApiError> {
    let addresses = StartAddresses {
        return_url: format!("{}/returned", pages.links.page_url(&session.id)),
        notify_url: pages.links.url("/kassa/v1/payment-notifications"),
    };
    match pages.engine.start_payment(session.clone(), choice, &addresses).await? {
        PaymentStart::Redirect(url) => Ok((Purchase::Open, see_other(&url))),
        PaymentStart::Advanced(advanced) => Ok((purchase_after(&advanced), after(token, &advanced))),
        PaymentStart::NoAnswer => Err(ApiError::without_message(ErrorCode::TemporarilyUnavailable)),
    }
}

/// The page after a press of Pay that started no payment. If the order changed, the pay page shows the new one.
fn after(token: &str, advanced: &Advanced) -> Response {
    match advanced {
        Advanced::Outdated(_) => see_other(&format!("/pay/{token}")),
        Advanced::Moved(_)
        | Advanced::Stayed(_)
        | Advanced::Refused(_)
        | Advanced::Confirming(_)
        | Advanced::Gone => see_outcome(token),
    }
}

/// How often the page has looked for the outcome.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Looks {
    looks: u8,
}

/// The consumer returned from the page of the payment system. That proves nothing, so the payment system is asked.
/// While it has no outcome, the page looks again some times.
pub(super) async fn returned(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    preference: LanguagePreference,
    looks: Result<Query<Looks>, QueryRejection>,
) -> Result<Response, ApiError> {
    let session = opened(&pages, &token).await?;
    if session.status.is_final() {
        return Ok(see_outcome(&token));
    }
    let claim = PaymentClaim { kind: ClaimKind::Returned, category: String::new() };
    let (session, has_answer) = match pages.engine.claim(session, claim, Actor::Consumer).await? {
        Advanced::Stayed(session) => (session, true),
        Advanced::Confirming(session) if session.open_operation.is_none() => (session, false),
        Advanced::Outdated(_) => return Ok(see_other(&format!("/pay/{token}"))),
        decided @ (Advanced::Moved(_) | Advanced::Refused(_) | Advanced::Confirming(_) | Advanced::Gone) => {
            session_after(decided)?;
            return Ok(see_outcome(&token));
        }
    };
    let (payment, offer) = pages.engine.hosted(&session).await?;
    let form = PayForm::default();
    let context = PageContext::of(&pages, &session, (&payment, &offer), (&form, &preference)).await?;
    // The payment system may have added parameters of its own.
    let looks = looks.map_or(0, |Query(Looks { looks })| looks);
    if has_answer && (payment.started.is_none() || looks >= LOOKS) {
        pages.engine.require_takes_payments(&session.merchant_id).await?;
        let notes = PageNotes { notice: Some(Notice::NotFinished), ..PageNotes::default() };
        return Ok(context.pay_page_response(&token, notes, StatusCode::OK));
    }
    let again = format!("/pay/{token}/returned?looks={}", looks.saturating_add(1).min(LOOKS));
    let render = |nonce: &str| context.confirming_page(nonce, (&token, PagePath::Returned), &again);
    Ok(written(&pages, StatusCode::OK, render))
}
