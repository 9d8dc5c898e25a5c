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
