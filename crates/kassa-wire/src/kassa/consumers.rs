//! The bodies of `/kassa/v1/consumers`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::shape::{Rule, TEXT, body};
use crate::status::SessionStatus;
use crate::time::Instant;

body! {
    /// `POST /kassa/v1/consumers/show`: the consumer whose stored data are asked for, by an e-mail address, a phone
    /// number, or both.
    ConsumerQuery unknown Refused {
        required {}
        optional {
            /// The e-mail address. Letter case makes no difference.
            email: String = TEXT,
            /// The phone number, with its country code.
            phone: String = TEXT,
            /// Only the data of this merchant.
            merchant_id: String = TEXT,
        }
    }
}

body! {
    /// `POST /kassa/v1/consumers/erase`: the consumer whose data are erased.
    ConsumerErasureRequest unknown Refused {
        required {}
        defaulted {
            /// Whether payments that are still open are erased, too.
            include_open: bool = Rule::Flag,
            /// Whether the answer only says what would be erased.
            dry_run: bool = Rule::Flag,
            /// Whether Kassa erases what it can read if it cannot read every text.
            skip_unreadable: bool = Rule::Flag,
        }
        optional {
            /// The e-mail address. Letter case makes no difference.
            email: String = TEXT,
            /// The phone number, with its country code.
            phone: String = TEXT,
            /// Only the data of this merchant.
            merchant_id: String = TEXT,
        }
    }
}

/// Everything that is stored about a consumer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConsumerData {
    /// The consumer's payment sessions.
    pub payment_sessions: Vec<ConsumerPaymentSession>,
    /// The texts that belong to no payment session, such as customer tokens.
    pub other: Vec<StoredConsumerText>,
    /// The number of texts that could not be read, because their key is missing. They may be about the consumer.
    pub unreadable: usize,
    /// The number of texts that could not be read, because they are damaged. They may be about the consumer.
    #[serde(default)]
    pub damaged: usize,
}

/// A payment session of a consumer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConsumerPaymentSession {
    /// The id.
    pub payment_session_id: String,
    /// The page sessions that host it.
    pub page_sessions: Vec<ConsumerPage>,
    /// The texts about the consumer.
    pub texts: Vec<StoredConsumerText>,
}

/// A page session of a consumer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConsumerPage {
    /// The id.
    pub session_id: String,
    /// The merchant.
    pub merchant_id: String,
    /// The status.
    pub status: SessionStatus,
    /// When it was created.
    pub created_at: Instant,
    /// When it expires.
    pub expires_at: Instant,
}

/// A stored text about a consumer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoredConsumerText {
    /// The table and the column, as the page about personal data lists them: `payment_session.body`.
    pub stored_in: String,
    /// The content: an object if it is JSON, else a text.
    pub content: Value,
}

/// The outcome of an erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConsumerErasureReport {
    /// Whether the request asked only what would be erased.
    pub dry_run: bool,
    /// The payment sessions whose data were erased, or would be.
    pub payment_sessions: Vec<String>,
    /// The payment sessions that were left as they are, because their payment is still open.
    pub open_payment_sessions: Vec<String>,
    /// The number of other rows about the consumer, such as customer tokens.
    pub other_rows: usize,
    /// The number of texts that were changed.
    pub erased_texts: usize,
    /// The number of texts that could not be read, because their key is missing. They may be about the consumer.
    pub unreadable: usize,
    /// The number of texts that could not be read, because they are damaged. They may be about the consumer.
    #[serde(default)]
    pub damaged: usize,
    /// Whether nothing was erased, because texts could not be read and the request does not skip them.
    #[serde(default)]
    pub refused: bool,
}
