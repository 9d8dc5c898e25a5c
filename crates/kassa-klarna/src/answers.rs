//! The meaning of Klarna's answers (docs/klarna.md#klarnas-answers).

use http::StatusCode;
use kassa_domain::OrderId;
use kassa_domain::page_session::OrderReference;
use kassa_engine::{NoAnswer, Outcome, PaymentRead, Standing};
use kassa_outgoing::{CallAnswer, CallError};
use kassa_store::SystemOrder;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::content::SessionRead;

/// The number of attempts that take a minute. Until then the first request for an order may still be under way, so that
/// a refusal of a later one proves nothing.
const ATTEMPTS_OF_A_MINUTE: i64 = 4;

/// The reason why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// No account can make the call.
    #[error("{0}")]
    NoAccount(NoAnswer),
    /// The call failed.
    #[error("{0}")]
    Call(CallError),
    /// Klarna did not answer the last calls, so this one was not made.
    #[error("Klarna did not answer the last calls; the node waits before it calls again")]
    Paused,
}

impl Failed {
    /// The reason why a read has no answer.
    pub(crate) fn into_no_answer(self) -> NoAnswer {
        match self {
            Self::NoAccount(no_account) => no_account,
            Self::Call(_) | Self::Paused => NoAnswer::Silent(self.to_string()),
        }
    }

    /// The outcome of an operation whose request has no answer.
    pub(crate) fn into_outcome(self) -> Outcome {
        match self {
            Self::Call(error) if error.may_have_arrived() => Outcome::Unknown(error.to_string()),
            Self::Call(error) => Outcome::NotSent(error.to_string()),
            Self::NoAccount(_) | Self::Paused => Outcome::NotSent(self.to_string()),
        }
    }
}

/// An error body of Klarna.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    error_code: String,
    error_messages: Vec<String>,
}

impl ErrorBody {
    fn of(answer: &CallAnswer) -> Self {
        json(answer).unwrap_or_default()
    }

    /// The status, the code and the messages in one line. Klarna's messages contain no token.
    fn in_words(&self, answer: &CallAnswer) -> String {
        let Self { error_code, error_messages } = self;
        format!("{} {error_code} {}", answer.status.as_u16(), error_messages.join("; ")).trim().to_string()
    }
}

/// Reads a whole answer as JSON.
fn json<T: DeserializeOwned>(answer: &CallAnswer) -> Option<T> {
    answer.is_whole.then(|| serde_json::from_slice(&answer.body).ok()).flatten()
}

/// Reads the answer to a read of a payment session. Only Klarna's own 404 says that there is none: a proxy's 404 has no
/// error code.
pub(crate) fn read(answer: &CallAnswer) -> Result<PaymentRead, NoAnswer> {
    match answer.status {
        StatusCode::OK => {
            let read: Option<SessionRead> = json(answer);
            read.and_then(SessionRead::into_read)
                .ok_or_else(|| NoAnswer::Silent("the answer is not a payment session".to_string()))
        }
        StatusCode::NOT_FOUND if !ErrorBody::of(answer).error_code.is_empty() => {
            Ok(PaymentRead { standing: Standing::Gone, content: None })
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(NoAnswer::AccountRefused(ErrorBody::of(answer).in_words(answer)))
        }
        _ => Err(NoAnswer::Silent(ErrorBody::of(answer).in_words(answer))),
    }
}

#[derive(Deserialize)]
struct OrderCreated {
    order_id: String,
    fraud_status: Option<String>,
}

/// The answer to the request for an order.
pub(crate) enum OrderAnswer {
    /// The order with this id is placed.
    Placed(OrderId),
    /// Anything else.
    Not(Outcome),
}

/// Reads the answer to the request for an order, after `earlier_attempts`.
pub(crate) fn ordered(answer: &CallAnswer, earlier_attempts: i64) -> OrderAnswer {
    if answer.status == StatusCode::OK {
        return match json::<OrderCreated>(answer) {
            Some(created) if created.fraud_status.as_deref() == Some("REJECTED") => {
                let reason = "Klarna rejected the order in its fraud check".to_string();
                OrderAnswer::Not(Outcome::Refused { reason, token_is_dead: true })
            }
            Some(created) if !created.order_id.is_empty() => {
                OrderAnswer::Placed(OrderId::new(created.order_id))
            }
            Some(_) | None => OrderAnswer::Not(Outcome::Unknown("the answer names no order".to_string())),
        };
    }
    OrderAnswer::Not(not_ordered(answer, earlier_attempts))
}

/// The order that an answer to a merchant's own request names, if Klarna placed it.
pub(crate) fn order_placed(answer: &CallAnswer) -> Option<OrderReference> {
    match ordered(answer, 0) {
        OrderAnswer::Placed(order_id) => Some(OrderReference { order_id, klarna_reference: String::new() }),
        OrderAnswer::Not(_) => None,
    }
}

fn not_ordered(answer: &CallAnswer, earlier_attempts: i64) -> Outcome {
    let error = ErrorBody::of(answer);
    let reason = error.in_words(answer);
    if error.error_code.is_empty() {
        // Not Klarna's own error: a proxy's, for instance.
        return Outcome::Unknown(reason);
    }
    match answer.status {
        // An expired token, a newer one, or an order that exists.
        StatusCode::NOT_FOUND if may_be_under_way(earlier_attempts) => Outcome::Unknown(reason),
        StatusCode::NOT_FOUND => Outcome::Refused { reason, token_is_dead: true },
        StatusCode::FORBIDDEN if error.error_code == "INVALID_OPERATION" => {
            match may_be_under_way(earlier_attempts) {
                true => Outcome::Unknown(reason),
                false => Outcome::Refused { reason, token_is_dead: true },
            }
        }
        // Klarna repeats its first error about a token, so a repetition does not help.
        StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST | StatusCode::CONFLICT => {
            Outcome::Refused { reason, token_is_dead: false }
        }
        _ => Outcome::Unknown(reason),
    }
}

/// Whether an earlier request for the order may still be under way at Klarna.
fn may_be_under_way(earlier_attempts: i64) -> bool {
    (1..=ATTEMPTS_OF_A_MINUTE).contains(&earlier_attempts)
}

/// The outcome of a placed order.
pub(crate) fn placed(order_id: OrderId, klarna_reference: Option<String>) -> Outcome {
    Outcome::Ordered(SystemOrder::Remote(OrderReference {
        order_id,
        klarna_reference: klarna_reference.unwrap_or_default(),
    }))
}

#[derive(Deserialize)]
struct OrderRead {
    klarna_reference: Option<String>,
}

/// The short reference of an order that was read.
pub(crate) fn klarna_reference(answer: &CallAnswer) -> Result<String, NoAnswer> {
    match answer.status {
        StatusCode::OK => {
            let reference = json::<OrderRead>(answer).and_then(|read| read.klarna_reference);
            let known = reference.filter(|reference| !reference.is_empty());
            known.ok_or_else(|| NoAnswer::Silent("the answer has no klarna_reference".to_string()))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(NoAnswer::AccountRefused(ErrorBody::of(answer).in_words(answer)))
        }
        _ => Err(NoAnswer::Silent(ErrorBody::of(answer).in_words(answer))),
    }
}

/// The outcome of a release.
pub(crate) fn released(answer: &CallAnswer) -> Outcome {
    let error = ErrorBody::of(answer);
    let reason = error.in_words(answer);
    match answer.status {
        status if status.is_success() => Outcome::Released,
        StatusCode::NOT_FOUND if !error.error_code.is_empty() => {
            Outcome::Refused { reason, token_is_dead: true }
        }
        StatusCode::FORBIDDEN if !error.error_code.is_empty() => {
            Outcome::Refused { reason, token_is_dead: false }
        }
        _ => Outcome::Unknown(reason),
    }
}
