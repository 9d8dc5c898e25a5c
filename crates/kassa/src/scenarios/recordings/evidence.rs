//! The steps of the consumer, which no recording has: they follow from the recorded answers.

use kassa_domain::lifecycle::Status;
use serde_json::Value;

use super::exchange::Exchange;

/// The e-mail address of a consumer whose order waits for a fraud check.
const PENDING_EMAIL: &str = "customer+pend-accept-1440@email.se";

/// A fact about the time before an exchange, which its answer shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Evidence<'a> {
    /// The page session had this status.
    PageSession { id: &'a str, status: Status },
    /// The payment session was authorized.
    PaymentSession { id: &'a str },
    /// Somebody got this authorization token.
    Token(&'a str),
    /// The fraud check of the order had this result.
    FraudCheck { order: &'a str, verdict: FraudVerdict },
}

/// The end of a fraud check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FraudVerdict {
    Accept,
    Reject,
}

impl FraudVerdict {
    /// The lab's name of the action.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
        }
    }
}

/// The fact that an exchange shows; `None` if it shows nothing.
pub(super) fn evidence(exchange: &Exchange) -> Option<Evidence<'_>> {
    let answer = &exchange.answer;
    let word = |name: &str| answer.body[name].as_str();
    match (exchange.method.as_str(), &exchange.segments()[..]) {
        ("GET", ["hpp", "v1", "sessions", id]) if answer.status == 200 => {
            Some(Evidence::PageSession { id, status: Status::parse(word("status")?)? })
        }
        // A page session that is completed cannot be disabled.
        ("DELETE", ["hpp", "v1", "sessions", id]) if answer.status == 400 => {
            Some(Evidence::PageSession { id, status: Status::Completed })
        }
        ("GET", ["payments", "v1", "sessions", id]) if word("authorization_token").is_some() => {
            Some(Evidence::PaymentSession { id })
        }
        // A token that the service does not know was not given to the merchant.
        (_, ["payments", "v1", "authorizations", token, ..]) if answer.status != 404 => {
            Some(Evidence::Token(token))
        }
        ("GET", ["ordermanagement", "v1", "orders", order]) => {
            let verdict = match word("fraud_status")? {
                "ACCEPTED" => FraudVerdict::Accept,
                "REJECTED" => FraudVerdict::Reject,
                _ => return None,
            };
            Some(Evidence::FraudCheck { order, verdict })
        }
        _ => None,
    }
}

/// The actions of a consumer that lead from one status to another; `None` if no action does. A consumer who is not on
/// the page opens it first.
pub(super) fn actions(from: Status, to: Status) -> Option<Vec<&'static str>> {
    if from == to {
        return Some(Vec::new());
    }
    let last = match to {
        Status::Waiting | Status::Disabled => return None,
        Status::InProgress => return Some(vec!["enter"]),
        Status::Completed => "approve",
        Status::Failed => "decline",
        Status::Error => "error",
        Status::ManualIdCheck => "request-id-check",
        Status::Timeout => "time-out",
        Status::Back => "back",
        Status::Cancelled => "cancel",
    };
    Some(if from == Status::InProgress { vec![last] } else { vec!["enter", last] })
}

/// The e-mail address that the consumer of the next order had, so far as it matters: the order waits for a fraud check
/// if the recorded one did.
pub(super) fn email(following: &[Exchange]) -> Option<&'static str> {
    let fraud_status = following.iter().find_map(|exchange| exchange.answer.body.get("fraud_status"));
    fraud_status.and_then(Value::as_str).is_some_and(|status| status == "PENDING").then_some(PENDING_EMAIL)
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use super::*;
    use crate::scenarios::recordings::exchange::RecordedAnswer;

    fn exchange(method: Method, path: &str, status: u16, body: Value) -> Exchange {
        let answer = RecordedAnswer { status, body, names: Vec::new() };
        Exchange {
            number: 1,
            method,
            path: path.to_string(),
            headers: Vec::new(),
            body: String::new(),
            answer,
        }
    }

    #[test]
    fn a_read_shows_the_status_that_the_consumer_led_to() {
        let read = exchange(Method::GET, "/hpp/v1/sessions/s1?a=b", 200, json!({"status": "COMPLETED"}));
        assert_eq!(evidence(&read), Some(Evidence::PageSession { id: "s1", status: Status::Completed }));
        let unknown = exchange(Method::GET, "/hpp/v1/sessions/s1", 200, json!({"status": "LEGACY"}));
        assert_eq!(evidence(&unknown), None);
        let refused = exchange(Method::DELETE, "/hpp/v1/sessions/s1", 400, Value::Null);
        assert_eq!(evidence(&refused), Some(Evidence::PageSession { id: "s1", status: Status::Completed }));
    }

    #[test]
    fn an_order_shows_that_its_token_was_given() {
        let path = "/payments/v1/authorizations/t1/order";
        assert_eq!(evidence(&exchange(Method::POST, path, 200, json!({}))), Some(Evidence::Token("t1")));
        assert_eq!(evidence(&exchange(Method::POST, path, 404, json!({}))), None);
    }

    #[test]
    fn a_consumer_enters_before_anything_else() {
        assert_eq!(actions(Status::Waiting, Status::Completed).unwrap(), ["enter", "approve"]);
        assert_eq!(actions(Status::InProgress, Status::Back).unwrap(), ["back"]);
        assert_eq!(actions(Status::Back, Status::InProgress).unwrap(), ["enter"]);
        assert_eq!(actions(Status::Failed, Status::Back).unwrap(), ["enter", "back"]);
        assert_eq!(actions(Status::Failed, Status::Failed).unwrap(), [""; 0]);
        assert_eq!(actions(Status::InProgress, Status::Waiting), None);
    }
}
