//! Changes a status by what a read at the payment system found.

use kassa_domain::Actor;
use kassa_domain::lifecycle::Status;
use kassa_domain::page_session::{PageSession, PlaceOrderMode};
use kassa_domain::payment_session::{Authorization, PaymentCompletion, PaymentSession};
use kassa_domain::{AuthorizationToken, PageSessionId, PaymentSessionId};
use kassa_store::{CommitOutcome, Note};

use super::{FreshPayment, release_started, stored_payment};
use crate::advance::{
    Advanced, AuthorizationEvidence, Authorized, Occurrence, advance, complete_siblings_or_later, is_taken,
    release_authorization,
};
use crate::error::EngineError;
use crate::parts::EngineParts;
use crate::payment_system::Standing;

/// The category of newer accounts at Klarna, if it is not known which one the consumer chose.
const ONLY_CATEGORY: &str = "klarna";

/// Whether the consumer is known to want this payment now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consent {
    /// The consumer is on the page.
    Present,
    /// The consumer may have closed the page. After Back, an authorization that needs an order is released.
    Unknown,
}

/// A read that is applied to a page session.
pub(super) struct Evidence<'a> {
    pub(super) fresh: &'a FreshPayment,
    pub(super) consent: Consent,
    /// The category that the consumer chose, if it is known.
    pub(super) category: Option<&'a str>,
    pub(super) actor: Actor,
}

/// The effect of a read.
pub(super) enum Applied {
    /// The payment was authorized or completed: the session was advanced.
    Advanced(Box<Advanced>),
    /// Nothing is authorized, or the authorization was handled before.
    Nothing(PageSession),
    /// The payment system has no such payment session any more.
    Gone(PageSession),
}

/// Applies a read to a page session.
pub(super) async fn apply(
    engine: &EngineParts,
    session: PageSession,
    evidence: Evidence<'_>,
) -> Result<Applied, EngineError> {
    let payment = &evidence.fresh.payment;
    let has_ended = matches!(session.status, Status::Cancelled | Status::Disabled);
    match &evidence.fresh.read.standing {
        // The node that ended the page session may have died before it released the started payment.
        Standing::Open | Standing::Completed { .. } if has_ended && payment.started.is_some() => {
            release_started(engine, &session, "the page session had ended").await?;
            Ok(Applied::Nothing(session))
        }
        Standing::Open => Ok(Applied::Nothing(session)),
        Standing::Gone => Ok(Applied::Gone(session)),
        Standing::Declined(reason) => started_is_over(engine, session, &evidence, Some(reason)).await,
        Standing::Abandoned => started_is_over(engine, session, &evidence, None).await,
        Standing::Authorized { token } => {
            let authorization = authorization_of(engine, &session, &evidence, token.clone());
            authorized(engine, session, authorization, &evidence).await
        }
        Standing::Completed { order } => {
            let completion = match (order, &payment.completion) {
                (Some(order), _) => PaymentCompletion::Order(order.clone()),
                (None, Some(known)) => known.clone(),
                (None, None) => PaymentCompletion::UnnamedOrder,
            };
            completed(engine, session, completion, payment).await
        }
    }
}

/// Adds a note if the consumer paid an order that the merchant changed meanwhile. The payment system has the money, so
/// the page session is completed in any case.
async fn note_earlier_order(
    engine: &EngineParts,
    session: &PageSession,
    payment: &PaymentSession,
) -> Result<(), EngineError> {
    let paid_earlier = payment.started.as_ref().is_some_and(|started| started.body != payment.body);
    if !paid_earlier || session.status.is_final() {
        return Ok(());
    }
    tracing::error!(
        page_session_id = %session.id,
        "the consumer paid an order that the merchant changed meanwhile: compare the amounts"
    );
    let at = engine.clock.now(&session.merchant_id);
    let detail = "The consumer paid the order as it was before the merchant changed it: compare the amounts.";
    let note = Note { at, kind: "EarlierOrderPaid", detail: detail.to_string(), actor: Actor::System };
    Ok(engine.store.add_note(&session.id, &note).await?)
}

/// The authorization that a read found. If the consumer started the payment, it is for the content of that time.
fn authorization_of(
    engine: &EngineParts,
    session: &PageSession,
    evidence: &Evidence<'_>,
    token: AuthorizationToken,
) -> Authorization {
    let payment = &evidence.fresh.payment;
    let now = engine.clock.now(&session.merchant_id);
    let started = payment.started.as_ref();
    let category = evidence.category.or(started.map(|started| started.category.as_str()));
    let mut authorization = Authorization {
        page_session_id: Some(session.id.clone()),
        ..Authorization::of(payment, token, category.unwrap_or(ONLY_CATEGORY), now)
    };
    if let Some(started) = started {
        authorization.body.clone_from(&started.body);
    }
    authorization
}

async fn authorized(
    engine: &EngineParts,
    session: PageSession,
    authorization: Authorization,
    evidence: &Evidence<'_>,
) -> Result<Applied, EngineError> {
    if session.open_operation.is_some() {
        return Ok(Applied::Advanced(Box::new(Advanced::Confirming(session))));
    }
    if is_taken(engine, &session, &authorization.token).await?
        || is_of_a_sibling(engine, &session).await?
        || was_started_by_a_sibling(engine, &session, &evidence.fresh.payment).await?
    {
        return Ok(Applied::Nothing(session));
    }
    let needs_an_order = session.options.place_order_mode != PlaceOrderMode::None;
    if session.status == Status::Back && needs_an_order && evidence.consent == Consent::Unknown {
        let because = "the consumer went back to the shop";
        release_authorization(engine, &session, &authorization, &evidence.actor, because).await?;
        return Ok(Applied::Nothing(session));
    }
    let session = match entered(engine, session, &evidence.actor).await? {
        Ok(session) => session,
        Err(instead) => return Ok(Applied::Advanced(Box::new(instead))),
    };
    let counts_until = evidence.fresh.payment.expires_at;
    let authorized = Authorized {
        authorization,
        order: None,
        counts_until: Some(counts_until),
        evidence: AuthorizationEvidence::PaymentSystem,
    };
    let occurrence = Occurrence::PaymentAuthorized(Box::new(authorized));
    let advanced = advance(engine, session, occurrence, evidence.actor.clone()).await?;
    Ok(Applied::Advanced(Box::new(advanced)))
}

/// The consumer may have authorized the payment before this page was opened: in another page of the payment session, or
/// in the merchant's own checkout. The page is opened first then, because a session that waits cannot be paid.
async fn entered(
    engine: &EngineParts,
    session: PageSession,
    actor: &Actor,
) -> Result<Result<PageSession, Advanced>, EngineError> {
    if session.status != Status::Waiting {
        return Ok(Ok(session));
    }
    Ok(match advance(engine, session, Occurrence::ConsumerEntered, actor.clone()).await? {
        Advanced::Moved(session) | Advanced::Stayed(session) => Ok(session),
        refused @ (Advanced::Refused(_)
        | Advanced::Outdated(_)
        | Advanced::Confirming(_)
        | Advanced::Gone) => Err(refused),
    })
}

/// Whether an authorization that a final page session reads is for one of its open siblings, which read it, too.
async fn is_of_a_sibling(engine: &EngineParts, session: &PageSession) -> Result<bool, EngineError> {
    Ok(session.status.is_final()
        && !engine.store.open_page_sessions(&session.payment_session_id).await?.is_empty())
}

/// Whether another page session, which is still open, started the payment. It reads the authorization, too.
async fn was_started_by_a_sibling(
    engine: &EngineParts,
    session: &PageSession,
    payment: &PaymentSession,
) -> Result<bool, EngineError> {
    let Some(started) = payment.started.as_ref().filter(|started| started.page_session_id != session.id)
    else {
        return Ok(false);
    };
    Ok(engine.store.open_page_sessions(&payment.id).await?.contains(&started.page_session_id))
}

/// The payment that the consumer started is over. A decline changes the status of the page session that started it.
async fn started_is_over(
    engine: &EngineParts,
    session: PageSession,
    evidence: &Evidence<'_>,
    declined: Option<&String>,
) -> Result<Applied, EngineError> {
    if session.open_operation.is_some() {
        return Ok(Applied::Advanced(Box::new(Advanced::Confirming(session))));
    }
    let read = evidence.fresh.payment.started.as_ref();
    let payment = stored_payment(engine, &session).await?;
    // The consumer may have started another payment since the read.
    let Some(started) =
        payment.started.as_ref().filter(|started| Some(&started.key) == read.map(|read| &read.key))
    else {
        return Ok(Applied::Nothing(session));
    };
    let applied = match declined {
        Some(reason) if started.page_session_id == session.id => {
            let occurrence = Occurrence::PaymentDeclined(reason.clone());
            let advanced = advance(engine, session, occurrence, evidence.actor.clone()).await?;
            Applied::Advanced(Box::new(advanced))
        }
        Some(_) | None => Applied::Nothing(session),
    };
    match engine.store.record_started_payment(&payment, None, None).await? {
        // If the payment session changed, a later read removes the started payment.
        CommitOutcome::Done | CommitOutcome::Stale => Ok(applied),
    }
}

/// Completes the page session and its siblings by an order that Kassa did not place. If an operation of one of them may
/// have placed the order, the operation does this.
async fn completed(
    engine: &EngineParts,
    session: PageSession,
    completion: PaymentCompletion,
    payment: &PaymentSession,
) -> Result<Applied, EngineError> {
    if session.open_operation.is_some() {
        return Ok(Applied::Advanced(Box::new(Advanced::Confirming(session))));
    }
    if sibling_orders(engine, &session.id, &session.payment_session_id).await? {
        return Ok(Applied::Nothing(session));
    }
    note_earlier_order(engine, &session, payment).await?;
    let at = engine.clock.now(&session.merchant_id);
    if completion == PaymentCompletion::UnnamedOrder {
        match engine.store.complete_payment_session_elsewhere(&session.payment_session_id, None, at).await? {
            CommitOutcome::Done | CommitOutcome::Stale => {}
        }
    }
    let payment_session_id = session.payment_session_id.clone();
    let occurrence = Occurrence::PaymentSessionCompleted(completion);
    let advanced = advance(engine, session, occurrence, Actor::System).await?;
    complete_siblings_or_later(engine, &payment_session_id).await;
    Ok(Applied::Advanced(Box::new(advanced)))
}

/// Whether an order of a sibling is being placed. The siblings follow when its outcome is known.
pub(crate) async fn sibling_orders(
    engine: &EngineParts,
    of: &PageSessionId,
    payment: &PaymentSessionId,
) -> Result<bool, EngineError> {
    for id in engine.store.open_page_sessions(payment).await?.iter().filter(|id| *id != of) {
        let sibling = engine.store.page_session(id).await?;
        if sibling.is_some_and(|sibling| sibling.open_operation.is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}
