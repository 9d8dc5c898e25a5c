//! `POST /lab/v1/sessions/{session_id}/enter|approve|decline|error|back|cancel`: acts as the consumer.

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::page_session::PageSession;
use kassa_wire::error::ErrorCode;
use kassa_wire::hpp::SessionRead;
use serde::Deserialize;

use super::crossing::wait_for_callback;
use crate::advance::Advanced;
use crate::api_error::ApiError;
use crate::app::App;
use crate::authentication::Caller;
use crate::body::{Body, Json};
use crate::consumer::{self, Paid};
use crate::ids::new_authorization_token;
use crate::merchant_api::{own_session, session_not_found};
use crate::payment_system::{Approval, Decision};
use crate::snapshot::session_read;

/// The optional body of `decline` and `error`.
#[derive(Default, Deserialize)]
struct Details {
    reason: Option<String>,
}

/// Performs a consumer's action by the same functions as the page, and returns the session as a read shows it.
pub(super) async fn act(
    State(app): State<App>,
    caller: Caller,
    Path((id, act)): Path<(String, String)>,
    body: Body,
) -> Result<Json<SessionRead>, ApiError> {
    let session = own_session(&app, &caller, id).await?;
    let details = if body.is_empty() { Details::default() } else { body.json()? };
    let reason = details.reason.unwrap_or_else(|| "Requested in the lab.".to_string());
    let advanced = match act.as_str() {
        "enter" => {
            let payment = app.store.payment_session(&session.payment_session_id).await?;
            consumer::enter(&app, session, payment.and_then(|payment| payment.order)).await?
        }
        "back" => consumer::press_back(&app, session).await?,
        "cancel" => cancel(&app, session).await?,
        "approve" => {
            let token = new_authorization_token(&*app.random, caller.now);
            decide(&app, session, Decision::Authorized(Approval { token, consumer: None })).await?
        }
        "decline" => decide(&app, session, Decision::Declined(reason)).await?,
        "error" => decide(&app, session, Decision::Errored(reason)).await?,
        _ => return Err(ApiError::refused(ErrorCode::NotFound, format!("The consumer cannot {act}"))),
    };
    if let Advanced::Moved(session) = &advanced {
        wait_for_callback(&app, session).await?;
    }
    answer(&act, advanced)
}

async fn cancel(app: &App, session: PageSession) -> Result<Advanced, ApiError> {
    let (_, offer) = consumer::hosted(app, &session).await?;
    consumer::confirm_cancel(app, session, offer.channel).await
}

async fn decide(app: &App, session: PageSession, decision: Decision) -> Result<Advanced, ApiError> {
    let (payment, offer) = consumer::hosted(app, &session).await?;
    let chosen = session.options.payment_method_categories.first();
    let chosen = chosen.map(|category| category.as_str().to_ascii_lowercase());
    let offered = || offer.categories.first().map(|category| category.identifier.clone());
    let category = chosen.or_else(offered).unwrap_or_else(|| "klarna".to_string());
    match consumer::settle(app, session, &payment, &category, decision).await? {
        Paid::Decided(advanced) => Ok(*advanced),
        Paid::Incomplete(_) => Err(ApiError::Fault("a forced decision was incomplete".to_string())),
    }
}

fn answer(act: &str, advanced: Advanced) -> Result<Json<SessionRead>, ApiError> {
    match advanced {
        Advanced::Moved(session) | Advanced::Stayed(session) => {
            Ok(Json(StatusCode::OK, session_read(&session.snapshot())))
        }
        Advanced::Refused(session) => {
            let message = format!("The consumer cannot {act} while the session is {}", session.status);
            Err(ApiError::refused(ErrorCode::Conflict, message))
        }
        Advanced::Outdated(_) => Err(ApiError::refused(
            ErrorCode::Conflict,
            "The payment session changed meanwhile; nothing was paid",
        )),
        Advanced::Gone => Err(session_not_found()),
    }
}
