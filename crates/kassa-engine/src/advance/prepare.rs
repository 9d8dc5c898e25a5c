//! Prepares a change: everything that is committed together with a status. Makes no remote call.

use kassa_domain::lifecycle::{Event, Status};
use kassa_domain::page_session::{PageSession, PlaceOrderMode};
use kassa_domain::payment_session::{
    Authorization, AuthorizationPurpose, AuthorizationState, PaymentCompletion, PaymentSession,
};
use kassa_domain::{Actor, Timestamp};
use kassa_store::{Advance, NewAuthorization, NewOperation, Note, SystemOrder};
use kassa_wire::callback::StatusUpdate;

use super::is_taken;
use super::occurrence::{Authorized, Occurrence, Settling};
use crate::callbacks::first_attempt::{FirstAttempt, callback_of};
use crate::callbacks::of_payments::{CausingChange, payment_callbacks};
use crate::error::EngineError;
use crate::ids::new_event_id;
use crate::operations::recording::order_operation;
use crate::parts::EngineParts;
use crate::payment_system::{Captures, PaymentCall, Placement};
use crate::remote::references::schedule_reference_reads;
use crate::session_timers::timer_of;
use crate::snapshot::session_snapshot;

/// The consequences of an event.
pub(super) enum Prepared {
    Change(Box<Change>),
    /// The payment system has to place the order first.
    Operation(Box<RecordableOrder>),
    PaidElsewhere(PaymentCompletion),
    /// The payment system placed an order, and the payment session has another one.
    Contradiction,
    Outdated,
    /// A sibling has spent the authorization, or handed it to the merchant.
    Taken,
}

/// An operation that places an order, and the version of the payment session that it was prepared for.
pub(super) struct RecordableOrder {
    pub(super) operation: NewOperation,
    pub(super) payment_version: i64,
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
    next.id_check = None;
    // Two changes never share an instant, so that merchants can order changes by `updated_at`.
    next.updated_at = now.max(session.updated_at.plus_ms(1));
    let mut arrived = None;
    match occurrence {
        Occurrence::PaymentAuthorized(authorized) => {
            match prepare_authorization(engine, &mut next, authorized).await? {
                Arriving::Now(prepared) => arrived = Some(*prepared),
                Arriving::Not(instead) => return Ok(instead),
            }
        }
        Occurrence::IdCheckRequested(check) => next.id_check = Some((**check).clone()),
        Occurrence::PaymentSessionCompleted(completion) => next.order = completion.clone().order(),
        Occurrence::ConsumerEntered
        | Occurrence::ConsumerWentBack
        | Occurrence::ConsumerCancelled
        | Occurrence::IdCheckExpired
        | Occurrence::ConsumerTimedOut
        | Occurrence::PaymentDeclined(_)
        | Occurrence::PaymentErrored(_)
        | Occurrence::MerchantDisabled => {}
    }
    let note = occurrence.note(next.updated_at, actor);
    let change = change_of(engine, next, (occurrence.event(), actor), note, arrived, settling).await?;
    Ok(Prepared::Change(Box::new(change)))
}

/// An authorization that is committed with the change, or the reason why there is no such change.
enum Arriving {
    Now(Box<Arrived>),
    Not(Prepared),
}

/// An authorization, with the calls to the payment session's own URLs that it causes.
struct Arrived {
    new_authorization: NewAuthorization,
    calls: Vec<PaymentCall>,
}

/// Sets the result of an authorization: the token, or the order if the page places it.
async fn prepare_authorization(
    engine: &EngineParts,
    next: &mut PageSession,
    authorized: &Authorized,
) -> Result<Arriving, EngineError> {
    let Authorized { authorization, order, counts_until: _, evidence: _ } = authorized;
    let Some(payment) = engine.store.payment_session(&next.payment_session_id).await? else {
        return Err(EngineError::NoPaymentSession(next.id.clone()));
    };
    match (payment.completion.clone(), order) {
        // A sibling placed the same order: one authorization gives one order.
        (Some(PaymentCompletion::Order(known)), Some(SystemOrder::Remote(order)))
            if known.order_id == order.order_id =>
        {
            return Ok(Arriving::Not(Prepared::PaidElsewhere(PaymentCompletion::Order(known))));
        }
        (Some(PaymentCompletion::Order(_)), Some(SystemOrder::Remote(_))) => {
            return Ok(Arriving::Not(Prepared::Contradiction));
        }
        // A sibling read the completion by this order before its name was known.
        (Some(PaymentCompletion::UnnamedOrder), Some(order @ SystemOrder::Remote(_))) => {
            return arrived(
                engine,
                &payment,
                ordered_authorization(next, &payment, authorization, order.clone()),
            );
        }
        (Some(elsewhere), _) => return Ok(Arriving::Not(Prepared::PaidElsewhere(elsewhere))),
        (None, Some(order)) => {
            return arrived(
                engine,
                &payment,
                ordered_authorization(next, &payment, authorization, order.clone()),
            );
        }
        (None, None) => {}
    }
    // The page sessions of a payment session share the authorizations of a remote payment system.
    if payment.system.is_remote() && is_taken(engine, next, &authorization.token).await? {
        return Ok(Arriving::Not(Prepared::Taken));
    }
    if !payment.system.has_payment_sessions() && payment.body != authorization.body {
        return Ok(Arriving::Not(Prepared::Outdated));
    }
    // A payment session can have changed since the page session was created, so that it allows no order any more.
    let system = engine.payment_systems.of(&payment)?;
    let purpose = system.offer(&payment)?.purpose;
    let captures = match (next.options.place_order_mode, purpose) {
        (PlaceOrderMode::None, _) | (_, AuthorizationPurpose::NoOrder) => {
            next.authorization_token = Some(authorization.token.clone());
            return arrived(engine, &payment, new_authorization_of(authorization.clone(), &payment, None));
        }
        (PlaceOrderMode::PlaceOrder, AuthorizationPurpose::Order) => Captures::Later,
        (PlaceOrderMode::CaptureOrder, AuthorizationPurpose::Order) => Captures::AtOnce,
    };
    match system.placement(authorization, captures, next.updated_at)? {
        Placement::Here(order) => {
            let order = SystemOrder::Local(*order);
            arrived(engine, &payment, ordered_authorization(next, &payment, authorization, order))
        }
        Placement::ByOperation(request) => {
            let operation = order_operation(engine, authorization, request);
            let payment_version = payment.version;
            Ok(Arriving::Not(Prepared::Operation(Box::new(RecordableOrder { operation, payment_version }))))
        }
    }
}

/// Adds the calls to the payment session's own URLs. A remote payment system calls them itself.
fn arrived(
    engine: &EngineParts,
    payment: &PaymentSession,
    new_authorization: NewAuthorization,
) -> Result<Arriving, EngineError> {
    let mut calls = Vec::new();
    if let Some(local) = engine.payment_systems.local_of(payment) {
        calls.extend(local.call_about_authorization(&new_authorization.authorization)?);
        if let Some(SystemOrder::Local(order)) = &new_authorization.order {
            calls.extend(local.calls_about_order(order)?);
        }
    }
    Ok(Arriving::Now(Box::new(Arrived { new_authorization, calls })))
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

/// Adds the callbacks to the payment session's own URLs to a new authorization. Returns their first attempts.
async fn with_callbacks(
    engine: &EngineParts,
    Arrived { mut new_authorization, calls }: Arrived,
    committed_at: Timestamp,
) -> Result<(NewAuthorization, Vec<FirstAttempt>), EngineError> {
    let authorization = &new_authorization.authorization;
    let owner = &authorization.callback_owner();
    let cause =
        CausingChange { owner, direct_at: None, merchant_id: &authorization.merchant_id, committed_at };
    let (callbacks, first_attempts) = payment_callbacks(engine, cause, calls).await?;
    new_authorization.callbacks = callbacks;
    Ok((new_authorization, first_attempts))
}

async fn change_of(
    engine: &EngineParts,
    session: PageSession,
    (event, actor): (Event, &Actor),
    note: Option<Note>,
    arrived: Option<Arrived>,
    settling: Option<&Settling>,
) -> Result<Change, EngineError> {
    let event_id = new_event_id(&*engine.random, session.updated_at);
    let snapshot = session_snapshot(&session.snapshot());
    let update = StatusUpdate { event_id: event_id.as_str().to_string(), session: snapshot };
    let (callback, first_attempt) = callback_of(engine, &session).await?.unzip();
    let (new_authorization, payment_attempts) = match arrived {
        Some(arrived) => {
            let (authorization, attempts) = with_callbacks(engine, arrived, session.updated_at).await?;
            (Some(authorization), attempts)
        }
        None => (None, Vec::new()),
    };
    let body = serde_json::to_string(&update)?;
    let actor = actor.clone();
    let (operation_end, release) =
        settling.map(|Settling { end, release }| (end.clone(), release.clone())).unzip();
    let reference_reads = schedule_reference_reads(engine, &session);
    let timer = timer_of(engine, &session).await?;
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
        reference_reads,
        timer,
    };
    Ok(Change { advance, first_attempt, payment_attempts })
}
