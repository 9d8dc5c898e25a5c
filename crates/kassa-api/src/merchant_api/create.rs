//! `POST /hpp/v1/sessions` (docs/wire.md#create-a-page-session).

use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, StatusCode};
use kassa_domain::lifecycle::Status;
use kassa_domain::page_session::{EXPIRES_BEFORE_PAYMENT_SESSION_MS, PageSession};
use kassa_domain::payment_session::{AcquiringChannel, PaymentSession, PaymentSystemKey};
use kassa_domain::{PageSessionId, PaymentSessionId};
use kassa_engine::{
    Adoption, AppliedProfile, Engine, Links, NoAnswer, OnlyAccount, PageSessionCreation, Reads,
    new_page_session_id,
};
use kassa_http::{ApiError, Body, CalledHost, Caller, IdempotencyKey, Json, note_page_session};
use kassa_wire::error::ErrorCode;
use kassa_wire::hpp::{DistributionModule, SessionCreated};
use kassa_wire::time::Instant;
use serde::Serialize;

use super::creation_rules::{self, ValidCreation};
use super::hosted_payment::{HostedPayment, Reach};

/// The vendor's message about a payment session that cannot be hosted.
const NO_PAYMENT_SESSION: &str = "The payment session has expired or does not exist";

pub(super) async fn create(
    State(engine): State<Engine>,
    State(reads): State<Reads>,
    State(links): State<Links>,
    caller: Caller,
    called_host: CalledHost,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<SessionCreated>, ApiError> {
    let key = IdempotencyKey::of_creation(&headers, &body)?;
    let (engine, reads, links) = (&engine, &reads, &links);
    let creator = SessionCreator { engine, reads, links, caller: &caller, called_host: &called_host };
    let created = match creator.created_before(&key).await? {
        Some(created) => created,
        None => creator.create(&key, &body).await?,
    };
    note_page_session(&created.session);
    Ok(Json(StatusCode::CREATED, created.answer(links)))
}

/// A page session that exists now, and the channel of its payment session.
struct Created {
    session: PageSession,
    channel: AcquiringChannel,
}

impl Created {
    fn answer(&self, links: &Links) -> SessionCreated {
        let session = &self.session;
        let is_in_store = self.channel == AcquiringChannel::InStore;
        let session_url = links.url(&format!("/hpp/v1/sessions/{}", session.id));
        let (page_url, staff_url) = (links.page_url(&session.id), links.staff_url(&session.id));
        SessionCreated {
            session_id: session.id.as_str().to_string(),
            qr_code_url: Links::qr_code_url(&page_url),
            distribution_url: format!("{session_url}/distribution"),
            manual_identification_check_url: is_in_store.then(|| format!("{session_url}/manual-id-check")),
            expires_at: Instant::from_ms(session.expires_at.as_ms()),
            distribution_module: DistributionModule {
                token: distribution_token(links, session),
                standalone_url: format!("{staff_url}?profile_id={{{{profile_id}}}}&view_id={{{{view_id}}}}"),
                generation_url: format!("{session_url}/distribution-module/token"),
            },
            session_url,
            redirect_url: page_url,
        }
    }
}

/// The capabilities that creating a session needs, for one caller.
struct SessionCreator<'a> {
    engine: &'a Engine,
    reads: &'a Reads,
    links: &'a Links,
    caller: &'a Caller,
    called_host: &'a CalledHost,
}

impl SessionCreator<'_> {
    /// Returns the session that an earlier call with this key created. The stored answer is the session's id, and the
    /// answer is built from the session, so no page link is stored.
    async fn created_before(&self, key: &IdempotencyKey) -> Result<Option<Created>, ApiError> {
        let Some(id) = key.earlier_answer(self.reads, self.caller).await? else { return Ok(None) };
        let Some(session) = self.reads.page_session(&PageSessionId::new(id)).await? else { return Ok(None) };
        let (_, offer) = self.engine.hosted(&session).await?;
        Ok(Some(Created { session, channel: offer.channel }))
    }

    /// Creates a session. Of concurrent calls with the same key one creates it, and the others get the same answer.
    async fn create(&self, key: &IdempotencyKey, body: &Body) -> Result<Created, ApiError> {
        let new = self.new_session(body).await?;
        let kept = key.keep(new.session.id.as_str().to_string(), new.session.created_at);
        match self.engine.create_page_session(&new.session, kept.as_ref(), &self.caller.actor).await? {
            PageSessionCreation::Created => Ok(new),
            PageSessionCreation::KeyUsed => {
                let lost = || ApiError::Fault("a used key has no session".to_string());
                self.created_before(key).await?.ok_or_else(lost)
            }
        }
    }

    async fn new_session(&self, body: &Body) -> Result<Created, ApiError> {
        let merchant = &self.caller.merchant.id;
        let filled = self.engine.with_profile(merchant, body.read()?).await?;
        let profile = filled.profile.clone();
        let reach = if self.engine.has_payment_sessions_elsewhere() {
            Reach::RemoteSystems
        } else {
            Reach::ThisSystem
        };
        let naming_profile = |error| naming_profile(error, &profile);
        let valid = creation_rules::accept(filled, self.links, self.called_host, reach);
        let valid = valid.map_err(naming_profile)?;
        let payment = self.own_payment_session(&valid).await?;
        let offer = self.engine.offer(&payment)?;
        creation_rules::check_offer(&valid, &offer).map_err(naming_profile)?;
        let Caller { merchant, now, .. } = self.caller;
        let session = PageSession {
            id: new_page_session_id(self.engine.random(), *now),
            merchant_id: merchant.id.clone(),
            payment_session_id: payment.id,
            status: Status::Waiting,
            version: 0,
            created_at: *now,
            updated_at: *now,
            expires_at: payment.expires_at.plus_ms(-EXPIRES_BEFORE_PAYMENT_SESSION_MS),
            merchant_urls: valid.merchant_urls,
            options: valid.options,
            authorization_token: None,
            order: None,
            open_operation: None,
            id_check: None,
        };
        Ok(Created { session, channel: offer.channel })
    }

    /// Returns the caller's payment session, if it is incomplete and expires in more than an hour.
    async fn own_payment_session(&self, valid: &ValidCreation) -> Result<PaymentSession, ApiError> {
        let found = match &valid.payment_session {
            HostedPayment::Session(id) if self.engine.has_payment_sessions_elsewhere() => {
                return self.passed_on_payment_session(id).await;
            }
            HostedPayment::Session(id) => self.reads.payment_session(id).await?,
            HostedPayment::Remote { base_url, id } => return self.remote_payment_session(base_url, id).await,
            HostedPayment::CheckoutOrder => {
                let why = "Kassa hosts sessions of Klarna Payments, not orders of Klarna Checkout (Kustom)";
                let messages = vec![NO_PAYMENT_SESSION.to_string(), why.to_string()];
                return Err(ApiError::Refused(ErrorCode::NotFound, messages));
            }
        };
        let own = found.filter(|session| self.caller.owns(&session.merchant_id));
        let payment = own.filter(|session| self.is_in_time(session)).ok_or_else(no_payment_session)?;
        if payment.is_complete() { Err(already_completed()) } else { Ok(payment) }
    }

    fn is_in_time(&self, payment: &PaymentSession) -> bool {
        self.caller.now < payment.expires_at.plus_ms(-EXPIRES_BEFORE_PAYMENT_SESSION_MS)
    }

    /// The payment session of a merchant whose calls Kassa passes on (docs/pass-through.md). The merchant knows only
    /// Kassa's address; the payment session is in its only account at Klarna.
    async fn passed_on_payment_session(&self, id: &PaymentSessionId) -> Result<PaymentSession, ApiError> {
        match self.engine.only_payment_account(&self.caller.merchant.id).await? {
            OnlyAccount::At(base_url) => self.remote_payment_session(base_url.as_str(), id).await,
            OnlyAccount::Missing => {
                let why =
                    "the merchant has no payment account: an operator adds it with kassa payment-account set";
                Err(ApiError::bad_values_by_rule(["payment_session_url"], why))
            }
            OnlyAccount::OneOf(base_urls) => {
                let either = base_urls.join(" or ");
                let why = format!("the merchant has several payment accounts: begin it with {either}");
                Err(ApiError::bad_values_by_rule(["payment_session_url"], &why))
            }
        }
    }

    /// Reads the payment session at Klarna with the merchant's account there.
    async fn remote_payment_session(
        &self,
        base_url: &str,
        id: &PaymentSessionId,
    ) -> Result<PaymentSession, ApiError> {
        let system = PaymentSystemKey::Klarna { base_url: base_url.to_string() };
        let merchant = &self.caller.merchant.id;
        match self.engine.adopt_payment_session(merchant, id.clone(), system).await? {
            Adoption::Adopted(payment) if self.is_in_time(&payment) => Ok(*payment),
            Adoption::Adopted(_) | Adoption::NotFound => Err(no_payment_session()),
            Adoption::Completed => Err(already_completed()),
            Adoption::NoAnswer(no_answer) => Err(unreachable(&no_answer)),
        }
    }
}

/// Adds the profile to the messages about bad values, because a bad value may come from it.
fn naming_profile(error: ApiError, profile: &AppliedProfile) -> ApiError {
    match (error, profile) {
        (ApiError::Refused(ErrorCode::BadValue, mut messages), AppliedProfile::Filled(profile)) => {
            messages.push(format!("Fields that the call does not have come from the profile {profile}"));
            ApiError::Refused(ErrorCode::BadValue, messages)
        }
        (error, _) => error,
    }
}

fn no_payment_session() -> ApiError {
    ApiError::refused(ErrorCode::NotFound, NO_PAYMENT_SESSION)
}

fn already_completed() -> ApiError {
    ApiError::refused(ErrorCode::SessionCompleted, "Session has already been completed")
}

/// The error for a payment system that cannot be asked.
fn unreachable(no_answer: &NoAnswer) -> ApiError {
    match no_answer {
        NoAnswer::NoAccount(_) => {
            let why = format!(
                "{no_answer}: an operator adds it with kassa payment-account set, and lists the address in \
                 allowed_base_urls"
            );
            ApiError::bad_values_by_rule(["payment_session_url"], &why)
        }
        NoAnswer::AccountRefused(_) => ApiError::refused(ErrorCode::NotAllowed, no_answer.to_string()),
        NoAnswer::Silent(_) | NoAnswer::OverBudget => {
            let message = "The payment system gave no answer; nothing was created. Try again";
            ApiError::refused(ErrorCode::TemporarilyUnavailable, message)
        }
    }
}

/// The payload of the token of the distribution module.
#[derive(Serialize)]
struct DistributionClaims<'a> {
    session_id: &'a str,
    iframe_url: String,
    iframe_origin: String,
    event_url: String,
}

/// A JWT with `alg` `none` that names the page, as the real service makes it (docs/wire.md#distribution-module). Its
/// page is the screen that faces the customer, because a shop may frame it.
pub(super) fn distribution_token(links: &Links, session: &PageSession) -> String {
    let staff_url = links.staff_url(&session.id);
    let claims = DistributionClaims {
        session_id: session.id.as_str(),
        iframe_url: format!("{staff_url}/display"),
        iframe_origin: links.url(""),
        event_url: format!("{staff_url}/events"),
    };
    let claims = serde_json::to_string(&claims).expect("texts are JSON");
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.", encode(r#"{"alg":"none"}"#), encode(&claims))
}
