//! One attempt to send a message, and what follows from its outcome.

use kassa_domain::merchant::MerchantState;
use kassa_domain::message_schedule::{MessageAttempts, next_message_attempt_at};
use kassa_domain::page_session::{PageOptions, PageSession};
use kassa_domain::time::MINUTE_MS;
use kassa_store::{
    AfterAttempt, ClaimedDelivery, CommitOutcome, DeliveryState, ERASED, Message, MessageAttempt, StoreError,
};
use kassa_wire::one_line::one_line;
use parking_lot::Mutex;

use super::{ATTEMPT_MS, Claim, Messenger, NO_ANSWER, OutgoingMessage, SendOutcome};
use crate::callbacks::breaker::{Breaker, ReceiverHealth};
use crate::error::EngineError;
use crate::metrics::MessageResult;
use crate::parts::EngineParts;
use crate::suspension::merchant_state;

/// The wait for a merchant who takes no payments, in milliseconds. The link leads to a page that takes none, either.
const LOOK_AT_SUSPENDED_AFTER_MS: i64 = 15 * MINUTE_MS;

/// Makes one attempt, if the message is still of use and the lease lasts long enough.
pub(super) async fn make(
    engine: &EngineParts,
    messenger: &dyn Messenger,
    breaker: &Mutex<Breaker>,
    claim: &Claim,
) -> Result<(), EngineError> {
    let (session, message) = match usefulness(engine, &claim.delivery).await? {
        Usefulness::Useful(both) => *both,
        Usefulness::None => return Ok(drop_message(engine, claim).await?),
        Usefulness::Later => {
            let due_at = engine.time.lease_now().plus_ms(LOOK_AT_SUSPENDED_AFTER_MS);
            return Ok(engine.store.end_delivery_claim(&claim.delivery, AfterAttempt::DueAt(due_at)).await?);
        }
    };
    let outgoing = outgoing(engine, message, &claim.delivery.locale, &session.options).await?;
    let (began_at, start) = (engine.clock.now(&session.merchant_id), engine.clock.monotonic_now());
    if start.plus_ms(ATTEMPT_MS) > claim.ends_at {
        tracing::warn!(page_session_id = %session.id, "a message is not sent yet, because the lease of its delivery \
                                                       is nearly over; a node claims it again");
        return Ok(());
    }
    let outcome = send(engine, messenger, breaker, &outgoing).await;
    let attempt = MessageAttempt {
        message_id: claim.delivery.message_id.clone(),
        number: claim.delivery.attempts + 1,
        began_at,
        duration_ms: engine.clock.monotonic_now().as_ms() - start.as_ms(),
        outcome: outcome.as_str().to_string(),
        detail: outcome.detail().to_string(),
    };
    let after = after(engine, &claim.delivery, &attempt, &outcome).await?;
    match engine.store.record_message_attempt(&claim.delivery, &attempt, after).await? {
        CommitOutcome::Done => report(engine, claim, (&attempt, after)),
        CommitOutcome::Stale => {
            tracing::warn!(page_session_id = %session.id, outcome = attempt.outcome, "an attempt to send a message was \
                           not recorded, because another node claimed the delivery or the message was deleted");
        }
    }
    Ok(())
}

/// Whether a message still helps the consumer.
enum Usefulness {
    /// The consumer can pay.
    Useful(Box<(PageSession, Message)>),
    /// The merchant takes no payments now.
    Later,
    /// There is nothing left to pay, or the message was deleted or erased.
    None,
}

async fn usefulness(engine: &EngineParts, claimed: &ClaimedDelivery) -> Result<Usefulness, EngineError> {
    let session = engine.store.page_session(&claimed.page_session_id).await?;
    let message = engine.store.message(&claimed.message_id).await?;
    let (Some(session), Some(message)) = (session, message) else { return Ok(Usefulness::None) };
    let is_over = session.status.is_final() || session.is_expired(engine.clock.now(&session.merchant_id));
    if is_over || message.recipient == ERASED {
        return Ok(Usefulness::None);
    }
    Ok(match merchant_state(engine, &session.merchant_id).await? {
        MerchantState::Active => Usefulness::Useful(Box::new((session, message))),
        MerchantState::Suspended => Usefulness::Later,
    })
}

async fn drop_message(engine: &EngineParts, claim: &Claim) -> Result<(), StoreError> {
    engine.store.end_delivery_claim(&claim.delivery, AfterAttempt::Ended(DeliveryState::Dropped)).await?;
    engine.metrics.sessions.message(claim.channel.as_str(), MessageResult::Dropped);
    let page_session_id = &claim.delivery.page_session_id;
    tracing::info!(%page_session_id, "a message was not sent, because nothing is left to pay or it was deleted");
    Ok(())
}

/// Sends the message. While the server is silent, the breaker lets fewer attempts begin.
async fn send(
    engine: &EngineParts,
    messenger: &dyn Messenger,
    breaker: &Mutex<Breaker>,
    message: &OutgoingMessage,
) -> SendOutcome {
    breaker.lock().begun();
    let mut report = HealthReport { breaker, engine, health: ReceiverHealth::Unknown };
    let until = engine.clock.monotonic_now().plus_ms(ATTEMPT_MS);
    let outcome = tokio::select! {
        outcome = messenger.send(message) => outcome,
        () = engine.clock.sleep_until(until) => SendOutcome::NoAnswer("no answer in time".to_string()),
    };
    report.health = health_of(&outcome);
    outcome
}

/// Reports to the breaker how an attempt ended, also if it panics.
struct HealthReport<'a> {
    breaker: &'a Mutex<Breaker>,
    engine: &'a EngineParts,
    health: ReceiverHealth,
}

impl Drop for HealthReport<'_> {
    fn drop(&mut self) {
        self.breaker.lock().ended(self.health, self.engine.clock.monotonic_now());
    }
}

async fn outgoing(
    engine: &EngineParts,
    message: Message,
    locale: &str,
    options: &PageOptions,
) -> Result<OutgoingMessage, EngineError> {
    let merchant = engine.merchants.merchant(&message.merchant_id).await?;
    let shop_name = merchant.map(|merchant| one_line(&merchant.name).into_owned()).unwrap_or_default();
    let Message { id, recipient, subject, body: text, link, .. } = message;
    Ok(OutgoingMessage {
        id,
        recipient,
        subject,
        text,
        link,
        shop_name,
        locale: locale.to_string(),
        links: options.links.clone(),
        colors: options.colors.clone(),
    })
}

async fn after(
    engine: &EngineParts,
    claimed: &ClaimedDelivery,
    attempt: &MessageAttempt,
    outcome: &SendOutcome,
) -> Result<AfterAttempt, StoreError> {
    let this_one = match outcome {
        SendOutcome::Sent(_) => return Ok(AfterAttempt::Ended(DeliveryState::Sent)),
        SendOutcome::Refused(_) => return Ok(AfterAttempt::Ended(DeliveryState::Failed)),
        SendOutcome::Postponed(_) | SendOutcome::NotSent(_) => 0,
        SendOutcome::NoAnswer(_) => 1,
    };
    let unanswered = this_one + engine.store.message_attempts_with(&claimed.message_id, NO_ANSWER).await?;
    let attempts = MessageAttempts { ended: attempt.number, unanswered };
    let next = next_message_attempt_at(attempts, claimed.accepted_at, engine.time.lease_now());
    Ok(next.map_or(AfterAttempt::Ended(DeliveryState::Failed), AfterAttempt::DueAt))
}

fn report(engine: &EngineParts, claim: &Claim, (attempt, after): (&MessageAttempt, AfterAttempt)) {
    let result = match after {
        AfterAttempt::DueAt(_) => MessageResult::Postponed,
        AfterAttempt::Ended(DeliveryState::Sent) => MessageResult::Sent,
        AfterAttempt::Ended(DeliveryState::Due | DeliveryState::Failed | DeliveryState::Dropped) => {
            MessageResult::Undelivered
        }
    };
    let channel = claim.channel.as_str();
    engine.metrics.sessions.message(channel, result);
    let page_session_id = &claim.delivery.page_session_id;
    let MessageAttempt { number, outcome, detail, .. } = attempt;
    if result == MessageResult::Undelivered {
        tracing::warn!(%page_session_id, channel, attempt = number, outcome, detail, "a message was not delivered; it \
                                                                                      is not sent again");
    } else {
        tracing::info!(%page_session_id, channel, attempt = number, outcome, detail, "message attempted");
    }
}

const fn health_of(outcome: &SendOutcome) -> ReceiverHealth {
    match outcome {
        SendOutcome::Sent(_) | SendOutcome::Refused(_) | SendOutcome::Postponed(_) => {
            ReceiverHealth::Answered
        }
        SendOutcome::NotSent(_) | SendOutcome::NoAnswer(_) => ReceiverHealth::Silent,
    }
}
