//! Claims of a browser about a payment, and the consumer's ways out of the page. Each causes a read first.

use kassa_domain::Actor;
use kassa_domain::confirmation::FIRST_READ_AFTER_MS;
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::PaymentSession;
use kassa_domain::time::SECOND_MS;
use kassa_store::PayButton;

use super::evidence::{Applied, Consent, Evidence, apply};
use super::{FreshPayment, read_payment, schedule, stored_payment};
use crate::advance::{Advanced, Occurrence, advance};
use crate::error::EngineError;
use crate::parts::EngineParts;

/// The time for the read that a claim causes.
const READ_MS: i64 = 3 * SECOND_MS;

/// The time for the read before Back or Cancel.
const READ_BEFORE_LEAVING_MS: i64 = 2 * SECOND_MS;

/// A browser's report about a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentClaim {
    /// The report: the answer of the payment system's script, or the return from its page.
    pub kind: ClaimKind,
    /// The category that the consumer chose; empty if the browser does not say it.
    pub category: String,
}

/// The kinds of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimKind {
    /// The payment is authorized.
    Approved,
    /// The payment is declined.
    Declined,
    /// The script could not be loaded, or it failed.
    ScriptFailed,
    /// The consumer returned from the payment system's own page.
    Returned,
}

/// The consumer pressed Pay: the payment may be authorized from now on, whether or not the browser tells it.
pub(crate) async fn started(engine: &EngineParts, session: &PageSession) -> Result<(), EngineError> {
    let payment = stored_payment(engine, session).await?;
    if !payment.system.is_remote() || session.status.is_final() {
        return Ok(());
    }
    let schedule = schedule(engine, &payment, FIRST_READ_AFTER_MS, PayButton::Pressed);
    Ok(engine.store.start_confirmation(session, schedule).await?)
}

/// Reads the payment because of a claim. The read decides; the claim only tells a decline from a payment that the
/// consumer has not finished. [`Advanced::Confirming`] if the payment system does not answer: the reads go on.
pub(crate) async fn claim(
    engine: &EngineParts,
    session: PageSession,
    claim: PaymentClaim,
    actor: Actor,
) -> Result<Advanced, EngineError> {
    let payment = stored_payment(engine, &session).await?;
    if !payment.system.is_remote() {
        return Ok(Advanced::Stayed(session));
    }
    let deadline = engine.clock.monotonic_now().plus_ms(READ_MS);
    let Ok(fresh) = read_payment(engine, payment, deadline).await? else {
        return without_answer(engine, session, claim.kind, actor).await;
    };
    let evidence = Evidence {
        fresh: &fresh,
        consent: Consent::Present,
        category: Some(&claim.category).filter(|word| !word.is_empty()).map(String::as_str),
        actor: actor.clone(),
    };
    match apply(engine, session, evidence).await? {
        Applied::Advanced(advanced) => Ok(*advanced),
        Applied::Gone(_) => Ok(Advanced::Gone),
        Applied::Nothing(session) => not_authorized(engine, session, claim.kind, actor).await,
    }
}

/// No payment is authorized, although the browser may claim it. The later reads find an authorization that comes late.
async fn not_authorized(
    engine: &EngineParts,
    session: PageSession,
    claimed: ClaimKind,
    actor: Actor,
) -> Result<Advanced, EngineError> {
    let occurrence = match claimed {
        ClaimKind::Approved => {
            engine.metrics.operations.contradicted();
            tracing::warn!(
                page_session_id = %session.id,
                "a browser claims an authorization that the payment system does not have; nothing changes"
            );
            return Ok(Advanced::Stayed(session));
        }
        ClaimKind::Declined => {
            Occurrence::PaymentDeclined("The payment system declined the payment.".to_string())
        }
        ClaimKind::ScriptFailed => script_failed(),
        ClaimKind::Returned => return Ok(Advanced::Stayed(session)),
    };
    advance(engine, session, occurrence, actor).await
}

async fn without_answer(
    engine: &EngineParts,
    session: PageSession,
    claimed: ClaimKind,
    actor: Actor,
) -> Result<Advanced, EngineError> {
    match claimed {
        ClaimKind::Approved | ClaimKind::Declined | ClaimKind::Returned => {
            engine.store.hasten_confirmation(&session.id, engine.time.lease_now()).await?;
            Ok(Advanced::Confirming(session))
        }
        ClaimKind::ScriptFailed => advance(engine, session, script_failed(), actor).await,
    }
}

fn script_failed() -> Occurrence {
    Occurrence::PaymentErrored(
        "The script of the payment system could not be loaded, or it failed.".to_string(),
    )
}

/// Asks the payment system whether the consumer has paid already, before Back or Cancel. Returns the consequence of the
/// payment, or the session if there is no payment or no answer.
pub(crate) async fn ask_first(
    engine: &EngineParts,
    session: PageSession,
) -> Result<Result<Advanced, PageSession>, EngineError> {
    if !session.can_be_paid() || !engine.payment_systems.has_remote() {
        return Ok(Err(session));
    }
    let payment = stored_payment(engine, &session).await?;
    if !payment.system.is_remote() {
        return Ok(Err(session));
    }
    // In a box, as in `visit::visit`.
    Box::pin(ask(engine, session, payment)).await
}

async fn ask(
    engine: &EngineParts,
    session: PageSession,
    payment: PaymentSession,
) -> Result<Result<Advanced, PageSession>, EngineError> {
    let deadline = engine.clock.monotonic_now().plus_ms(READ_BEFORE_LEAVING_MS);
    let Ok(fresh) = read_payment(engine, payment, deadline).await? else { return Ok(Err(session)) };
    match apply(engine, session, present(&fresh)).await? {
        Applied::Advanced(advanced) => Ok(Ok(*advanced)),
        Applied::Nothing(session) | Applied::Gone(session) => Ok(Err(session)),
    }
}

/// The evidence of a read while the consumer is on the page.
pub(super) fn present(fresh: &FreshPayment) -> Evidence<'_> {
    Evidence { fresh, consent: Consent::Present, category: None, actor: Actor::Consumer }
}
