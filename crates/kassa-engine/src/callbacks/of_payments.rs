//! Callbacks to a payment session's own URLs. They are committed with the change that causes them, and delivered as the
//! callbacks of events are.

use kassa_domain::{MerchantId, PageSessionId, Timestamp};
use kassa_store::{NewPaymentCallback, StoreError};

use super::first_attempt::{FirstAttempt, prepare};
use crate::ids::new_event_id;
use crate::parts::EngineParts;
use crate::payment_system::PaymentCall;

/// The change that causes callbacks.
pub(crate) struct CausingChange<'a> {
    /// The session under whose id the callbacks are stored.
    pub(crate) owner: &'a PageSessionId,
    /// The version of the payment session before the change, if the change has no page session.
    pub(crate) direct_at: Option<i64>,
    pub(crate) merchant_id: &'a MerchantId,
    pub(crate) committed_at: Timestamp,
}

/// Prepares the callbacks that a change commits, each with its first attempt.
pub(crate) async fn payment_callbacks(
    engine: &EngineParts,
    cause: CausingChange<'_>,
    calls: Vec<PaymentCall>,
) -> Result<(Vec<NewPaymentCallback>, Vec<FirstAttempt>), StoreError> {
    if calls.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let CausingChange { owner, direct_at, merchant_id, committed_at } = cause;
    let Some(merchant) = engine.merchants.merchant(merchant_id).await? else {
        return Ok((Vec::new(), Vec::new()));
    };
    let prepared = calls.into_iter().map(|PaymentCall { kind, url, body, after_ms }| {
        let delay_ms = after_ms + engine.courier.payment_delay_ms(merchant_id, owner, kind);
        let (callback, first_attempt) = prepare(engine, merchant.clone(), url, delay_ms);
        let callback = NewPaymentCallback {
            page_session_id: owner.clone(),
            sequence: direct_at.map_or(kind.sequence(), |version| kind.sequence_at(version)),
            merchant_id: merchant_id.clone(),
            kind,
            event_id: new_event_id(&*engine.random, committed_at),
            body,
            committed_at,
            callback,
        };
        (callback, first_attempt)
    });
    Ok(prepared.unzip())
}

/// Begins the first attempts after the commit. Those that are not due yet are left to the worker.
pub(crate) fn begin_payment_callbacks(
    engine: &EngineParts,
    callbacks: Vec<NewPaymentCallback>,
    first_attempts: Vec<FirstAttempt>,
) {
    for (callback, first_attempt) in callbacks.into_iter().zip(first_attempts) {
        let leased = callback.leased();
        first_attempt.begin(engine, leased, callback.event_id, callback.body);
    }
}
