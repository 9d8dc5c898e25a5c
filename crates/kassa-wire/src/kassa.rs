//! The bodies beyond the vendor's wire, under `/kassa/v1`.

use serde::{Deserialize, Serialize};

use crate::hpp::SessionRead;

/// `GET /kassa/v1/events`: a part of the merchant's feed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Feed {
    /// The events, in the order of the feed.
    pub events: Vec<FeedEvent>,
    /// Where to go on: `after` of the next call. Its text means nothing to a client.
    pub cursor: String,
}

/// One event as the feed shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FeedEvent {
    /// Names the change; the callback's `event_id`.
    pub event_id: String,
    /// The page session.
    pub session_id: String,
    /// Its place among the session's events, from 1.
    pub sequence: i64,
    /// What happened: a row of the lifecycle table.
    pub event: String,
    /// Where the session arrived.
    pub status: String,
    /// When.
    pub occurred_at: String,
    /// Whether its callback was answered with 2xx.
    pub acknowledged: bool,
    /// How its callback stands: `BLOCKED`, `DUE`, `DELIVERED` or `GIVEN_UP`; `null` where it calls nobody back.
    pub callback: Option<String>,
    /// The session as it was read at that instant: what the callback carries.
    pub session: SessionRead,
}

/// `GET /kassa/v1/events/{event_id}`: one event with every attempt of its callback.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventDetail {
    /// The event.
    #[serde(flatten)]
    pub event: FeedEvent,
    /// The HTTP calls made, oldest first.
    pub attempts: Vec<HistoryAttempt>,
}

/// `POST /kassa/v1/events/redeliver`: which given-up callbacks to make due again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RedeliverSince {
    /// An instant (RFC 3339): events committed from then on.
    pub since: String,
}

/// What a redelivery of many answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redelivery {
    /// So many callbacks are due again.
    pub redelivered: usize,
}

/// `GET` and `PUT /kassa/v1/callbacks/settings`. What is left out follows the vendor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackSettings {
    /// When a callback is attempted again.
    #[serde(default)]
    pub retry_schedule: Schedule,
    /// Whether `DISABLED` calls back.
    #[serde(default)]
    pub disabled_calls_back: bool,
}

/// A retry schedule: one by its name, or one's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Schedule {
    /// `vendor` or `durable`.
    Named(String),
    /// One's own.
    Own(OwnSchedule),
}

impl Default for Schedule {
    fn default() -> Self {
        Self::Named("vendor".to_string())
    }
}

/// A retry schedule of one's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnSchedule {
    /// Milliseconds to wait after the first, second, ... attempt.
    pub waits_ms: Vec<i64>,
    /// Milliseconds for one attempt, 10,000 at most.
    pub timeout_ms: i64,
    /// Each wait is made longer by up to so many percent of itself.
    #[serde(default)]
    pub jitter_percent: i64,
}

/// `GET /kassa/v1/callbacks/secrets`: the secrets that sign.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecretList {
    /// Newest first.
    pub secrets: Vec<ListedSecret>,
}

/// A secret as a list shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListedSecret {
    /// Names it.
    pub id: String,
    /// When it was made.
    pub created_at: String,
    /// Its last characters, to tell it from others.
    pub ends_with: String,
}

/// `POST /kassa/v1/callbacks/secrets`: a new secret, shown this once.
#[derive(Clone, Serialize, Deserialize)]
pub struct NewSecret {
    /// Names it.
    pub id: String,
    /// When it was made.
    pub created_at: String,
    /// The secret in the form `whsec_<base64>`.
    pub secret: String,
}

/// `POST /kassa/v1/merchants`: the merchant to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedMerchant {
    /// Names it: letters, digits, `-` and `_`, 64 at most.
    pub merchant_id: String,
    /// What consumers read on the page.
    pub name: String,
}

/// A merchant that was made, with what is shown this once.
#[derive(Clone, Serialize, Deserialize)]
pub struct NewMerchant {
    /// Names it.
    pub merchant_id: String,
    /// The public half of its first credential.
    pub username: String,
    /// The secret half: 256 random bits.
    pub password: String,
    /// Signs its callbacks: `whsec_<base64>`.
    pub callback_secret: String,
}

/// `GET /kassa/v1/merchants`: all merchants.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MerchantList {
    /// By id.
    pub merchants: Vec<ListedMerchant>,
}

/// A merchant as a list shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListedMerchant {
    /// Names it.
    pub merchant_id: String,
    /// What consumers read on the page.
    pub name: String,
}

/// A credential, shown this once.
#[derive(Clone, Serialize, Deserialize)]
pub struct NewCredential {
    /// The public half.
    pub username: String,
    /// The secret half: 256 random bits.
    pub password: String,
}

/// `GET /kassa/v1/credentials`: the credentials of a merchant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CredentialList {
    /// Oldest first.
    pub credentials: Vec<ListedCredential>,
}

/// A credential as a list shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListedCredential {
    /// The public half.
    pub username: String,
    /// When it was made.
    pub created_at: String,
    /// When it was taken back; `null` where it is good.
    pub revoked_at: Option<String>,
}

/// `GET /kassa/v1/sessions`: a part of the merchant's sessions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionList {
    /// The sessions, newest first.
    pub sessions: Vec<ListedSession>,
    /// Where to go on: `cursor` of the next call; `null` at the end of the list.
    pub cursor: Option<String>,
}

/// A session as a list shows it. Its authorization token is told by a read alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListedSession {
    /// The page session.
    pub session_id: String,
    /// What it hosts.
    pub payment_session_id: String,
    /// Where it stands.
    pub status: String,
    /// When it was created.
    pub created_at: String,
    /// When its status last changed.
    pub updated_at: String,
    /// From when on it cannot be read or paid.
    pub expires_at: String,
    /// The order, once there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub order_id: Option<String>,
    /// The order's short name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub klarna_reference: Option<String>,
}

/// `GET /kassa/v1/sessions/{id}/events`: the session's whole history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct History {
    /// The page session.
    pub session_id: String,
    /// Its status changes, oldest first.
    pub events: Vec<HistoryEvent>,
    /// What else the timeline says.
    pub notes: Vec<HistoryNote>,
}

/// One status change with the attempts of its callback.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HistoryEvent {
    /// Names the change; the callback's `event_id`.
    pub event_id: String,
    /// Its place among the session's events, from 1.
    pub sequence: i64,
    /// What happened: a row of the lifecycle table.
    pub event: String,
    /// Where the session arrived.
    pub status: String,
    /// When.
    pub occurred_at: String,
    /// How its callback stands: `BLOCKED`, `DUE`, `DELIVERED` or `GIVEN_UP`; absent where it calls nobody back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub callback: Option<String>,
    /// The HTTP calls made, oldest first.
    pub attempts: Vec<HistoryAttempt>,
}

/// One HTTP call of a callback.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HistoryAttempt {
    /// When it began.
    pub started_at: String,
    /// Milliseconds until its end.
    pub duration_ms: i64,
    /// The answer's HTTP status.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<i64>,
    /// The answer's headers of interest.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answer_headers: Option<serde_json::Map<String, serde_json::Value>>,
    /// The kind of failure, where no answer came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure_kind: Option<String>,
    /// Why no answer came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<String>,
    /// The beginning of the answer's body.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answer_body: Option<String>,
}

/// Something the timeline says beside the status changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HistoryNote {
    /// When.
    pub at: String,
    /// One word.
    pub kind: String,
    /// One sentence.
    pub detail: String,
}
