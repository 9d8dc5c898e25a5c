//! The tables of a merchant's history, with the columns that are exported.

use kassa_domain::lifecycle::Status;
use kassa_domain::merchant_urls::MerchantUrls;
use kassa_domain::page_session::PageOptions;
use kassa_domain::payment_session::AuthorizationState;
use kassa_sql::{Sql, sql};
use serde::de::DeserializeOwned;

use crate::reading::stored_json;
use crate::seal::Purpose;

/// A table, with the statements that read its rows and write one.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Kind)],
    /// The rows of merchant `$1`; of one page session where `$2` is not null.
    pub(super) select: &'static str,
    pub(super) insert: Sql,
}

/// The content of a column, and its treatment by an import.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    OptionalText,
    Int,
    OptionalInt,
    /// Text that this function accepts.
    Checked(fn(&str) -> bool),
    /// Text that is encrypted if the store has keys. A file has it in clear.
    Sealed(Purpose),
    /// The same, or nothing.
    OptionalSealed(Purpose),
    /// The same, and it is JSON.
    SealedJson(Purpose),
    /// The merchant that imports.
    Merchant,
    /// A page session that travels along.
    PageSession,
    /// A page session or a payment session that travels along: callbacks are stored under its id.
    CallbackOwner,
    /// A payment session that travels along.
    PaymentSession,
    /// The key of a callback's endpoint. The importing machine decides by which clock the callback is due.
    EndpointKey,
    /// The origin of a callback's endpoint.
    Origin,
    /// The merchant by whose clock a callback is due. The column is not exported, and empty after an import.
    ClockMerchant,
    /// A callback's state: what was under way is given up.
    CallbackState,
    /// The kind of an actor: it fits to the name in `actor_name`.
    Actor,
    /// Which URL of the payment session a callback calls, if it delivers no event.
    PaymentCallback,
    /// Part of a lease, which is valid in its own database only: it is not exported.
    Lease,
}

/// Names each column once, with its number.
macro_rules! table {
    ($name:literal where $of:literal {
        1 $first:ident: $first_kind:expr, $($number:literal $column:ident: $kind:expr,)*
    }) => {
        Table {
            name: $name,
            columns: &[(stringify!($first), $first_kind), $((stringify!($column), $kind)),*],
            select: concat!(
                "select ", stringify!($first), $(", ", stringify!($column),)*
                " from ", $name, " where ", $of, " order by 1, 2, 3"
            ),
            insert: sql!(concat!(
                "insert into ", $name, " (", stringify!($first), $(", ", stringify!($column),)*
                ") {values}$1", $(", $", $number,)* "{end} on conflict do nothing"
            )),
        }
    };
}

pub(super) const TABLES: [Table; 12] = [
    table!("payment_session" where
        "merchant_id = $1 and payment_session_id = coalesce(
           (select payment_session_id from page_session where page_session_id = $2), payment_session_id)" {
        1 payment_session_id: Kind::Text, 2 merchant_id: Kind::Merchant, 3 version: Kind::Int,
        4 created_at: Kind::Int, 5 expires_at: Kind::Int, 6 body: Kind::SealedJson(Purpose::PaymentSession),
        7 authorization_token: Kind::OptionalSealed(Purpose::Token), 8 order_id: Kind::OptionalText,
        9 klarna_reference: Kind::OptionalText,
    }),
    table!("page_session" where "merchant_id = $1 and page_session_id = coalesce($2, page_session_id)" {
        1 page_session_id: Kind::Text, 2 merchant_id: Kind::Merchant,
        3 payment_session_id: Kind::PaymentSession, 4 status: Kind::Checked(is_status), 5 version: Kind::Int,
        6 created_at: Kind::Int, 7 updated_at: Kind::Int, 8 expires_at: Kind::Int,
        9 merchant_urls: Kind::Checked(is_json::<MerchantUrls>), 10 options: Kind::Checked(is_json::<PageOptions>),
        11 authorization_token: Kind::OptionalSealed(Purpose::Token), 12 order_id: Kind::OptionalText,
        13 klarna_reference: Kind::OptionalText, 14 id_check: Kind::OptionalSealed(Purpose::IdCheck),
    }),
    table!("status_event" where "merchant_id = $1 and page_session_id = coalesce($2, page_session_id)" {
        1 page_session_id: Kind::PageSession, 2 sequence: Kind::Int, 3 event_id: Kind::Text,
        4 merchant_id: Kind::Merchant, 5 event: Kind::Text, 6 status: Kind::Checked(is_status),
        7 occurred_at: Kind::Int, 8 body: Kind::SealedJson(Purpose::EventBody), 9 actor_kind: Kind::Actor,
        10 actor_name: Kind::OptionalText,
    }),
    table!("callback" where "merchant_id = $1 and page_session_id = coalesce($2, page_session_id)" {
        1 page_session_id: Kind::CallbackOwner, 2 sequence: Kind::Int, 3 merchant_id: Kind::Merchant,
        4 endpoint: Kind::EndpointKey, 5 url: Kind::Text, 6 state: Kind::CallbackState, 7 attempts: Kind::Int,
        8 committed_at: Kind::Int, 9 due_at: Kind::Int, 10 leased_until: Kind::Lease, 11 fence: Kind::Lease,
        12 kind: Kind::PaymentCallback, 13 event_id: Kind::OptionalText,
        14 body: Kind::OptionalSealed(Purpose::CallbackBody), 15 origin: Kind::Origin,
        16 clock_merchant_id: Kind::ClockMerchant,
    }),
    table!("callback_attempt" where
        "page_session_id in (select page_session_id from callback where merchant_id = $1)
           and page_session_id = coalesce($2, page_session_id)" {
        1 page_session_id: Kind::CallbackOwner, 2 sequence: Kind::Int, 3 started_at: Kind::Int,
        4 ended_at: Kind::Int, 5 answer_status: Kind::OptionalInt,
        6 answer_headers: Kind::OptionalSealed(Purpose::AnswerHeaders),
        7 answer_body: Kind::OptionalSealed(Purpose::AnswerBody), 8 failure_kind: Kind::OptionalText,
        9 failure: Kind::OptionalText,
    }),
    table!("note" where
        "page_session_id in (select page_session_id from page_session where merchant_id = $1)
           and page_session_id = coalesce($2, page_session_id)" {
        1 page_session_id: Kind::PageSession, 2 noted_at: Kind::Int, 3 kind: Kind::Text, 4 detail: Kind::Text,
        5 actor_kind: Kind::Actor, 6 actor_name: Kind::OptionalText,
    }),
    table!("payment_authorization" where "merchant_id = $1 and page_session_id = coalesce($2, page_session_id)" {
        1 authorization_token: Kind::Sealed(Purpose::Token), 2 merchant_id: Kind::Merchant,
        3 payment_session_id: Kind::PaymentSession, 4 page_session_id: Kind::CallbackOwner,
        5 state: Kind::Checked(is_authorization_state), 6 created_at: Kind::Int, 7 expires_at: Kind::Int,
        8 category: Kind::Text, 9 body: Kind::SealedJson(Purpose::Authorization), 10 order_id: Kind::OptionalText,
        11 order_request_hash: Kind::OptionalText, 12 consumer: Kind::OptionalSealed(Purpose::EnteredDetails),
        13 refusal: Kind::OptionalText,
    }),
    table!("placed_order" where
        "merchant_id = $1 and (cast($2 as text) is null or payment_session_id =
           (select payment_session_id from page_session where page_session_id = $2))" {
        1 order_id: Kind::Text, 2 klarna_reference: Kind::Text, 3 merchant_id: Kind::Merchant,
        4 payment_session_id: Kind::Text, 5 authorization_token: Kind::Sealed(Purpose::Token), 6 version: Kind::Int,
        7 created_at: Kind::Int, 8 body: Kind::SealedJson(Purpose::Order),
    }),
    table!("customer_token" where "merchant_id = $1 and cast($2 as text) is null" {
        1 token_id: Kind::Text, 2 merchant_id: Kind::Merchant, 3 version: Kind::Int, 4 created_at: Kind::Int,
        5 body: Kind::SealedJson(Purpose::CustomerToken),
    }),
    table!("idempotent_answer" where "merchant_id = $1 and cast($2 as text) is null" {
        1 merchant_id: Kind::Merchant, 2 idempotency_key: Kind::Text, 3 request_hash: Kind::Text,
        4 answer: Kind::Sealed(Purpose::IdempotentAnswer), 5 created_at: Kind::Int,
    }),
    table!("message" where "merchant_id = $1 and page_session_id = coalesce($2, page_session_id)" {
        1 message_id: Kind::Text, 2 merchant_id: Kind::Merchant, 3 page_session_id: Kind::PageSession,
        4 channel: Kind::Text, 5 recipient: Kind::Sealed(Purpose::Message),
        6 subject: Kind::Sealed(Purpose::Message), 7 body: Kind::Sealed(Purpose::Message),
        8 link: Kind::Sealed(Purpose::Message), 9 created_at: Kind::Int,
    }),
    table!("recorded_request" where
        "merchant_id = $1 and (cast($2 as text) is null or owner_id = $2 or owner_id =
           (select payment_session_id from page_session where page_session_id = $2))" {
        1 owner_id: Kind::CallbackOwner, 2 request_key: Kind::Text, 3 merchant_id: Kind::Merchant,
        4 began_at: Kind::Int, 5 last_at: Kind::Int, 6 times: Kind::Int, 7 version: Kind::OptionalInt,
        8 duration_ms: Kind::Int, 9 method: Kind::Text, 10 route: Kind::Text, 11 answer_status: Kind::Int,
        12 correlation_id: Kind::Text, 13 actor_kind: Kind::Actor, 14 actor_name: Kind::OptionalText,
        15 error_code: Kind::OptionalText, 16 error_message: Kind::OptionalText,
    }),
];

fn is_status(word: &str) -> bool {
    Status::parse(word).is_some()
}

fn is_authorization_state(word: &str) -> bool {
    AuthorizationState::parse(word).is_some()
}

pub(super) fn is_json<T: DeserializeOwned>(text: &str) -> bool {
    stored_json::<T>(text).is_ok()
}
