//! Changes a status: reads the page session, asks the lifecycle table, commits. No other code changes a status.
//!
//! A commit is guarded by the row's version. If another commit was first, this one reads again and asks the table
//! again. No remote call is made between the read and the commit: if a payment system has to place an order, this code
//! records the operation, and the outcome of the operation changes the status later. If the process dies before the
//! commit, nothing has changed. If it dies after the commit, the event and its callback are in the database, and
//! another node delivers the callback.

mod occurrence;
mod prepare;

use futures_util::future::BoxFuture;
use kassa_domain::lifecycle::{Event, Status, Transition, transition};
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::Authorization;
use kassa_domain::time::SECOND_MS;
use kassa_domain::{Actor, AuthorizationToken, PageSessionId, PaymentSessionId, Timestamp};
use kassa_store::{Advance, AdvanceOutcome, ClaimedCallback, CommitOutcome, Notification, StoreError};
use tokio_util::sync::CancellationToken;

use crate::callbacks::of_payments::begin_payment_callbacks;
use crate::change_log::STATUS_LOG;
use crate::error::EngineError;
use crate::operations::recording::{
    begin_order, begin_release, order_operation_id, release_operation, release_operation_id,
};
use crate::pace::Pace;
use crate::parts::EngineParts;
use crate::remote::forget_started;
use crate::traces::{self, SpanKind};

pub(crate) use occurrence::{AuthorizationEvidence, Authorized, Occurrence, Settling};

use occurrence::note;
use prepare::{Change, Prepared, RecordableOrder, prepare};

/// How often the node looks for interrupted completions.
const LOOK_FOR_COMPLETIONS_MS: i64 = 5 * SECOND_MS;

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
    /// An order of the session is being placed, and its outcome is unknown. The event changed nothing.
    Confirming(PageSession),
    /// The session has expired.
    Gone,
}

/// Applies one event to a page session. `actor` caused it. The future is in a box, because it is large: the futures of
/// the callers would contain it, and each of these is copied several times.
pub(crate) fn advance(
    engine: &EngineParts,
    session: PageSession,
    occurrence: Occurrence,
    actor: Actor,
) -> BoxFuture<'_, Result<Advanced, EngineError>> {
    Box::pin(apply(engine, session, occurrence, actor, None))
}

/// Applies the outcome of the operation that places the session's order.
pub(crate) fn advance_by_outcome(
    engine: &EngineParts,
    session: PageSession,
    occurrence: Occurrence,
    actor: Actor,
    settling: Settling,
) -> BoxFuture<'_, Result<Advanced, EngineError>> {
    Box::pin(apply(engine, session, occurrence, actor, Some(settling)))
}

async fn apply(
    engine: &EngineParts,
    mut session: PageSession,
    mut occurrence: Occurrence,
    mut actor: Actor,
    settling: Option<Settling>,
) -> Result<Advanced, EngineError> {
    let settling = settling.as_ref();
    traces::about(&session.id);
    loop {
        match (settling, &session.open_operation) {
            (None, None) => {}
            (Some(settling), Some(open)) if settling.end.id == *open => {}
            // Another node has settled the operation.
            (Some(_), _) => return Ok(Advanced::Refused(session)),
            (None, Some(_)) => {
                release(engine, &session, &occurrence, &actor, "an order is being placed").await?;
                return Ok(Advanced::Confirming(session));
            }
        }
        let now = engine.clock.now(&session.merchant_id);
        if session.is_expired(now) && !occurrence.still_counts(now) {
            release(engine, &session, &occurrence, &actor, "the session expired").await?;
            return Ok(Advanced::Gone);
        }
        if occurrence.has_lost_its_check_in(&session) {
            release(engine, &session, &occurrence, &actor, "the check of the identity document has ended")
                .await?;
            return Ok(Advanced::Refused(session));
        }
        let status = match transition(session.status, occurrence.event()) {
            Transition::To(status) => status,
            Transition::Stays => return stay(engine, session, &occurrence, &actor).await,
            Transition::Refused => {
                release(engine, &session, &occurrence, &actor, session.status.as_str()).await?;
                return Ok(Advanced::Refused(session));
            }
        };
        match prepare(engine, &session, (&occurrence, &actor), (status, settling), now).await? {
            Prepared::Change(change) => match commit(engine, &change.advance).await? {
                AdvanceOutcome::Done { leased: lease } => {
                    return Ok(Advanced::Moved(publish(engine, change, lease, session.status).await));
                }
                AdvanceOutcome::ClaimedSince => return Ok(Advanced::Confirming(session)),
                AdvanceOutcome::Stale => match engine.store.page_session(&session.id).await? {
                    Some(fresh) => session = fresh,
                    None => return Ok(Advanced::Gone),
                },
            },
            Prepared::PaidElsewhere(completion) => {
                let because = "the payment session was completed elsewhere";
                release(engine, &session, &occurrence, &actor, because).await?;
                (occurrence, actor) = (Occurrence::PaymentSessionCompleted(completion), Actor::System);
            }
            Prepared::Outdated => {
                release(engine, &session, &occurrence, &actor, "the order changed meanwhile").await?;
                return Ok(Advanced::Outdated(session));
            }
            Prepared::Contradiction => return Ok(Advanced::Refused(session)),
            Prepared::Taken => return Ok(Advanced::Confirming(session)),
            Prepared::Operation(recordable) => match record(engine, session, *recordable, &actor).await? {
                Recorded::Done(advanced) => return Ok(advanced),
                Recorded::Again(fresh) => session = fresh,
            },
        }
    }
}

/// Commits a change, in a span of its own.
async fn commit(engine: &EngineParts, advance: &Advance) -> Result<AdvanceOutcome, StoreError> {
    let span = traces::child(SpanKind::Internal, || format!("status {}", advance.session.status));
    let outcome = engine.store.commit(advance).await;
    if let Some(mut span) = span {
        span.note("kassa.event", advance.event.name());
        span.note("kassa.status", advance.session.status.as_str());
        if outcome.is_err() {
            span.fail();
        }
        span.end();
    }
    outcome
}

/// The outcome of recording an operation.
enum Recorded {
    Done(Advanced),
    /// The session changed: ask the table again.
    Again(PageSession),
}

/// Records the operation that places an order, and begins its first attempt. The session is IN_PROGRESS until the
/// outcome is known, so the consumer who pays after Back, a decline or an error enters first. After a check of the
/// identity document the session stays MANUAL_ID_CHECK.
async fn record(
    engine: &EngineParts,
    session: PageSession,
    RecordableOrder { operation, payment_version }: RecordableOrder,
    actor: &Actor,
) -> Result<Recorded, EngineError> {
    if let Transition::To(_) = transition(session.status, Event::ConsumerEntered) {
        let id = session.id.clone();
        return match advance(engine, session, Occurrence::ConsumerEntered, actor.clone()).await? {
            Advanced::Moved(session)
            | Advanced::Stayed(session)
            | Advanced::Refused(session)
            | Advanced::Outdated(session)
            | Advanced::Confirming(session) => Ok(Recorded::Again(session)),
            Advanced::Gone => read_again(engine, &id).await,
        };
    }
    match engine.store.record_order_operation(&session, payment_version, &operation).await? {
        CommitOutcome::Done => {
            let session = begin_order(engine, session, operation).await?;
            let is_unknown = session.open_operation.is_some();
            let advanced = if is_unknown { Advanced::Confirming(session) } else { Advanced::Moved(session) };
            Ok(Recorded::Done(advanced))
        }
        CommitOutcome::Stale => read_again(engine, &session.id).await,
    }
}

async fn read_again(engine: &EngineParts, id: &PageSessionId) -> Result<Recorded, EngineError> {
    let found = engine.store.page_session(id).await?;
    Ok(found.map_or(Recorded::Done(Advanced::Gone), Recorded::Again))
}

/// Completes the open page sessions of a completed payment session. If that fails, or a crash interrupts it,
/// [`complete_siblings_until`] does it later.
pub(crate) async fn complete_siblings_or_later(engine: &EngineParts, of: &PaymentSessionId) {
    if let Err(error) = complete_siblings(engine, of).await {
        tracing::warn!(payment_session_id = %of, ?error, "the sibling sessions could not be completed; the node \
                                                          retries within five seconds");
    }
}

/// Completes the sessions whose completion was interrupted, at the start and every five seconds, until `stop`.
pub(crate) async fn complete_siblings_until(engine: &EngineParts, stop: CancellationToken) {
    let mut pace = Pace::new(&*engine.clock, LOOK_FOR_COMPLETIONS_MS);
    while pace.next_look(&stop).await {
        if let Err(error) = complete_interrupted(engine).await {
            tracing::warn!(
                ?error,
                "interrupted completions could not be finished; the node retries within five seconds"
            );
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
    let mut all_followed = true;
    if let Some(completion) = payment.and_then(|payment| payment.completion) {
        for id in engine.store.open_page_sessions(of).await? {
            if let Some(session) = engine.store.page_session(&id).await? {
                let occurrence = Occurrence::PaymentSessionCompleted(completion.clone());
                let advanced = advance(engine, session, occurrence, Actor::System).await?;
                // It follows when the outcome of its own order is known.
                all_followed &= !matches!(advanced, Advanced::Confirming(_));
            }
        }
    }
    if all_followed {
        engine.store.finish_completion(of).await?;
    }
    Ok(())
}

/// Tells everybody who waits for it that a change is durable. A failure here cannot undo the change.
async fn publish(
    engine: &EngineParts,
    change: Box<Change>,
    lease: Option<ClaimedCallback>,
    from: Status,
) -> PageSession {
    let Change { advance, first_attempt, payment_attempts } = *change;
    let Advance { session, event, actor, event_id, body, new_authorization, .. } = advance;
    tracing::info!(
        target: STATUS_LOG,
        page_session_id = %session.id,
        event = event.name(),
        from = from.as_str(),
        status = session.status.as_str(),
        %actor,
        "status changed"
    );
    engine.metrics.status_changed(session.status.as_str());
    engine.news.wake(&session.id, &session.merchant_id);
    let (page_session_id, merchant_id) = (session.id.clone(), session.merchant_id.clone());
    engine.store.announce(Notification::Changed { page_session_id, merchant_id });
    if let Some(first_attempt) = first_attempt {
        first_attempt.begin(engine, lease, event_id, body);
    }
    let Some(new_authorization) = new_authorization else { return session };
    begin_payment_callbacks(engine, new_authorization.callbacks, payment_attempts);
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
    let at = instant_of_note(engine, &session);
    if let Some(note) = occurrence.note(at, actor) {
        engine.store.add_note(&session.id, &note).await?;
    }
    Ok(Advanced::Stayed(session))
}

/// The instant of a note: now, but not before the change that it follows. Two changes never have the same instant, so
/// the latest one can be later than the clock of the merchant, which the lab can stop.
fn instant_of_note(engine: &EngineParts, session: &PageSession) -> Timestamp {
    engine.clock.now(&session.merchant_id).max(session.updated_at)
}

/// Releases the authorization of an event that was not applied, and adds a note to the timeline. An order that an
/// operation has placed already is not released.
async fn release(
    engine: &EngineParts,
    session: &PageSession,
    occurrence: &Occurrence,
    actor: &Actor,
    because: &str,
) -> Result<(), EngineError> {
    let Occurrence::PaymentAuthorized(authorized) = occurrence else { return Ok(()) };
    if authorized.order.is_some() {
        return Ok(());
    }
    release_authorization(engine, session, &authorized.authorization, actor, because).await
}

/// Releases an authorization that no order will spend, and adds a note to the timeline. If another read of the same
/// authorization has handed it out, or has recorded its order, nothing is released.
pub(crate) async fn release_authorization(
    engine: &EngineParts,
    session: &PageSession,
    authorization: &Authorization,
    actor: &Actor,
    because: &str,
) -> Result<(), EngineError> {
    let operation = release_operation(engine, authorization).await?;
    if operation.is_some() && is_taken(engine, session, &authorization.token).await? {
        return Ok(());
    }
    let at = instant_of_note(engine, session);
    let detail = format!("An authorization was released without an order: {because}.");
    let note = note(at, "AuthorizationReleased", &detail, actor);
    engine.store.record_release(&session.id, &note, operation.as_ref()).await?;
    forget_started(engine, authorization).await?;
    if let Some(operation) = operation {
        begin_release(engine, operation);
    }
    Ok(())
}

/// Whether an authorization of a remote payment system was handed to the merchant, or an operation spends or releases
/// it. The page sessions of one payment session all read the same authorization.
pub(crate) async fn is_taken(
    engine: &EngineParts,
    session: &PageSession,
    token: &AuthorizationToken,
) -> Result<bool, EngineError> {
    if engine.store.authorization(token).await?.is_some() {
        return Ok(true);
    }
    let taking = [order_operation_id(token), release_operation_id(token)];
    let mut sharing = engine.store.open_page_sessions(&session.payment_session_id).await?;
    sharing.push(session.id.clone());
    for id in sharing {
        let operations = engine.store.operations(&id).await?;
        if operations.iter().any(|operation| taking.contains(&operation.id)) {
            return Ok(true);
        }
    }
    Ok(false)
}
