//! JSON that Kassa stored, and the one way to read it.
//!
//! A stored body has exactly the form in which this or an earlier version of Kassa wrote it, so nothing is tolerant here.
//! A field that the type requires must be there: `{}` is unreadable, and never becomes a payment session of default
//! values.

use serde::de::{DeserializeOwned, Error as _};
use serde_json::{Error, Map, Value};

use crate::payments::{OrderCreated, PaymentSession};

/// A type that Kassa stores as JSON.
pub trait Stored: DeserializeOwned {
    /// The noun for errors and the log, such as `order`.
    const NAME: &'static str;

    /// Reads a stored value.
    ///
    /// # Errors
    /// The text is not the JSON of this type. That is a fault of Kassa, or of who changed the database.
    fn from_stored(json: &str) -> Result<Self, Error> {
        serde_json::from_str(json)
            .map_err(|error| Error::custom(format_args!("a stored {} cannot be read: {error}", Self::NAME)))
    }
}

impl Stored for PaymentSession {
    const NAME: &'static str = "payment session";
}

/// The body of a callback.
impl Stored for crate::callback::StatusUpdate {
    const NAME: &'static str = "callback";
}

/// The answer of a call with an idempotency key.
impl Stored for OrderCreated {
    const NAME: &'static str = "answer to an order";
}

/// The headers of an answer to a callback.
impl Stored for Map<String, Value> {
    const NAME: &'static str = "list of headers";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_payment_session_without_its_required_fields_is_unreadable() {
        let error = PaymentSession::from_stored("{}").expect_err("no payment session");
        assert_eq!(
            error.to_string(),
            "a stored payment session cannot be read: missing field `purchase_country` at line 1 column 2"
        );
        let stored =
            r#"{"purchase_country": "SE", "purchase_currency": "SEK", "order_amount": 1, "order_lines": []}"#;
        let read = PaymentSession::from_stored(stored).expect("a payment session");
        assert_eq!((read.order_amount, read.locale), (1, None));
    }

    #[test]
    fn a_stored_value_is_read_without_tolerance() {
        for amount in ["\"1\"", "1.0", "null"] {
            let stored = format!(
                r#"{{"purchase_country": "SE", "purchase_currency": "SEK", "order_amount": {amount}, "order_lines": []}}"#
            );
            assert!(PaymentSession::from_stored(&stored).is_err(), "{amount}");
        }
    }
}
