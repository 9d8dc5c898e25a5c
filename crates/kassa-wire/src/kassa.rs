//! The bodies beyond the vendor's wire, under `/kassa/v1`.

mod consumers;
mod payment_accounts;
mod profiles;
mod timeline;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shape::{ANY_INTEGER, Rule, TEXT, body, integer, list_of};
use crate::snapshot::SessionSnapshot;
use crate::status::SessionStatus;
use crate::time::Instant;

pub use consumers::{
    ConsumerData, ConsumerErasureReport, ConsumerErasureRequest, ConsumerPage, ConsumerPaymentSession,
    ConsumerQuery, StoredConsumerText,
};
pub use payment_accounts::{ListedPaymentAccount, Password, PaymentAccountList, PaymentAccountSetting};
pub use profiles::{
    Profile, ProfileColors, ProfileCreation, ProfileLinks, ProfileList, ProfileReplacement, ProfileValues,
};
pub use timeline::{
    TimelineCallback, TimelineChange, TimelineEntry, TimelineHead, TimelineOperation, TimelineRequest,
    in_words,
};

/// `GET /kassa/v1/events`: one page of the merchant's feed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Feed {
    /// The events, in the order of the feed.
    pub events: Vec<FeedEntry>,
    /// The `after` of the next call. The text is opaque to clients.
    pub cursor: String,
}

/// One event as the feed shows it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FeedEntry {
    /// The event's id, also in its callback.
    pub event_id: String,
    /// The id of the page session.
    pub session_id: String,
    /// The event's number within its page session, from 1.
    pub sequence: i64,
    /// The event's name: a row of the lifecycle table.
    pub event: String,
    /// The status after the event.
    pub status: SessionStatus,
    /// When the event happened.
    pub occurred_at: Instant,
    /// Whether the merchant answered its callback with 2xx.
    pub acknowledged: bool,
    /// The callback's state: `BLOCKED`, `DUE`, `DELIVERED` or `GIVEN_UP`. `null` if the event has no callback.
    pub callback: Option<String>,
    /// The page session right after the event, as the callback contains it.
    pub session: SessionSnapshot,
}

/// `GET /kassa/v1/events/{event_id}`: one event with every attempt of its callback.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EventDetail {
    /// The event.
    #[serde(flatten)]
    pub event: FeedEntry,
    /// The attempts made, oldest first.
    pub attempts: Vec<HistoryAttempt>,
}

body! {
    /// `POST /kassa/v1/events/redeliver`: the range of given-up callbacks to deliver again.
    RedeliverSince {
        required {
            /// The earliest event to deliver again: an instant (RFC 3339).
            since: String = TEXT,
        }
        optional {}
    }
}

/// The answer to a redelivery of many callbacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Redelivery {
    /// The number of callbacks that are due again.
    pub redelivered: usize,
}

body! {
    /// `GET` and `PUT /kassa/v1/callbacks/settings`. The defaults are the vendor's.
    CallbackSettings unknown Refused {
        required {}
        defaulted {
            /// The schedule of a callback's attempts: `vendor`, `durable`, or a schedule of your own.
            retry_schedule: Schedule = Rule::TextOr(CustomSchedule::SHAPE),
            /// Whether the status `DISABLED` sends a callback.
            disabled_calls_back: bool = Rule::Flag,
        }
        optional {}
    }
}

body! {
    /// `GET` and `PUT /kassa/v1/payments/settings`.
    PaymentSettings unknown Refused {
        required {}
        defaulted {
            /// The categories that new payment sessions offer, in the order in which the page shows them. If empty, a
            /// page shows `pay_later`, `pay_over_time` and `pay_now`, and may ask for each of the six.
            payment_method_categories: Vec<String> = list_of(&TEXT),
        }
        optional {
            /// The seconds from the opening of the page until a page session without an outcome becomes `TIMEOUT`: 60
            /// to 172,800. Absent for never.
            consumer_timeout_s: i64 = integer(60, 172_800),
        }
    }
}

/// A retry schedule, by name or custom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Schedule {
    /// A preset: `vendor` or `durable`.
    Named(String),
    /// A custom schedule.
    Custom(CustomSchedule),
}

impl Default for Schedule {
    fn default() -> Self {
        Self::Named("vendor".to_string())
    }
}

body! {
    /// A custom retry schedule.
    CustomSchedule unknown Refused {
        required {
            /// Milliseconds to wait after the first, second, ... attempt: at most 30 waits, each of at most seven days.
            /// There is one more attempt than waits.
            waits_ms: Vec<i64> = list_of(&ANY_INTEGER),
            /// Milliseconds for one attempt, from 100 to 10,000.
            timeout_ms: i64 = ANY_INTEGER,
        }
        defaulted {
            /// The largest random addition to a wait, in percent of the wait, from 0 to 100.
            jitter_percent: i64 = ANY_INTEGER,
        }
        optional {}
    }
}

/// `GET /kassa/v1/callbacks/secrets`: the secrets that sign callbacks.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SecretList {
    /// The secrets, newest first.
    pub secrets: Vec<ListedSecret>,
}

/// A secret in a list.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ListedSecret {
    /// The secret's id.
    pub id: String,
    /// When it was created.
    pub created_at: Instant,
    /// The last characters of the secret, to recognize it.
    pub ends_with: String,
}

/// `POST /kassa/v1/callbacks/secrets`: a new secret. Only this answer shows it.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct SecretCreated {
    /// The secret's id.
    pub id: String,
    /// When it was created.
    pub created_at: Instant,
    /// The secret in the form `whsec_<base64>`.
    pub secret: String,
}

body! {
    /// `POST /kassa/v1/merchants`: the merchant to create.
    MerchantCreation unknown Refused {
        required {
            /// The merchant's id: at most 64 letters, digits, `-` and `_`.
            merchant_id: String = TEXT,
            /// The name that the page shows to consumers.
            name: String = TEXT,
        }
        optional {}
    }
}

/// A new merchant with its secrets. Only this answer shows them.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct MerchantCreated {
    /// The merchant's id.
    pub merchant_id: String,
    /// The username of its first credential.
    pub username: String,
    /// The password: 256 random bits.
    pub password: String,
    /// The secret that signs its callbacks, in the form `whsec_<base64>`.
    pub callback_secret: String,
}

/// `GET /kassa/v1/merchants`: all merchants.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MerchantList {
    /// The merchants, by id.
    pub merchants: Vec<ListedMerchant>,
}

/// A merchant in a list.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ListedMerchant {
    /// The merchant's id.
    pub merchant_id: String,
    /// The name that the page shows to consumers.
    pub name: String,
    /// When an operator suspended the merchant. Absent if it is active.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub suspended_at: Option<Instant>,
}

body! {
    /// `PATCH /kassa/v1/merchants/{merchant_id}`: the changes of a merchant. An absent field stays.
    MerchantChange unknown Refused {
        required {}
        optional {
            /// The name that the page shows to consumers.
            name: String = TEXT,
            /// Whether the merchant is suspended: it takes no new payments.
            is_suspended: bool = Rule::Flag,
        }
    }
}

/// A new credential. Only this answer shows the password.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct CredentialCreated {
    /// The username.
    pub username: String,
    /// The password: 256 random bits.
    pub password: String,
}

/// `GET /kassa/v1/credentials`: the credentials of a merchant.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CredentialList {
    /// The credentials, oldest first.
    pub credentials: Vec<ListedCredential>,
}

/// An operator in a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListedOperator {
    /// The name.
    pub username: String,
    /// The role: `admin`, `support` or `read_only`.
    pub role: String,
    /// When the operator was created.
    pub created_at: String,
    /// When the operator was revoked; `null` if it is active.
    pub revoked_at: Option<String>,
    /// How the operator signs in: with a `password`, or with `openid`.
    pub sign_in: String,
}

/// A credential in a list.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ListedCredential {
    /// The username.
    pub username: String,
    /// When it was created.
    pub created_at: String,
    /// When it was revoked; `null` if it is active.
    pub revoked_at: Option<String>,
}

/// `GET /kassa/v1/sessions`: one page of the merchant's page sessions.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SessionList {
    /// The page sessions, newest first.
    pub sessions: Vec<SessionEntry>,
    /// The `cursor` of the next call; `null` at the end of the list.
    pub cursor: Option<String>,
}

/// A page session in a list. Only a read shows its authorization token.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SessionEntry {
    /// The id of the page session.
    pub session_id: String,
    /// The id of the payment session that it hosts.
    pub payment_session_id: String,
    /// The status.
    pub status: SessionStatus,
    /// When it was created.
    pub created_at: Instant,
    /// When its status last changed.
    pub updated_at: Instant,
    /// The expiry: from then on, it can be neither read nor paid.
    pub expires_at: Instant,
    /// The order, once there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub order_id: Option<String>,
    /// The order's short name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub klarna_reference: Option<String>,
}

/// `GET /kassa/v1/sessions/{id}/events`: the whole history of a page session.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct History {
    /// The id of the page session.
    pub session_id: String,
    /// The status changes, oldest first.
    pub events: Vec<HistoryEvent>,
    /// The other entries of the timeline.
    pub notes: Vec<HistoryNote>,
    /// The callbacks to the payment session's own URLs.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub payments_callbacks: Vec<HistoryPaymentsCallback>,
    /// The payment operations, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub operations: Vec<HistoryOperation>,
    /// The present state of the page session. Absent in answers of an older version of Kassa.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<TimelineHead>,
    /// Everything that happened to the page session, oldest first. It repeats the other lists in one order. Empty in
    /// answers of an older version of Kassa.
    #[serde(default)]
    pub timeline: Vec<TimelineEntry>,
}

/// A recorded request to the payment system.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct HistoryOperation {
    /// The idempotency key of every attempt.
    pub key: String,
    /// The request: `PLACE_ORDER` or `RELEASE`.
    pub operation: String,
    /// The state: `DUE`, `DONE` or `STUCK`.
    pub state: String,
    /// When the operation was recorded, in real time.
    pub recorded_at: Instant,
    /// While it is `DUE`: when the next attempt is due.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due_at: Option<Instant>,
    /// The number of attempts that have ended.
    pub attempts: i64,
    /// The outcome of the latest attempt, in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_outcome: Option<String>,
}

body! {
    /// `POST /kassa/v1/sessions/{id}/settle`: what an operator found at the payment system.
    StuckOperation unknown Refused {
        required {}
        optional {
            /// The id of the order that exists.
            order_id: String = TEXT,
            /// The short reference of that order: eight upper-case letters and digits.
            klarna_reference: String = TEXT,
            /// `true` if no order was placed.
            not_ordered: bool = Rule::Flag,
        }
    }
}

/// A callback to one of the payment session's own URLs, with its attempts.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct HistoryPaymentsCallback {
    /// The id, which every attempt has in its `webhook-id`.
    pub event_id: String,
    /// Which URL it calls: `authorization`, `push` or `notification`.
    pub kind: String,
    /// The URL.
    pub url: String,
    /// When the change was committed that caused it.
    pub occurred_at: Instant,
    /// While it is `DUE`: when the next attempt is due.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due_at: Option<Instant>,
    /// The state: `DUE`, `DELIVERED` or `GIVEN_UP`.
    pub callback: String,
    /// The attempts made, oldest first.
    pub attempts: Vec<HistoryAttempt>,
}

/// One status change with the attempts of its callback.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct HistoryEvent {
    /// The event's id, also in its callback.
    pub event_id: String,
    /// The event's number within its page session, from 1.
    pub sequence: i64,
    /// The event's name: a row of the lifecycle table.
    pub event: String,
    /// The status after the event.
    pub status: SessionStatus,
    /// When the event happened.
    pub occurred_at: Instant,
    /// The actor of the event. Absent if an older version of Kassa stored it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<HistoryActor>,
    /// The callback's state: `BLOCKED`, `DUE`, `DELIVERED` or `GIVEN_UP`. Absent if the event has no callback.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub callback: Option<String>,
    /// The attempts made, oldest first.
    pub attempts: Vec<HistoryAttempt>,
}

/// One attempt of a callback.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct HistoryAttempt {
    /// When the attempt began.
    pub started_at: Instant,
    /// The duration, in milliseconds.
    pub duration_ms: i64,
    /// The answer's HTTP status.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<i64>,
    /// The answer's headers of interest.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answer_headers: Option<serde_json::Map<String, serde_json::Value>>,
    /// The kind of failure, if no answer came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure_kind: Option<String>,
    /// The reason why no answer came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<String>,
    /// The beginning of the answer's body.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answer_body: Option<String>,
}

/// An entry of the timeline beside the status changes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct HistoryNote {
    /// When it happened.
    pub at: Instant,
    /// The kind, in one word.
    pub kind: String,
    /// The text, in one sentence.
    pub detail: String,
    /// The actor. Absent if an older version of Kassa stored it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<HistoryActor>,
}

/// The actor of an event or a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryActor {
    /// The kind: `consumer`, `merchant`, `operator`, `lab`, `system` or `command_line`. Further kinds may be added.
    pub kind: String,
    /// The username of the merchant's credential, or the operator's name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
}

/// The kind, and the name if there is one, such as `merchant PK1_dev`. It is for people: nothing reads it.
impl fmt::Display for HistoryActor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        match &self.name {
            Some(name) => write!(f, " {name}"),
            None => Ok(()),
        }
    }
}
