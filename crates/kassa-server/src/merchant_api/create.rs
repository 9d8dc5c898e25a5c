//! `POST /hpp/v1/sessions` (docs/wire.md#create-a-page-session).

use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use kassa_domain::lifecycle::Status;
use kassa_domain::page_session::{EXPIRES_BEFORE_PAYMENT_SESSION_MS, PageSession};
use kassa_domain::payment_session::PaymentSession;
use kassa_store::IdempotentOutcome;
use kassa_wire::error::ErrorCode;
use kassa_wire::hpp::{DistributionModule, SessionCreated, SessionCreation};
use kassa_wire::time::format_ms;
use serde_json::json;

use super::creation_key::CreationKey;
use super::creation_rules::{self, Accepted};
use crate::api_error::ApiError;
use crate::app::App;
use crate::authentication::Caller;
use crate::body::{Body, Json};
use crate::ids::new_page_session_id;

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    key: CreationKey,
    body: Body,
) -> Result<Json<SessionCreated>, ApiError> {
    let session = match key.created_before(&app, &caller, &body).await? {
        Some(session) => session,
        None => create_session(&app, &caller, &key, &body).await?,
    };
    Ok(Json(StatusCode::CREATED, created(&app, &session)))
}

/// Creates a session. Of calls with the same key that come at once one creates, and the others answer what it did.
async fn create_session(
    app: &App,
    caller: &Caller,
    key: &CreationKey,
    body: &Body,
) -> Result<PageSession, ApiError> {
    let session = new_session(app, caller, body).await?;
    match key.keep(&session, body) {
        None => app.store.create_page_session(&session).await?,
        Some(kept) => match app.store.create_page_session_once(&session, &kept).await? {
            IdempotentOutcome::Done => {}
            IdempotentOutcome::KeyUsed | IdempotentOutcome::Stale => {
                let lost = || ApiError::Fault("a used key has no session".to_string());
                return key.created_before(app, caller, body).await?.ok_or_else(lost);
            }
        },
    }
    Ok(session)
}

async fn new_session(app: &App, caller: &Caller, body: &Body) -> Result<PageSession, ApiError> {
    let creation: SessionCreation = body.json()?;
    let accepted = creation_rules::accept(creation, &app.configuration)?;
    let payment = own_payment_session(app, caller, &accepted).await?;
    creation_rules::check_offer(&accepted, &app.payment_system.offer(&payment)?)?;
    Ok(PageSession {
        id: new_page_session_id(&*app.random, caller.now),
        merchant_id: caller.merchant.id.clone(),
        payment_session_id: payment.id,
        status: Status::Waiting,
        version: 0,
        created_at: caller.now,
        updated_at: caller.now,
        expires_at: payment.expires_at.plus_ms(-EXPIRES_BEFORE_PAYMENT_SESSION_MS),
        merchant_urls: accepted.merchant_urls,
        options: accepted.options,
        authorization_token: None,
        order: None,
    })
}

/// The caller's payment session that is to be hosted: still incomplete, and with more than an hour to live.
async fn own_payment_session(
    app: &App,
    caller: &Caller,
    accepted: &Accepted,
) -> Result<PaymentSession, ApiError> {
    let found = match &accepted.payment_session_id {
        Some(id) => app.store.payment_session(id).await?,
        None => None,
    };
    let latest = |session: &PaymentSession| session.expires_at.plus_ms(-EXPIRES_BEFORE_PAYMENT_SESSION_MS);
    let payment = found
        .filter(|session| caller.owns(&session.merchant_id) && caller.now < latest(session))
        .ok_or_else(|| {
        ApiError::refused(ErrorCode::NotFound, "The payment session has expired or does not exist")
    })?;
    if payment.is_complete() {
        return Err(ApiError::refused(ErrorCode::SessionCompleted, "Session has already been completed"));
    }
    Ok(payment)
}

fn created(app: &App, session: &PageSession) -> SessionCreated {
    let session_url = app.url(&format!("/hpp/v1/sessions/{}", session.id));
    let page_url = app.page_url(&session.id);
    SessionCreated {
        session_id: session.id.as_str().to_string(),
        qr_code_url: app.qr_code_url(&session.id),
        distribution_url: format!("{session_url}/distribution"),
        expires_at: format_ms(session.expires_at.as_ms()),
        distribution_module: distribution_module(app, session),
        session_url,
        redirect_url: page_url,
    }
}

/// The token and the views of the distribution module (docs/wire.md#distribution-module).
fn distribution_module(app: &App, session: &PageSession) -> DistributionModule {
    let page_url = app.page_url(&session.id);
    DistributionModule {
        token: distribution_token(app, session),
        standalone_url: format!(
            "{page_url}/distribution?profile_id={{{{profile_id}}}}&view_id={{{{view_id}}}}"
        ),
        generation_url: app.url(&format!("/hpp/v1/sessions/{}/distribution-module/token", session.id)),
    }
}

/// A JWT with `alg` `none` that names the page, as the real service makes it (docs/wire.md#distribution-module).
pub(super) fn distribution_token(app: &App, session: &PageSession) -> String {
    let page_url = app.page_url(&session.id);
    let payload = json!({
        "session_id": session.id,
        "iframe_url": format!("{page_url}/distribution"),
        "iframe_origin": app.url(""),
        "event_url": format!("{page_url}/distribution/events"),
    });
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.", encode(r#"{"alg":"none"}"#), encode(&payload.to_string()))
}
