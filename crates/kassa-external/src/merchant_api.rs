//! The merchant's calls about an authorization of the external payment system: place its order, or cancel it. The token
//! makes them idempotent: the same token always leads to the same key
//! (docs/payment-systems.md#the-merchants-other-calls).

use std::sync::Arc;

use axum::extract::{FromRef, Path, State};
use axum::routing::{self, any};
use http::StatusCode;
use kassa_domain::operation::OperationKind;
use kassa_domain::page_session::OrderReference;
use kassa_domain::payment_session::{Authorization, AuthorizationState, PaymentCompletion};
use kassa_domain::time::SECOND_MS;
use kassa_domain::{AuthorizationToken, OperationId};
use kassa_engine::{
    Accounts, Captures, Engine, Operation, Outcome, PaymentSystem as _, Payments, order_operation_id,
    release_operation_id,
};
use kassa_http::{ApiError, Body, Caller, Calls, Json, fingerprint, note_authorization};
use kassa_openapi::{ApiRoutes, delete, post};
use kassa_store::CommitOutcome;
use kassa_wire::error::ErrorCode;
use kassa_wire::payments::{AuthorizedPaymentMethod, OrderCreated, OrderCreation, PaymentSession};
use kassa_wire::shape::Shaped as _;
use kassa_wire::stored::Stored as _;

use crate::external::External;
use crate::operations::{self, PAYMENTS};
use crate::{notifications, requests};

/// The time for a call of the external payment system.
const CALL_MS: i64 = 15 * SECOND_MS;

/// The state of these routes.
#[derive(Clone)]
pub struct ExternalApi {
    /// The payment system.
    pub external: Arc<External>,
    /// Completes the page sessions of an order.
    pub engine: Engine,
    /// The authorizations.
    pub payments: Payments,
    /// Checks logins.
    pub accounts: Accounts,
    /// The callers' addresses.
    pub calls: Calls,
}

impl FromRef<ExternalApi> for Accounts {
    fn from_ref(state: &ExternalApi) -> Self {
        state.accounts.clone()
    }
}

impl FromRef<ExternalApi> for Calls {
    fn from_ref(state: &ExternalApi) -> Self {
        state.calls.clone()
    }
}

/// The routes of merchants, and that of notifications.
pub fn routes<S: Clone + Send + Sync + 'static>(api: ExternalApi) -> ApiRoutes<S> {
    ApiRoutes::new()
        .route(
            &PAYMENTS,
            "/payments/v1/authorizations/{token}",
            delete(cancel, &operations::CANCEL_AUTHORIZATION),
        )
        .route(
            &PAYMENTS,
            "/payments/v1/authorizations/{token}/order",
            post(create_order, &operations::PLACE_ORDER),
        )
        .undocumented("/payments/v1/authorizations/{token}/customer-token", any(not_here))
        .undocumented("/customer-token/v1/{*path}", any(not_here))
        .undocumented("/ordermanagement/v1/{*path}", any(not_here))
        // docs/external-payment-system.openapi.yaml describes it, for the payment system.
        .undocumented(notifications::NOTIFICATIONS_PATH, routing::post(notifications::accept))
        .with_state(api)
}

async fn create_order(
    State(api): State<ExternalApi>,
    caller: Caller,
    Path(token): Path<String>,
    body: Body,
) -> Result<Json<OrderCreated>, ApiError> {
    let authorization = own_authorization(&api, &caller, token).await?;
    let creation = OrderCreation::read(body.object()?).map_err(|bad| ApiError::bad_values(bad.paths()))?;
    let authorized = PaymentSession::from_stored(&authorization.body)?;
    check_matches(&creation, &authorized)?;
    check_is_first_request(&api, &authorization, &creation).await?;
    let order = match known_order(&api, &authorization).await? {
        Some(order) => order,
        None => place(&api, &authorization, &authorized, &creation).await?,
    };
    let (merchant, token) = (&authorization.merchant_id, &authorization.token);
    api.engine.merchant_ordered(merchant, token, &order).await?;
    let created = OrderCreated {
        order_id: order.order_id.as_str().to_string(),
        redirect_url: creation.merchant_urls.or(authorized.merchant_urls).and_then(|urls| urls.confirmation),
        fraud_status: "ACCEPTED".to_string(),
        authorized_payment_method: AuthorizedPaymentMethod {
            r#type: authorization.category,
            number_of_days: 0,
            number_of_installments: 0,
        },
    };
    Ok(Json(StatusCode::OK, created))
}

async fn cancel(
    State(api): State<ExternalApi>,
    caller: Caller,
    Path(token): Path<String>,
) -> Result<StatusCode, ApiError> {
    let authorization = own_authorization(&api, &caller, token).await?;
    if authorization.state != AuthorizationState::Open || known_order(&api, &authorization).await?.is_some() {
        return Err(ApiError::refused(ErrorCode::NotFound, "Authorization cannot be deleted"));
    }
    let key = release_operation_id(&authorization.token);
    let request = requests::release(&authorization, &key);
    match send(&api, &authorization, (OperationKind::Release, &key), &request).await? {
        Outcome::Released | Outcome::Refused { token_is_dead: true, .. } => {}
        Outcome::Refused { reason, token_is_dead: false } => return Err(refused(&api, &reason)),
        Outcome::NotSent(why) | Outcome::Unknown(why) => return Err(unknown(&api, &why)),
        Outcome::Ordered(_) => return Err(unknown(&api, "the answer belongs to another operation")),
    }
    match api.payments.release_authorization(&authorization, &caller.actor).await? {
        // A concurrent call released it.
        CommitOutcome::Done | CommitOutcome::Stale => Ok(StatusCode::NO_CONTENT),
    }
}

/// Orders are at the external payment system, and so is their management.
async fn not_here(State(api): State<ExternalApi>, _caller: Caller) -> ApiError {
    let name = &api.external.rules().name;
    let message =
        format!("Orders and customer tokens are at the payment system {name}: use its own interface");
    ApiError::refused(ErrorCode::NotAllowed, message)
}

/// The caller's authorization, if it can be used or was used.
async fn own_authorization(
    api: &ExternalApi,
    caller: &Caller,
    token: String,
) -> Result<Authorization, ApiError> {
    let invalid = || ApiError::refused(ErrorCode::NotFound, "Invalid authorization token");
    let found = api.payments.authorization(&AuthorizationToken::new(token)).await?;
    let own = found.filter(|found| caller.owns(&found.merchant_id)).ok_or_else(invalid)?;
    note_authorization(&own);
    match own.state {
        AuthorizationState::Ordered => Ok(own),
        AuthorizationState::Open if own.is_usable(caller.now) => Ok(own),
        AuthorizationState::Open | AuthorizationState::Released => Err(invalid()),
    }
}

/// Checks that the order is for the amount that the consumer authorized.
fn check_matches(creation: &OrderCreation, authorized: &PaymentSession) -> Result<(), ApiError> {
    let is_same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    let fields = [
        ("order_amount", creation.order_amount == authorized.order_amount),
        ("purchase_currency", is_same(&creation.purchase_currency, &authorized.purchase_currency)),
        ("purchase_country", is_same(&creation.purchase_country, &authorized.purchase_country)),
    ];
    let differing: Vec<_> = fields.iter().filter(|(_, is_same)| !is_same).map(|(name, _)| *name).collect();
    match differing.is_empty() {
        true => Ok(()),
        false => Err(ApiError::refused(
            ErrorCode::Mismatch,
            format!("The order does not match the authorized payment: {}", differing.join(", ")),
        )),
    }
}

/// Checks that the first request for the order had the same content, because a key is for one request.
async fn check_is_first_request(
    api: &ExternalApi,
    authorization: &Authorization,
    creation: &OrderCreation,
) -> Result<(), ApiError> {
    let hash = fingerprint(&serde_json::to_vec(creation)?);
    match api.payments.first_order_request(&authorization.token, &hash).await? {
        first if first == hash => Ok(()),
        _ => Err(ApiError::refused(
            ErrorCode::Mismatch,
            "An order was requested before with a different body: repeat that one",
        )),
    }
}

/// The order that the payment session has.
async fn known_order(api: &ExternalApi, of: &Authorization) -> Result<Option<OrderReference>, ApiError> {
    let payment = api.payments.payment_session(&of.payment_session_id).await?;
    Ok(payment.and_then(|payment| payment.completion).and_then(PaymentCompletion::order))
}

async fn place(
    api: &ExternalApi,
    authorization: &Authorization,
    authorized: &PaymentSession,
    creation: &OrderCreation,
) -> Result<OrderReference, ApiError> {
    let captures = if creation.auto_capture == Some(true) { Captures::AtOnce } else { Captures::Later };
    let key = order_operation_id(&authorization.token);
    let request = requests::place_order(authorization, authorized, &key, captures);
    match send(api, authorization, (OperationKind::PlaceOrder, &key), &request).await? {
        Outcome::Ordered(order) => Ok(order.reference().clone()),
        Outcome::Refused { reason, .. } => Err(refused(api, &reason)),
        Outcome::NotSent(why) | Outcome::Unknown(why) => Err(unknown(api, &why)),
        Outcome::Released => Err(unknown(api, "the answer belongs to another operation")),
    }
}

async fn send(
    api: &ExternalApi,
    authorization: &Authorization,
    (kind, key): (OperationKind, &OperationId),
    request: &str,
) -> Result<Outcome, ApiError> {
    let found = api.payments.payment_session(&authorization.payment_session_id).await?;
    let payment = found.ok_or_else(|| ApiError::without_message(ErrorCode::NotFound))?;
    let operation = Operation { key, kind, authorization, request, attempts: 0 };
    let deadline = api.external.clock().monotonic_now().plus_ms(CALL_MS);
    Ok(api.external.carry_out(&payment, operation, deadline).await)
}

fn refused(api: &ExternalApi, reason: &str) -> ApiError {
    let name = &api.external.rules().name;
    ApiError::refused(ErrorCode::InvalidOperation, format!("The payment system {name} refused: {reason}"))
}

/// The error for an unknown outcome. The merchant repeats the call, which has the same key.
fn unknown(api: &ExternalApi, why: &str) -> ApiError {
    let name = &api.external.rules().name;
    tracing::warn!(payment_system = %name, why, "a merchant's call has an unknown outcome; the merchant repeats it");
    let message =
        format!("The payment system {name} gave no answer. Repeat the call: it has an effect only once");
    ApiError::refused(ErrorCode::TemporarilyUnavailable, message)
}
