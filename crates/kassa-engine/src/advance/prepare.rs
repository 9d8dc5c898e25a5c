//! Prepares a change: everything that is committed together with a status. Makes no remote call.

use kassa_domain::lifecycle::{Event, Status};
use kassa_domain::page_session::{OrderReference, PageSession, PlaceOrderMode};
use kassa_domain::payment_session::{
    Authorization, AuthorizationPurpose, AuthorizationState, PaymentSession,
};
use kassa_domain::{Actor, Timestamp};
use kassa_store::{Advance, NewAuthorization, NewOperation, Note, SystemOrder};
use kassa_wire::callback::StatusUpdate;

use super::occurrence::{Authorized, Occurrence, Settling};
use crate::callbacks::first_attempt::{FirstAttempt, callback_of};
use crate::callbacks::of_payments::{CausingChange, payment_callbacks};
use crate::error::EngineError;
use crate::ids::new_event_id;
use crate::operations::recording::order_operation;
use crate::parts::EngineParts;
use crate::payment_system::{Captures, Placement};
use crate::snapshot::session_snapshot;

/// The consequences of an event.
pub(super) enum Prepared {
    Change(Box<Change>),
    /// The payment system has to place the order first.
    Operation(Box<NewOperation>),
    PaidElsewhere(OrderReference),
    /// The payment system placed an order, and the payment session has another one.
    Contradiction,
    Outdated,
}

/// A change that is ready to be committed, and the first attempts of its callbacks, which begin after the commit.
pub(super) struct Change {
    pub(super) advance: Advance,
    pub(super) first_attempt: Option<FirstAttempt>,
    /// Those of the new_authorization's callbacks.
    pub(super) payment_attempts: Vec<FirstAttempt>,
}

/// Prepares the change that the table asks for, with everything that is committed together with it.
pub(super) async fn prepare(
    engine: &EngineParts,
    session: &PageSession,
    (occurrence, actor): (&Occurrence, &Actor),
    (status, settling): (Status, Option<&Settling>),
    now: Timestamp,
) -> Result<Prepared, EngineError> {
    let mut next = session.clone();
    next.status = status;
    next.version += 1;
    next.open_operation = None;
    // Two changes never share an instant, so that merchants can order changes by `updated_at`.
    next.updated_at = now.max(session.updated_at.plus_ms(1));
    let mut new_authorization = None;
    match occurrence {
        Occurrence::PaymentAuthorized(authorized) => {
            match prepare_authorization(engine, &mut next, authorized).await? {
                Arriving::Now(prepared) => new_authorization = Some(*prepared),
                Arriving::Not(instead) => return Ok(instead),
            }
        }
        Occurrence::PaymentSessionCompleted(order) => next.order = Some(order.clone()),
        Occurrence::ConsumerEntered
        | Occurrence::ConsumerWentBack
        | Occurrence::ConsumerCancelled
        | Occurrence::PaymentDeclined(_)
        | Occurrence::PaymentErrored(_)
        | Occurrence::MerchantDisabled => {}
    }
    let note = occurrence.note(next.updated_at, actor);
    let change =
        change_of(engine, next, (occurrence.event(), actor), note, new_authorization, settling).await?;
    Ok(Prepared::Change(Box::new(change)))
}

/// An authorization that is committed with the change, or the reason why there is no such change.
enum Arriving {
    Now(Box<NewAuthorization>),
    Not(Prepared),
}

/// Sets the result of an authorization: the token, or the order if the page places it.
async fn prepare_authorization(
    engine: &EngineParts,
    next: &mut PageSession,
    authorized: &Authorized,
) -> Result<Arriving, EngineError> {
    let Authorized { authorization, order } = authorized;
    let Some(payment) = engine.store.payment_session(&next.payment_session_id).await? else {
        return Err(EngineError::NoPaymentSession(next.id.clone()));
    };
    match (payment.order.clone(), order) {
        (Some(_), Some(SystemOrder::Remote(_))) => return Ok(Arriving::Not(Prepared::Contradiction)),
        (Some(elsewhere), _) => return Ok(Arriving::Not(Prepared::PaidElsewhere(elsewhere))),
        (None, Some(order)) => {
            return Ok(Arriving::Now(Box::new(ordered_authorization(
                next,
                &payment,
                authorization,
                order.clone(),
            ))));
        }
        (None, None) => {}
    }
    if payment.body != authorization.body {
        return Ok(Arriving::Not(Prepared::Outdated));
    }
    // A payment session can have changed since the page session was created, so that it purpose no order any more.
    let purpose = engine.payment_system.offer(&payment)?.purpose;
    let captures = match (next.options.place_order_mode, purpose) {
        (PlaceOrderMode::None, _) | (_, AuthorizationPurpose::NoOrder) => {
            next.authorization_token = Some(authorization.token.clone());
            return Ok(Arriving::Now(Box::new(new_authorization_of(authorization.clone(), &payment, None))));
        }
        (PlaceOrderMode::PlaceOrder, AuthorizationPurpose::Order) => Captures::Later,
        (PlaceOrderMode::CaptureOrder, AuthorizationPurpose::Order) => Captures::AtOnce,
    };
    Ok(match engine.payment_system.placement(authorization, captures, next.updated_at)? {
        Placement::Here(order) => Arriving::Now(Box::new(ordered_authorization(
            next,
            &payment,
            authorization,
            SystemOrder::Local(*order),
        ))),
        Placement::ByOperation(request) => {
            let operation = order_operation(engine, authorization, request);
            Arriving::Not(Prepared::Operation(Box::new(operation)))
        }
    })
}

fn ordered_authorization(
    next: &mut PageSession,
    payment: &PaymentSession,
    authorization: &Authorization,
    order: SystemOrder,
) -> NewAuthorization {
    let reference = order.reference();
    next.order = Some(reference.clone());
    let mut authorization = authorization.clone();
    authorization.state = AuthorizationState::Ordered;
    authorization.order_id = Some(reference.order_id.clone());
    new_authorization_of(authorization, payment, Some(order))
}

fn new_authorization_of(
    authorization: Authorization,
    payment: &PaymentSession,
    order: Option<SystemOrder>,
) -> NewAuthorization {
    NewAuthorization { authorization, payment_version: payment.version, order, callbacks: Vec::new() }
}

/// Adds the callbacks to the payment session's own URLs to an new_authorization. Returns their first attempts.
async fn announce_arrival(
    engine: &EngineParts,
    new_authorization: &mut NewAuthorization,
    committed_at: Timestamp,
) -> Result<Vec<FirstAttempt>, EngineError> {
    let NewAuthorization { authorization, order, .. } = new_authorization;
    let mut calls: Vec<_> =
        engine.payment_system.call_about_authorization(authorization)?.into_iter().collect();
    if let Some(SystemOrder::Local(order)) = order {
        calls.extend(engine.payment_system.calls_about_order(order)?);
    }
    let Authorization { page_session_id, merchant_id, .. } = authorization;
    let cause = CausingChange { page_session_id, merchant_id, committed_at };
    let (callbacks, first_attempts) = payment_callbacks(engine, cause, calls).await?;
    new_authorization.callbacks = callbacks;
    Ok(first_attempts)
}

async fn change_of(
    engine: &EngineParts,
    session: PageSession,
    (event, actor): (Event, &Actor),
    note: Option<Note>,
    mut new_authorization: Option<NewAuthorization>,
    settling: Option<&Settling>,
) -> Result<Change, EngineError> {
    let event_id = new_event_id(&*engine.random, session.updated_at);
    let snapshot = session_snapshot(&session.snapshot());
    let update = StatusUpdate { event_id: event_id.as_str().to_string(), session: snapshot };
    let (callback, first_attempt) = callback_of(engine, &session).await?.unzip();
    let payment_attempts = match &mut new_authorization {
        Some(new_authorization) => announce_arrival(engine, new_authorization, session.updated_at).await?,
        None => Vec::new(),
    };
    let body = serde_json::to_string(&update)?;
    let actor = actor.clone();
    let (operation_end, release) =
        settling.map(|Settling { end, release }| (end.clone(), release.clone())).unzip();
    let advance = Advance {
        session,
        event,
        actor,
        event_id,
        body,
        callback,
        note,
        new_authorization,
        operation_end,
        release: release.flatten(),
    };
    Ok(Change { advance, first_attempt, payment_attempts })
}
