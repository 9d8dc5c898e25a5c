//! The observer that records finished requests for the timelines of their sessions.

use kassa_engine::{RequestRecord, Requests};

use crate::api_error::ApiError;
use crate::observation::{FinishedRequest, RequestObserver};

/// The longest message that is recorded, in bytes.
const LONGEST_MESSAGE: usize = 200;

/// A number with more digits than this could be a telephone number or the number of a person.
const MOST_DIGITS: usize = 4;

impl RequestObserver for Requests {
    fn finished(&self, request: &FinishedRequest<'_>) {
        let facts = request.facts;
        let (Some(subject), Some(actor)) = (&facts.subject, &facts.actor) else { return };
        let began_at =
            facts.began_at.unwrap_or_else(|| self.now(&subject.merchant_id).plus_ms(-request.duration_ms));
        self.record(&RequestRecord {
            owner_id: &subject.owner_id,
            merchant_id: &subject.merchant_id,
            version: subject.version,
            actor,
            // A request follows the change that it saw. The lab can stop the clock of a merchant.
            began_at: subject.updated_at.map_or(began_at, |updated_at| began_at.max(updated_at)),
            duration_ms: request.duration_ms,
            method: request.method.as_str(),
            route: request.route,
            answer_status: request.status.as_u16(),
            correlation_id: request.correlation_id,
            error_code: request.error.map(|error| error.code().as_str()),
            error_message: request.error.and_then(recordable_message),
        });
    }
}

/// The first message of an error, unless it could repeat a value of the request, which could be a consumer's.
fn recordable_message(error: &ApiError) -> Option<String> {
    error.messages().into_iter().next().filter(|message| is_recordable(message))
}

fn is_recordable(message: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" .,:;_-[](){}/'".contains(&byte);
    let longest_number = message.split(|letter: char| !letter.is_ascii_digit()).map(str::len).max();
    !message.is_empty()
        && message.len() <= LONGEST_MESSAGE
        && message.bytes().all(is_plain)
        && longest_number.unwrap_or_default() <= MOST_DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_could_repeat_a_value_is_not_recorded() {
        for message in [
            "Bad value: contact_information.email",
            "Captured amount is higher than the remaining authorized amount. Capture not possible.",
            "The session is COMPLETED and cannot be disabled",
            "Bad value: order_lines[0].total_amount",
        ] {
            assert!(is_recordable(message), "{message}");
        }
        for message in [
            "",
            "invalid type: string \"Jane\", expected i64",
            "unknown recipient jane@example.org",
            "no such number 0701234567",
            "not a date: 19900101",
            "Sm\u{f6}rg\u{e5}sbord",
        ] {
            assert!(!is_recordable(message), "{message}");
        }
    }
}
