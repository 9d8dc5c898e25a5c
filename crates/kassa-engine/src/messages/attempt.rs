//! One attempt to send a message, and what follows from its outcome.

use kassa_domain::message_schedule::next_message_attempt_at;
use kassa_domain::page_session::PageSession;
use kassa_store::{AfterAttempt, ClaimedDelivery, DeliveryState, Message, MessageAttempt};
use kassa_wire::one_line::one_line;

use super::{ATTEMPT_MS, MessageChannel, Messenger, OutgoingMessage, SendOutcome};
use crate::callbacks::breaker::ReceiverHealth;
use crate::error::EngineError;
use crate::metrics::MessageResult;
use crate::parts::EngineParts;

/// Makes one attempt, unless there is nothing left to pay. Returns whether the server answered.
pub(super) async fn make(
    engine: &EngineParts,
    messenger: &dyn Messenger,
    (channel, claimed): (MessageChannel, &ClaimedDelivery),
) -> Result<ReceiverHealth, EngineError> {
    let Some((session, message)) = still_useful(engine, claimed).await? else {
        drop_message(engine, channel, claimed).await?;
        return Ok(ReceiverHealth::Unknown);
    };
    let began_at = engine.clock.now(&session.merchant_id);
    let start = engine.clock.monotonic_now();
    let outgoing = outgoing(engine, message, &claimed.locale).await?;
    let outcome = tokio::select! {
        outcome = messenger.send(&outgoing) => outcome,
        () = engine.clock.sleep_until(start.plus_ms(ATTEMPT_MS)) => {
            SendOutcome::NoAnswer("no answer in time".to_string())
        }
    };
    let duration_ms = engine.clock.monotonic_now().as_ms() - start.as_ms();
    let attempt = MessageAttempt {
        message_id: claimed.message_id.clone(),
        number: claimed.attempts + 1,
        began_at,
        duration_ms,
        outcome: outcome.as_str().to_string(),
        detail: outcome.detail().to_string(),
    };
    let after = after(engine, claimed, &attempt, &outcome);
    engine.store.record_message_attempt(claimed, &attempt, after).await?;
    report(engine, channel, claimed, (&attempt, after));
    Ok(health_of(&outcome))
}

/// The session and the message, if the consumer can still pay.
async fn still_useful(
    engine: &EngineParts,
    claimed: &ClaimedDelivery,
) -> Result<Option<(PageSession, Message)>, EngineError> {
    let Some(session) = engine.store.page_session(&claimed.page_session_id).await? else { return Ok(None) };
    let is_over = session.status.is_final() || session.is_expired(engine.clock.now(&session.merchant_id));
    if is_over {
        return Ok(None);
    }
    Ok(engine.store.message(&claimed.message_id).await?.map(|message| (session, message)))
}

async fn drop_message(
    engine: &EngineParts,
    channel: MessageChannel,
    claimed: &ClaimedDelivery,
) -> Result<(), EngineError> {
    engine.store.end_delivery_claim(claimed, AfterAttempt::Ended(DeliveryState::Dropped)).await?;
    engine.metrics.sessions.message(channel.as_str(), MessageResult::Dropped);
    let page_session_id = &claimed.page_session_id;
    tracing::info!(%page_session_id, "a message was not sent, because its page session is over");
    Ok(())
}

async fn outgoing(
    engine: &EngineParts,
    message: Message,
    locale: &str,
) -> Result<OutgoingMessage, EngineError> {
    let merchant = engine.merchants.merchant(&message.merchant_id).await?;
    let shop_name = merchant.map(|merchant| one_line(&merchant.name).into_owned()).unwrap_or_default();
    let Message { id, recipient, subject, body: text, link, .. } = message;
    Ok(OutgoingMessage { id, recipient, subject, text, link, shop_name, locale: locale.to_string() })
}

fn after(
    engine: &EngineParts,
    claimed: &ClaimedDelivery,
    attempt: &MessageAttempt,
    outcome: &SendOutcome,
) -> AfterAttempt {
    match outcome {
        SendOutcome::Sent(_) => AfterAttempt::Ended(DeliveryState::Sent),
        SendOutcome::Refused(_) => AfterAttempt::Ended(DeliveryState::Failed),
        SendOutcome::Postponed(_) | SendOutcome::NoAnswer(_) => {
            let next = next_message_attempt_at(attempt.number, claimed.accepted_at, engine.time.lease_now());
            next.map_or(AfterAttempt::Ended(DeliveryState::Failed), AfterAttempt::DueAt)
        }
    }
}

fn report(
    engine: &EngineParts,
    channel: MessageChannel,
    claimed: &ClaimedDelivery,
    (attempt, after): (&MessageAttempt, AfterAttempt),
) {
    let result = match after {
        AfterAttempt::DueAt(_) => MessageResult::Postponed,
        AfterAttempt::Ended(DeliveryState::Sent) => MessageResult::Sent,
        AfterAttempt::Ended(DeliveryState::Due | DeliveryState::Failed | DeliveryState::Dropped) => {
            MessageResult::Undelivered
        }
    };
    engine.metrics.sessions.message(channel.as_str(), result);
    let (page_session_id, channel) = (&claimed.page_session_id, channel.as_str());
    let MessageAttempt { number, outcome, detail, .. } = attempt;
    match result {
        MessageResult::Undelivered => {
            tracing::warn!(%page_session_id, channel, attempt = number, outcome, detail, "a message was not delivered; \
                           it is not sent again");
        }
        MessageResult::Accepted
        | MessageResult::Limited
        | MessageResult::Failed
        | MessageResult::Postponed
        | MessageResult::Sent
        | MessageResult::Dropped => {
            tracing::info!(%page_session_id, channel, attempt = number, outcome, detail, "message attempted");
        }
    }
}

const fn health_of(outcome: &SendOutcome) -> ReceiverHealth {
    match outcome {
        SendOutcome::Sent(_) | SendOutcome::Refused(_) | SendOutcome::Postponed(_) => {
            ReceiverHealth::Answered
        }
        SendOutcome::NoAnswer(_) => ReceiverHealth::Silent,
    }
}
