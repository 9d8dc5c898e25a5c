//! The columns with data of consumers, and the statements that read and replace them.

use std::borrow::Cow;

use kassa_sql::Value;

use crate::inventory::Erasure::{self, Redacted, Replaced, ReplacedIfMentioned};
use crate::seal::Purpose;

/// A column of rows that belong to a page session or a payment session, by whose id they are found.
pub(super) struct OwnedColumn {
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    /// The purpose of its seal, if it can be encrypted.
    pub(super) purpose: Option<Purpose>,
    pub(super) erasure: Erasure,
    /// Reads the texts of an owner.
    pub(super) select: &'static str,
    /// Replaces a text of an owner, unless somebody else changed it since.
    pub(super) update: &'static str,
}

/// A column whose rows are read one after the other, to find those of a consumer.
pub(super) struct ScannedColumn {
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    /// The purpose of its seal, if it can be encrypted.
    pub(super) purpose: Option<Purpose>,
    pub(super) erasure: Erasure,
    /// Whether the rows are erased during the scan, because no index finds them by their owner.
    pub(super) is_erased_by_scan: bool,
    /// The first values of the columns that order the rows.
    pub(super) first: &'static [Value<'static>],
    /// Reads the rows after one: its place, the merchant, the owner (or nothing), and the text.
    pub(super) select: &'static str,
    /// Replaces the text of the row, which its last ordering column names, unless somebody else changed it since.
    pub(super) update: &'static str,
}

const TEXT: Value<'static> = Value::Text(Cow::Borrowed(""));

macro_rules! owned {
    ($table:literal $column:literal by $owner:literal: $purpose:expr, $erasure:expr $(, also $also:literal)?) => {
        OwnedColumn {
            table: $table,
            column: $column,
            purpose: $purpose,
            erasure: $erasure,
            select: concat!(
                "select ", $column, " from ", $table, " where ", $owner, " = $1 and ", $column, " is not null"
            ),
            update: concat!(
                "update ", $table, " set ", $column, " = $1", $($also,)? " where ", $owner, " = $2 and ", $column,
                " = $3 returning 1"
            ),
        }
    };
}

macro_rules! scanned {
    ($table:literal $column:literal by $key:literal of $owner:literal: $purpose:expr, $erasure:expr, $erased:literal
     $(, also $also:literal)?) => {
        ScannedColumn {
            table: $table,
            column: $column,
            purpose: $purpose,
            erasure: $erasure,
            is_erased_by_scan: $erased,
            first: &[TEXT],
            select: concat!(
                "select ", $key, ", merchant_id, ", $owner, ", ", $column, " from ", $table, " where ", $column,
                " is not null and ", $key, " > $1 order by ", $key, " limit $2"
            ),
            update: concat!(
                "update ", $table, " set ", $column, " = $1", $($also,)? " where ", $key, " = $2 and ", $column,
                " = $3 returning 1"
            ),
        }
    };
    ($table:literal $column:literal by $key:literal, $key2:literal of $owner:literal: $purpose:expr, $erasure:expr,
     $erased:literal) => {
        ScannedColumn {
            table: $table,
            column: $column,
            purpose: $purpose,
            erasure: $erasure,
            is_erased_by_scan: $erased,
            first: &[TEXT, TEXT],
            select: concat!(
                "select ", $key, ", ", $key2, ", merchant_id, ", $owner, ", ", $column, " from ", $table, " where ",
                $column, " is not null and (", $key, ", ", $key2, ") > ($1, $2) order by ", $key, ", ", $key2,
                " limit $3"
            ),
            update: concat!(
                "update ", $table, " set ", $column, " = $1 where (", $key, ", ", $key2, ") = ($2, $3) and ", $column,
                " = $4 returning 1"
            ),
        }
    };
}

/// The columns that are found by their owner.
pub(super) const OWNED: [OwnedColumn; 19] = [
    owned!("payment_session" "body" by "payment_session_id": Some(Purpose::PaymentSession), Redacted,
        also ", version = version + 1, email_hash = null"),
    owned!("payment_session" "started" by "payment_session_id": Some(Purpose::StartedPayment), Redacted,
        also ", version = version + 1"),
    owned!("payment_session" "merchant_reference1" by "payment_session_id": None, ReplacedIfMentioned),
    owned!("payment_session" "merchant_reference2" by "payment_session_id": None, ReplacedIfMentioned),
    owned!("page_session" "merchant_urls" by "page_session_id": None, ReplacedIfMentioned),
    owned!("page_session" "options" by "page_session_id": None, ReplacedIfMentioned),
    owned!("page_session" "id_check" by "page_session_id": Some(Purpose::IdCheck), Redacted),
    owned!("payment_operation" "authorization_row" by "page_session_id": Some(Purpose::OperationAuthorization),
        Redacted),
    owned!("payment_operation" "request" by "page_session_id": Some(Purpose::OperationRequest), Redacted),
    owned!("payment_operation" "last_outcome" by "page_session_id": None, ReplacedIfMentioned),
    owned!("message" "recipient" by "page_session_id": Some(Purpose::Message), Replaced),
    owned!("message" "subject" by "page_session_id": Some(Purpose::Message), Replaced),
    owned!("message" "body" by "page_session_id": Some(Purpose::Message), Replaced),
    owned!("callback" "url" by "page_session_id": None, ReplacedIfMentioned),
    owned!("callback_attempt" "answer_headers" by "page_session_id": Some(Purpose::AnswerHeaders), Replaced),
    owned!("callback_attempt" "answer_body" by "page_session_id": Some(Purpose::AnswerBody), Replaced),
    owned!("callback_attempt" "failure" by "page_session_id": None, ReplacedIfMentioned),
    owned!("note" "detail" by "page_session_id": None, ReplacedIfMentioned),
    owned!("recorded_request" "error_message" by "owner_id": None, ReplacedIfMentioned),
];

/// The columns that a scan reads, to find the rows of a consumer.
pub(super) const SCANNED: [ScannedColumn; 15] = [
    scanned!("payment_session" "body" by "payment_session_id" of "payment_session_id":
        Some(Purpose::PaymentSession), Redacted, false),
    scanned!("payment_session" "started" by "payment_session_id" of "payment_session_id":
        Some(Purpose::StartedPayment), Redacted, false),
    scanned!("payment_session" "merchant_reference1" by "payment_session_id" of "payment_session_id":
        None, ReplacedIfMentioned, false),
    scanned!("payment_session" "merchant_reference2" by "payment_session_id" of "payment_session_id":
        None, ReplacedIfMentioned, false),
    scanned!("page_session" "merchant_urls" by "page_session_id" of "page_session_id":
        None, ReplacedIfMentioned, false),
    scanned!("page_session" "options" by "page_session_id" of "page_session_id": None, ReplacedIfMentioned, false),
    scanned!("message" "recipient" by "message_id" of "page_session_id": Some(Purpose::Message), Replaced, false),
    scanned!("payment_operation" "request" by "page_session_id", "operation_id" of "payment_session_id":
        Some(Purpose::OperationRequest), Redacted, false),
    scanned!("payment_operation" "authorization_row" by "page_session_id", "operation_id" of "payment_session_id":
        Some(Purpose::OperationAuthorization), Redacted, false),
    scanned!("payment_authorization" "body" by "authorization_token" of "payment_session_id":
        Some(Purpose::Authorization), Redacted, true),
    scanned!("payment_authorization" "consumer" by "authorization_token" of "payment_session_id":
        Some(Purpose::EnteredDetails), Redacted, true),
    scanned!("payment_authorization" "refusal" by "authorization_token" of "payment_session_id":
        None, ReplacedIfMentioned, true),
    scanned!("placed_order" "body" by "order_id" of "payment_session_id":
        Some(Purpose::Order), Redacted, true, also ", version = version + 1"),
    scanned!("customer_token" "body" by "token_id" of "''":
        Some(Purpose::CustomerToken), Redacted, true, also ", version = version + 1"),
    scanned!("idempotent_answer" "answer" by "merchant_id", "idempotency_key" of "''":
        Some(Purpose::IdempotentAnswer), Redacted, true),
];
