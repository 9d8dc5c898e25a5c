//! `/payments/v1/sessions`: create, update and read a payment session (docs/wire.md#payment-sessions).

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::payment_session::{LIFETIME_MS, PaymentSession};
use kassa_domain::{Actor, PaymentSessionId, Timestamp};
use kassa_engine::{Payments, new_payment_session_id};
use kassa_http::{ApiError, Body, Caller, Json, note_payment_session};
use kassa_store::CommitOutcome;
use kassa_wire::error::ErrorCode;
use kassa_wire::payments as wire;
use kassa_wire::people::Customer;
use kassa_wire::problems::Problems;
use kassa_wire::stored::Stored;
use kassa_wire::time::format_ms;
use serde_json::Value;

use super::assets::categories;
use super::{DATE_OF_BIRTH, bad_fields, bad_values, check_amounts, check_customer, client_token, is_born};
use crate::sandbox::cart::bad_amounts;
use crate::sandbox::content::StoredContent;
use crate::sandbox::matching::cart_differs;

pub(super) async fn create(
    State(payments): State<Payments>,
    caller: Caller,
    body: Body,
) -> Result<Json<wire::PaymentSessionCreated>, ApiError> {
    let content = wire::PaymentSession::created_from(body.object()?).map_err(|bad| bad_values(&bad))?;
    check_amounts(content.order_amount, content.order_tax_amount, &content.order_lines)?;
    check_customer(content.customer.as_ref(), caller.now)?;
    let chosen = caller.merchant.settings.payment_method_categories.clone();
    let content = StoredContent { session: content, offered_categories: chosen };
    let session = PaymentSession {
        id: new_payment_session_id(payments.random(), caller.now),
        system: payments.system_of_new_sessions(),
        merchant_id: caller.merchant.id.clone(),
        version: 0,
        created_at: caller.now,
        expires_at: caller.now.plus_ms(LIFETIME_MS),
        body: serde_json::to_string(&content)?,
        authorization_token: None,
        completion: None,
        started: None,
    };
    payments.create_payment_session(&session, &caller.actor).await?;
    note_payment_session(&session);
    let created = wire::PaymentSessionCreated {
        session_id: session.id.as_str().to_string(),
        client_token: client_token::of(&payments, &caller.merchant, &session, &content.session),
        payment_method_categories: categories(&payments, payments.offer(&session)?.categories),
    };
    Ok(Json(StatusCode::OK, created))
}

/// Replaces the fields that the body contains. The other fields and the expiry stay. Another cart makes every
/// authorization invalid (docs/wire.md#place-an-order).
pub(super) async fn update(
    State(payments): State<Payments>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let id = PaymentSessionId::new(id);
    let mut session = own_incomplete_session(&payments, &caller, &id).await?;
    let update = body.object()?;
    loop {
        let updated = apply_update(&session, update.clone(), caller.now)?;
        match store_update(&payments, &session, &updated, &caller.actor).await? {
            CommitOutcome::Done => return Ok(StatusCode::NO_CONTENT),
            CommitOutcome::Stale => session = own_incomplete_session(&payments, &caller, &id).await?,
        }
    }
}

/// Stores an update, guarded by the version at which the payment session was read.
pub(crate) async fn store_update(
    payments: &Payments,
    session: &PaymentSession,
    updated: &UpdatedSession,
    actor: &Actor,
) -> Result<CommitOutcome, ApiError> {
    let PaymentSession { id, version, .. } = session;
    Ok(match updated.cart {
        CartChange::Unchanged => payments.update_payment_session(id, *version, &updated.body, actor).await?,
        CartChange::Changed => {
            payments.update_payment_session_cart(id, *version, &updated.body, actor).await?
        }
    })
}

/// A payment session after an update.
pub(crate) struct UpdatedSession {
    body: String,
    cart: CartChange,
}

/// Whether an update changes the cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CartChange {
    Unchanged,
    Changed,
}

/// Why an update is refused.
pub(crate) enum UpdateRefusal {
    /// These fields cannot be used.
    BadFields(Vec<String>),
    /// The stored payment session cannot be read or written.
    Fault(serde_json::Error),
}

impl From<serde_json::Error> for UpdateRefusal {
    fn from(error: serde_json::Error) -> Self {
        Self::Fault(error)
    }
}

impl From<UpdateRefusal> for ApiError {
    fn from(refusal: UpdateRefusal) -> Self {
        match refusal {
            UpdateRefusal::BadFields(fields) => bad_fields(fields),
            UpdateRefusal::Fault(error) => error.into(),
        }
    }
}

pub(crate) fn apply_update(
    session: &PaymentSession,
    update: Value,
    now: Timestamp,
) -> Result<UpdatedSession, UpdateRefusal> {
    let stored = StoredContent::from_stored(&session.body)?;
    let bad_values = |problems: Problems| problems.paths().map(str::to_string).collect();
    let updated = stored.session.clone().updated_with(update).map_err(bad_values);
    let content = updated.map_err(UpdateRefusal::BadFields)?;
    let mut bad = bad_amounts(content.order_amount, content.order_tax_amount, &content.order_lines);
    if bad.is_empty() && !is_born(content.customer.as_ref(), now) {
        bad.push(DATE_OF_BIRTH.to_string());
    }
    if !bad.is_empty() {
        return Err(UpdateRefusal::BadFields(bad));
    }
    let cart =
        if cart_differs(&stored.session, &content) { CartChange::Changed } else { CartChange::Unchanged };
    let body = serde_json::to_string(&StoredContent { session: content, ..stored })?;
    Ok(UpdatedSession { body, cart })
}

pub(super) async fn read(
    State(payments): State<Payments>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<wire::PaymentSessionRead>, ApiError> {
    let session = own_session(&payments, &caller, &PaymentSessionId::new(id)).await?;
    let StoredContent { session: content, offered_categories: _ } =
        StoredContent::from_stored(&session.body)?;
    let read = wire::PaymentSessionRead {
        client_token: client_token::of(&payments, &caller.merchant, &session, &content),
        session: with_defaults(content, &session),
        authorization_token: session.authorization_token.as_ref().map(|token| token.as_str().to_string()),
        expires_at: format_ms(session.expires_at.as_ms()),
        payment_method_categories: categories(&payments, payments.offer(&session)?.categories),
        status: if session.is_complete() { "complete" } else { "incomplete" }.to_string(),
    };
    Ok(Json(StatusCode::OK, read))
}

/// Returns the content with the defaults that clients rely on. It contains the consumer's personal data only after an
/// authorization.
fn with_defaults(content: wire::PaymentSession, session: &PaymentSession) -> wire::PaymentSession {
    let content = wire::PaymentSession {
        acquiring_channel: Some(content.acquiring_channel()),
        intent: Some(content.intent().to_string()),
        locale: Some(content.locale().to_string()),
        customer: content.customer.map(Customer::readable),
        ..content
    };
    if session.authorization_token.is_some() {
        return content;
    }
    wire::PaymentSession { customer: None, billing_address: None, shipping_address: None, ..content }
}

async fn own_session(
    payments: &Payments,
    caller: &Caller,
    id: &PaymentSessionId,
) -> Result<PaymentSession, ApiError> {
    let found = payments.payment_session(id).await?;
    let unknown = || ApiError::refused(ErrorCode::NotFound, "Invalid session id");
    let own = found.filter(|session| caller.owns(&session.merchant_id)).ok_or_else(unknown)?;
    note_payment_session(&own);
    if own.is_expired(caller.now) { Err(unknown()) } else { Ok(own) }
}

async fn own_incomplete_session(
    payments: &Payments,
    caller: &Caller,
    id: &PaymentSessionId,
) -> Result<PaymentSession, ApiError> {
    let session = own_session(payments, caller, id).await?;
    if session.is_complete() { Err(session_completed()) } else { Ok(session) }
}

/// The error for a session that an order has completed: it cannot be changed or paid any more.
pub(crate) fn session_completed() -> ApiError {
    ApiError::refused(ErrorCode::SessionCompleted, "Session has already been completed")
}
