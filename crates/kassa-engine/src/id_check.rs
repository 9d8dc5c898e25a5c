//! The check of the consumer's identity document, which the staff of a shop answers.

use kassa_domain::id_check::{HeldPayment, IdChallenge, IdCheck, IdVerdict};
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::{Authorization, PaymentSession};
use kassa_domain::{Actor, Timestamp};

use crate::advance::{Advanced, AuthorizationEvidence, Authorized, Occurrence, advance};
use crate::error::EngineError;
use crate::parts::EngineParts;
use crate::payment_system::Approval;

/// The reason that the timeline shows if the staff refuses.
const REFUSED_BY_STAFF: &str = "The staff could not confirm the identity document.";

/// The event that begins a check. The payment is authorized if the staff confirms the document.
pub(crate) fn requested(
    engine: &EngineParts,
    payment: &PaymentSession,
    category: &str,
    approval: Approval,
    now: Timestamp,
) -> Occurrence {
    let mut random = [0; 2];
    engine.random.fill(&mut random);
    let Approval { token, consumer } = approval;
    let held =
        HeldPayment { token, category: category.to_string(), consumer, payment_version: payment.version };
    Occurrence::IdCheckRequested(Box::new(IdCheck {
        challenge: IdChallenge::new(random, now),
        payment: held,
    }))
}

/// The staff answers the check of a page session. [`Advanced::Refused`] if no check waits for an answer, and
/// [`Advanced::Outdated`] if the order changed since the consumer confirmed it: the consumer then confirms it again.
pub(crate) async fn answer_id_check(
    engine: &EngineParts,
    session: PageSession,
    verdict: IdVerdict,
    actor: Actor,
) -> Result<Advanced, EngineError> {
    let Some(check) = session.id_check.clone() else { return Ok(Advanced::Refused(session)) };
    let now = engine.clock.now(&session.merchant_id);
    if now >= check.challenge.expires_at {
        return ended(engine, session, Advanced::Refused).await;
    }
    match verdict {
        IdVerdict::Failed => {
            let declined = Occurrence::PaymentDeclined(REFUSED_BY_STAFF.to_string());
            advance(engine, session, declined, actor).await
        }
        IdVerdict::Passed => {
            let payment = engine.store.payment_session(&session.payment_session_id).await?;
            let payment = payment.ok_or_else(|| EngineError::NoPaymentSession(session.id.clone()))?;
            if payment.version != check.payment.payment_version && payment.completion.is_none() {
                return ended(engine, session, Advanced::Outdated).await;
            }
            let authorized = authorized(&session, &payment, check.payment, now);
            advance(engine, session, Occurrence::PaymentAuthorized(Box::new(authorized)), actor).await
        }
    }
}

fn authorized(
    session: &PageSession,
    payment: &PaymentSession,
    held: HeldPayment,
    now: Timestamp,
) -> Authorized {
    let HeldPayment { token, category, consumer, payment_version: _ } = held;
    let authorization = Authorization {
        page_session_id: Some(session.id.clone()),
        consumer,
        ..Authorization::of(payment, token, &category, now)
    };
    Authorized { authorization, order: None, counts_until: None, evidence: AuthorizationEvidence::IdCheck }
}

/// Ends a check without an answer, so that the consumer can pay again.
async fn ended(
    engine: &EngineParts,
    session: PageSession,
    because: impl FnOnce(PageSession) -> Advanced,
) -> Result<Advanced, EngineError> {
    Ok(match advance(engine, session, Occurrence::IdCheckExpired, Actor::System).await? {
        Advanced::Moved(session)
        | Advanced::Stayed(session)
        | Advanced::Refused(session)
        | Advanced::Outdated(session)
        | Advanced::Confirming(session) => because(session),
        Advanced::Gone => Advanced::Gone,
    })
}
