//! Changes a status: reads the page session, asks the lifecycle table, commits. No other code changes a status.
//!
//! A commit is guarded by the row's version. If another commit was first, this one reads again and asks the table again.
//! If the process dies before the commit, nothing has changed. If it dies after the commit, the event and its callback are
//! in the database, and another node delivers the callback.

use kassa_domain::lifecycle::{Event, Status, Transition, transition};
use kassa_domain::page_session::{OrderReference, PageSession, PlaceOrderMode};
use kassa_domain::payment_session::{
    Authorization, AuthorizationPurpose, AuthorizationState, PaymentSession,
};
use kassa_domain::time::SECOND_MS;
use kassa_domain::{Actor, PaymentSessionId, Timestamp};
use kassa_store::{
    Advance, AdvanceOutcome, ClaimedCallback, NewAuthorization, Note, Notification, StoredOrder,
};
use kassa_wire::callback::StatusUpdate;
use tokio_util::sync::CancellationToken;

use crate::callbacks::{
    CausingChange, FirstAttempt, begin_payment_callbacks, callback_of, payment_callbacks,
};
use crate::error::EngineError;
use crate::ids::new_event_id;
use crate::parts::EngineParts;
use crate::payment_system::Captures;
use crate::snapshot::session_read;

/// How often the node looks for interrupted completions.
const LOOK_FOR_COMPLETIONS_MS: i64 = 5 * SECOND_MS;

/// An event with its data. Each variant is a row of the lifecycle table.
#[derive(Clone, Debug)]
pub(crate) enum Occurrence {
    ConsumerEntered,
    ConsumerWentBack,
    ConsumerCancelled,
    PaymentAuthorized(Box<Authorization>),
    PaymentDeclined(String),
    PaymentErrored(String),
    PaymentSessionCompleted(OrderReference),
    MerchantDisabled,
}

impl Occurrence {
    pub(crate) fn event(&self) -> Event {
        match self {
            Self::ConsumerEntered => Event::ConsumerEntered,
            Self::ConsumerWentBack => Event::ConsumerWentBack,
            Self::ConsumerCancelled => Event::ConsumerCancelled,
            Self::PaymentAuthorized(_) => Event::PaymentAuthorized,
            Self::PaymentDeclined(_) => Event::PaymentDeclined,
            Self::PaymentErrored(_) => Event::PaymentErrored,
            Self::PaymentSessionCompleted(_) => Event::PaymentSessionCompleted,
            Self::MerchantDisabled => Event::MerchantDisabled,
        }
    }

    /// The reason that the timeline shows beside the change.
    fn reason(&self) -> Option<&str> {
        match self {
            Self::PaymentDeclined(reason) | Self::PaymentErrored(reason) => Some(reason),
            Self::ConsumerEntered
            | Self::ConsumerWentBack
            | Self::ConsumerCancelled
            | Self::PaymentAuthorized(_)
            | Self::PaymentSessionCompleted(_)
            | Self::MerchantDisabled => None,
        }
    }
}

/// The outcome of an event, with the session as it is now.
#[derive(Clone, Debug)]
pub enum Advanced {
    /// The status changed, durably.
    Moved(PageSession),
    /// The table allows the event, and it changes nothing.
    Stayed(PageSession),
    /// The table refuses the event in the session's status.
    Refused(PageSession),
    /// The payment session's content changed after the authorization, so nothing was paid.
    Outdated(PageSession),
    /// The session has expired.
    Gone,
}

/// Applies one event to a page session. `actor` caused it.
pub(crate) async fn advance(
    engine: &EngineParts,
    mut session: PageSession,
    mut occurrence: Occurrence,
    mut actor: Actor,
) -> Result<Advanced, EngineError> {
    loop {
        let now = engine.clock.now(&session.merchant_id);
        if session.is_expired(now) {
            release(engine, &session, &occurrence, &actor, "the session expired").await?;
            return Ok(Advanced::Gone);
        }
        let status = match transition(session.status, occurrence.event()) {
            Transition::To(status) => status,
            Transition::Stays => return stay(engine, session, &occurrence, &actor).await,
            Transition::Refused => {
                release(engine, &session, &occurrence, &actor, session.status.as_str()).await?;
                return Ok(Advanced::Refused(session));
            }
        };
        let change = match prepare(engine, &session, (&occurrence, &actor), status, now).await? {
            Prepared::Change(change) => *change,
            Prepared::PaidElsewhere(order) => {
                let because = "the payment session was completed elsewhere";
                release(engine, &session, &occurrence, &actor, because).await?;
                (occurrence, actor) = (Occurrence::PaymentSessionCompleted(order), Actor::System);
                continue;
            }
            Prepared::Outdated => {
                release(engine, &session, &occurrence, &actor, "the order changed meanwhile").await?;
                return Ok(Advanced::Outdated(session));
            }
        };
        match engine.store.commit(&change.advance).await? {
            AdvanceOutcome::Done { leased: lease } => {
                return Ok(Advanced::Moved(publish(engine, change, lease).await));
            }
            AdvanceOutcome::Stale => match engine.store.page_session(&session.id).await? {
                Some(fresh) => session = fresh,
                None => return Ok(Advanced::Gone),
            },
        }
    }
}

/// Completes the open page sessions of a completed payment session. If that fails, or a crash interrupts it,
/// [`complete_siblings_until`] does it later.
pub(crate) async fn complete_siblings_or_later(engine: &EngineParts, of: &PaymentSessionId) {
    if let Err(error) = complete_siblings(engine, of).await {
        tracing::warn!(payment_session_id = %of, ?error, "the sibling sessions could not be completed; the node retries within five seconds");
    }
}

/// Completes the sessions whose completion was interrupted, at the start and every five seconds, until `stop`.
pub(crate) async fn complete_siblings_until(engine: &EngineParts, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = complete_interrupted(engine).await {
            tracing::warn!(
                ?error,
                "interrupted completions could not be finished; the node retries in five seconds"
            );
        }
        let next = engine.clock.monotonic_now().plus_ms(LOOK_FOR_COMPLETIONS_MS);
        tokio::select! {
            () = stop.cancelled() => {}
            () = engine.clock.sleep_until(next) => {}
        }
    }
}

async fn complete_interrupted(engine: &EngineParts) -> Result<(), EngineError> {
    for payment_session in engine.store.completions().await? {
        complete_siblings(engine, &payment_session).await?;
    }
    Ok(())
}

async fn complete_siblings(engine: &EngineParts, of: &PaymentSessionId) -> Result<(), EngineError> {
    let payment = engine.store.payment_session(of).await?;
    if let Some(order) = payment.and_then(|payment| payment.order) {
        for id in engine.store.open_page_sessions(of).await? {
            if let Some(session) = engine.store.page_session(&id).await? {
                let occurrence = Occurrence::PaymentSessionCompleted(order.clone());
                Box::pin(advance(engine, session, occurrence, Actor::System)).await?;
            }
        }
    }
    Ok(engine.store.finish_completion(of).await?)
}

enum Prepared {
    Change(Box<Change>),
    PaidElsewhere(OrderReference),
    Outdated,
}

/// A change that is ready to be committed, and the first attempts of its callbacks, which begin after the commit.
struct Change {
    advance: Advance,
    first_attempt: Option<FirstAttempt>,
    /// Those of the arrival's callbacks.
    payment_attempts: Vec<FirstAttempt>,
}

/// Prepares the change that the table asks for, with everything that is committed together with it.
async fn prepare(
    engine: &EngineParts,
    session: &PageSession,
    (occurrence, actor): (&Occurrence, &Actor),
    status: Status,
    now: Timestamp,
) -> Result<Prepared, EngineError> {
    let mut next = session.clone();
    next.status = status;
    next.version += 1;
    // Two changes never share an instant, so that merchants can order changes by `updated_at`.
    next.updated_at = now.max(session.updated_at.plus_ms(1));
    let mut new_authorization = None;
    match occurrence {
        Occurrence::PaymentAuthorized(authorization) => {
            let Some(payment) = engine.store.payment_session(&session.payment_session_id).await? else {
                return Err(EngineError::NoPaymentSession(session.id.clone()));
            };
            if let Some(order) = payment.order {
                return Ok(Prepared::PaidElsewhere(order));
            }
            if payment.body != authorization.body {
                return Ok(Prepared::Outdated);
            }
            new_authorization = Some(authorize(engine, &mut next, &payment, authorization).await?);
        }
        Occurrence::PaymentSessionCompleted(order) => next.order = Some(order.clone()),
        Occurrence::ConsumerEntered
        | Occurrence::ConsumerWentBack
        | Occurrence::ConsumerCancelled
        | Occurrence::PaymentDeclined(_)
        | Occurrence::PaymentErrored(_)
        | Occurrence::MerchantDisabled => {}
    }
    let note = occurrence.reason().map(|reason| note(next.updated_at, "Reason", reason, actor));
    let change = change_of(engine, next, (occurrence.event(), actor), note, new_authorization).await?;
    Ok(Prepared::Change(Box::new(change)))
}

/// Sets the result of an authorization: the token, or the order if the page places it.
async fn authorize(
    engine: &EngineParts,
    next: &mut PageSession,
    payment: &PaymentSession,
    authorization: &Authorization,
) -> Result<NewAuthorization, EngineError> {
    let mut authorization = authorization.clone();
    // A payment session can have changed since the page session was created, so that it gives no order any more.
    let purpose = engine.payment_system.offer(payment)?.purpose;
    let captures = match (next.options.place_order_mode, purpose) {
        (PlaceOrderMode::None, _) | (_, AuthorizationPurpose::NoOrder) => {
            next.authorization_token = Some(authorization.token.clone());
            return Ok(new_authorization_of(authorization, payment, None));
        }
        (PlaceOrderMode::PlaceOrder, AuthorizationPurpose::Order) => Captures::Later,
        (PlaceOrderMode::CaptureOrder, AuthorizationPurpose::Order) => Captures::AtOnce,
    };
    let order: StoredOrder =
        engine.payment_system.order(payment, &authorization, captures, next.updated_at).await?;
    next.order = Some(order.reference.clone());
    authorization.state = AuthorizationState::Ordered;
    authorization.order_id = Some(order.reference.order_id.clone());
    Ok(new_authorization_of(authorization, payment, Some(order)))
}

fn new_authorization_of(
    authorization: Authorization,
    payment: &PaymentSession,
    order: Option<StoredOrder>,
) -> NewAuthorization {
    NewAuthorization { authorization, payment_version: payment.version, order, callbacks: Vec::new() }
}

/// Adds the callbacks to the payment session's own URLs to an arrival. Returns their first attempts.
async fn announce_new_authorization(
    engine: &EngineParts,
    new_authorization: &mut NewAuthorization,
    committed_at: Timestamp,
) -> Result<Vec<FirstAttempt>, EngineError> {
    let NewAuthorization { authorization, order, .. } = new_authorization;
    let mut calls: Vec<_> =
        engine.payment_system.call_about_authorization(authorization)?.into_iter().collect();
    if let Some(order) = order {
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
) -> Result<Change, EngineError> {
    let event_id = new_event_id(&*engine.random, session.updated_at);
    let update =
        StatusUpdate { event_id: event_id.as_str().to_string(), session: session_read(&session.snapshot()) };
    let (callback, first_attempt) = callback_of(engine, &session).await?.unzip();
    let payment_attempts = match &mut new_authorization {
        Some(new_authorization) => {
            announce_new_authorization(engine, new_authorization, session.updated_at).await?
        }
        None => Vec::new(),
    };
    let body = serde_json::to_string(&update)?;
    let actor = actor.clone();
    let advance = Advance { session, event, actor, event_id, body, callback, note, new_authorization };
    Ok(Change { advance, first_attempt, payment_attempts })
}

/// Tells everybody who waits for it that a change is durable. A failure here cannot undo the change.
async fn publish(engine: &EngineParts, change: Change, lease: Option<ClaimedCallback>) -> PageSession {
    let Advance { session, event, actor, event_id, body, new_authorization, .. } = change.advance;
    tracing::info!(
        page_session_id = %session.id,
        event = event.name(),
        status = session.status.as_str(),
        %actor,
        "status changed"
    );
    engine.metrics.status_changed(session.status.as_str());
    engine.news.wake(&session.id, &session.merchant_id);
    let (page_session_id, merchant_id) = (session.id.clone(), session.merchant_id.clone());
    engine.store.announce(Notification::Changed { page_session_id, merchant_id });
    if let Some(first_attempt) = change.first_attempt {
        first_attempt.begin(engine, lease, event_id, body);
    }
    let Some(new_authorization) = new_authorization else { return session };
    begin_payment_callbacks(engine, new_authorization.callbacks, change.payment_attempts);
    if new_authorization.order.is_some() {
        complete_siblings_or_later(engine, &session.payment_session_id).await;
    }
    session
}

async fn stay(
    engine: &EngineParts,
    session: PageSession,
    occurrence: &Occurrence,
    actor: &Actor,
) -> Result<Advanced, EngineError> {
    if let Some(reason) = occurrence.reason() {
        let at = engine.clock.now(&session.merchant_id);
        engine.store.add_note(&session.id, &note(at, "Reason", reason, actor)).await?;
    }
    Ok(Advanced::Stayed(session))
}

/// Releases the authorization of an event that was not applied, and adds a note to the timeline.
async fn release(
    engine: &EngineParts,
    session: &PageSession,
    occurrence: &Occurrence,
    actor: &Actor,
    because: &str,
) -> Result<(), EngineError> {
    if let Occurrence::PaymentAuthorized(authorization) = occurrence {
        engine.payment_system.release(&session.id, &authorization.token).await;
        let at = engine.clock.now(&session.merchant_id);
        let detail = format!("An authorization was released without an order: {because}.");
        engine.store.add_note(&session.id, &note(at, "AuthorizationReleased", &detail, actor)).await?;
    }
    Ok(())
}

fn note(at: Timestamp, kind: &'static str, detail: &str, actor: &Actor) -> Note {
    Note { at, kind, detail: detail.to_string(), actor: actor.clone() }
}
