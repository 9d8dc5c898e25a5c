//! Commits what follows from the outcome of an attempt.

use kassa_domain::Actor;
use kassa_domain::operation::{OperationKind, OperationState, next_attempt_at};
use kassa_domain::payment_session::PaymentCompletion;
use kassa_domain::time::SECOND_MS;
use kassa_store::{ClaimedOperation, CommitOutcome, Note, SystemOrder};

use super::recording::{begin_release, release_operation};
use crate::advance::{Advanced, AuthorizationEvidence, Authorized, Occurrence, Settling, advance_by_outcome};
use crate::error::EngineError;
use crate::parts::EngineParts;
use crate::payment_system::{NoAnswer, Outcome, ReadCause, Standing};
use crate::remote::{forget_started, sibling_orders};

/// The time for reading the state of a payment.
const READ_MS: i64 = 10 * SECOND_MS;

/// Applies an outcome: the status change that follows from it, another attempt, or the end of the operation.
pub(super) async fn apply(
    engine: &EngineParts,
    claimed: &ClaimedOperation,
    outcome: Outcome,
) -> Result<(), EngineError> {
    use OperationKind::{PlaceOrder, Release};
    match (claimed.kind, outcome) {
        (PlaceOrder, Outcome::Ordered(order)) => ordered(engine, claimed, order, Actor::System).await,
        (PlaceOrder, Outcome::Refused { reason, token_is_dead }) => {
            refused(engine, claimed, reason, token_is_dead).await
        }
        (Release, Outcome::Released) => done(engine, claimed, "released").await,
        (Release, Outcome::Refused { reason, token_is_dead: true }) => done(engine, claimed, &reason).await,
        (Release, Outcome::Refused { reason, token_is_dead: false }) => stuck(engine, claimed, &reason).await,
        (_, Outcome::NotSent(reason)) => repeat(engine, claimed, &format!("not sent: {reason}")).await,
        (_, Outcome::Unknown(reason)) => repeat(engine, claimed, &format!("unknown: {reason}")).await,
        (PlaceOrder, Outcome::Released) | (Release, Outcome::Ordered(_)) => {
            repeat(engine, claimed, "unknown: the answer belongs to another operation").await
        }
    }
}

/// Completes the page session with its order.
pub(super) async fn ordered(
    engine: &EngineParts,
    claimed: &ClaimedOperation,
    order: SystemOrder,
    actor: Actor,
) -> Result<(), EngineError> {
    let outcome = format!("ordered: {}", order.reference().order_id);
    let authorized = Authorized {
        authorization: claimed.authorization.clone(),
        order: Some(order),
        counts_until: None,
        evidence: AuthorizationEvidence::PaymentSystem,
    };
    let occurrence = Occurrence::PaymentAuthorized(Box::new(authorized));
    change_status(engine, claimed, occurrence, actor, outcome).await
}

/// Lets the consumer try again, unless the payment session was completed elsewhere meanwhile.
async fn refused(
    engine: &EngineParts,
    claimed: &ClaimedOperation,
    reason: String,
    token_is_dead: bool,
) -> Result<(), EngineError> {
    let authorization = &claimed.authorization;
    let Some(payment) = engine.store.payment_session(&authorization.payment_session_id).await? else {
        return Err(EngineError::NoPaymentSession(claimed.page_session_id().clone()));
    };
    let deadline = engine.clock.monotonic_now().plus_ms(READ_MS);
    let standing = match &payment.completion {
        Some(PaymentCompletion::Order(order)) => Ok(Standing::Completed { order: Some(order.clone()) }),
        Some(PaymentCompletion::UnnamedOrder) | None => {
            let system = engine.payment_systems.of(&payment)?;
            match system.admits_read(&payment, ReadCause::Caller) {
                true => system.read(&payment, deadline).await.map(|read| read.standing),
                false => Err(NoAnswer::OverBudget),
            }
        }
    };
    let occurrence = match standing {
        Ok(Standing::Completed { order: Some(order) }) => {
            Occurrence::PaymentSessionCompleted(PaymentCompletion::Order(order))
        }
        Ok(Standing::Completed { order: None }) => {
            let outcome =
                format!("refused: {reason}; the payment session is complete with an order that has no name");
            let is_of_a_sibling = sibling_orders(engine, claimed.page_session_id(), &payment.id).await?;
            return match is_of_a_sibling {
                true => repeat(engine, claimed, &outcome).await,
                false => stuck(engine, claimed, &outcome).await,
            };
        }
        Ok(
            Standing::Open
            | Standing::Authorized { .. }
            | Standing::Declined(_)
            | Standing::Abandoned
            | Standing::Gone,
        ) => Occurrence::PaymentDeclined(reason.clone()),
        Err(error) => return repeat(engine, claimed, &format!("refused: {reason}; {error}")).await,
    };
    forget_started(engine, authorization).await?;
    let outcome = format!("refused: {reason}");
    if token_is_dead {
        return change_status(engine, claimed, occurrence, Actor::System, outcome).await;
    }
    let release = release_operation(engine, authorization).await?;
    let settling =
        Settling { end: claimed.ended(outcome, engine.time.lease_now()), release: release.clone() };
    let changed = change_status_with(engine, claimed, occurrence, Actor::System, settling).await?;
    if let (Changed::Durably, Some(release)) = (changed, release) {
        begin_release(engine, release);
    }
    Ok(())
}

/// Records that no order was placed, and lets the consumer try again.
pub(super) async fn not_ordered(
    engine: &EngineParts,
    claimed: &ClaimedOperation,
    reason: &str,
    actor: Actor,
) -> Result<(), EngineError> {
    let occurrence = Occurrence::PaymentDeclined(reason.to_string());
    change_status(engine, claimed, occurrence, actor, format!("not ordered: {reason}")).await
}

async fn change_status(
    engine: &EngineParts,
    claimed: &ClaimedOperation,
    occurrence: Occurrence,
    actor: Actor,
    outcome: String,
) -> Result<(), EngineError> {
    let settling = Settling { end: claimed.ended(outcome, engine.time.lease_now()), release: None };
    change_status_with(engine, claimed, occurrence, actor, settling).await.map(drop)
}

/// Whether an outcome changed the status of the page session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Changed {
    Durably,
    NotHere,
}

/// Advances the page session by the outcome. If the lifecycle refuses it, the operation is stuck: an order may exist
/// beside a status that says otherwise.
async fn change_status_with(
    engine: &EngineParts,
    claimed: &ClaimedOperation,
    occurrence: Occurrence,
    actor: Actor,
    settling: Settling,
) -> Result<Changed, EngineError> {
    let outcome = settling.end.outcome.clone();
    let advanced = match engine.store.page_session(claimed.page_session_id()).await? {
        Some(session) => advance_by_outcome(engine, session, occurrence, actor, settling).await?,
        None => Advanced::Gone,
    };
    match advanced {
        Advanced::Moved(_) => return Ok(Changed::Durably),
        // Another node claimed the operation since, and settles it.
        Advanced::Confirming(_) => {}
        Advanced::Stayed(session) | Advanced::Refused(session) | Advanced::Outdated(session) => {
            // If the session has no such operation, another node has settled it.
            if session.open_operation.as_ref() == Some(&claimed.id) {
                let outcome = format!("{outcome}; the page session is {}", session.status);
                stuck(engine, claimed, &outcome).await?;
            }
        }
        Advanced::Gone => {
            stuck(engine, claimed, &format!("{outcome}; the page session is deleted")).await?;
        }
    }
    Ok(Changed::NotHere)
}

/// Waits for the next attempt. After the last one, an order is stuck, and a release is not needed any more, because the
/// authorization has expired.
async fn repeat(engine: &EngineParts, claimed: &ClaimedOperation, outcome: &str) -> Result<(), EngineError> {
    let ended_at = engine.time.lease_now();
    if let Some(due_at) = next_attempt_at(claimed.attempts + 1, ended_at, claimed.gives_up_at) {
        return Ok(engine.store.repeat_operation_at(claimed, outcome, due_at).await?);
    }
    match claimed.kind {
        OperationKind::PlaceOrder => stuck(engine, claimed, outcome).await,
        OperationKind::Release => {
            done(engine, claimed, &format!("{outcome}; the authorization has expired")).await
        }
    }
}

/// Ends an operation whose effect is known, and has no status change.
async fn done(engine: &EngineParts, claimed: &ClaimedOperation, outcome: &str) -> Result<(), EngineError> {
    end(engine, claimed, OperationState::Done, outcome, Actor::System).await.map(drop)
}

/// Stops attempting an operation. An operator settles it.
async fn stuck(engine: &EngineParts, claimed: &ClaimedOperation, outcome: &str) -> Result<(), EngineError> {
    match end(engine, claimed, OperationState::Stuck, outcome, Actor::System).await? {
        CommitOutcome::Done => {}
        CommitOutcome::Stale => return Ok(()),
    }
    tracing::error!(
        page_session_id = %claimed.page_session_id(),
        operation = claimed.kind.as_str(),
        key = %claimed.id,
        outcome,
        "a payment operation is stuck: look the order up at the payment system, then run kassa session settle"
    );
    Ok(())
}

/// Ends an operation without a status change, unless another node claimed it since.
pub(super) async fn end(
    engine: &EngineParts,
    claimed: &ClaimedOperation,
    state: OperationState,
    outcome: &str,
    actor: Actor,
) -> Result<CommitOutcome, EngineError> {
    let operation = claimed.kind.as_str();
    let (kind, detail) = match state {
        OperationState::Stuck => (
            "OperationStuck",
            format!("{operation} has an unknown outcome, and Kassa stopped asking for it: {outcome}."),
        ),
        OperationState::Done | OperationState::Due => ("OperationEnded", format!("{operation}: {outcome}.")),
    };
    let at = engine.clock.now(&claimed.authorization.merchant_id);
    let note = Note { at, kind, detail, actor };
    Ok(engine.store.end_operation(claimed, state, outcome, engine.time.lease_now(), &note).await?)
}
