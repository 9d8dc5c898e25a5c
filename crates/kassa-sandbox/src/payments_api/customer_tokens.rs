//! Customer tokens: the merchant creates one from an authorization, then charges it without the consumer
//! (docs/wire.md#customer-tokens).

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::payment_session::{Authorization, AuthorizationState};
use kassa_domain::{AuthorizationToken, PaymentSessionId};
use kassa_engine::{Captures, Payments, new_authorization_token};
use kassa_http::{ApiError, Body, Caller, Json};
use kassa_store::{IdempotentOutcome, StoredCustomerToken};
use kassa_wire::customer_tokens as wire;
use kassa_wire::error::ErrorCode;
use kassa_wire::payments::{OrderCreated, PaymentSession};
use kassa_wire::people::Customer;
use kassa_wire::stored::Stored;
use serde::{Deserialize, Serialize};

use super::authorizations::{self, already_consumed, invalid_token, own_authorization};
use super::change_key::ChangeKey;
use super::{bad_fields, check_amounts, check_can_be_captured, check_customer, read_payments};
use crate::sandbox::order::{NewOrder, consumer_details};
use crate::sandbox::payment_method;
use crate::sandbox::person::with_consumer_details;

/// A customer token as the store keeps it, in one JSON text.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct TokenRecord {
    state: TokenState,
    category: String,
    payment_session_id: PaymentSessionId,
    /// The content that the consumer agreed to when the token was created.
    content: PaymentSession,
}

impl Stored for TokenRecord {
    const NAME: &'static str = "customer token";
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum TokenState {
    Active,
    Cancelled,
}

/// Creates a token. An authorization has one token: a repeated call returns the same one.
pub(super) async fn create(
    State(payments): State<Payments>,
    caller: Caller,
    Path(token): Path<String>,
    body: Body,
) -> Result<Json<wire::CustomerTokenCreated>, ApiError> {
    let authorization = own_authorization(&payments, &caller, &AuthorizationToken::new(token)).await?;
    let creation: wire::CustomerTokenCreation = read_payments(&body)?;
    check_customer(creation.customer.as_ref(), caller.now)?;
    let content = content_for_token(&authorization, &caller)?;
    check_cart_is_unchanged(&payments, &authorization).await?;
    check_agreed(&content, &creation)?;
    let record = TokenRecord {
        state: TokenState::Active,
        category: authorization.category.clone(),
        payment_session_id: authorization.payment_session_id.clone(),
        content: with_consumer_details(
            content_of_token(content, creation),
            &consumer_details(&authorization)?,
        ),
    };
    let stored = StoredCustomerToken {
        token_id: payments.customer_token_of(&authorization.token),
        merchant_id: caller.merchant.id.clone(),
        version: 0,
        created_at: caller.now,
        body: serde_json::to_string(&record)?,
    };
    payments.create_customer_token(&stored, &caller.actor).await?;
    let (stored, record) = own_token(&payments, &caller, &stored.token_id).await?;
    Ok(Json(StatusCode::OK, token_answer(stored.token_id, record.content)))
}

/// Returns the authorized content if a token may be created from it: the intent allows it, and the authorization is
/// neither used nor expired.
fn content_for_token(authorization: &Authorization, caller: &Caller) -> Result<PaymentSession, ApiError> {
    let content = PaymentSession::from_stored(&authorization.body)?;
    if authorization.state == AuthorizationState::Ordered {
        return Err(already_consumed());
    }
    if !authorization.is_usable(caller.now) {
        return Err(invalid_token());
    }
    if !content.allows_customer_token() {
        let message = format!("Not allowed to create customer token for intent {}", content.intent());
        return Err(ApiError::refused(ErrorCode::InvalidOperation, message));
    }
    Ok(content)
}

/// Refuses an authorization that a changed cart made invalid (docs/wire.md#place-an-order). A later authorization of
/// the same cart makes it invalid for orders only.
async fn check_cart_is_unchanged(payments: &Payments, authorization: &Authorization) -> Result<(), ApiError> {
    let payment = payments.payment_session(&authorization.payment_session_id).await?;
    match payment.is_some_and(|payment| payment.authorization_token.is_some()) {
        true => Ok(()),
        false => Err(invalid_token()),
    }
}

/// Returns what the consumer agreed to: the authorized content, with the fields that the merchant sent replaced.
fn content_of_token(content: PaymentSession, creation: wire::CustomerTokenCreation) -> PaymentSession {
    PaymentSession {
        billing_address: creation.billing_address.or(content.billing_address),
        customer: creation.customer.or(content.customer),
        locale: creation.locale.or(content.locale),
        ..content
    }
}

fn check_agreed(content: &PaymentSession, creation: &wire::CustomerTokenCreation) -> Result<(), ApiError> {
    let is_same = |agreed: &str, given: &Option<String>| {
        given.as_deref().is_none_or(|given| given.eq_ignore_ascii_case(agreed))
    };
    let country = &creation.purchase_country;
    let fields = [
        (
            "purchase_country",
            is_same(&content.purchase_country, country) || is_same(content.effective_country(), country),
        ),
        ("purchase_currency", is_same(&content.purchase_currency, &creation.purchase_currency)),
    ];
    let differing = fields.into_iter().filter(|(_, is_same)| !is_same).map(|(field, _)| field);
    match authorizations::not_matching(&differing.collect::<Vec<_>>()) {
        Some(message) => Err(ApiError::refused(ErrorCode::Mismatch, message)),
        None => Ok(()),
    }
}

fn token_answer(token_id: String, content: PaymentSession) -> wire::CustomerTokenCreated {
    let customer = content.customer.map(|customer| Customer {
        date_of_birth: customer.date_of_birth,
        gender: customer.gender,
        ..Customer::default()
    });
    let redirect_url = content.merchant_urls.and_then(|urls| urls.confirmation);
    wire::CustomerTokenCreated { token_id, redirect_url, billing_address: content.billing_address, customer }
}

pub(super) async fn read(
    State(payments): State<Payments>,
    caller: Caller,
    Path(token): Path<String>,
) -> Result<Json<wire::CustomerTokenRead>, ApiError> {
    let (_, record) = own_token(&payments, &caller, &token).await?;
    let status = match record.state {
        TokenState::Active => "ACTIVE",
        TokenState::Cancelled => "CANCELLED",
    };
    let payment_method_type = payment_method::initial(&record.category).r#type;
    Ok(Json(StatusCode::OK, wire::CustomerTokenRead { status: status.to_string(), payment_method_type }))
}

/// Cancels a token for good. A repeated call changes nothing and succeeds.
pub(super) async fn update_status(
    State(payments): State<Payments>,
    caller: Caller,
    Path(token): Path<String>,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let (mut stored, mut record) = own_token(&payments, &caller, &token).await?;
    let wire::TokenStatusUpdate { status: _ } = read_payments(&body)?;
    loop {
        let cancelled = serde_json::to_string(&TokenRecord { state: TokenState::Cancelled, ..record })?;
        match payments.update_customer_token(&stored, &cancelled, None, &caller.actor).await? {
            IdempotentOutcome::Done => return Ok(StatusCode::ACCEPTED),
            IdempotentOutcome::Stale | IdempotentOutcome::KeyUsed => {
                (stored, record) = own_token(&payments, &caller, &token).await?;
            }
        }
    }
}

/// Charges the consumer again, once per idempotency key.
pub(super) async fn create_order(
    State(payments): State<Payments>,
    caller: Caller,
    ChangeKey(key): ChangeKey,
    Path(token): Path<String>,
    body: Body,
) -> Result<Json<OrderCreated>, ApiError> {
    let (mut stored, mut record) = own_token(&payments, &caller, &token).await?;
    let creation: wire::TokenOrderCreation = read_payments(&body)?;
    check_amounts(creation.order_amount, Some(creation.order_tax_amount), &creation.order_lines)?;
    check_can_be_captured(creation.order_amount)?;
    loop {
        if let Some(earlier) = key.earlier_answer(&payments, &caller).await? {
            return Ok(Json(StatusCode::OK, OrderCreated::from_stored(&earlier)?));
        }
        let authorized_payment_method = payment_method::authorized(&record.category);
        let order =
            new_order(&payments, &caller, record.clone(), &creation)?.place(payments.random(), caller.now)?;
        let created = OrderCreated {
            order_id: order.reference.order_id.as_str().to_string(),
            redirect_url: None,
            fraud_status: "ACCEPTED".to_string(),
            authorized_payment_method,
        };
        let kept = key.keep(serde_json::to_string(&created)?, caller.now);
        match payments.place_token_order(&stored, &order, kept.as_ref(), &caller.actor).await? {
            IdempotentOutcome::Done => return Ok(Json(StatusCode::OK, created)),
            IdempotentOutcome::Stale | IdempotentOutcome::KeyUsed => {
                (stored, record) = own_token(&payments, &caller, &token).await?;
            }
        }
    }
}

fn new_order(
    payments: &Payments,
    caller: &Caller,
    record: TokenRecord,
    creation: &wire::TokenOrderCreation,
) -> Result<NewOrder, ApiError> {
    if record.state == TokenState::Cancelled {
        return Err(ApiError::refused(ErrorCode::TokenCanceled, "Customer token canceled"));
    }
    if !record.content.purchase_currency.eq_ignore_ascii_case(&creation.purchase_currency) {
        return Err(bad_fields(["purchase_currency"]));
    }
    Ok(NewOrder {
        merchant_id: caller.merchant.id.clone(),
        payment_session_id: record.payment_session_id,
        authorization_token: new_authorization_token(payments.random(), caller.now),
        category: record.category,
        content: content_of_charge(record.content, creation.clone()),
        captures: if creation.auto_capture == Some(true) { Captures::AtOnce } else { Captures::Later },
        fraud_check: None,
    })
}

/// Returns the order's content: the merchant's request, with the consumer's addresses from the token.
fn content_of_charge(agreed: PaymentSession, creation: wire::TokenOrderCreation) -> PaymentSession {
    PaymentSession {
        purchase_country: creation.purchase_country.unwrap_or(agreed.purchase_country),
        purchase_currency: creation.purchase_currency,
        order_amount: creation.order_amount,
        order_lines: creation.order_lines,
        order_tax_amount: Some(creation.order_tax_amount),
        locale: creation.locale.or(agreed.locale),
        billing_address: agreed.billing_address,
        shipping_address: creation.shipping_address.or(agreed.shipping_address),
        customer: agreed.customer,
        merchant_data: creation.merchant_data,
        merchant_reference1: creation.merchant_reference1,
        merchant_reference2: creation.merchant_reference2,
        merchant_urls: creation.merchant_urls,
        attachment: creation.attachment,
        ..PaymentSession::default()
    }
}

async fn own_token(
    payments: &Payments,
    caller: &Caller,
    token: &str,
) -> Result<(StoredCustomerToken, TokenRecord), ApiError> {
    let stored = payments.customer_token(token).await?;
    let stored = stored
        .filter(|token| caller.owns(&token.merchant_id))
        .ok_or_else(|| ApiError::refused(ErrorCode::TokenNotFound, "Customer token not found"))?;
    let record = TokenRecord::from_stored(&stored.body)?;
    Ok((stored, record))
}
