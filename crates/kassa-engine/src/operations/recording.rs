//! Records operations and begins their first attempts.

use kassa_domain::operation::OperationKind;
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::{
    AUTHORIZATION_LIFETIME_MS, Authorization, PaymentSession, StartedPayment,
};
use kassa_domain::time::SECOND_MS;
use kassa_domain::{AuthorizationToken, OperationId};
use kassa_store::{NewOperation, StoreError};
use sha2::{Digest, Sha256};
use uuid::Builder;

use crate::error::EngineError;
use crate::parts::EngineParts;
use crate::payment_system::RedirectPayments;

/// The time for one attempt.
pub(super) const ATTEMPT_MS: i64 = 15 * SECOND_MS;

/// The lease of a claim: twice the time for an attempt, so that no attempt outlasts it.
pub(super) const LEASE_MS: i64 = 2 * ATTEMPT_MS;

/// The longest that the consumer's request waits for the first attempt. Then the page says that the payment is being
/// confirmed.
const ANSWER_WITHIN_MS: i64 = 5 * SECOND_MS;

/// The operation that places the order of an authorization.
pub(crate) fn order_operation(
    engine: &EngineParts,
    authorization: &Authorization,
    request: String,
) -> NewOperation {
    new_operation(engine, OperationKind::PlaceOrder, authorization, request)
}

/// The operation that releases an authorization, or `None` if the payment system has nothing to release.
pub(crate) async fn release_operation(
    engine: &EngineParts,
    authorization: &Authorization,
) -> Result<Option<NewOperation>, EngineError> {
    let Some(payment) = engine.store.payment_session(&authorization.payment_session_id).await? else {
        return Err(EngineError::NoPaymentSession(authorization.callback_owner()));
    };
    let request = engine.payment_systems.of(&payment)?.release(authorization);
    Ok(request.map(|request| new_operation(engine, OperationKind::Release, authorization, request)))
}

/// The operation that releases a payment which a consumer started, and which is not authorized.
pub(crate) fn release_of_started(
    engine: &EngineParts,
    system: &dyn RedirectPayments,
    payment: &PaymentSession,
    started: &StartedPayment,
) -> NewOperation {
    // There is no token yet, so the key of the start takes its place.
    let token = AuthorizationToken::new(format!("start {}", started.key));
    let request = system.release_started(payment, started, &release_operation_id(&token));
    let authorization = Authorization {
        page_session_id: Some(started.page_session_id.clone()),
        ..Authorization::of(payment, token, &started.category, engine.clock.now(&payment.merchant_id))
    };
    new_operation(engine, OperationKind::Release, &authorization, request)
}

/// The id of the operation that places the order of an authorization: always the same, so that no authorization is
/// spent by two.
#[must_use]
pub fn order_operation_id(token: &AuthorizationToken) -> OperationId {
    operation_id(OperationKind::PlaceOrder, token)
}

/// The id of the operation that releases an authorization: always the same.
#[must_use]
pub fn release_operation_id(token: &AuthorizationToken) -> OperationId {
    operation_id(OperationKind::Release, token)
}

/// A UUID of version 8 (RFC 9562): a hash of the kind and the token, which does not reveal the token.
fn operation_id(kind: OperationKind, token: &AuthorizationToken) -> OperationId {
    let hash = Sha256::new().chain_update(kind.as_str()).chain_update(token.as_str()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    OperationId::new(Builder::from_custom_bytes(bytes).into_uuid().to_string())
}

fn new_operation(
    engine: &EngineParts,
    kind: OperationKind,
    authorization: &Authorization,
    request: String,
) -> NewOperation {
    let recorded_at = engine.time.lease_now();
    NewOperation {
        id: operation_id(kind, &authorization.token),
        kind,
        authorization: authorization.clone(),
        request,
        recorded_at,
        gives_up_at: recorded_at.plus_ms(AUTHORIZATION_LIFETIME_MS),
        leased_until: recorded_at.plus_ms(LEASE_MS),
    }
}

/// Begins the first attempt of a recorded order and waits for it, five seconds at most. Returns the page session as it
/// is then.
pub(crate) async fn begin_order(
    engine: &EngineParts,
    session: PageSession,
    operation: NewOperation,
) -> Result<PageSession, StoreError> {
    let answer_at = engine.clock.monotonic_now().plus_ms(ANSWER_WITHIN_MS);
    let attempt = engine.operations.hand_over(operation.claimed());
    tokio::select! {
        _ = attempt => {}
        () = engine.clock.sleep_until(answer_at) => {}
    }
    Ok(engine.store.page_session(&session.id).await?.unwrap_or(session))
}

/// Begins the first attempt of a recorded release. No caller waits for it.
pub(crate) fn begin_release(engine: &EngineParts, operation: NewOperation) {
    drop(engine.operations.hand_over(operation.claimed()));
}
