//! A merchant creates a page session for a payment session at a remote payment system.

use kassa_domain::payment_session::{PaymentSession, PaymentSystemKey};
use kassa_domain::time::SECOND_MS;
use kassa_domain::{MerchantId, PaymentSessionId};

use super::{FreshPayment, read_payment, without_answer};
use crate::error::EngineError;
use crate::parts::EngineParts;
use crate::payment_system::{NoAnswer, ReadCause, Standing};

/// The time for the read.
const READ_MS: i64 = 3 * SECOND_MS;

/// The outcome of reading a payment session at a remote payment system for the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Adoption {
    /// The payment session can be paid.
    Adopted(Box<PaymentSession>),
    /// An order has completed it.
    Completed,
    /// The payment system has no such payment session.
    NotFound,
    /// The payment system did not answer, or refuses the merchant's account.
    NoAnswer(NoAnswer),
}

/// Reads a payment session at the payment system, and stores a copy of it.
pub(crate) async fn adopt(
    engine: &EngineParts,
    merchant: &MerchantId,
    id: PaymentSessionId,
    system: PaymentSystemKey,
) -> Result<Adoption, EngineError> {
    let known = engine.store.payment_session(&id).await?;
    if let Some(known) = &known
        && (known.merchant_id != *merchant || known.system != system)
    {
        return Ok(Adoption::NotFound);
    }
    let is_known = known.is_some();
    let now = engine.clock.now(merchant);
    let payment = known.unwrap_or_else(|| PaymentSession {
        id,
        system,
        merchant_id: merchant.clone(),
        version: 0,
        created_at: now,
        expires_at: now,
        body: String::new(),
        authorization_token: None,
        completion: None,
        started: None,
    });
    let deadline = engine.clock.monotonic_now().plus_ms(READ_MS);
    let FreshPayment { payment, read } = match first_read(engine, payment, is_known, deadline).await? {
        Ok(fresh) => fresh,
        Err(no_answer) => return Ok(Adoption::NoAnswer(no_answer)),
    };
    match read.standing {
        Standing::Gone => return Ok(Adoption::NotFound),
        Standing::Completed { .. } => return Ok(Adoption::Completed),
        Standing::Open | Standing::Authorized { .. } | Standing::Declined(_) | Standing::Abandoned => {}
    }
    if is_known {
        return Ok(Adoption::Adopted(Box::new(payment)));
    }
    engine.store.adopt_payment_session(&payment).await?;
    // Another call may have stored it first.
    let stored = engine.store.payment_session(&payment.id).await?;
    let own = stored.filter(|stored| stored.merchant_id == *merchant && stored.system == payment.system);
    Ok(own.map_or(Adoption::NotFound, |payment| Adoption::Adopted(Box::new(payment))))
}

async fn first_read(
    engine: &EngineParts,
    payment: PaymentSession,
    is_known: bool,
    deadline: crate::clock::Monotonic,
) -> Result<Result<FreshPayment, NoAnswer>, EngineError> {
    if is_known {
        return read_payment(engine, payment, deadline).await;
    }
    let system = engine.payment_systems.of(&payment)?;
    if !system.admits_read(&payment, ReadCause::Caller) {
        return Ok(Err(without_answer(engine, &payment, NoAnswer::OverBudget)));
    }
    let read = match system.read(&payment, deadline).await {
        Ok(read) => read,
        Err(no_answer) => return Ok(Err(without_answer(engine, &payment, no_answer))),
    };
    let payment = match &read.content {
        Some(content) => PaymentSession {
            body: content.body.clone(),
            expires_at: content.expires_at,
            authorization_token: content.authorization_token.clone(),
            ..payment
        },
        None => payment,
    };
    Ok(Ok(FreshPayment { payment, read }))
}
